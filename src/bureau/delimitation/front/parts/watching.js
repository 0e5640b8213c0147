// Choosing a zone on the map or in the list; places of comments. 选择区域，意见位置。
import { choose } from "./view.js";

export function watching(words, map) {
  const part = document.getElementById("chosen");

  async function show(code) {
    choose(map, code);
    if (!part) {
      location.href = `${words.zone}${encodeURIComponent(code)}/`;
      return;
    }
    const answer = await fetch(`${words.zone}${encodeURIComponent(code)}/`, { headers: { "HX-Request": "true" } }).catch(() => null);
    part.innerHTML = answer?.ok ? await answer.text() : '<p class="wrong">读取失败，请稍后再试。</p>';
  }

  map.on("click", "zones", (event) => {
    const code = event.features?.[0]?.properties.code;
    if (code) show(code);
  });
  map.on("mouseenter", "zones", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "zones", () => { map.getCanvas().style.cursor = ""; });
  for (const link of document.querySelectorAll("a[data-zone]")) {
    link.addEventListener("mouseenter", () => choose(map, link.dataset.zone));
    link.addEventListener("focus", () => choose(map, link.dataset.zone));
  }
  if (words.chosen) map.once("load", () => choose(map, words.chosen));
  if (words.places) map.once("load", () => showPlaces(words, map));
}

function showPlaces(words, map) {
  const color = ["case", ["get", "open"], "#b06a00", "#17624f"];
  map.addSource("places", { type: "geojson", data: words.places });
  map.addLayer({ id: "place-areas", type: "line", source: "places", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": color, "line-width": 2.5 } });
  map.addLayer({ id: "places", type: "circle", source: "places", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": color, "circle-radius": 7, "circle-stroke-color": "#fff", "circle-stroke-width": 2 } });
  map.addLayer({ id: "place-numbers", type: "symbol", source: "places", layout: { "text-field": ["to-string", ["get", "number"]], "text-size": 13, "text-offset": [0, 1.3] }, paint: { "text-halo-color": "#fff", "text-halo-width": 1.5 } });
  for (const layer of ["places", "place-areas"]) {
    map.on("click", layer, (event) => { location.hash = `c${event.features[0].properties.number}`; });
  }
}
