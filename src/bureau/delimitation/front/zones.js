// The maps of zones under review: looking, choosing, editing with snapping, saying where, comparing.
// 划定地图：查看、选择、修改边界、标出位置、比较版本。没有地图时，列表与表单说明同样的内容。
import { setWorkerUrl } from "maplibre-gl";
import { commenting } from "./parts/commenting.js";
import { comparing } from "./parts/comparing.js";
import { editing, forget } from "./parts/editing.js";
import { viewOf } from "./parts/view.js";
import { watching } from "./parts/watching.js";

const words = JSON.parse(document.getElementById("zones-map").textContent);
const holder = document.querySelector(".zones-map");

forget(words);
for (const swatch of document.querySelectorAll(".legend [data-kind]")) {
  const kind = words.kinds.find((k) => k.name === swatch.dataset.kind);
  if (kind) swatch.style.setProperty("--swatch", kind.color);
}

function ways(places) {
  if (words.sides) return comparing(words, places);
  const map = viewOf(places[0], words);
  if (words.geometry) return editing(words, map);
  if (words.draws) return commenting(words, map);
  return watching(words, map);
}

if (holder) {
  setWorkerUrl(new URL(holder.dataset.worker, location.href).href);
  const places = [...document.querySelectorAll(".zones-map")];
  try {
    ways(places);
    document.documentElement.dataset.map = "there";
  } catch (wrong) {
    document.documentElement.dataset.map = "none";
    for (const place of places) place.innerHTML = '<p class="plain">这台设备画不出地图；列表和表单可以照常使用。</p>';
    console.info(wrong);
  }
}
