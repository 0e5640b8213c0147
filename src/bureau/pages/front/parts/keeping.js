// What was typed outlives a sign-in that has run out: it is kept in this tab, for the same person, and put back afterwards.
// 登录过期前填写的内容：留在本机这个标签页里，同一人重新登录后放回原处。

const STORE = "typed-before-signing-in";
const place = document.getElementById("reach");
const person = place?.dataset.person ?? "";

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE) ?? "null");
  } catch {
    return null;
  }
}

function store(kept) {
  try {
    if (kept) sessionStorage.setItem(STORE, JSON.stringify(kept));
    else sessionStorage.removeItem(STORE);
  } catch { /* no room or no storage: the browser's own way back is left */ }
}

const SILENT = ["password", "file", "hidden", "submit", "button", "reset", "image"];
const told = (form) => [...form.elements].filter((one) => one.name && !SILENT.includes(one.type) && "value" in one && one.tagName !== "BUTTON");

function changed(one) {
  if (one.type === "checkbox" || one.type === "radio") return one.checked !== one.defaultChecked;
  if (one.tagName === "SELECT") return [...one.options].some((option) => option.selected !== option.defaultSelected);
  return one.value !== one.defaultValue;
}

function valueOf(one) {
  if (one.type === "checkbox" || one.type === "radio") return [one.name, one.value, one.checked];
  if (one.tagName === "SELECT") return [one.name, null, [...one.selectedOptions].map((option) => option.value)];
  return [one.name, null, one.value];
}

const mayKeep = (form) => form.method === "post" && !form.querySelector("input[type=password]") && told(form).some(changed);

// Keep what some forms of this page hold, for when it is opened again after signing in.
export function keep(forms = [...document.forms]) {
  const all = [...document.forms];
  const kept = forms.filter(mayKeep).map((form) => ({ at: all.indexOf(form), action: form.getAttribute("action") ?? "", values: told(form).map(valueOf) }));
  if (person && kept.length) store({ person, path: location.pathname + location.search, title: document.title, forms: kept, through: false });
}

function putBack(form, values) {
  for (const [name, value, held] of values) {
    const one = told(form).find((each) => each.name === name && (value === null || each.value === value));
    if (!one) continue;
    if (one.type === "checkbox" || one.type === "radio") one.checked = held;
    else if (one.tagName === "SELECT") for (const option of one.options) option.selected = held.includes(option.value);
    else one.value = held;
    one.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function say(...words) {
  const note = document.createElement("p");
  note.className = "note due";
  note.setAttribute("role", "status");
  note.append(...words);
  document.getElementById("content")?.prepend(note);
}

function welcome() {
  const kept = stored();
  if (!kept) return;
  if (!person || place?.dataset.expired !== undefined) return store({ ...kept, through: true }); // the sign-in, or a page that says the form is too old
  if (!kept.through || kept.person !== person) return store(null);
  if (location.pathname + location.search !== kept.path) {
    const back = document.createElement("a");
    back.href = kept.path;
    back.textContent = kept.title;
    return say("登录过期前填写的内容还在：", back, "。");
  }
  store(null);
  const forms = [...document.forms];
  for (const { at, action, values } of kept.forms) {
    const same = (form) => form && form.method === "post" && (form.getAttribute("action") ?? "") === action;
    const form = same(forms[at]) ? forms[at] : forms.find(same);
    if (form) putBack(form, values);
  }
  say("登录过期前填写的内容已放回，还没有提交；请核对后提交，选过的文件须重新选择。");
}

welcome();
document.addEventListener("submit", (event) => {
  if (event.target.action.endsWith("/logout/")) store(null);
  else if (!event.defaultPrevented && !event.target.hasAttribute("hx-post")) keep([event.target]);
});
place?.addEventListener("click", (event) => { if (event.target.closest("a")) keep(); });
