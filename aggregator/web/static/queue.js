// The queue follows what happens, but nothing moves under the reader's thumb and the focus stays:
// rows change in place and keep their height, new ones are announced by a bar to press, those that
// left are marked. Only the banner of emergencies comes by itself. Whoever comes back from a case finds the list where they left it.
"use strict";
(() => {
  const rows = document.getElementById("rows");
  const news = document.getElementById("news");
  const ticked = document.getElementById("ticked");
  const chosen = document.getElementById("chosen-rows");
  let waiting = null;
  let postponed = null;
  let touched = false;

  const read = (text) => new DOMParser().parseFromString(text, "text/html");

  function follow(page) {
    page.querySelectorAll("[data-count]").forEach((count) => {
      const shown = document.querySelector(`[data-tab="${count.dataset.count}"]`);
      if (shown) shown.textContent = count.value;
    });
    ring(page);
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
    waiting = fresh ? page : null;
    announce(fresh);
  }

  function replace(shown, wanted) {
    if (shown.innerHTML === wanted.innerHTML) return;
    still(shown);
    shown.innerHTML = wanted.innerHTML;
  }

  // What is news stands first in a row, so what no longer fits is what was known before.
  function still(shown) {
    shown.style.height = `${shown.offsetHeight}px`;
    shown.classList.add("still");
  }

  // An emergency does not wait for a press: its banner stands there at once. Whoever has scrolled
  // down to a row keeps it where it is.
  function ring(page) {
    const shown = document.getElementById("emergencies");
    const wanted = page.getElementById("emergencies");
    const which = (banner) => [...banner.querySelectorAll("a")].map((one) => one.getAttribute("href")).join();
    if (!wanted || which(shown) === which(wanted)) return;
    const focused = shown.contains(document.activeElement) && document.activeElement.getAttribute("href");
    const before = rows.getBoundingClientRect().top;
    shown.innerHTML = wanted.innerHTML;
    if (focused) shown.querySelector(`a[href="${focused}"]`)?.focus({ preventScroll: true });
    if (window.scrollY > shown.offsetTop) window.scrollBy(0, rows.getBoundingClientRect().top - before);
  }

  function announce(fresh) {
    if (!waiting) {
      news.replaceChildren();
      return;
    }
    const bar = news.querySelector("button") || document.createElement("button");
    bar.type = "button";
    bar.textContent = news.dataset.words.replace("%d", fresh);
    bar.onclick = () => show(waiting);
    if (!bar.parentElement) news.append(bar);
  }

  function put(page) {
    rows.replaceChildren(...[...page.body.children].filter((one) => one.matches("section, ol, p")));
    ring(page);
    waiting = null;
    news.replaceChildren();
    window.htmx.process(rows);
  }

  function show(page) {
    put(page);
    if (window.scrollY > rows.offsetTop) rows.scrollIntoView();
    if (document.activeElement === document.body) rows.querySelector("a.row")?.focus({ preventScroll: true });
  }

  function mark(row, words) {
    const place = row.querySelector(".row-foot");
    if (place.querySelector(".left")) return;
    still(row.querySelector("a.row"));
    const note = document.createElement("strong");
    note.className = "left";
    note.textContent = words;
    place.prepend(note);
  }

  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt === rows) {
      event.detail.parameters.banyak = rows.querySelectorAll("li[id]").length;
    }
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== rows || event.detail.xhr.status !== 200) return;
    event.detail.shouldSwap = false;
    const page = read(event.detail.serverResponse);
    if (touched) postponed = page;
    else follow(page);
  });

  // A finger that is down is about to touch something: the list waits for it.
  rows.addEventListener("pointerdown", () => { touched = true; });
  ["pointerup", "pointercancel"].forEach((end) => window.addEventListener(end, () => {
    touched = false;
    const page = postponed;
    postponed = null;
    if (page) setTimeout(follow, 0, page);
  }));

  // Another width needs another height.
  window.addEventListener("resize", () => rows.querySelectorAll(".still").forEach((shown) => {
    shown.style.height = "";
    shown.classList.remove("still");
  }));

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

  // Ticked rows are counted, and the way to what may be done with them stays in reach.
  rows.addEventListener("change", count);
  function count() {
    const many = rows.querySelectorAll(".tick input:checked").length;
    const words = many ? ticked.dataset.words.replace("%d", many) : "";
    ticked.textContent = words;
    chosen.hidden = !many;
    chosen.querySelector("span").textContent = words;
  }
  chosen?.addEventListener("click", (event) => {
    event.preventDefault();
    const form = document.getElementById("many");
    form.querySelector("details").open = true;
    form.scrollIntoView({ block: "start" });
    form.querySelector("select[name=tindakan]").focus({ preventScroll: true });
  });

  // The place in a list, for the way back from a case.
  const name = `sahut:place:${rows.getAttribute("hx-get")}`;
  window.addEventListener("pagehide", () => {
    const all = [...rows.querySelectorAll("li[id]")];
    const seen = all.find((row) => row.getBoundingClientRect().bottom > 0);
    if (!seen) return;
    const opened = document.activeElement?.closest("li[id]")?.id;
    const place = { many: all.length, row: seen.id, top: seen.getBoundingClientRect().top, opened };
    sessionStorage.setItem(name, JSON.stringify(place));
  });

  async function goBack(place) {
    if (place.many > rows.querySelectorAll("li[id]").length) {
      const answer = await fetch(`${rows.getAttribute("hx-get")}&banyak=${place.many}`);
      if (!answer.ok) return;
      put(read(await answer.text()));
    }
    const row = document.getElementById(place.row);
    if (row) window.scrollBy(0, row.getBoundingClientRect().top - place.top);
    document.getElementById(place.opened)?.querySelector("a.row").focus({ preventScroll: true });
  }

  const [arrival] = performance.getEntriesByType("navigation");
  const from = document.referrer.startsWith(window.location.origin) ? new URL(document.referrer).pathname : "";
  const kept = sessionStorage.getItem(name);
  if (kept && (arrival?.type === "back_forward" || from.startsWith("/aduan/"))) {
    window.history.scrollRestoration = "manual";
    window.addEventListener("load", () => goBack(JSON.parse(kept)));
  }

  const tab = document.querySelector(".tabs [aria-current]");
  if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;
})();
