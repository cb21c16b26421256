// Everything by keys: rows, acts, pages. Keys of one letter can be switched off in the overlay.
"use strict";
(() => {
  const keys = document.getElementById("keys");
  const palette = document.getElementById("palette");
  const on = document.getElementById("keys-on");
  const wanted = document.getElementById("palette-words");
  const OFF = "sahut-keys-off";
  let going = 0;

  on.checked = localStorage.getItem(OFF) !== "1";
  on.addEventListener("change", () => localStorage.setItem(OFF, on.checked ? "0" : "1"));

  const writing = (place) => place.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  const rowsNow = () => [...document.querySelectorAll("ol.rows a.row, ul.rows a.row")];
  const current = () => document.activeElement?.closest("li")?.querySelector("a.row");

  function move(step) {
    const all = rowsNow();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function claim() {
    const here = document.querySelector("form[action$='/ambil'] button");
    if (here) { here.click(); return; }
    const form = document.getElementById("claim");
    const row = current();
    if (!form || !row) return;
    form.action = `${new URL(row.href).pathname}/ambil`;
    form.requestSubmit();
  }

  function unfold(place) {
    for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  }

  // Keys of a case lead to its field or button; Enter acts.
  function reach(key) {
    const place = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!place) return false;
    unfold(place);
    place.focus();
    return true;
  }

  function tick() {
    const box = document.activeElement?.closest("li")?.querySelector(".tick input");
    if (box) box.click();
  }

  const acts = {
    j: () => move(1),
    k: () => move(-1),
    x: tick,
    c: claim,
    n: () => document.querySelector("[data-next]")?.click(),
    "/": () => (document.getElementById("cari") || document.getElementById("nomor")).focus(),
    "?": () => keys.showModal(),
  };

  function go(key) {
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (link) window.location.assign(link.href);
  }

  // What the page lets its reader do stands in the palette too: a button is pressed, a field or a
  // fold is opened and gets the focus.
  function perform(place) {
    palette.close();
    unfold(place);
    if (place.matches("button, a")) place.click();
    else (place.matches("summary") ? place.parentElement.querySelector("select, textarea, input:not([type=hidden]), button") || place : place).focus();
  }

  function offerActs() {
    const list = document.getElementById("palette-acts");
    const offered = new Map();
    document.querySelectorAll("[data-act]").forEach((place) => {
      const name = place.dataset.act || place.textContent.trim();
      if (!offered.has(name) && !place.closest("[hidden]")) offered.set(name, place);
    });
    list.replaceChildren(...[...offered].map(([name, place]) => {
      const line = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.onclick = () => perform(place);
      line.append(button);
      return line;
    }));
    list.hidden = !offered.size;
  }

  function openPalette() {
    if (palette.open) return;
    wanted.value = "";
    offerActs();
    narrow();
    palette.showModal();
    wanted.focus();
  }

  function narrow() {
    const said = wanted.value.trim().toLowerCase();
    palette.querySelectorAll("li").forEach((line) => {
      line.hidden = said !== "" && !line.textContent.toLowerCase().includes(said);
    });
  }

  const shown = () => [...palette.querySelectorAll("li:not([hidden]) :is(a, button)")];
  wanted.addEventListener("input", narrow);
  palette.addEventListener("keydown", (event) => {
    const links = shown();
    const at = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      (links[next] || wanted).focus();
    } else if (event.key === "Enter" && event.target === wanted && links.length && wanted.value.trim()) {
      event.preventDefault();
      links[0].click();
    }
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      document.querySelector("[data-forward]")?.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (writing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    if (!on.checked && event.key !== "?") return;
    if (going && Date.now() - going < 1500) {
      going = 0;
      event.preventDefault();
      go(event.key);
    } else if (event.key === "g") {
      going = Date.now();
    } else if (acts[event.key]) {
      event.preventDefault();
      acts[event.key]();
    } else if (reach(event.key)) {
      event.preventDefault();
    }
  });
})();
