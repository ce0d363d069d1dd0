/* Taken into the service worker: shows a notice that carries a code and that there is news, and opens the matter's page at a tap. */
"use strict";
self.addEventListener("push", (event) => {
  let said = {};
  try { said = event.data.json(); } catch (error) { said = {}; }
  const url = /^\/m\/[0-9A-Z]{15}\/$/.test(said.url || "") ? said.url : "/mine/";
  const title = String(said.title || "民安").slice(0, 40);
  const shown = { body: String(said.body || "").slice(0, 120), tag: url, renotify: false, icon: "/static/minan/mark-192.png", data: { url } };
  event.waitUntil(self.registration.showNotification(title, shown));
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
