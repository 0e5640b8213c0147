// Two versions beside each other, moving together. 版本并排比较。
import { viewOf } from "./view.js";

export function comparing(words, places) {
  const [a, b] = places.map((place) => viewOf(place, words, { faint: true }));
  show(a, words.sides.before, "#5b6b66");
  show(b, words.sides.after, "#5b6b66");
  land(a, "lost", words.sides.lost, "#b3261e");
  land(b, "gained", words.sides.gained, "#2f7d4f");
  border(a, "gone", words.sides.gone);
  border(b, "drawn", words.sides.drawn);
  codes(a, words.sides.before);
  codes(b, words.sides.after);
  let moving = false;
  const follow = (from, to) => from.on("move", () => {
    if (moving) return;
    moving = true;
    to.jumpTo({ center: from.getCenter(), zoom: from.getZoom() });
    moving = false;
  });
  follow(a, b);
  follow(b, a);
  const bounds = boundsOf([words.sides.before, words.sides.after]);
  if (bounds) a.once("load", () => a.fitBounds(bounds, { padding: 40, maxZoom: 15, duration: 0 }));
}

function show(map, data, color) {
  map.once("load", () => {
    map.addSource("side", { type: "geojson", data });
    map.addLayer({ id: "side", type: "line", source: "side", paint: { "line-color": color, "line-width": 2 } });
  });
}

function land(map, id, data, color) {
  map.once("load", () => {
    map.addSource(id, { type: "geojson", data });
    map.addLayer({ id, type: "fill", source: id, paint: { "fill-color": color, "fill-opacity": 0.7 } });
  });
}

function border(map, id, data) {
  map.once("load", () => {
    map.addSource(id, { type: "geojson", data });
    map.addLayer({ id: `${id}-halo`, type: "line", source: id, paint: { "line-color": "#ffffff", "line-width": 7 } });
    map.addLayer({ id, type: "line", source: id, paint: { "line-color": "#6b2d91", "line-width": 3.5, "line-dasharray": [2, 1] } });
  });
}

function codes(map, data) {
  map.once("load", () => {
    map.addLayer({ id: "side-codes", type: "symbol", source: "side", layout: { "text-field": ["get", "code"], "text-size": 12 }, paint: { "text-color": "#1b2926", "text-halo-color": "#ffffff", "text-halo-width": 1.6 } });
  });
}

function boundsOf(collections) {
  const points = collections.flatMap((c) => c.features).flatMap(({ geometry }) => geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2));
  if (!points.length) return null;
  const [x, y] = [points.map((p) => p[0]), points.map((p) => p[1])];
  const least = (values) => values.reduce((m, v) => Math.min(m, v), Infinity);
  const most = (values) => values.reduce((m, v) => Math.max(m, v), -Infinity);
  return [least(x), least(y), most(x), most(y)];
}
