// Search by place, code or coordinate.
// 搜索。

export function searching(catalogue, chosen) {
  const form = document.getElementById("search");
  const input = document.getElementById("q");
  const list = document.getElementById("found");
  let waiting = 0;
  let asked = 0;

  async function ask() {
    const text = input.value.trim();
    const mine = ++asked;
    if (!text) return close();
    const answer = await fetch(`${catalogue.urls.search}?${new URLSearchParams({ q: text })}`).catch(() => null);
    if (mine !== asked) return;
    if (!answer?.ok) {
      list.replaceChildren(Object.assign(document.createElement("li"), { textContent: answer?.status === 401 ? "登录已过期，请重新登录" : "搜索暂时不可用，请稍后再试" }));
      list.hidden = false;
      return;
    }
    const { found } = await answer.json();
    list.replaceChildren(...(found.length ? found.map(row) : [Object.assign(document.createElement("li"), { textContent: "没有找到" })]));
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
    list.querySelector("button")?.focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
}
