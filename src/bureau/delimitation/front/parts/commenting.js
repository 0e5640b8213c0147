// Saying where: a zone is chosen, a point or an area drawn. 提意见：选区域，标位置。
import { TerraDraw, TerraDrawPointMode, TerraDrawPolygonMode } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
import { choose } from "./view.js";

export function commenting(words, map) {
  const form = document.getElementById("comment");
  const code = form.elements.namedItem("code");
  const place = form.elements.namedItem("place");
  const said = document.getElementById("edit-said");
  const buttons = [...document.querySelectorAll("[data-draw]")];
  let draw = null;
  let drawnAt = 0;

  function press(mode) {
    for (const button of buttons) if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", String(button.dataset.draw === mode));
    if (!draw) return;
    if (mode === "clear") place.value = "";
    if (mode !== "static") draw.clear();
    draw.setMode(mode === "point" || mode === "polygon" ? mode : "static");
    said.textContent = { point: "在地图上点一点。", polygon: "逐点画面，回到起点或双击结束。", clear: "已清除位置。" }[mode] ?? "";
  }

  map.once("load", () => {
    draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 9 }),
      modes: [new TerraDrawPointMode({ styles: { pointColor: "#b06a00", pointWidth: 8 } }), new TerraDrawPolygonMode({ styles: { fillColor: "#b06a00", outlineColor: "#b06a00" } })],
    });
    draw.start();
    draw.setMode("static");
    draw.on("finish", (id) => {
      place.value = JSON.stringify(draw.getSnapshotFeature(id).geometry);
      press("static");
      drawnAt = performance.now();
      said.textContent = "位置已标出。";
    });
    choose(map, code.value);
    document.documentElement.dataset.editing = "ready";
  });
  for (const button of buttons) button.addEventListener("click", () => press(button.dataset.draw));
  map.on("click", "zones", (event) => {
    if (!draw || draw.getMode() !== "static" || performance.now() - drawnAt < 500) return; // the same click
    code.value = event.features[0].properties.code;
    choose(map, code.value);
    said.textContent = `已选 ${code.value}。`;
  });
  return map;
}
