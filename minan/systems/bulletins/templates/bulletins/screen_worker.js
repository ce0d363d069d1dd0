/* Opens a screen's page without a network: the page and its four files, nothing else. */
"use strict";
const NAME = "minan-screen-{{ version|escapejs }}";
const PAGE = "{% url 'bulletins:screen' %}";
const FILES = [{% for file in files %}"{{ file|escapejs }}",{% endfor %}PAGE];
self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((n) => /^minan-screen-[0-9a-f]{12}$/.test(n) && n !== NAME).map((n) => caches.delete(n)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(() => caches.match(PAGE)));
  else if (FILES.includes(url.pathname + url.search)) event.respondWith(caches.match(url.pathname + url.search).then((kept) => kept || fetch(event.request)));
});
