// Search by place, code or coordinate.
// 搜索。

const NOTHING = "没有找到。可搜地名、代码、小流域、区域编号、图斑编号或项目名称；坐标可写 111.5, 39.44、东经111.5 北纬39.44、39°26′N 111°30′E 或 N39.44 E111.5。";

export function searching(catalogue, state, chosen) {
  const form = document.getElementById("search");
  const input = document.getElementById("q");
  const list = document.getElementById("found");
  let waiting = 0;
  let asked = 0;

  async function ask() {
    const text = input.value.trim();
    const mine = ++asked;
    if (!text) return close();
    const answer = await fetch(`${catalogue.urls.search}?${new URLSearchParams({ q: text, ...(state.year ? { year: state.year } : {}) })}`).catch(() => null);
    if (mine !== asked) return;
    if (!answer?.ok) {
      list.replaceChildren(Object.assign(document.createElement("li"), { textContent: answer?.status === 401 ? "登录已过期，请重新登录" : "搜索暂时不可用，请稍后再试" }));
      list.hidden = false;
      return;
    }
    const { found } = await answer.json();
    list.replaceChildren(...(found.length ? found.map(row) : [Object.assign(document.createElement("li"), { textContent: NOTHING, className: "nothing" })]));
    list.hidden = false;
  }

  function row(item) {
    const line = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button" });
    const small = Object.assign(document.createElement("small"), { textContent: ` ${item.kind}${item.code ? ` ${item.code}` : ""}` });
    button.append(item.name, small);
    button.addEventListener("click", () => {
      close();
      chosen(item);
    });
    line.append(button);
    return line;
  }

  function close() {
    list.hidden = true;
    list.replaceChildren();
  }

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await ask();
    const buttons = list.querySelectorAll("button");
    if (buttons.length === 1) buttons[0].click();
    else buttons[0]?.focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
}
