// A sheet to print: the map's own picture goes to the server, which sets title, legend, scale and sources around it.
// 出图：把地图图像交给服务器排成 PDF。

const WIDE = 1260;
const HIGH = 840;

export function printing(catalogue, map, state, told, view) {
  const dialog = document.getElementById("sheet");
  const wrong = document.getElementById("sheet-wrong");
  const name = document.getElementById("sheet-name");
  document.getElementById("print-on").addEventListener("click", () => {
    name.value = `${told().region.name}${state.year ? `${state.year}年` : ""}水土保持图`;
    wrong.textContent = "";
    dialog.showModal();
  });
  document.getElementById("sheet-make").addEventListener("click", async (event) => {
    event.preventDefault();
    if (!name.value.trim()) return name.focus();
    wrong.textContent = "正在生成 …";
    const message = await make(catalogue, map, view, state, name.value.trim(), document.getElementById("sheet-paper").value);
    wrong.textContent = message;
    if (!message) dialog.close();
  });
}

// A map of the sheet's own shape, drawn out of sight at the same place and scale.
async function pictureOf(map, view, state) {
  const holder = document.createElement("div");
  Object.assign(holder.style, { position: "fixed", left: "-10000px", top: "0", width: `${WIDE}px`, height: `${HIGH}px` });
  document.body.append(holder);
  const sheet = view(holder, state.year);
  sheet.jumpTo({ center: map.getCenter(), zoom: map.getZoom() });
  await new Promise((done) => {
    sheet.once("idle", done);
    setTimeout(done, 20000);
  });
  const canvas = sheet.getCanvas();
  const picture = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const ratio = canvas.width / WIDE;
  sheet.remove();
  holder.remove();
  return { picture, ratio };
}

async function make(catalogue, map, view, state, title, paper) {
  const { picture, ratio } = await pictureOf(map, view, state);
  const ground = (40075016.686 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
  const form = new FormData();
  form.set("picture", picture, "map.png");
  form.set("title", title);
  form.set("paper", paper);
  form.set("layers", [...state.show.keys()].join(","));
  if (state.year) form.set("year", state.year);
  form.set("metres_per_pixel", ground / ratio);
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(catalogue.urls.sheet, { method: "POST", body: form, headers: { "X-CSRFToken": token, Accept: "application/pdf, application/json" } }).catch(() => null);
  if (!answer?.ok) return (await answer?.json().catch(() => ({})))?.message ?? "图件生成失败，请稍后再试。";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = `${title}.pdf`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  return "";
}
