// Editing a boundary: vertices are dragged and snap to the neighbours; a draft is kept until it is saved.
// 修改边界：拖动顶点、吸附、撤销；没有保存的草稿留在本机。
import { TerraDraw, TerraDrawLineStringMode, TerraDrawPolygonMode, TerraDrawSelectMode } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
import { colorOf } from "./view.js";
import { snapper } from "./snapping.js";

const $ = (id) => document.getElementById(id);
const keyOf = (words, code) => `delimitation-draft-${words.pk}-${code}`;
const say = (text) => { $("edit-said").textContent = text; };

// A draft that was saved is not offered again: the page of the zone says so in its address.
export function forget(words) {
  const code = new URLSearchParams(location.search).get("saved");
  try {
    if (code) localStorage.removeItem(keyOf(words, code));
  } catch { /* no storage: nothing to forget */ }
}

function stored(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

// terra-draw knows no holes: every ring, outer or inner, is dragged as a polygon of its own.
function ringsOf(geometry) {
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  return parts.flatMap((rings, part) => rings.map((ring, hole) => ({ part, ring, hole })));
}

function wholeOf(rings) {
  const parts = [];
  for (const { part, ring } of rings) (parts[part] ??= []).push(ring);
  const whole = parts.filter(Boolean);
  return whole.length === 1 ? { type: "Polygon", coordinates: whole[0] } : { type: "MultiPolygon", coordinates: whole };
}

export function editing(words, map) {
  const form = $("boundary");
  const field = form.elements.namedItem("geometry");
  const why = form.elements.namedItem("why");
  const key = keyOf(words, words.code);
  const snap = snapper(words.neighbours);
  const posted = field.value !== "" && words.changed ? JSON.parse(field.value) : null;
  let draw = null;
  let ids = [];
  let shownRing = 0;
  let fixed = false;
  let past = [];
  let future = [];
  let shown = JSON.stringify(posted ?? words.geometry);

  const keep = () => {
    try {
      localStorage.setItem(key, JSON.stringify({ token: form.elements.namedItem("token").value, geometry: JSON.parse(shown), why: why.value, at: new Date().toISOString() }));
    } catch { /* no storage: the form still holds it */ }
  };

  function showButtons() {
    $("undo").disabled = past.length === 0;
    $("redo").disabled = future.length === 0;
  }

  function put(text) {
    shown = text;
    field.value = text;
    draw.clear();
    const rings = ringsOf(JSON.parse(text));
    const added = draw.addFeatures(rings.map(({ ring }) => ({ type: "Feature", geometry: { type: "Polygon", coordinates: [ring] }, properties: { mode: "polygon" } })));
    fixed = added.some((one) => !one.valid);
    ids = fixed ? [] : added.map((one, k) => ({ id: one.id, part: rings[k].part }));
    nameRings(fixed ? [] : rings);
    if (fixed) {
      draw.clear();
      say("这个图形不能在图上编辑（有自相交或重复的点），可改右侧的文字。");
    }
    pick(shownRing);
    showButtons();
  }

  // Only one ring has handles at a time: which one is chosen here, or by a click on it.
  function nameRings(rings) {
    const several = new Set(rings.map(({ part }) => part)).size > 1;
    const names = rings.map(({ part, hole }) => `${several ? `第 ${part + 1} 块` : ""}${hole ? `空洞 ${hole}` : "外边界"}`);
    $("ring").replaceChildren(...names.map((name, k) => new Option(name, k)));
    $("rings").hidden = names.length < 2;
  }

  function pick(at) {
    if (!ids.length) return;
    shownRing = Math.min(at, ids.length - 1);
    $("ring").value = String(shownRing);
    for (const { id } of ids) if (draw.getSnapshotFeature(id)?.properties.selected) draw.deselectFeature(id);
    draw.selectFeature(ids[shownRing].id);
  }

  // What was pasted before the map was there counts: it is drawn, not overwritten.
  function begin() {
    const text = field.value;
    if (text === field.defaultValue) return put(shown);
    try {
      const mine = JSON.stringify(JSON.parse(text));
      if (mine !== shown) past.push(shown);
      put(mine);
      keep();
    } catch {
      put(shown);
      field.value = text;
      say("右侧的文字不是 GeoJSON。");
    }
  }

  function read() {
    return JSON.stringify(wholeOf(ids.map(({ id, part }) => ({ part, ring: draw.getSnapshotFeature(id).geometry.coordinates[0] }))));
  }

  function changed() {
    if (fixed || !ids.length) return;
    const text = read();
    if (text === shown) return;
    past.push(shown);
    future = [];
    shown = text;
    field.value = text;
    keep();
    showButtons();
    say("已改动，尚未保存；草稿留在本机。");
  }

  function cut(id) {
    const line = draw.getSnapshotFeature(id).geometry;
    const part = $("split");
    draw.removeFeatures([id]);
    map.getSource("cut").setData({ type: "Feature", properties: {}, geometry: line });
    part.elements.namedItem("line").value = JSON.stringify(line);
    part.hidden = false;
    part.scrollIntoView({ block: "nearest" });
    aim(false);
    say("切线已画好，请在下面写明理由与依据。");
  }

  function aim(on) {
    $("cut").setAttribute("aria-pressed", String(on));
    draw.setMode(on ? "linestring" : "select");
    if (!on) pick(shownRing);
    say(on ? "逐点画线，两端画到区域之外，双击最后一点结束。" : "");
  }

  function step(from, to) {
    if (!from.length) return;
    to.push(shown);
    put(from.pop());
    keep();
  }

  map.once("load", () => {
    map.addSource("around", { type: "geojson", data: words.neighbours });
    map.addLayer({ id: "around", type: "line", source: "around", paint: { "line-color": colorOf(words), "line-width": 1.6 } });
    map.addSource("before", { type: "geojson", data: { type: "Feature", properties: {}, geometry: words.geometry } });
    const toCustom = (event, context) => snap(event.lng, event.lat, context.project);
    const coordinates = { draggable: true, midpoints: { draggable: true }, deletable: true, snappable: { toCustom } };
    draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 9 }),
      modes: [
        new TerraDrawPolygonMode({ styles: { fillColor: "#1f5f8b", fillOpacity: 0.06, outlineColor: "#5b7f99", outlineWidth: 2 } }),
        new TerraDrawLineStringMode({ styles: { lineStringColor: "#b3261e", lineStringWidth: 3 } }),
        new TerraDrawSelectMode({
          flags: { polygon: { feature: { draggable: false, coordinates } } },
          styles: { selectedPolygonColor: "#1f5f8b", selectedPolygonOutlineColor: "#0b3954", selectedPolygonFillOpacity: 0.25, selectionPointColor: "#0b3954", selectionPointWidth: 4, midPointWidth: 2.5, midPointOutlineWidth: 1, selectionPointOutlineWidth: 1, midPointColor: "#ffffff", midPointOutlineColor: "#0b3954" },
        }),
      ],
    });
    draw.start();
    draw.setMode("select");
    begin();
    draw.on("select", (id) => {
      const at = ids.findIndex((one) => one.id === id);
      if (at < 0) return;
      shownRing = at;
      $("ring").value = String(at);
    });
    // Above what is drawn, or it is hidden by it as long as nothing was moved; below the handles.
    const handles = map.getLayer("td-point") ? "td-point" : undefined;
    map.addLayer({ id: "before-under", type: "line", source: "before", paint: { "line-color": "#ffffff", "line-width": 2.6 } }, handles);
    map.addLayer({ id: "before", type: "line", source: "before", paint: { "line-color": "#c2410c", "line-width": 2, "line-dasharray": [2.5, 2] } }, handles);
    draw.on("finish", (id, { mode }) => (mode === "linestring" ? cut(id) : changed()));
    map.addSource("cut", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({ id: "cut", type: "line", source: "cut", paint: { "line-color": "#b3261e", "line-width": 3 } });
    map.on("contextmenu", () => setTimeout(changed));
    document.documentElement.dataset.editing = "ready";
    if (location.hash === "#split") aim(true);
  });

  $("ring").addEventListener("change", () => draw && pick(Number($("ring").value)));
  $("cut").addEventListener("click", () => draw && aim($("cut").getAttribute("aria-pressed") !== "true"));
  $("undo").addEventListener("click", () => step(past, future));
  $("redo").addEventListener("click", () => step(future, past));
  $("restore").addEventListener("click", () => {
    past.push(shown);
    put(JSON.stringify(words.geometry));
    keep();
    say("已恢复为现在的边界。");
  });
  field.addEventListener("change", () => {
    try {
      const told = JSON.parse(field.value);
      if (!draw || JSON.stringify(told) === shown) return;
      past.push(shown);
      put(JSON.stringify(told));
      keep();
    } catch {
      say("右侧的文字不是 GeoJSON。");
    }
  });
  why.addEventListener("change", keep);
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.target.matches("input, textarea")) return;
    event.preventDefault();
    if (event.shiftKey) step(future, past);
    else step(past, future);
  });
  offer(words, key, posted, (draft) => {
    past.push(shown);
    if (draw) put(JSON.stringify(draft.geometry));
    else shown = field.value = JSON.stringify(draft.geometry);
    if (!why.value) why.value = draft.why ?? "";
  });
  return map;
}

function offer(words, key, posted, take) {
  const draft = posted ? null : stored(key);
  if (!draft?.geometry) return;
  if (JSON.stringify(draft.geometry) === JSON.stringify(words.geometry)) return;
  const stale = draft.token !== words.token ? "此后区域已被他人修改（虚线是现在的边界），接着改之前请对照。" : "";
  $("draft-said").textContent = `上次改到一半没有保存（${new Date(draft.at).toLocaleString("zh-CN")}）。${stale}`;
  $("draft").hidden = false;
  $("draft-take").addEventListener("click", () => {
    take(draft);
    $("draft").hidden = true;
  });
  $("draft-drop").addEventListener("click", () => {
    localStorage.removeItem(key);
    $("draft").hidden = true;
  });
}
