// The one map.
// 一张图。
import { AttributionControl, Map as MapView, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { watchMap } from "../../pages/front/parts/reach.js";
import { layerTree } from "./parts/layers.js";
import { drawn, MEASURE_LAYERS, said } from "./parts/measuring.js";
import { emptyPanel, sayInPanel, showPanel } from "./parts/panel.js";
import { printing } from "./parts/printing.js";
import { searching } from "./parts/searching.js";
import { readState, writeState } from "./parts/state.js";
import { LOCAL_FONTS, patchesOf, styleOf } from "./parts/style.js";

const $ = (id) => document.getElementById(id);
const holder = $("onemap");
const catalogue = JSON.parse($("catalogue").textContent);
const state = readState(catalogue);
let told = { region: { name: catalogue.home.name } };
let points = null;
let other = null;

setWorkerUrl(new URL(holder.dataset.worker, location.href).href);

function view(container, year) {
  const start = state.map ? { center: [state.map.lon, state.map.lat], zoom: state.map.zoom } : { bounds: catalogue.home.bounds, fitBoundsOptions: { padding: 30 } };
  return new MapView({
    container, style: styled(year), ...start, localIdeographFontFamily: LOCAL_FONTS, attributionControl: false,
    dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 18, minZoom: 3,
    canvasContextAttributes: { preserveDrawingBuffer: true, antialias: true },
    locale: { "NavigationControl.ZoomIn": "放大", "NavigationControl.ZoomOut": "缩小", "Map.Title": "水土保持一张图", "ScaleControl.Meters": "米", "ScaleControl.Kilometers": "千米" },
  });
}

function styled(year) {
  const style = styleOf(catalogue, state, year);
  if (points) {
    style.sources.measure = { type: "geojson", data: drawn(points) };
    style.layers.push(...MEASURE_LAYERS);
  }
  return style;
}

const map = view("map", state.year);
watchMap(map);
map.addControl(new NavigationControl({ showCompass: false }), "top-right");
map.addControl(new ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
map.addControl(new AttributionControl({ compact: true, customAttribution: "行政区：本平台" }), "bottom-right");
map.touchZoomRotate.disableRotation();

function restyle() {
  map.setStyle(styled(state.year), { diff: map.isStyleLoaded() });
  if (other) other.setStyle(styled(state.other), { diff: true });
  $("made-up").hidden = !madeUp();
  writeState(state);
}

function madeUp() {
  const patches = state.show.has("patch") || state.show.has("patch_type");
  return catalogue.surveys.some((s) => s.year === state.year && s.simulated)
    || catalogue.zones.some((z) => z.simulated && state.show.has(z.theme))
    || (patches && patchesOf(catalogue, state.year).some((p) => p.simulated));
}

function say(text, seconds = 4) {
  $("said").textContent = text;
  if (seconds) setTimeout(() => { if ($("said").textContent === text) $("said").textContent = ""; }, seconds * 1000);
}

// the region looked at

async function choose({ region, watershed = "", fly = true }) {
  state.watershed = watershed;
  if (region) state.region = region;
  restyle();
  await refresh(fly);
}

async function refresh(fly) {
  try {
    told = await showPanel(catalogue, state, choose);
  } catch (wrong) {
    return notShown(wrong, fly);
  }
  const words = new URLSearchParams({ region: state.region });
  if (state.year) words.set("year", state.year);
  $("words").href = `${catalogue.urls.words}?${words}`;
  if (fly && told.bounds) map.fitBounds(told.bounds, { padding: room(), maxZoom: 14, duration: reduced() ? 0 : 700 });
}

// What a link names may lie beyond what one sees: say so, and show one's own region instead.
async function notShown(wrong, fly) {
  const home = catalogue.home;
  if (wrong.status === 404 && (state.region !== home.code || state.watershed)) {
    state.map = null;
    await choose({ region: home.code });
    return sayInPanel(`链接里的行政区或小流域不在您的数据范围内，已改为显示${home.name}。`);
  }
  emptyPanel();
  sayInPanel(wrong.message, wrong.status === 401 ? [] : [["重试", () => refresh(fly)], [`回到${home.name}`, () => choose({ region: home.code })]]);
}

// Room for what lies on the map: the tree of layers on a desk, the grip of the panel on a phone.
const narrow = () => matchMedia("(max-width: 760px)").matches;
const room = () => (narrow() ? { top: 70, bottom: 110, left: 20, right: 20 } : { top: 60, bottom: 70, left: $("layers").open ? 290 : 30, right: 30 });
const reduced = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// what is here

async function here(lon, lat) {
  const words = new URLSearchParams({ lon: lon.toFixed(6), lat: lat.toFixed(6) });
  if (state.year) words.set("year", state.year);
  const answer = await fetch(`${catalogue.urls.here}?${words}`).catch(() => null);
  if (!answer?.ok) return say(answer?.status === 401 ? "登录已过期，请重新登录。" : "这里的内容读取失败，请稍后再试。");
  const part = $("here");
  part.innerHTML = await answer.text();
  part.hidden = false;
  unfold(true);
  part.scrollIntoView({ block: "nearest" });
}

$("here").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("close" in button.dataset) $("here").hidden = true;
  else if (button.dataset.region) choose({ region: button.dataset.region });
  else if (button.dataset.watershed) choose({ watershed: button.dataset.watershed });
});

