// Buttons that print the page: <button data-print hidden>.  打印按钮。
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
