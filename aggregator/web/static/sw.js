// The shell of the app: static files and the page for when there is no network. Pages themselves
// are never kept: they hold what residents wrote. Nothing is sent later by itself.
"use strict";
const SHELL = "sahut-shell-1";
const OFFLINE = "/luring";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL)
    .then((cache) => cache.add(new Request(OFFLINE, { cache: "reload" })))
    .then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((n) => n !== SHELL).map((n) => caches.delete(n))))
    .then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.startsWith("/static/") && address.search) {
    event.respondWith(kept(request));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  }
});

// The address of a static file changes with its content, so what is kept is never out of date.
async function kept(request) {
  const cache = await caches.open(SHELL);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) {
    const name = new URL(request.url).pathname;
    const former = (await cache.keys()).filter((one) => new URL(one.url).pathname === name);
    await Promise.all(former.map((one) => cache.delete(one)));
    await cache.put(request, answer.clone());
  }
  return answer;
}

self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {};
  event.waitUntil(self.registration.showNotification(told.title || "Sahut", {
    body: told.body || "", tag: told.tag || "sahut", icon: "/static/icon-192.png",
    data: { path: told.path || "/kabar" },
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = new URL(event.notification.data.path, self.location.origin).pathname;
  event.waitUntil(self.clients.matchAll({ type: "window" }).then((open) => {
    const page = open[0];
    return page ? page.focus().then(() => page.navigate(path)) : self.clients.openWindow(path);
  }));
});
