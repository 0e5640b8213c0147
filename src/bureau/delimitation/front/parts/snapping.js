// Where a dragged vertex comes to lie: on a vertex or a side of a neighbour that is near. 吸附到相邻区域。

export function snapper(neighbours) {
  const lines = neighbours.features.flatMap(({ geometry }) => (geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat()));

  return (lng, lat, project, within = 12) => {
    const at = project(lng, lat);
    let found = null;
    let least = within;
    for (const line of lines) for (const point of line) {
      const there = project(point[0], point[1]);
      const distance = Math.hypot(there.x - at.x, there.y - at.y);
      if (distance < least) [least, found] = [distance, [point[0], point[1]]];
    }
    if (found) return found;
    for (const line of lines) for (let k = 1; k < line.length; k += 1) {
      const a = project(line[k - 1][0], line[k - 1][1]);
      const b = project(line[k][0], line[k][1]);
      const [dx, dy] = [b.x - a.x, b.y - a.y];
      const square = dx * dx + dy * dy;
      if (!square) continue;
      const share = ((at.x - a.x) * dx + (at.y - a.y) * dy) / square;
      if (share <= 0 || share >= 1) continue;
      const distance = Math.hypot(a.x + share * dx - at.x, a.y + share * dy - at.y);
      if (distance >= least) continue;
      least = distance;
      found = [line[k - 1][0] + share * (line[k][0] - line[k - 1][0]), line[k - 1][1] + share * (line[k][1] - line[k - 1][1])];
    }
    return found ? found.map((v) => Number(v.toFixed(9))) : undefined;
  };
}
