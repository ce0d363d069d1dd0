/* Unlocking, locking, wiping, and what wakes the app: the network, the screen, a timer, the service worker. */
(function () {
  "use strict";
  const F = window.Field;
  const IDLE = 10 * 60000, PULL_EVERY = 5 * 60000, TICK = 20000, ASK = 5000, SETTLE = 150;
  const el = function () { return F.el.apply(null, arguments); };
  const nav = document.getElementById("field-nav");
  let touched = Date.now(), session = null, pulled = 0, changing = 0;

  // ---- which screen

  F.go = function (screen, id) {
    const to = "#" + screen + (id ? "/" + id : "");
    if (location.hash === to) F.draw(); else location.hash = to; // addresses hold random ids, never the code of a matter
  };
  function parts() { return (location.hash.slice(1) || "list").split("/"); }
  async function draw() {
    if (!F.vault.isOpen()) return;
    const at = parts(), screens = F.screens;
    if (at[0] !== "list") screens.leave();
    const shown = { case: function () { return screens.matter(at[1]); }, step: function () { return screens.step(at[1], at[2]); }, again: function () { return screens.again(at[1]); },
      new: function () { return F.finding.screen(); }, queue: screens.queue, conflict: function () { return F.conflict.screen(at[1]); }, me: me }[at[0]] || screens.list;
    const made = await shown();
    if (!F.vault.isOpen()) return;
    F.root.replaceChildren(made);
    nav.hidden = false;
    nav.querySelectorAll("a").forEach(function (link) {
      const here = link.hash === "#" + (["case", "step"].includes(at[0]) ? "list" : ["conflict", "again"].includes(at[0]) ? "queue" : at[0]);
      if (here) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    });
    counted();
  }
  F.draw = draw;
  // Something changed below: lists are drawn anew, a form under somebody's hands is not.
  F.changed = function () {
    if (!changing) changing = setTimeout(redraw, SETTLE);
  };
  function redraw() {
    changing = 0;
    if (!F.vault.isOpen()) return;
    if (["list", "case", "queue", "me"].includes(parts()[0])) draw(); else counted();
  }
  function counted() {
    document.getElementById("field-count").textContent = F.queue.mine.records.length ? " " + F.queue.mine.records.length : "";
  }

  // ---- the PIN

  function pinField(id, label) {
    // Not a password field: the browser would offer to keep it. It is masked by the stylesheet.
    return el("div.field", null, el("label", { for: id }, label), el("input.input.field-pin", { id: id, name: id, type: "text", inputmode: "numeric", autocomplete: "off", maxlength: 32, "aria-describedby": "pin-told", required: true }));
  }
  function shutScreen() { nav.hidden = true; F.screens.leave(); }

  async function askPin(left) {
    shutScreen();
    const unsent = await F.store.count("record"), last = left === 1;
    const told = left ? F.t(last ? "last_try" : "tries_left", { n: left }) : "";
    const loss = unsent ? F.t("last_try_unsent", { n: unsent }) : F.t("last_try_none");
    const form = el("form.sheet.stack", { autocomplete: "off", "data-nodraft": true, novalidate: true }, pinField("pin", F.t("pin")),
      told ? el("p" + (last ? ".error" : ".small"), { id: "pin-told", role: "alert" }, told, last ? el("br") : null, last ? loss : null) : el("p.small.quiet", { id: "pin-told" }, unsent ? F.t("waits_locked", { n: unsent }) : F.t("pin_why")),
      el("button.btn.btn--main.btn--wide", null, F.t("unlock")));
    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      const pin = form.elements.pin.value.trim();
      if (!pin || form.dataset.going) return;
      form.dataset.going = "1";
      const how = await F.vault.enter(pin);
      if (how === "open") return unlocked();
      if (how === "wiped") return wiped("wiped_pins");
      return askPin(how);
    });
    F.root.replaceChildren(el("div.stack", { "data-screen": "locked" }, el("h1", null, F.t("locked")), form, forgotten(), calls()));
    form.elements.pin.focus();
  }
  function forgotten() {
    return el("details.fold", null, el("summary", null, F.t("forgotten")), el("p.small", null, F.t("forgotten_why")),
      el("button.btn.btn--red", { type: "button", onclick: async function () { if (window.confirm(F.t("sure_wipe"))) { await F.vault.wipe(); wiped("wiped_self"); } } }, F.t("wipe")));
  }
  function calls() { return el("nav.calls", { "aria-label": F.t("emergency") }, ["110", "119", "120"].map(function (n) { return el("a", { href: "tel:" + n }, F.t("call_" + n), " ", el("b", null, n)); })); }

  function choosePin() {
    shutScreen();
    const told = el("p.error", { id: "pin-told", role: "alert" });
    const form = el("form.sheet.stack", { autocomplete: "off", "data-nodraft": true, novalidate: true }, pinField("pin", F.t("new_pin")), pinField("pin2", F.t("new_pin_again")), told,
      el("p.small", null, F.t("new_pin_why")), el("button.btn.btn--main.btn--wide", null, F.t("begin")));
    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      if (form.dataset.going) return;
      const pin = form.elements.pin.value.trim(), wrong = F.vault.weak(pin) || (pin !== form.elements.pin2.value.trim() ? "pin_differs" : "");
      told.textContent = wrong ? F.t(wrong) : "";
      if (wrong) return;
      form.dataset.going = "1";
      await F.vault.begin(pin);
      await F.queue.load();
      if (!(await renewKey())) { await F.vault.wipe(); needSignIn(); return; }
      await unlocked();
    });
    F.root.replaceChildren(el("div.stack", { "data-screen": "choose" }, el("h1", null, F.t("set_up")), el("p", null, F.t("set_up_why", { name: session.name })), form));
  }
  function needSignIn() {
    shutScreen();
    F.root.replaceChildren(el("div.stack", { "data-screen": "sign-in" }, el("h1", null, F.t("title")), el("div.sheet.stack", null, el("p", null, F.t(navigator.onLine ? "need_sign_in" : "need_network")), el("p", null, el("a.btn.btn--main", { href: "/login/?next=/field/" }, F.t("sign_in")))), calls()));
  }
  function wiped(why) {
    shutScreen();
    F.vault.shut();
    F.queue.forget();
    F.root.replaceChildren(el("div.stack", { "data-screen": "wiped" }, el("h1", null, F.t("wiped")), F.banner("amber", "alert", F.t(why), F.t("wiped_why")), el("p", null, el("a.btn.btn--main", { href: "/login/?next=/field/" }, F.t("sign_in"))), calls()));
  }
  F.lost = function () { wiped("wiped_elsewhere"); };
  F.revoked = async function () { await F.vault.wipe(); wiped("wiped_revoked"); };

  // ---- unlocked and locked

  async function renewKey() {
    if (!session) return false;
    const got = await F.send.asked("/field/device/", { method: "POST", session: true, headers: { "X-CSRFToken": session.csrf } });
    if (got.status !== 200 || got.body.mark !== F.store.mark()) return false;
    const self = Object.assign({ id: F.uuid(), as_of: "", name: session.name }, F.queue.mine.self, { key: got.body.key, until: got.body.until });
    await F.queue.keep("self", self);
    F.queue.mine.self = self;
    F.signin = false;
    return true;
  }
  async function unlocked() {
    touched = Date.now();
    await F.queue.load();
    const over = !F.queue.mine.self || new Date(F.queue.mine.self.until).getTime() < F.now();
    if (over && session) await renewKey();
    if (!F.queue.mine.self) return wiped("wiped_elsewhere"); // a store begun without a key: nothing was ever in it
    await draw();
    if ("serviceWorker" in navigator) navigator.serviceWorker.ready.catch(function () {});
    contact();
  }
  async function contact() {
    if (!F.vault.isOpen()) return;
    pulled = Date.now();
    await F.send.back();
    const how = await F.pull.now();
    if (how === "signin" && session && await renewKey()) { await F.send.back(); await F.pull.now(); }
  }
  function lock() {
    if (!F.vault.isOpen()) return;
    F.vault.shut();
    F.queue.forget();
    F.root.replaceChildren(); // every word goes out of the page before anything else is shown
    askPin(0);
  }
  F.lock = lock;

  function me() {
    const self = F.queue.mine.self;
    return el("div.stack", { "data-screen": "me" }, el("h1", null, F.t("this_phone")), el("section.sheet.stack-s", null, el("p", null, self.name), el("p.small.quiet", null, F.t("until", { at: F.when(self.until) })), el("p.small", null, F.t("this_phone_why"))),
      el("button.btn.btn--wide", { type: "button", "data-lock": true, onclick: lock }, F.icon("lock"), F.t("lock")),
      el("button.btn.btn--wide.btn--red", { type: "button", "data-end": true, onclick: end }, F.t("end_phone")), el("p.small", null, el("a", { href: "/tasks/" }, F.t("online_tasks"))));
  }
  async function end() {
    const unsent = F.queue.mine.records.length;
    if (!window.confirm(unsent ? F.t("sure_end_unsent", { n: unsent }) : F.t("sure_end"))) return;
    await F.send.asked("/field/device/end/", { method: "POST" });
    await F.vault.wipe();
    wiped("wiped_self");
  }

  // ---- who is there

  // The person signed in in this browser; null where none is, undefined where there is no network to ask over.
  async function who() {
    const got = await F.send.asked("/field/who/", { session: true, timeout: ASK });
    if (got.status === 200 && got.body.mark) return got.body;
    return got.status === 401 || got.status === 404 ? null : undefined;
  }
  async function begin() {
    session = (await who()) || null;
    const mark = session ? session.mark : await F.store.last(); // whoever is signed in sees their own store, never another's
    if (!mark) return needSignIn();
    await F.store.open(mark);
    if (await F.store.lock()) { await F.store.remember(mark); return askPin(0); }
    if (!session) { F.store.close(); return needSignIn(); }
    await F.store.remember(mark);
    choosePin();
  }
  async function back() {
    const now = await who();
    if (now) {
      session = now;
      if (F.store.mark() && now.mark !== F.store.mark()) { lock(); return begin(); } // somebody else signed in on this phone
    }
    contact();
  }

  function idle() {
    if (F.vault.isOpen() && Date.now() - touched > IDLE) lock();
    else if (F.vault.isOpen() && navigator.onLine && Date.now() - pulled > PULL_EVERY) contact();
    else F.changed();
  }
  ["pointerdown", "keydown", "input"].forEach(function (name) { document.addEventListener(name, function () { touched = Date.now(); }, true); });
  window.addEventListener("hashchange", draw);
  window.addEventListener("online", back);
  window.addEventListener("offline", function () { F.changed(); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { idle(); if (F.vault.isOpen() && navigator.onLine) contact(); } });
  window.addEventListener("pagehide", function () { F.vault.shut(); });
  window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
  F.store.channel.addEventListener("message", async function (event) {
    if (event.data.mark !== F.store.mark()) return;
    if (event.data.what === "wiped") F.lost();
    else if (F.vault.isOpen()) { await F.queue.load(); F.changed(); }
  });
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register(F.root.dataset.worker).catch(function () {});
    navigator.serviceWorker.addEventListener("message", function (event) { if (event.data === "field-send") contact(); });
  }
  setInterval(idle, TICK);
  F.started = begin().catch(function () { needSignIn(); });
})();
