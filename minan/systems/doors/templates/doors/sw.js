/* The service worker of the door's code: keeps the empty page and its files, the same for everybody. Never an answer with data. */
"use strict";
const NAME = "doors-{{ version|escapejs }}";
const PAGE = "{% url 'doors:key' %}";
const FILES = [{% for file in files %}"{{ file|escapejs }}",{% endfor %}];
const PATIENCE = 1500;
self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(NAME);
    await cache.addAll(FILES);
    await cache.put(PAGE, await fetch(PAGE));
  };
  event.waitUntil(keep().then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((n) => n.startsWith("doors-") && n !== NAME).map((n) => caches.delete(n)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});
async function page(request) {
  const kept = await caches.match(PAGE);
  const late = new Promise((resolve) => setTimeout(() => resolve(null), PATIENCE));
  const fresh = fetch(request).then(async (answer) => {
    if (!answer.ok || answer.redirected || answer.type !== "basic") return null;
    await caches.open(NAME).then((cache) => cache.put(PAGE, answer.clone()));
    return answer;
  }).catch(() => null);
  return (await Promise.race([fresh, kept ? late : fresh])) || kept || (await fresh) || Response.error();
}
self.addEventListener("fetch", (event) => {
  const request = event.request, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(request));
  else if (FILES.includes(url.pathname + url.search)) event.respondWith(caches.match(url.pathname + url.search).then((kept) => kept || fetch(request)));
});
