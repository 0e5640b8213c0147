// The panel beside the map: numbers and charts of the region one looks at; every chart has its numbers in words too.
// 数据面板。
import * as echarts from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const FONT = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif";
const number = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 2 });
const charts = new Map();
const $ = (id) => document.getElementById(id);

export async function showPanel(catalogue, state, choose) {
  const words = new URLSearchParams(state.watershed ? { watershed: state.watershed } : { region: state.region });
  if (state.year) words.set("year", state.year);
  const answer = await fetch(`${catalogue.urls.numbers}?${words}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) throw Object.assign(new Error(MISSING[answer?.status] ?? "数据读取失败，请稍后再试。"), { status: answer?.status });
  const told = await answer.json();
  for (const part of $("panel-body").querySelectorAll("section:not(.here)")) part.hidden = false;
  $("panel-said").hidden = true;
  heading(told, choose);
  course(told);
  intensity(told);
  change(told);
  landUse(told);
  drafts(told);
  zones(told);
  patches(told, choose);
  members(told, choose);
  return told;
}

const MISSING = { 401: "登录已过期，请重新登录。", 404: "没有您可以看到的这个行政区或小流域。" };

// The panel without numbers: why, and what one can do.
export function sayInPanel(text, acts = []) {
  const said = $("panel-said");
  said.replaceChildren(element("p", text));
  for (const [name, act] of acts) {
    const button = element("button", name, "button");
    button.type = "button";
    button.addEventListener("click", act);
    said.append(button, " ");
  }
  said.hidden = false;
}

export function emptyPanel() {
  for (const part of $("panel-body").querySelectorAll("section:not(.here)")) part.hidden = true;
  $("rate").hidden = true;
  $("rate-note").textContent = "";
  $("areas").replaceChildren();
}

function heading(told, choose) {
  $("place").textContent = told.region.name;
  const lineage = $("lineage");
  lineage.replaceChildren();
  for (const place of told.lineage) {
    const isSelf = place.code === told.region.code;
    const item = document.createElement(place.seen && !isSelf ? "button" : "span");
    item.textContent = place.name;
    if (item.tagName === "BUTTON") {
      item.type = "button";
      item.className = "link";
      item.addEventListener("click", () => choose({ region: place.code }));
    }
    if (lineage.childNodes.length) lineage.append(" ／ ");
    lineage.append(item);
  }
  const known = told.rate?.percent != null;
  $("rate").hidden = !known;
  $("percent").textContent = known ? `${told.rate.percent.toFixed(2)} %` : "";
  $("rate-note").textContent = noteOf(told);
  const names = known ? ["土地面积", "水土流失面积"] : ["已调查的土地", "其中水土流失"];
  const rows = told.rate ? [told.rate.land_km2, told.rate.eroded_km2].map((area, k) => [names[k], `${number.format(area)} km²`]) : [];
  const target = told.targets.find((t) => t.year >= told.year) ?? told.targets.at(-1);
  if (target) rows.push([`${target.year} 年目标`, known ? `${target.percent} %（${signed(told.rate.percent - target.percent)} 个百分点）` : `${target.percent} %`]);
  $("areas").replaceChildren(...rows.flatMap(([name, text]) => [element("dt", name), element("dd", text)]));
}

// A region is given a rate, and a place beside its target, only when all its counties are published for the year.
function noteOf(told) {
  if (!told.rate) return "还没有发布的调查成果。";
  const imaginary = told.rate.simulated ? "，模拟数据" : "";
  if (told.rate.complete) return `${told.year} 年${imaginary}`;
  const { partial, published, counties } = told.rate;
  if (partial && counties === 1) return `${told.year} 年的成果${partial}${imaginary}，因此没有${told.region.name}的水土保持率。`;
  if (partial) return `${told.year} 年齐全的县 ${published}／${counties}${imaginary}；有的成果${partial}，各县齐全后才有${told.region.name}的水土保持率。`;
  return `${told.year} 年只发布了 ${published}／${counties} 个县${imaginary}；各县齐全后才有${told.region.name}的水土保持率。`;
}

// A year in which not all the land was surveyed has areas of what was.
const asShown = (told, year) => (told.years.includes(year) ? String(year) : `${year}（部分）`);

function signed(value) {
  const size = Math.abs(value).toFixed(2);
  return Number(size) === 0 ? size : `${value > 0 ? "+" : "−"}${size}`;
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function draw(id, option, words, shown) {
  const holder = $(id);
  $(`${id}-part`).hidden = !shown;
  if (!shown) return;
  holder.setAttribute("aria-label", words);
  let chart = charts.get(id);
  if (!chart) {
    chart = echarts.init(holder, null, { renderer: "canvas" });
    charts.set(id, chart);
    new ResizeObserver(() => chart.resize()).observe(holder);
  }
  chart.setOption({ animationDuration: 300, textStyle: { fontFamily: FONT }, ...option }, true);
}

function course(told) {
  const actual = told.course.filter((c) => !told.unlike.includes(c.year)).map((c) => [c.year, c.percent]);
  const apart = told.course.filter((c) => told.unlike.includes(c.year)).map((c) => [c.year, c.percent]);
  $("unlike").hidden = !apart.length;
  $("unlike").textContent = `${told.unlike.join("、")} 年与 ${told.years.at(-1)} 年的调查口径不同（行政区、规则包、像元或土地面积），不能相比。`;
  const target = told.targets.map((t) => [t.year, t.percent]);
  const all = [...actual, ...apart, ...target].map(([, y]) => y);
  const years = [...actual, ...apart, ...target].map(([x]) => x);
  draw("course", {
    grid: { left: 44, right: 16, top: 30, bottom: 24 },
    legend: { top: 0, itemHeight: 8, data: [...(actual.length ? ["实际"] : []), ...(apart.length ? ["口径不同"] : []), ...(target.length ? ["目标"] : [])] },
    tooltip: { trigger: "axis", valueFormatter: (v) => `${v} %` },
    xAxis: { type: "value", min: Math.min(...years) - 1, max: Math.max(...years) + 1, minInterval: 1, axisLabel: { formatter: (v) => String(v), customValues: labelled(years) }, axisTick: { customValues: labelled(years) }, splitLine: { show: false } },
    yAxis: { type: "value", min: Math.floor(Math.min(...all) - 2), max: Math.min(100, Math.ceil(Math.max(...all) + 2)), axisLabel: { formatter: "{value}%" } },
    series: [
      { name: "实际", type: "line", data: actual, symbolSize: 8, lineStyle: { width: 3 }, color: "#17624f" },
      { name: "口径不同", type: "line", data: apart, symbol: "emptyCircle", symbolSize: 8, lineStyle: { width: 0 }, color: "#6b7a74" },
      { name: "目标", type: "line", data: target, symbol: "diamond", symbolSize: 9, lineStyle: { type: "dashed" }, color: "#c98a13" },
    ],
  }, `水土保持率：${told.course.map((c) => `${c.year} 年 ${c.percent}%`).join("，")}；目标：${target.map(([y, v]) => `${y} 年 ${v}%`).join("，") || "无"}`, actual.length + target.length > 0);
}

// The years of the points are labelled, from the last on; one that would stand too near to its neighbour is not.
function labelled(years) {
  const all = [...new Set(years)].sort((a, b) => b - a);
  const apart = (all[0] - all.at(-1) + 2) / 8;
  return all.reduce((kept, year) => (kept.length && kept[0] - year < apart ? kept : [year, ...kept]), []);
}

function intensity(told) {
  const rows = told.classes.intensity;
  draw("intensity", {
    grid: { left: 48, right: 10, top: 44, bottom: 22 },
    legend: { top: 0, itemHeight: 9, itemWidth: 14, data: rows.map((r) => r.name) },
    tooltip: { trigger: "item", valueFormatter: (v) => `${number.format(v)} km²` },
    xAxis: { type: "category", data: told.shown.map((year) => asShown(told, year)) },
    yAxis: { type: "value", axisLabel: { formatter: (v) => number.format(v) } },
    series: rows.map((r) => ({ name: r.name, type: "bar", stack: "a", barMaxWidth: 56, data: r.km2, itemStyle: { color: r.color, borderColor: "#0002", borderWidth: 0.5 } })),
  }, rows.map((r) => `${r.name} ${r.km2.map((v, k) => `${asShown(told, told.shown[k])} 年 ${number.format(v)} km²`).join("，")}`).join("；"), rows.length > 0);
}

function change(told) {
  const rows = told.classes.intensity;
  const part = $("change-part");
  const like = told.years.filter((year) => !told.unlike.includes(year));
  part.hidden = like.length < 2 || !rows.length;
  if (part.hidden) return;
  const [from, to] = [like[0], told.years.at(-1)].map((year) => told.shown.indexOf(year));
  const body = rows.map((r) => {
    const change = r.km2[to] - r.km2[from];
    const better = r.code === "1" ? change > 0 : change < 0;
    return [r.name, number.format(r.km2[from]), number.format(r.km2[to]), { text: signed(change), className: Math.abs(change) < 0.005 ? "" : better ? "change-down" : "change-up" }];
  });
  $("change").replaceChildren(table(["强度", String(told.shown[from]), String(told.shown[to]), "变化"], body));
}

function landUse(told) {
  const k = told.shown.indexOf(told.year);
  const rows = told.classes.land_use.map((r) => ({ ...r, now: r.km2[k] })).filter((r) => (r.now ?? 0) > 0).sort((a, b) => a.now - b.now).slice(-10);
  draw("land_use", {
    grid: { left: 108, right: 56, top: 4, bottom: 8 },
    tooltip: { trigger: "item", valueFormatter: (v) => `${number.format(v)} km²` },
    xAxis: { type: "value", show: false },
    yAxis: { type: "category", data: rows.map((r) => r.name), axisTick: { show: false }, axisLine: { show: false } },
    series: [{ type: "bar", barMaxWidth: 16, data: rows.map((r) => ({ value: r.now, itemStyle: { color: r.color } })), label: { show: true, position: "right", formatter: (p) => number.format(p.value) } }],
  }, `${told.year} 年土地利用：${[...rows].reverse().map((r) => `${r.name} ${number.format(r.now)} km²`).join("，")}`, rows.length > 0);
}

// Classes that rest on a draft of a rule say so.
function drafts(told) {
  for (const [name, rows] of Object.entries(told.classes)) {
    $(`${name}-part`).querySelector("small").textContent = rows.some((r) => r.draft) ? "km²，分类含草案" : "km²";
  }
}

function zones(told) {
  $("zones-part").hidden = !told.zones.length;
  $("zone-sums").replaceChildren(table(["种类", "个数", "km²"], told.zones.map((z) => [z.name, number.format(z.count), number.format(z.km2)])));
}

function patches(told, choose) {
  const found = told.patches;
  $("patches-part").hidden = !found;
  if (!found) return;
  $("patches-part").querySelector("small").textContent = `${found.year} 年，${found.batches.join("、")}${found.simulated ? "，模拟数据" : ""}，字典为草案`;
  const rows = found.classes.patch;
  const total = rows.reduce((sum, r) => sum + r.count, 0);
  const area = rows.reduce((sum, r) => sum + r.hm2, 0);
  $("patch-sums").replaceChildren(table(["合规性", "个数", "hm²"], [...rows.map((r) => [{ text: r.name, dot: r.color }, number.format(r.count), number.format(r.hm2)]), ["合计", number.format(total), number.format(area)]]));
  const below = found.members.filter((m) => m.count);
  $("patch-members").replaceChildren(...(below.length ? [table(["行政区", "图斑", "疑似", "违规"], below.map((m) => [{ text: m.name, act: () => choose({ region: m.code }) }, number.format(m.count), number.format(m.suspected), number.format(m.violation)]))] : []));
}

function members(told, choose) {
  $("members-part").hidden = !told.members.length;
  const rows = told.members.map((m) => [{ text: m.name, act: () => choose({ region: m.code }) }, m.percent == null ? "—" : `${m.percent.toFixed(2)} %`]);
  $("members").replaceChildren(table(["行政区", "水土保持率"], rows));
}

function table(headings, rows) {
  const made = document.createElement("table");
  const head = made.createTHead().insertRow();
  headings.forEach((text, k) => {
    const cell = element("th", text, k ? "number" : "");
    cell.scope = "col";
    head.append(cell);
  });
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((given, k) => {
      const { text, act, className, dot } = typeof given === "object" ? given : { text: given };
      const cell = element(k ? "td" : "th", act ? "" : text, [k ? "number" : "", className ?? ""].join(" ").trim());
      if (!k) cell.scope = "row";
      if (dot) {
        const mark = element("span", "", "dot");
        mark.style.background = dot;
        cell.prepend(mark);
      }
      if (act) {
        const button = element("button", text, "link");
        button.type = "button";
        button.addEventListener("click", act);
        cell.append(button);
      }
      line.append(cell);
    });
  }
  return made;
}
