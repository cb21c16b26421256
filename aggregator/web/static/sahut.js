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
