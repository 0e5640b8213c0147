// A map of zones on our own base. 底图与区域图层。
import { AttributionControl, Map as MapView, NavigationControl, ScaleControl } from "maplibre-gl";
import { watchMap } from "../../../pages/front/parts/reach.js";

const FONTS = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const here = (path) => `${location.origin}${path}`;

export function colorOf(words) {
  return ["match", ["get", "kind"], ...words.kinds.flatMap((k) => [k.kind, k.color]), "#888888"];
}

function border(id, kind, paint) {
  return { id, type: "line", source: "base", "source-layer": "region", filter: ["==", ["get", "kind"], kind], paint };
}

function styleOf(words, faint) {
  const opacity = faint ? 0.12 : ["match", ["get", "kind"], ["prevention", "treatment"], 0.22, 0.42];
  return {
    version: 8,
    sources: {
      base: { type: "vector", tiles: [here(words.base)], maxzoom: 14 },
      zones: { type: "vector", tiles: [here(words.tiles)], maxzoom: 15, minzoom: 4 },
    },
    layers: [
      { id: "paper", type: "background", paint: { "background-color": "#eef1ec" } },
      { id: "land", type: "fill", source: "base", "source-layer": "region", filter: ["==", ["get", "kind"], "province"], paint: { "fill-color": "#fbfbf7" } },
      { id: "zones", type: "fill", source: "zones", "source-layer": "zone", paint: { "fill-color": colorOf(words), "fill-opacity": opacity } },
      { id: "zone-lines", type: "line", source: "zones", "source-layer": "zone", minzoom: 9, paint: { "line-color": colorOf(words), "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.3, 14, 1.4], "line-opacity": faint ? 0.5 : 1 } },
      border("county", "county", { "line-color": "#6b7a74", "line-width": 1, "line-dasharray": [4, 2] }),
      border("city", "city", { "line-color": "#4b5b55", "line-width": 1.4 }),
      border("province", "province", { "line-color": "#35443f", "line-width": 2 }),
      { id: "chosen", type: "line", source: "zones", "source-layer": "zone", filter: ["==", ["get", "code"], ""], paint: { "line-color": "#0b3954", "line-width": 3 } },
      { id: "names", type: "symbol", source: "base", "source-layer": "place", layout: { "text-field": ["get", "name"], "text-size": 13 }, paint: { "text-color": "#1b2926", "text-halo-color": "#ffffffdd", "text-halo-width": 1.6 } },
    ],
  };
}

export function viewOf(place, words, { faint = false } = {}) {
  const map = new MapView({
    container: place, style: styleOf(words, faint), bounds: words.bounds, fitBoundsOptions: { padding: 30, maxZoom: 15 },
    localIdeographFontFamily: FONTS, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
    maxZoom: 19, minZoom: 3, cooperativeGestures: false,
    locale: { "NavigationControl.ZoomIn": "放大", "NavigationControl.ZoomOut": "缩小", "Map.Title": "区域地图", "ScaleControl.Meters": "米", "ScaleControl.Kilometers": "千米" },
  });
  watchMap(map);
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
  map.addControl(new AttributionControl({ compact: true, customAttribution: "行政区：本平台" }), "bottom-right");
  map.on("idle", () => { place.dataset.drawn = String(Number(place.dataset.drawn ?? 0) + 1); });
  return map;
}

export function choose(map, code) {
  if (map.getLayer("chosen")) map.setFilter("chosen", ["==", ["get", "code"], code || ""]);
}
