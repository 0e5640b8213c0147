// Whether the service can be reached: people are told when it cannot, and when it can again. What they typed stays.
// 服务是否可用：中断时说明，恢复时也说明；已填写的内容不丢。

const GONE = [502, 503, 504];
const FULL = 507;
const AGAIN = 5000;
const PATIENCE = 3000;
const SIGN_IN = document.getElementById("reach")?.dataset.signIn;
const plain = window.fetch.bind(window);
const returns = [];
let away = false;
let leaving = false;

for (const name of ["beforeunload", "pagehide"]) window.addEventListener(name, () => { leaving = true; });
window.addEventListener("pageshow", () => { leaving = false; });

export const isGone = (status) => GONE.includes(status);

function show(text, tone) {
  const place = document.getElementById("reach");
  if (!place || (place.textContent === text && !place.hidden)) return;
  place.textContent = text;
  place.className = `reach ${tone}`;
}

// Something could not be had: say so, and ask every few seconds whether it is over.
export function lost(text = "") {
  show(text || (navigator.onLine ? "服务暂时不可用，页面上的内容还在；恢复后会自动提示。" : "网络已断开，页面上的内容还在；恢复后会自动提示。"), "bad");
  if (away) return;
  away = true;
  document.documentElement.dataset.reach = "lost";
  setTimeout(ask, AGAIN);
}

async function ask() {
  if (await reached()) found();
  else setTimeout(ask, AGAIN);
}

function found() {
  if (!away) return;
  away = false;
  document.documentElement.dataset.reach = "there";
  show("服务已恢复，可以继续。", "good");
  setTimeout(() => { if (!away) show("", ""); }, 6000);
  for (const act of returns) act();
}

// What is to be done when the service can be reached again.
export function onReturn(act) {
  returns.push(act);
}

// Whether the service answers; no word within some seconds counts as a yes: the browser then tells by itself.
export async function reached() {
  try {
    const answer = await plain("/alive", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    return !isGone(answer.status);
  } catch (wrong) {
    return wrong.name === "TimeoutError";
  }
}

// The sign-in has run out: say so, and lead back to this very page afterwards; what is on it stays until then.
function expired() {
  const place = document.getElementById("reach");
  if (!place) return;
  const link = document.createElement("a");
  link.href = `${SIGN_IN}?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`;
  link.textContent = "重新登录";
  place.replaceChildren("登录已过期，", link, "后回到这一页。");
  place.className = "reach bad";
}

const asksToSignIn = (answer) => answer.redirected && new URL(answer.url).pathname === SIGN_IN;

// Whether one is still signed in, asked at most twice a minute: tiles fail without saying why.
let looked = 0;
async function stillSignedIn() {
  if (Date.now() - looked < 30_000) return;
  looked = Date.now();
  const answer = await plain(location.pathname, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer && asksToSignIn(answer)) expired();
}

// Every request of our scripts goes through here; the page to sign in on instead of an answer counts as 401.
window.fetch = async (...given) => {
  try {
    const answer = await plain(...given);
    if (asksToSignIn(answer)) {
      expired();
      return new Response("", { status: 401 });
    }
    if (isGone(answer.status)) lost();
    else if (answer.status === FULL) show("服务器的磁盘已满，没有保存；请联系运维人员。", "bad");
    else if (away && answer.ok) found();
    return answer;
  } catch (wrong) {
    if (wrong.name !== "AbortError" && !leaving) lost();
    throw wrong;
  }
};

window.addEventListener("offline", () => lost());
window.addEventListener("online", () => away && ask());

// Maps fetch their tiles elsewhere, and tell of failures by an event; tiles that failed are asked for again afterwards.
export function watchMap(map) {
  map.on("error", ({ error }) => {
    if (leaving) return;
    if (isGone(error?.status) || error?.status === 0) lost();
    else {
      console.error(error);
      stillSignedIn();
    }
  });
  onReturn(() => {
    for (const [name, source] of Object.entries(map.getStyle()?.sources ?? {})) if (source.tiles) map.refreshTiles(name);
  });
}

// A form into which something was typed or put: only such a form has something to lose.
function holdsSomething(form) {
  return [...form.elements].some((one) => {
    if (one.type === "password" || one.disabled || !one.name) return false;
    if (one.type === "file") return one.files.length > 0;
    return (one.tagName === "TEXTAREA" || one.tagName === "INPUT") && !["hidden", "submit", "checkbox", "radio"].includes(one.type) && one.value !== one.defaultValue;
  });
}

const asking = new WeakSet();
export const passing = new WeakSet();

// Before a form leaves the page with what was typed into it, see that there is somebody to take it.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const secret = form.querySelector?.("input[type=password]");
  if (event.defaultPrevented || passing.has(form) || form.method !== "post" || form.hasAttribute("hx-post") || secret || !holdsSomething(form)) return;
  event.preventDefault();
  if (asking.has(form)) return;
  asking.add(form);
  const there = await reached();
  asking.delete(form);
  if (!there) return lost("服务暂时不可用，填写的内容还在，请稍后再试。");
  passing.add(form);
  form.requestSubmit(event.submitter?.isConnected ? event.submitter : undefined);
  passing.delete(form);
});