map.on("click", (event) => {
  if (points) return addPoint(event.lngLat);
  here(event.lngLat.lng, event.lngLat.lat);
});

// The keyboard: arrows move, + and - zoom, Enter asks what is in the middle.
map.getCanvas().setAttribute("aria-label", "地图：方向键移动，加减键缩放，回车查看中心处");
map.getCanvas().addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const { lng, lat } = map.getCenter();
  here(lng, lat);
});

// measuring

function addPoint({ lng, lat }) {
  points.push([lng, lat]);
  map.getSource("measure")?.setData(drawn(points));
  say(said(points), 0);
}

function measure(on) {
  points = on ? [] : null;
  $("measure-on").setAttribute("aria-pressed", String(on));
  map.getCanvas().style.cursor = on ? "crosshair" : "";
  map.doubleClickZoom[on ? "disable" : "enable"]();
  restyle();
  say(on ? said([]) : "", 0);
}

$("measure-on").addEventListener("click", () => measure(!points));
map.on("dblclick", () => {
  if (points) map.getCanvas().style.cursor = "";
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && points) measure(false);
});

// years, and two of them side by side

// A year in which not all counties have a result says how many have one.
function lacking(year) {
  const { of, by_year: there } = catalogue.counties;
  return year && there[year] < of ? `（${there[year]}／${of} 县）` : "";
}

function showYears() {
  const years = state.years;
  $("year").value = String(years.indexOf(state.year));
  $("year").setAttribute("aria-valuetext", `${state.year} 年${lacking(state.year)}`);
  $("year-shown").textContent = `${state.year ?? ""}${lacking(state.year)}`;
  $("year-list").replaceChildren(...years.map((year, k) => Object.assign(document.createElement("option"), { value: k, label: String(year) })));
  $("other-year").replaceChildren(...years.map((year) => Object.assign(document.createElement("option"), { value: year, textContent: `${year} 年`, selected: year === state.other })));
  $("swipe-left").textContent = `${state.year} 年`;
  $("swipe-right").textContent = `${state.other ?? ""} 年`;
}

$("year").addEventListener("input", () => {
  state.year = state.years[Number($("year").value)];
  showYears();
  restyle();
  refresh(false);
});
$("other-year").addEventListener("change", () => {
  state.other = Number($("other-year").value);
  showYears();
  restyle();
});

