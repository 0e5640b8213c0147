// The table of a decomposition is sent as a whole, by its button; as long as it is not, it says so and cannot be submitted.
// 目标分解编辑：改几处一并重新闭合；没有闭合的修改给出提醒，不能提交批准。
const FIELDS = /^(percent|base|treatable)_/;

function unsaved(form) {
  const was = (name) => form.elements.namedItem(`was_${name}`);
  return [...form.elements].some((field) => {
    if (FIELDS.test(field.name)) return field.value.trim() !== was(field.name).value;
    if (field.name.startsWith("held_") || field.name === "keep_present") return field.checked !== Boolean(was(field.name));
    return field.name === "method" && field.value !== was("method").value;
  });
}

function show() {
  const form = document.querySelector("#lines form");
  const open = form !== null && unsaved(form);
  for (const note of document.querySelectorAll("[data-unsaved]")) note.hidden = !open;
  for (const button of document.querySelectorAll("[data-when-closed]")) button.disabled = open;
}

document.addEventListener("input", show);
document.addEventListener("change", show);
document.addEventListener("htmx:after:swap", show);
show();
