/* Keeps what is the same for everybody: our own static files and the offline page. Never a page about a person. */
"use strict";
const NAME = "minan-{{ version|escapejs }}";
{% for file in more %}importScripts("{{ file|escapejs }}");
{% endfor %}const FILES = [{% for file in files %}"{{ file|escapejs }}",{% endfor %}"{% url 'shell:offline' %}"];
self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((n) => n.startsWith("minan-") && n !== NAME).map((n) => caches.delete(n)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});
self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const address = url.pathname + url.search;
  if (FILES.includes(address) && request.mode !== "navigate") {
    event.respondWith(caches.match(address).then((kept) => kept || fetch(request)));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match("{% url 'shell:offline' %}")));
  }
});
