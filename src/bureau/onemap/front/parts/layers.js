// The tree of layers, with legends and opacity.
// 图层目录、图例与透明度。

export function layerTree(holder, catalogue, state, changed) {
  holder.replaceChildren();
  const onMap = (name) => state.show.has(name);
  group("侵蚀", catalogue.rasters.filter((r) => catalogue.surveys.some((s) => s.rasters.includes(r.name))).map((r) => ({
    name: r.name, label: r.label + (r.unit ? ` ${r.unit}` : ""), opacity: 0.8, legend: r.legend.map(([color, name]) => ({ color, name })),
  })));
  const themes = [...new Set(catalogue.zones.map((z) => z.theme))];
  group("重点区域", themes.map((theme) => {
    const kinds = catalogue.kinds.filter((k) => k.theme === theme);
    return { name: theme, label: kinds.map((k) => k.name).join("、"), opacity: 0.9, legend: kinds.map((k) => ({ color: k.color, name: k.name })) };
  }));
  if (catalogue.patches.length) {
    group("扰动图斑（字典为草案）", [["patch", "按合规性"], ["patch_type", "按扰动类型"]].map(([name, label]) => ({
      name, label, opacity: 0.9, legend: catalogue.patch_kinds[name],
    })));
  }
  if (catalogue.surveys.length) group("边界", [{ name: "watershed", label: "小流域界", opacity: 1, legend: [] }]);
  if (catalogue.tianditu) group("底图", [{ name: "tianditu", label: "天地图（在线）", opacity: 1, legend: [] }]);

  function group(title, items) {
    if (!items.length) return;
    const set = document.createElement("fieldset");
    const legend = document.createElement("legend");
    legend.textContent = title;
    set.append(legend, ...items.flatMap(rows));
    holder.append(set);
  }

  function rows(item) {
    const label = document.createElement("label");
    label.className = "row";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = onMap(item.name);
    box.dataset.layer = item.name;
    label.append(box, item.label);
    const more = document.createElement("div");
    more.hidden = !box.checked;
    const range = document.createElement("input");
    Object.assign(range, { type: "range", min: 10, max: 100, value: 100 * (state.show.get(item.name) ?? item.opacity) });
    range.setAttribute("aria-label", `${item.label}的不透明度`);
    more.append(range, legendList(item.legend));
    box.addEventListener("change", () => {
      if (box.checked) state.show.set(item.name, Number(range.value) / 100);
      else state.show.delete(item.name);
      more.hidden = !box.checked;
      changed();
    });
    range.addEventListener("input", () => {
      state.show.set(item.name, Number(range.value) / 100);
      changed();
    });
    return [label, more];
  }
}

function legendList(legend) {
  const list = document.createElement("ul");
  list.className = "legend";
  for (const { color, name } of legend) {
    const row = document.createElement("li");
    const patch = document.createElement("i");
    patch.style.background = color;
    row.append(patch, name);
    list.append(row);
  }
  return list;
}
