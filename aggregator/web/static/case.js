// The page of a case: drafts that survive the loss of the network, photos in a dialog.
"use strict";

// What is typed is kept in this browser until it was sent, for a week. `saved`: the server has it
// too. What the server has not seen comes back when the page is opened again.
(() => {
  const prefix = "sahut:draf:";
  const week = 7 * 24 * 3600 * 1000;
  const read = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const write = (name, kept) => localStorage.setItem(name, JSON.stringify({ ...kept, at: Date.now() }));
  Object.keys(localStorage).filter((name) => name.startsWith(prefix)).forEach((name) => {
    const kept = read(name);
    if (!kept || Date.now() - kept.at > week) localStorage.removeItem(name);
  });

  const form = document.querySelector("form[data-draft]");
  const name = form && prefix + form.dataset.draft;
  if (form) keep(form.elements.text, form.elements.publicly);
  document.querySelector("form[data-sends]")?.addEventListener("submit", (event) => {
    if (event.submitter?.value.startsWith("send") && navigator.onLine) {
      localStorage.removeItem(prefix + event.target.dataset.sends);
    }
  });

  function keep(field, aside) {
    const now = () => ({ text: field.value, publicly: aside?.value || "" });
    const same = (one, other) => one.text.trim() === other.text.trim() && one.publicly === other.publicly;
    const kept = read(name);
    const served = { text: field.defaultValue, publicly: aside?.defaultValue || "" };
    // Typed, or put back by the browser, before this page listened.
    const early = !same(served, now());
    const fresh = kept && !kept.saved && !form.hasAttribute("data-posted") && !same(kept, served);
    if (fresh) {
      put(kept);
      offerServed(served, kept);
    } else if (early || (form.hasAttribute("data-posted") && served.text.trim())) {
      write(name, now());
    } else {
      localStorage.removeItem(name);
    }
    const changed = () => (now().text.trim() || now().publicly ? write(name, now()) : localStorage.removeItem(name));
    field.addEventListener("input", changed);
    aside?.addEventListener("input", changed);
    document.body.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.elt !== field || !event.detail.successful) return;
      const sent = event.detail.requestConfig.parameters;
      const said = { text: String(sent.text), publicly: aside?.value || "" };
      if (same(said, now())) write(name, { ...now(), saved: !said.publicly });
    });
    const save = () => window.htmx?.trigger(field, "restored");
    window.addEventListener("online", save);
    if (fresh || early) window.addEventListener("load", save);

    function put(what) {
      field.value = what.text;
      if (aside) {
        aside.value = what.publicly;
        if (what.publicly) aside.closest("details").open = true;
      }
      field.dispatchEvent(new Event("input"));
    }

    // Both texts stay within reach: the one of this browser is shown, the server's is one press away.
    function offerServed(before, mine) {
      const told = document.getElementById("restored");
      const swap = told.querySelector("button");
      let shown = mine;
      told.hidden = false;
      swap.hidden = !before.text.trim();
      swap.addEventListener("click", () => {
        shown = shown === mine ? before : mine;
        put(shown);
        swap.textContent = shown === mine ? swap.dataset.server : swap.dataset.here;
        save();
      });
    }
  }

  const told = document.getElementById("offline-draft");
  const show = () => { if (told) told.hidden = navigator.onLine; };
  window.addEventListener("offline", show);
  window.addEventListener("online", show);
  show();
})();

// The line about an emergency is replaced only when it says something else: it would be read out again.
document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const wanted = fragment.querySelector?.("a")?.href ?? "";
  if (target.id === "alarm" && wanted === (target.querySelector("a")?.href ?? "")) event.detail.shouldSwap = false;
});

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
