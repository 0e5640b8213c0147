// The table of a decomposition closes again while one types on: what is being typed outlives the answer.
// 目标分解编辑：表格重算换新时，正在填写的格子不丢。
let typing = null;

document.addEventListener("htmx:before:swap", () => {
  const field = document.activeElement;
  const open = field?.closest?.("#lines") && field.matches("input.short") && field.value !== field.defaultValue;
  typing = open ? { id: field.id, value: field.value, from: field.selectionStart, to: field.selectionEnd } : null;
});

document.addEventListener("htmx:after:swap", () => {
  const field = typing && document.getElementById(typing.id);
  if (!field) return;
  field.value = typing.value;
  field.focus();
  field.setSelectionRange(typing.from, typing.to);
  typing = null;
  field.addEventListener("blur", () => {
    if (field.isConnected && field.value !== field.defaultValue) field.dispatchEvent(new Event("change", { bubbles: true }));
  }, { once: true });
});
