// Measuring distance and area on the map, on the sphere of equal area.
// 量算：距离与面积。

const RADIUS = 6371007.2;
const rad = (degrees) => (degrees * Math.PI) / 180;

export function distance(points) {
  let sum = 0;
  for (let k = 1; k < points.length; k++) {
    const [a, b] = [points[k - 1], points[k]];
    const h = Math.sin(rad(b[1] - a[1]) / 2) ** 2 + Math.cos(rad(a[1])) * Math.cos(rad(b[1])) * Math.sin(rad(b[0] - a[0]) / 2) ** 2;
    sum += 2 * RADIUS * Math.asin(Math.sqrt(h));
  }
  return sum;
}

export function area(points) {
  let sum = 0;
  points.forEach((a, k) => {
    const b = points[(k + 1) % points.length];
    sum += rad(b[0] - a[0]) * (2 + Math.sin(rad(a[1])) + Math.sin(rad(b[1])));
  });
  return Math.abs((sum * RADIUS * RADIUS) / 2);
}

export function said(points) {
  if (points.length < 2) return "在图上点选各点；双击或按 Esc 结束。";
  const long = distance(points);
  const text = long < 1000 ? `${long.toFixed(0)} m` : `${(long / 1000).toFixed(2)} km`;
  if (points.length < 3) return `距离 ${text}`;
  const wide = area(points);
  return `距离 ${text}；围成面积 ${wide < 1e6 ? `${(wide / 1e4).toFixed(2)} hm²` : `${(wide / 1e6).toFixed(2)} km²`}`;
}

export function drawn(points) {
  const features = points.map((p) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: p } }));
  if (points.length > 1) features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: points } });
  if (points.length > 2) features.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...points, points[0]]] } });
  return { type: "FeatureCollection", features };
}

export const MEASURE_LAYERS = [
  { id: "measure-fill", type: "fill", source: "measure", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#b3202c", "fill-opacity": 0.12 } },
  { id: "measure-line", type: "line", source: "measure", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": "#b3202c", "line-width": 2.5 } },
  { id: "measure-point", type: "circle", source: "measure", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": "#fff", "circle-stroke-color": "#b3202c", "circle-stroke-width": 2, "circle-radius": 4 } },
];
