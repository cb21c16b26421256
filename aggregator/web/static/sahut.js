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
  const tell = (left) => {
    shown.textContent = shown.dataset.words.replace("%d", left);
    shown.className = left < 0 ? "alert" : "quiet";
  };
  const count = () => {
    const chosen = target.selectedOptions ? target.selectedOptions[0].dataset.limit : null;
    tell(Number(chosen || field.dataset.limit) - [...field.value].length);
  };
  field.addEventListener("input", count);
  target.addEventListener("change", count);
  count();
  // The server counts as the platform does: addresses, emoji and marks of two parts.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const counted = event.detail.target.querySelector("#counted");
    if (counted) tell(Number(counted.value));
  });
});

// The open list follows the queue, but nothing moves under the reader's thumb and the focus stays:
// rows change in place, new ones are announced by a bar to press, those that left are marked.
const rows = document.getElementById("rows");
const news = document.getElementById("news");
let waiting = null;

function follow(page) {
  page.querySelectorAll("[data-count]").forEach((count) => {
    const shown = document.querySelector(`[data-tab="${count.dataset.count}"]`);
    if (shown) shown.textContent = count.value;
  });
  const list = rows.querySelector("ol");
  const next = page.querySelector("ol");
  if (!list) {
    if (next) show(page);
    return;
  }
  const now = new Map([...(next ? next.children : [])].map((row) => [row.id, row]));
  list.querySelectorAll("li[id]").forEach((row) => {
    const change = now.get(row.id);
    row.classList.toggle("gone", !change);
    if (!change) mark(row, list.dataset.gone);
    else replace(row.querySelector("a.row"), change.querySelector("a.row"));
    now.delete(row.id);
  });
  const fresh = [...now.values()].filter((row) => row.id).length;
  waiting = fresh || alarms(page) ? page : null;
  announce(fresh);
}

function replace(shown, wanted) {
  if (shown.innerHTML !== wanted.innerHTML) shown.innerHTML = wanted.innerHTML;
}

// An emergency that is new is worth being told at once, in the bar that does not move the list.
function alarms(page) {
  const shown = document.querySelectorAll("#emergencies li").length;
  return Math.max(0, page.querySelectorAll("#emergencies li").length - shown);
}

function announce(fresh) {
  if (!waiting) {
    news.replaceChildren();
    return;
  }
  const bar = news.querySelector("button") || document.createElement("button");
  bar.type = "button";
  bar.textContent = news.dataset.words.replace("%d", fresh || alarms(waiting));
  bar.onclick = () => show(waiting);
  if (!bar.parentElement) news.append(bar);
}

function show(page) {
  rows.replaceChildren(...[...page.body.children].filter((one) => one.matches("section, ol, p")));
  const banner = page.getElementById("emergencies");
  if (banner) document.getElementById("emergencies").innerHTML = banner.innerHTML;
  waiting = null;
  news.replaceChildren();
  window.htmx.process(rows);
  if (window.scrollY > rows.offsetTop) rows.scrollIntoView();
  if (document.activeElement === document.body) rows.querySelector("a.row")?.focus({ preventScroll: true });
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
    follow(new DOMParser().parseFromString(event.detail.serverResponse, "text/html"));
  });
  // After "Load more" by a key the focus is on the first row that came.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const more = event.detail.target;
    if (more.matches("li.more") && more.contains(document.activeElement)) {
      const last = more.previousElementSibling;
      document.body.addEventListener("htmx:afterSettle", () => {
        last.nextElementSibling?.querySelector("a")?.focus();
      }, { once: true });
    }
  });
  const ticked = document.getElementById("ticked");
  rows.addEventListener("change", () => {
    const many = rows.querySelectorAll(".tick input:checked").length;
    ticked.textContent = many ? ticked.dataset.words.replace("%d", many) : "";
  });
}

// Without a network the page says so, and a service worker keeps the shell of the app.
const offline = document.getElementById("offline");
const network = () => { offline.textContent = navigator.onLine ? "" : offline.dataset.words; };
window.addEventListener("online", network);
window.addEventListener("offline", network);
network();
// Nothing is sent into the void: a form stays as it is until the network is back.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (navigator.onLine || (event.submitter?.formMethod || form.method) !== "post") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  (document.getElementById("offline-draft") || offline).scrollIntoView({ block: "center" });
}, true);
if (document.querySelector("nav.thumb") && "serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register("/sw.js").catch(() => {}); // the pages work without it
}

// The switch for notifications: the browser asks its owner, the server keeps the address.
const push = document.getElementById("push");
if (push && "PushManager" in window && "serviceWorker" in navigator) {
  const button = document.getElementById("push-on");
  const told = push.querySelector(".push-state");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      const worker = await navigator.serviceWorker.ready;
      const made = await worker.pushManager.subscribe({
        userVisibleOnly: true, applicationServerKey: bytes(push.dataset.key),
      });
      const { endpoint, keys } = made.toJSON();
      const form = new URLSearchParams({ csrftoken: push.dataset.csrf, endpoint, ...keys });
      const answer = await fetch("/kabar/dorong", { method: "POST", body: form });
      told.textContent = answer.ok ? push.dataset.done : push.dataset.failed;
    } catch {
      told.textContent = push.dataset.failed;
    }
  });
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
