// What every page needs: htmx for parts of pages, with Django's token against forged requests.
// 各页通用脚本。
import htmx from "htmx.org";
import { isGone, lost, passing } from "./parts/reach.js";
import "./parts/keeping.js";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;

function token() {
  const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
}

document.addEventListener("htmx:config:request", (event) => {
  const request = event.detail.ctx?.request;
  if (request) request.headers["X-CSRFToken"] = token();
});

// A part of a page that cannot be had stays as it is: what was typed into it, and what asks again by itself.
document.addEventListener("htmx:before:response", (event) => {
  const { status } = event.detail.ctx.response;
  if (status === 401) event.preventDefault();
  if (status < 500) return;
  event.preventDefault();
  if (event.detail.ctx.request.method === "POST") lost("没有保存：服务暂时不可用，填写的内容还在，请稍后再试。");
  else if (!isGone(status)) lost("这一部分没有更新：服务出错，稍后会再试。");
});

// Forms that ask before they act: <form data-ask="…">.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset?.ask;
  if (question && !passing.has(event.target) && !window.confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

// Filters that act at once: <form data-at-once>.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-at-once")) form.requestSubmit();
});

document.documentElement.dataset.ready = "page";