function compare(on) {
  $("compare-on").setAttribute("aria-pressed", String(on));
  for (const id of ["compare", "swipe", "against"]) $(id).hidden = !on;
  if (!on) {
    other?.remove();
    holder.classList.remove("comparing");
    $("loading-other").hidden = true;
    other = null;
    state.other = null;
    writeState(state);
    return;
  }
  state.other ??= state.years.find((year) => year !== state.year) ?? state.year;
  showYears();
  other = view("compare", state.other);
  holder.classList.add("comparing");
  showLoading(other, $("loading-other"), () => `正在载入 ${state.other} 年 …`);
  const follow = (from, to) => () => {
    if (from.following) return;
    to.following = true;
    to.jumpTo({ center: from.getCenter(), zoom: from.getZoom() });
    to.following = false;
  };
  const there = follow(map, other);
  other.jumpTo({ center: map.getCenter(), zoom: map.getZoom() });
  map.on("move", () => other && there());
  other.on("move", follow(other, map));
  other.on("click", (event) => here(event.lngLat.lng, event.lngLat.lat));
  place(50);
  writeState(state);
}

function place(percent) {
  $("compare").style.clipPath = `inset(0 0 0 ${percent}%)`;
  $("swipe").style.setProperty("--at", `${percent}%`);
}

$("compare-on").addEventListener("click", () => {
  if (state.years.length < 2) return say("只有一年的成果，没有可对比的年份。");
  compare(!other);
});
$("swipe").querySelector("input").addEventListener("input", (event) => place(Number(event.target.value)));

// sharing, searching, the panel on a phone

$("share-on").addEventListener("click", async () => {
  writeState(state);
  try {
    await navigator.clipboard.writeText(location.href);
    say("链接已复制；对方登录后看到自己范围内的同一视图。");
  } catch {
    window.prompt("复制这个链接：", location.href);
  }
});

searching(catalogue, state, (item) => {
  if (item.at) {
    map.jumpTo({ center: item.at, zoom: Math.max(map.getZoom(), 12) });
    here(...item.at);
  } else if (item.region) choose({ region: item.region });
  else if (item.watershed) choose({ watershed: item.watershed });
  else if (item.inside) {
    if (!state.show.has("patch") && !state.show.has("patch_type")) {
      state.show.set("patch", 0.9);
      restyle();
      layerTree($("tree"), catalogue, state, restyle);
    }
    map.fitBounds(item.bounds, { padding: 60, maxZoom: 15 });
    here(...item.inside);
  } else {
    map.fitBounds(item.bounds, { padding: 60, maxZoom: 15 });
    here((item.bounds[0] + item.bounds[2]) / 2, (item.bounds[1] + item.bounds[3]) / 2);
  }
});

function unfold(on) {
  $("grip").setAttribute("aria-expanded", String(on));
}
$("grip").addEventListener("click", () => unfold($("grip").getAttribute("aria-expanded") !== "true"));
if (narrow()) unfold(false);
else $("layers").open = true;

map.on("moveend", () => {
  const { lng, lat } = map.getCenter();
  state.map = { zoom: map.getZoom(), lat, lon: lng };
  writeState(state);
});

layerTree($("tree"), catalogue, state, restyle);
printing(catalogue, map, state, () => told, view);
showYears();
$("made-up").hidden = !madeUp();
map.once("load", () => {
  if (state.other && state.years.length > 1) compare(true);
});
// A map that is still on its way says so.
function showLoading(of, sign, words) {
  let slow = 0;
  const begun = () => {
    if (slow || !sign.hidden) return;
    slow = setTimeout(() => {
      sign.textContent = words();
      sign.hidden = false;
    }, 700);
  };
  of.on("dataloading", begun);
  of.on("idle", () => {
    clearTimeout(slow);
    slow = 0;
    sign.hidden = true;
  });
  of.on("remove", () => clearTimeout(slow));
}
showLoading(map, $("loading"), () => (other ? `正在载入 ${state.year} 年 …` : "正在载入地图 …"));
// Whether all is drawn of what is looked at: not while the map moves.
map.on("movestart", () => { delete holder.dataset.drawn; });
map.on("idle", () => { holder.dataset.drawn = "all"; });
refresh(!state.map).then(() => { holder.dataset.ready = "map"; });
