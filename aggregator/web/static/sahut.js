// Small helps; every page works without them.
"use strict";
document.documentElement.classList.add("js");

// A select that is its own button.
document.querySelectorAll("[data-submit]").forEach((field) => {
  field.addEventListener("change", () => field.form.submit());
});

// One click sends once (the server has the same guard); the way back frees the buttons.
document.querySelectorAll("form[data-once]").forEach((form) => {
  const disable = (off) => form.querySelectorAll("button").forEach((b) => { b.disabled = off; });
  form.addEventListener("submit", () => setTimeout(disable, 0, true));
  window.addEventListener("pageshow", () => disable(false));
});

// How much room an answer has left on the channel that is chosen.
document.querySelectorAll("textarea[data-limit]").forEach((field) => {
  const shown = document.getElementById(field.dataset.left);
  const target = field.form.elements.target;
  const count = () => {
    const chosen = target.selectedOptions ? target.selectedOptions[0].dataset.limit : null;
    const left = Number(chosen || field.dataset.limit) - [...field.value].length;
    shown.textContent = shown.dataset.words.replace("%d", left);
    shown.className = left < 0 ? "alert" : "quiet";
  };
  field.addEventListener("input", count);
  target.addEventListener("change", count);
  count();
});

// The open list follows the queue, but nothing moves under the reader's thumb and the focus stays:
// rows change in place, new ones come at the end, those that left are marked.
const rows = document.getElementById("rows");
let arrived = 0;

function follow(page) {
  page.querySelectorAll("[data-count]").forEach((count) => {
    const shown = document.querySelector(`[data-tab="${count.dataset.count}"]`);
    if (shown) shown.textContent = count.value;
  });
  const list = rows.querySelector("ol");
  const next = page.querySelector("ol");
  if (!list) {
    if (next) rows.replaceChildren(...page.body.querySelectorAll("section, ol"));
    return next ? next.querySelectorAll("li[id]").length : 0;
  }
  const now = new Map([...(next ? next.children : [])].map((row) => [row.id, row]));
  list.querySelectorAll("li[id]").forEach((row) => {
    const change = now.get(row.id);
    row.classList.toggle("gone", !change);
    if (!change) mark(row, list.dataset.gone);
    else if (row.firstElementChild.innerHTML !== change.firstElementChild.innerHTML) {
      row.firstElementChild.innerHTML = change.firstElementChild.innerHTML;
    }
    now.delete(row.id);
  });
  const fresh = [...now.values()].filter((row) => row.id);
  const more = list.querySelector("li.more");
  if (more) return 0;
  list.append(...now.values());
  window.htmx.process(list);
  return fresh.length;
}

function mark(row, words) {
  const place = row.querySelector(".row-foot");
  if (place.querySelector(".left")) return;
  const note = document.createElement("strong");
  note.className = "left";
  note.textContent = words;
  place.append(note);
}

if (rows) {
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt === rows) {
      event.detail.parameters.banyak = rows.querySelectorAll("li[id]").length;
    }
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== rows || event.detail.xhr.status !== 200) return;
    event.detail.shouldSwap = false;
    const page = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
    arrived += follow(page);
    const news = document.getElementById("news");
    if (arrived) news.textContent = news.dataset.words.replace("%d", arrived);
  });
  // After "Load more" the focus is on the first row that came.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.matches("li.more")) {
      const last = event.detail.target.previousElementSibling;
      document.body.addEventListener("htmx:afterSettle", () => {
        last.nextElementSibling?.querySelector("a")?.focus();
      }, { once: true });
    }
  });
}
