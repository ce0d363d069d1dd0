/* The service worker of the field: keeps the empty page and its files, which are the same for everybody. Never an answer with data. */
"use strict";
const NAME = "field-{{ version|escapejs }}";
const PAGE = "{% url 'field:home' %}";
const FILES = [{% for file in files %}"{{ file|escapejs }}",{% endfor %}];
const PATIENCE = 3000;
// The page in the reader's language; where they are led elsewhere first (a second factor to be set up), as anybody gets it.
const empty = () => fetch(PAGE, { redirect: "manual" }).then((answer) => (answer.ok ? answer : fetch(PAGE, { credentials: "omit" })));
self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(NAME);
    await cache.addAll(FILES);
    await cache.put(PAGE, await empty());
  };
  event.waitUntil(keep().then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((n) => n.startsWith("field-") && n !== NAME).map((n) => caches.delete(n)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});
async function page(request) {
  const kept = await caches.match(PAGE);
  const late = new Promise((resolve) => setTimeout(() => resolve(null), PATIENCE));
  const fresh = fetch(request).then(async (answer) => {
    if (!answer.ok || answer.redirected || answer.type !== "basic") return null; // signed out, or a sign-in page of a café: the page kept does
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
self.addEventListener("sync", (event) => {
  if (event.tag !== "field") return;
  const wake = (pages) => pages.forEach((one) => one.postMessage("field-send")); // only an unlocked page has the key
  event.waitUntil(self.clients.matchAll({ type: "window" }).then(wake));
});
