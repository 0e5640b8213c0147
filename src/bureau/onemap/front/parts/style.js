// The style of the map: a base of our own borders, rasters, watersheds and zones of one year. Nothing is asked of others,
// unless the installation has a key of Tianditu.
// 地图样式：底图为本平台行政区界线。

const FONTS = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';
export const LOCAL_FONTS = FONTS;

const origin = location.origin;

function vector(path) {
  return { type: "vector", tiles: [`${origin}${path}`], minzoom: 0, maxzoom: 14 };
}

export function styleOf(catalogue, state, year) {
  const root = catalogue.root;
  const sources = { base: vector(`${root}base/{z}/{x}/{y}.mvt`) };
  const layers = [{ id: "paper", type: "background", paint: { "background-color": "#eef1ec" } }];
  const surveys = catalogue.surveys.filter((s) => s.year === year);
  layers.push({ id: "land", type: "fill", source: "base", "source-layer": "region", filter: ["==", ["get", "kind"], "province"], paint: { "fill-color": "#fbfbf7" } });
  if (catalogue.tianditu && state.show.has("tianditu")) addTianditu(catalogue, state, sources, layers);
  for (const survey of surveys) {
    for (const { name } of [...catalogue.rasters].reverse()) {
      if (state.show.has(name) && survey.rasters.includes(name)) addRaster(root, survey, name, state.show.get(name), sources, layers);
    }
  }
  for (const zones of catalogue.zones) {
    if (state.show.has(zones.theme)) addZones(catalogue, zones, state.show.get(zones.theme), sources, layers);
  }
  for (const name of ["patch_type", "patch"]) {
    if (state.show.has(name)) for (const batch of patchesOf(catalogue, year)) addPatches(catalogue, batch, name, state.show.get(name), sources, layers);
  }
  if (state.show.has("watershed")) for (const survey of surveys) addWatersheds(root, survey, state, sources, layers);
  addBorders(state, layers);
  return { version: 8, sources, layers };
}

function addTianditu(catalogue, state, sources, layers) {
  const tiles = [0, 1, 2, 3].map((k) => `https://t${k}.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=${catalogue.tianditu}`);
  sources.tianditu = { type: "raster", tiles, tileSize: 256, maxzoom: 18, attribution: "天地图" };
  layers.push({ id: "tianditu", type: "raster", source: "tianditu", paint: { "raster-opacity": state.show.get("tianditu") } });
}

function addRaster(root, survey, name, opacity, sources, layers) {
  const id = `raster-${survey.pk}-${name}`;
  sources[id] = { type: "raster", tiles: [`${origin}${root}${survey.pk}/${name}/{z}/{x}/{y}.png?of=${survey.of}`], tileSize: 512, maxzoom: 13, ...(survey.bounds ? { bounds: survey.bounds } : {}) };
  layers.push({ id, type: "raster", source: id, paint: { "raster-opacity": opacity, "raster-fade-duration": 150, "raster-resampling": "nearest" } });
}

function colorOf(catalogue) {
  return ["match", ["get", "kind"], ...catalogue.kinds.flatMap((k) => [k.kind, k.color]), "#888888"];
}

function addZones(catalogue, zones, opacity, sources, layers) {
  const id = `zone-${zones.pk}`;
  sources[id] = vector(`${catalogue.root}${zones.pk}/zone/{z}/{x}/{y}.mvt${zones.of ? `?of=${zones.of}` : ""}`);
  const near = catalogue.from.zone;
  const share = ["*", opacity, ["interpolate", ["linear"], ["coalesce", ["get", "value"], 0], 0, 0.08, 30, 0.75, 100, 0.9]];
  layers.push({ id: `${id}-far`, type: "fill", source: id, "source-layer": "zone", maxzoom: near, paint: { "fill-color": colorOf(catalogue), "fill-opacity": share, "fill-antialias": false } });
  layers.push({ id: `${id}-fill`, type: "fill", source: id, "source-layer": "zone", minzoom: near, paint: { "fill-color": colorOf(catalogue), "fill-opacity": ["*", opacity, ["match", ["get", "kind"], ["prevention", "treatment"], 0.18, 0.45]] } });
  layers.push({ id: `${id}-line`, type: "line", source: id, "source-layer": "zone", minzoom: near + 1, paint: { "line-color": colorOf(catalogue), "line-width": ["match", ["get", "kind"], ["prevention", "treatment"], 2.5, 1], "line-opacity": opacity } });
}

