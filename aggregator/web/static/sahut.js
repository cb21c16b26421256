// Small helps; every page works without them.
"use strict";
document.documentElement.classList.add("js");

// A select that is its own button.
document.querySelectorAll("[data-submit]").forEach((field) => {
  field.addEventListener("change", () => field.form.submit());
});

// One click sends once; the server has the same guard.
document.querySelectorAll("form[data-once]").forEach((form) => {
  form.addEventListener("submit", () => {
    setTimeout(() => form.querySelectorAll("button").forEach((b) => { b.disabled = true; }));
  });
});

// How much room an answer has left.
document.querySelectorAll("textarea[data-limit]").forEach((field) => {
  const shown = document.getElementById(field.dataset.left);
  const count = () => {
    const left = Number(field.dataset.limit) - field.value.length;
    shown.textContent = shown.dataset.words.replace("%d", left);
    shown.className = left < 0 ? "alert" : "quiet";
  };
  field.addEventListener("input", count);
  if (field.value) count();
});

// What came while the page was open is said, not only shown.
const rows = document.getElementById("rows");
if (rows) {
  const numbers = () => new Set([...rows.querySelectorAll("li[id]")].map((row) => row.id));
  let known = numbers();
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== rows) return;
    const now = numbers();
    const fresh = [...now].filter((id) => !known.has(id)).length;
    const news = document.getElementById("news");
    if (fresh) news.textContent = news.dataset.words.replace("%d", fresh);
    known = now;
  });
}
