"use strict";
(() => {
  const page = document.documentElement;
  const speak = (language) => {
    page.classList.toggle("zh", language === "zh");
    page.classList.toggle("en", language === "en");
    page.lang = language === "zh" ? "zh-CN" : "en";
  };
  document.getElementById("language").addEventListener("click", () => speak(page.classList.contains("zh") ? "en" : "zh"));
  if (new URLSearchParams(location.search).get("lang") === "en" || location.hash === "#en") speak("en");
  const folded = () => document.querySelectorAll("details:not([open])");
  let opened = [];
  addEventListener("beforeprint", () => { opened = [...folded()]; opened.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => { opened.forEach((d) => { d.open = false; }); });
})();
