// The page of a case: drafts that survive the loss of the network, photos in a dialog.
"use strict";

// What is typed is kept in this browser until it was sent, for a week.
(() => {
  const prefix = "sahut:draf:";
  const week = 7 * 24 * 3600 * 1000;
  const read = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  Object.keys(localStorage).filter((name) => name.startsWith(prefix)).forEach((name) => {
    const kept = read(name);
    if (!kept || Date.now() - kept.at > week) localStorage.removeItem(name);
  });
  const form = document.querySelector("form[data-draft]");
  const sends = document.querySelector("form[data-sends]");
  if (sends) {
    const number = location.pathname.split("/")[2];
    sends.addEventListener("submit", (event) => {
      if (event.submitter?.value !== "send" || !navigator.onLine) return;
      Object.keys(localStorage).filter((name) => name.startsWith(`${prefix}${number}:`))
        .forEach((name) => localStorage.removeItem(name));
    });
  }
  if (form) {
    const name = prefix + form.dataset.draft;
    const field = form.elements.text;
    const kept = read(name);
    if (kept && !field.value.trim()) {
      field.value = kept.text;
      field.dispatchEvent(new Event("input"));
    }
    field.addEventListener("input", () => {
      if (field.value.trim()) localStorage.setItem(name, JSON.stringify({ text: field.value, at: Date.now() }));
      else localStorage.removeItem(name);
    });
  }
  const banner = document.getElementById("offline");
  const show = () => { if (banner) banner.hidden = navigator.onLine; };
  window.addEventListener("offline", show);
  window.addEventListener("online", () => {
    show();
    if (form) window.htmx?.trigger(form.elements.text, "keyup");
  });
  document.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    show();
    banner?.scrollIntoView({ block: "center" });
  }, true);
  show();
})();

// Photos open in a dialog, with the keyboard too.
(() => {
  const dialog = document.getElementById("zoom");
  if (!dialog?.showModal) return;
  const image = dialog.querySelector("img");
  let links = [];
  let at = 0;
  const show = (to) => {
    at = (to + links.length) % links.length;
    image.src = links[at].href;
    image.alt = links[at].querySelector("img").alt;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-gallery] a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    links = [...link.closest("section").querySelectorAll("[data-gallery] a")];
    show(links.indexOf(link));
    dialog.querySelectorAll("[data-zoom='-1'], [data-zoom='1']").forEach((b) => { b.hidden = links.length < 2; });
    dialog.showModal();
  });
  dialog.addEventListener("click", (event) => {
    const step = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (step === "close" || event.target === dialog) dialog.close();
    else if (step) show(at + Number(step));
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") show(at + 1);
    if (event.key === "ArrowLeft") show(at - 1);
  });
})();
