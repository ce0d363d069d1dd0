/* Taken into the service worker: shows a notice that carries a code and that there is news, and opens the matter's page at a tap.
   A call for help stays on the screen, rings again each time, and tells that it came: what is not told of is rung by another channel. */
"use strict";
self.addEventListener("push", (event) => {
  let said = {};
  try { said = event.data.json(); } catch (error) { said = {}; }
  const help = /^\/help\/f\/[\w-]{22}\/$/.test(said.url || "");
  const url = help || /^\/m\/[0-9A-Z]{15}\/$/.test(said.url || "") ? said.url : "/mine/";
  const title = String(said.title || "民安").slice(0, 40);
  const shown = { body: String(said.body || "").slice(0, 120), tag: url, renotify: help, requireInteraction: help, icon: "/static/minan/mark-192.png", data: { url } };
  if (help) shown.vibrate = [600, 200, 600, 200, 600];
  const came = () => /^\/help\/k\/[\w-]{22}\/push\/$/.test(said.ack || "") ? fetch(said.ack, { method: "POST" }).catch(() => {}) : undefined;
  event.waitUntil(self.registration.showNotification(title, shown).then(came));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = event.notification.data.url;
  const open = (pages) => {
    const here = pages.find((page) => new URL(page.url).pathname === url);
    return here ? here.focus() : self.clients.openWindow(url);
  };
  event.waitUntil(self.clients.matchAll({ type: "window" }).then(open));
});
