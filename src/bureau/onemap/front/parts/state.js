// What one looks at, kept in the address so that a link shows the same view.
// 视图状态：写在网址的 # 之后，分享链接即分享视图。

const FAINTEST = 0.1; // fainter layers would look as if they were off
const KEYS = ["map", "region", "watershed", "year", "other", "show"];

export function readState(catalogue) {
  const words = new URLSearchParams(location.hash.slice(1));
  const years = [...new Set(catalogue.surveys.map((s) => s.year))].sort();
  const state = {
    map: parseView(words.get("map")),
    region: words.get("region") || catalogue.home.code,
    watershed: words.get("watershed") || "",
    year: years.includes(Number(words.get("year"))) ? Number(words.get("year")) : (years.includes(catalogue.year) ? catalogue.year : years.at(-1) ?? null),
    other: years.includes(Number(words.get("other"))) ? Number(words.get("other")) : null,
    show: parseShow(words.get("show")),
    years,
  };
  return state;
}

export function writeState(state) {
  const words = new URLSearchParams();
  const text = {
    map: state.map ? `${state.map.zoom.toFixed(2)}/${state.map.lat.toFixed(5)}/${state.map.lon.toFixed(5)}` : "",
    region: state.region,
    watershed: state.watershed,
    year: state.year ?? "",
    other: state.other ?? "",
    show: [...state.show].map(([name, opacity]) => (opacity === 1 ? name : `${name}:${opacity}`)).join(","),
  };
  for (const key of KEYS) if (text[key] !== "") words.set(key, text[key]);
  history.replaceState(null, "", `#${words.toString().replaceAll("%2F", "/").replaceAll("%2C", ",").replaceAll("%3A", ":")}`);
}

function parseView(text) {
  const parts = (text ?? "").split("/").map(Number);
  return parts.length === 3 && parts.every(Number.isFinite) ? { zoom: parts[0], lat: parts[1], lon: parts[2] } : null;
}

function parseShow(text) {
  if (text === null) return new Map([["intensity", 0.8], ["watershed", 1]]);
  const found = new Map();
  for (const word of text.split(",").filter(Boolean)) {
    const [name, opacity] = word.split(":");
    found.set(name, Math.min(1, Math.max(FAINTEST, Number(opacity ?? 1) || FAINTEST)));
  }
  return found;
}