// The batches of a year, or of the latest year that has some.
export function patchesOf(catalogue, year) {
  const years = catalogue.patches.map((p) => p.year);
  const at = years.includes(year) ? year : Math.max(...years);
  return catalogue.patches.filter((p) => p.year === at);
}

function addPatches(catalogue, batch, name, opacity, sources, layers) {
  const source = `patch-${batch.pk}`;
  const id = `${source}-${name}`;
  sources[source] ??= vector(`${catalogue.root}${batch.pk}/patch/{z}/{x}/{y}.mvt${batch.of ? `?of=${batch.of}` : ""}`);
  const near = catalogue.from.zone;
  const color = ["match", ["get", name === "patch" ? "kind" : "other"], ...catalogue.patch_kinds[name].flatMap((k) => [k.kind, k.color]), "#888888"];
  const number = ["*", opacity, ["interpolate", ["linear"], ["coalesce", ["get", "value"], 0], 0, 0.3, 5, 0.6, 30, 0.95]];
  layers.push({ id: `${id}-far`, type: "fill", source, "source-layer": "patch", maxzoom: near, paint: { "fill-color": color, "fill-opacity": number, "fill-antialias": false } });
  layers.push({ id: `${id}-fill`, type: "fill", source, "source-layer": "patch", minzoom: near, paint: { "fill-color": color, "fill-opacity": ["*", opacity, 0.45] } });
  layers.push({ id: `${id}-line`, type: "line", source, "source-layer": "patch", minzoom: near, paint: { "line-color": color, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 2.2, 14, 1.8], "line-opacity": opacity } });
}

function addWatersheds(root, survey, state, sources, layers) {
  const id = `watershed-${survey.pk}`;
  sources[id] = vector(`${root}${survey.pk}/watershed/{z}/{x}/{y}.mvt?of=${survey.of}`);
  layers.push({ id: `${id}-fill`, type: "fill", source: id, "source-layer": "watershed", paint: { "fill-color": "#2a6f97", "fill-opacity": 0 } });
  layers.push({ id: `${id}-line`, type: "line", source: id, "source-layer": "watershed", paint: { "line-color": "#2a6f97", "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.3, 12, 1.1], "line-opacity": 0.8 * state.show.get("watershed") } });
  layers.push({ id: `${id}-chosen`, type: "line", source: id, "source-layer": "watershed", filter: ["==", ["get", "code"], state.watershed || "-"], paint: { "line-color": "#0b3954", "line-width": 3 } });
}

function addBorders(state, layers) {
  const border = (id, kind, minzoom, paint) => ({ id, type: "line", source: "base", "source-layer": "region", minzoom, filter: ["==", ["get", "kind"], kind], paint });
  layers.push(border("county", "county", 6, { "line-color": "#6b7a74", "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.4, 12, 1.2], "line-dasharray": [4, 2] }));
  layers.push(border("city", "city", 0, { "line-color": "#4b5b55", "line-width": ["interpolate", ["linear"], ["zoom"], 4, 0.5, 10, 1.8] }));
  layers.push(border("province", "province", 0, { "line-color": "#35443f", "line-width": ["interpolate", ["linear"], ["zoom"], 4, 1, 10, 2.6] }));
  layers.push({ id: "chosen", type: "line", source: "base", "source-layer": "region", filter: ["==", ["get", "code"], state.watershed ? "-" : state.region], paint: { "line-color": "#0f4a3b", "line-width": 3.2 } });
  layers.push({
    id: "names", type: "symbol", source: "base", "source-layer": "place",
    layout: { "text-field": ["get", "name"], "text-size": ["match", ["get", "kind"], "province", 17, "city", 15, 13], "text-padding": 4, "text-max-width": 20 },
    paint: { "text-color": "#1b2926", "text-halo-color": "#ffffffdd", "text-halo-width": 1.6 },
  });
}
