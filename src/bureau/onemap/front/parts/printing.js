// A sheet to print: the map's own picture goes to the server, which sets title, legend, scale and sources around it.
// 出图：把地图图像交给服务器排成 PDF。

const WIDE = 1260;
const HIGH = 840;
const DRAWING = 45_000;
const SETTING = 120_000;

export function printing(catalogue, map, state, told, view) {
  const dialog = document.getElementById("sheet");
  const busy = document.getElementById("sheet-busy");
  const button = document.getElementById("sheet-make");
  const wrong = document.getElementById("sheet-wrong");
  const name = document.getElementById("sheet-name");
  document.getElementById("print-on").addEventListener("click", () => {
    name.value = `${told().region.name}${state.year ? `${state.year}年` : ""}水土保持图`;
    wrong.textContent = "";
    busy.textContent = "";
    dialog.showModal();
  });
  document.getElementById("sheet-make").addEventListener("click", async (event) => {
    event.preventDefault();
    if (!name.value.trim()) return name.focus();
    wrong.textContent = "";
    button.disabled = true;
    const since = Date.now();
    let step = "正在画地图";
    const tick = () => { busy.textContent = `${step} … 已 ${Math.round((Date.now() - since) / 1000)} 秒，请不要关闭页面。`; };
    const clock = setInterval(tick, 1000);
    tick();
    try {
      const drawing = await pictureOf(map, view, state);
      step = "正在排版 PDF";
      tick();
      await set(catalogue, map, state, drawing, name.value.trim(), document.getElementById("sheet-paper").value);
      dialog.close();
    } catch (failed) {
      wrong.textContent = failed.message;
    } finally {
      clearInterval(clock);
      busy.textContent = "";
      button.disabled = false;
    }
  });
}

// A map of the sheet's own shape, drawn out of sight at the same place and scale.
async function pictureOf(map, view, state) {
  const holder = document.createElement("div");
  Object.assign(holder.style, { position: "fixed", left: "-10000px", top: "0", width: `${WIDE}px`, height: `${HIGH}px` });
  document.body.append(holder);
  const sheet = view(holder, state.year);
  sheet.jumpTo({ center: map.getCenter(), zoom: map.getZoom() });
  const whole = await new Promise((done) => {
    sheet.once("idle", () => done(true));
    setTimeout(() => done(false), DRAWING);
  });
  if (!whole) {
    sheet.remove();
    holder.remove();
    throw new Error(`地图 ${DRAWING / 1000} 秒内没有画完，没有生成图件；请稍后再试，或少选几个图层、放大一些再出图。`);
  }
  const canvas = sheet.getCanvas();
  const picture = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const ratio = canvas.width / WIDE;
  const bounds = sheet.getBounds().toArray().flat();
  sheet.remove();
  holder.remove();
  return { picture, ratio, bounds };
}

async function set(catalogue, map, state, { picture, ratio, bounds }, title, paper) {
  const ground = (40075016.686 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
  const form = new FormData();
  form.set("picture", picture, "map.png");
  form.set("title", title);
  form.set("paper", paper);
  form.set("layers", [...state.show.keys()].join(","));
  if (state.year) form.set("year", state.year);
  form.set("metres_per_pixel", ground / ratio);
  form.set("bounds", bounds.map((v) => v.toFixed(6)).join(","));
  form.set("zoom", map.getZoom());
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(catalogue.urls.sheet, { method: "POST", body: form, headers: { "X-CSRFToken": token, Accept: "application/pdf, application/json" }, signal: AbortSignal.timeout(SETTING) }).catch((wrong) => {
    throw new Error(wrong.name === "TimeoutError" ? `服务器 ${SETTING / 1000} 秒内没有排好图件，可能正忙；请稍后再试。` : "图件没有生成：连不上服务器，请稍后再试。");
  });
  if (answer.status === 401) throw new Error("登录已过期，图件没有生成；请重新登录后再出图。");
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).message ?? "图件生成失败，请稍后再试。");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = `${title}.pdf`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
