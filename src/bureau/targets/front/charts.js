// Charts of targets: the way, the published rates and the forecast of a region; rates and targets of its members.
// 目标图表：年度路径、公布的率、预测区间；各地的率与目标。
import { CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([CustomChart, LineChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const GREEN = "#17624f";
const AMBER = "#c98a13";
const BLUE = "#1f5f8b";
const RED = "#a8261c";
const MUTED = "#586a65";
const FONT = getComputedStyle(document.body).fontFamily;
const percent = (value) => (value == null ? "—" : `${Number(value).toFixed(2)} %`);

// An axis of at most six round steps that holds what is drawn.
function rounded(values) {
  const found = values.filter((value) => value != null);
  const [least, most] = [Math.min(...found), Math.max(...found)];
  const interval = [1, 2, 5, 10, 20].find((step) => (most - least) / step <= 6) ?? 20;
  const min = Math.max(0, Math.floor((least - interval / 5) / interval) * interval);
  const max = Math.min(100, Math.ceil((most + interval / 5) / interval) * interval);
  return { min, max, interval };
}

function whiskers(api, parameters) {
  const low = api.coord([api.value(0), api.value(1)]);
  const high = api.coord([api.value(0), api.value(2)]);
  const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: GREEN, lineWidth: 1.2 } });
  return {
    type: "group",
    children: [
      line(low[0], low[1], high[0], high[1]),
      line(low[0] - 4, low[1], low[0] + 4, low[1]),
      line(high[0] - 4, high[1], high[0] + 4, high[1]),
    ],
  };
}

function band(points) {
  // One closed shape; drawn in one piece at its first point.
  return (parameters, api) => {
    if (parameters.dataIndex !== 0 || points.length < 2) return null;
    const outline = [
      ...points.map(([year, low]) => api.coord([year, low])),
      ...points.slice().reverse().map(([year, , high]) => api.coord([year, high])),
    ];
    return { type: "polygon", shape: { points: outline }, style: { fill: BLUE, opacity: 0.13 }, silent: true };
  };
}

function trend(data) {
  const years = [...data.way, ...data.actual, ...data.targets, ...data.middle].map(([year]) => year);
  const heights = [...data.way, ...data.actual, ...data.targets, ...data.middle].map(([, value]) => value);
  const last = data.actual.at(-1);
  const joined = last && data.middle.length ? [[last[0], last[1]], ...data.middle] : data.middle;
  const scale = rounded([...heights, ...data.band.flatMap(([, l, h]) => [l, h])]);
  const named = [...new Set([Math.min(...years), ...(last ? [last[0]] : []), ...data.targets.map(([year]) => year)])];
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    legend: { top: 0, left: 0, itemGap: 14, textStyle: { color: MUTED } },
    grid: { left: 8, right: 18, top: 56, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", axisPointer: { type: "line" }, valueFormatter: percent },
    xAxis: {
      type: "value", min: Math.min(...years) - 0.5, max: Math.max(...years) + 0.5,
      axisLabel: { customValues: named, formatter: (year) => String(year), color: MUTED, hideOverlap: true },
      axisTick: { customValues: named },
      axisPointer: { label: { formatter: ({ value }) => String(Math.round(value)) } }, splitLine: { show: false },
    },
    yAxis: { type: "value", ...scale, axisLabel: { formatter: "{value} %", color: MUTED }, splitLine: { lineStyle: { color: "#e6ebe8" } } },
    series: [
      { name: "预测区间", type: "custom", data: data.band.map(([year, l]) => [year, l]), renderItem: band(data.band), itemStyle: { color: "#cfdfea" }, tooltip: { show: false }, z: 1 },
      { name: "年度路径", type: "line", data: data.way, symbol: "none", lineStyle: { color: AMBER, width: 2 }, itemStyle: { color: AMBER }, z: 2 },
      { name: "预测", type: "line", data: joined, symbol: "none", lineStyle: { color: BLUE, type: "dashed", width: 2 }, itemStyle: { color: BLUE }, z: 3 },
      { name: "公布的率", type: "line", data: data.actual.map(([year, value]) => [year, value]), symbol: "circle", symbolSize: 9, lineStyle: { color: GREEN, width: 2.5 }, itemStyle: { color: GREEN }, z: 5 },
      { name: "目标", type: "scatter", data: data.targets, symbol: "diamond", symbolSize: 15, itemStyle: { color: RED }, label: { show: true, position: "top", formatter: ({ value }) => value[1].toFixed(2), color: RED, fontFamily: FONT }, z: 6 },
      { type: "custom", data: data.actual.filter(([, , l, h]) => l != null && h != null).map(([year, , l, h]) => [year, l, h]), renderItem: (parameters, api) => whiskers(api, parameters), tooltip: { show: false }, z: 4 },
    ].filter((series) => series.data.length),
  };
}

function between(rows) {
  // From the rate to the target: what is still to be gained, or what is gained already.
  return (parameters, api) => {
    const [x1, y1] = api.coord([api.value(0), api.value(2)]);
    const [x2] = api.coord([api.value(1), api.value(2)]);
    const stroke = rows[parameters.dataIndex].misses ? AMBER : GREEN;
    return { type: "line", shape: { x1, y1, x2, y2: y1 }, style: { stroke, lineWidth: 3, opacity: 0.45 } };
  };
}

function ranking(rows) {
  const ordered = rows.slice().sort((a, b) => a.rate - a.target - (b.rate - b.target)).reverse();
  const scale = rounded(ordered.flatMap((row) => [row.rate, row.target]));
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    legend: { top: 0, left: 0, itemGap: 14, textStyle: { color: MUTED } },
    grid: { left: 8, right: 26, top: 34, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", axisPointer: { type: "line", axis: "y" }, valueFormatter: percent },
    xAxis: { type: "value", ...scale, axisLabel: { formatter: "{value} %", color: MUTED }, splitLine: { lineStyle: { color: "#e6ebe8" } } },
    yAxis: { type: "category", data: ordered.map((row) => row.name), axisTick: { show: false }, splitLine: { show: true, lineStyle: { color: "#f0f3f1" } }, axisLabel: { color: "#1b2926", interval: 0 } },
    series: [
      { type: "custom", silent: true, tooltip: { show: false }, data: ordered.map((row, at) => [row.rate, row.target, at]), encode: { x: [0, 1], y: 2 }, renderItem: between(ordered), z: 1 },
      { name: "最近公布的率", type: "scatter", symbolSize: 11, data: ordered.map((row) => ({ value: row.rate, itemStyle: { color: row.misses ? AMBER : GREEN } })), itemStyle: { color: GREEN }, z: 4 },
      { name: "目标", type: "scatter", symbol: "diamond", symbolSize: 13, data: ordered.map((row) => row.target), itemStyle: { color: RED }, z: 5 },
    ],
  };
}

const KINDS = { trend, ranking };
for (const place of document.querySelectorAll("[data-chart]")) {
  const data = JSON.parse(document.getElementById(place.dataset.from).textContent);
  if (place.dataset.chart === "ranking") place.style.height = `${Math.max(14, 4 + 1.6 * data.length)}rem`;
  const chart = echarts.init(place);
  chart.setOption(KINDS[place.dataset.chart](data));
  new ResizeObserver(() => chart.resize()).observe(place);
}
document.documentElement.dataset.charts = "drawn";
