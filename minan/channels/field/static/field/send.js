/* Sends what was kept as soon as there is a way: one sender over all tabs, in order within a matter, the same key and the same
   bytes until the server has answered. A refusal is put aside for the worker to read; only what a retry may cure is tried again. */
(function () {
  "use strict";
  const F = window.Field;
  const TIMEOUT = 60000, LONGEST = 300000, TORN_MOST = 8;
  let timer = 0, busy = false;

  // {status, body} of an answer of ours; status 0 where none came: no network, a café's sign-in page, a proxy's error.
  async function asked(path, options) {
    const stop = new AbortController(), late = setTimeout(function () { stop.abort(); }, (options && options.timeout) || TIMEOUT);
    try {
      const headers = Object.assign({ "Accept-Language": F.lang }, options && options.headers);
      const key = F.queue.mine.self && F.queue.mine.self.key;
      if (!(options && options.session)) headers.Authorization = "Bearer " + key;
      const got = await fetch(path, {
        method: (options && options.method) || "GET", body: options && options.body, headers: headers, signal: stop.signal,
        credentials: options && options.session ? "same-origin" : "omit", redirect: "manual", cache: "no-store",
      });
      if (got.type === "opaqueredirect") return { status: 401, body: {} };
      const ours = (got.headers.get("Content-Type") || "").startsWith("application/json");
      const body = ours ? await got.json() : {};
      return { status: ours || got.status >= 400 ? got.status : 0, body: body, again: Number(got.headers.get("Retry-After") || 0), record: got.headers.get("X-Record") || "" };
    } catch (error) {
      return { status: 0, body: {} };
    } finally {
      clearTimeout(late);
    }
  }

  // What goes over the line, written down before it goes: a second try sends the same bytes.
  async function frozen(record) {
    if (!record.frozen) {
      const said = {
        what: record.what, code: record.code, step: record.step, facts: record.facts, moves: record.moves, done_at: record.done_at,
        where: record.where, settle: record.settle, photos: record.photos.map(function (one) { return one.sha256; }),
      };
      await F.queue.change(record, { frozen: JSON.stringify(said) });
    }
    const form = new FormData();
    form.append("body", record.frozen);
    for (const one of record.photos) form.append("photos", new Blob([await F.queue.photo(one.id)], { type: "image/jpeg" }), "p.jpg");
    return form;
  }

  function later(record, answer) {
    const wait = Math.min(LONGEST, 1000 * Math.pow(2, Math.min(record.tries, 9))) * (0.75 + Math.random() / 2);
    return F.queue.change(record, { tries: record.tries + 1, next_at: F.now() + Math.max(wait, (answer.again || 0) * 1000) });
  }

  // "on", "stop" (no way out for now), "signin", "wiped".
  async function one(record) {
    const form = await frozen(record);
    const answer = await asked("/field/records/", { method: "POST", body: form, headers: { "Idempotency-Key": record.id } });
    const status = answer.status;
    if (!F.vault.isOpen()) return "stop"; // locked meanwhile: the same key is sent again, the answer will be the same
    if ((status === 200 || status === 201) && answer.record === record.id && answer.body.code) {
      await F.queue.taken(record, answer.body);
      return "on";
    }
    if (status === 410) { await F.revoked(); return "wiped"; }
    if (status === 401) return "signin";
    if ([403, 404, 409, 413, 422].includes(status) && (answer.record === record.id || status === 413)) {
      await F.queue.change(record, { state: "refused", told: Object.assign({ status: status }, answer.body) });
      return "on";
    }
    if (status === 400 && answer.record === record.id && record.tries >= TORN_MOST) {
      await F.queue.change(record, { state: "refused", told: Object.assign({ status: 400 }, answer.body) });
      return "on";
    }
    await later(record, answer);
    return status ? "on" : "stop";
  }

  // The first unsent one of each matter, unless an earlier one of that matter waits for the worker's word or its own time.
  function ready() {
    const seen = new Set(), out = [];
    F.queue.mine.records.forEach(function (record) {
      const matter = record.code || record.id;
      if (seen.has(matter)) return;
      seen.add(matter);
      if (record.state === "waiting" && record.next_at <= F.now()) out.push(record);
    });
    return out;
  }

  async function turn(eager) {
    await F.queue.load(); // another tab may have sent or added since
    if (eager) F.queue.mine.records.forEach(function (one) { one.next_at = 0; });
    for (let todo = ready(); todo.length && F.vault.isOpen(); todo = ready()) {
      for (const record of todo) {
        if (!F.vault.isOpen()) return "stop";
        const how = await one(record);
        F.changed();
        if (how !== "on") return how;
      }
    }
    return "on";
  }

  async function now(eager) {
    if (busy || !F.vault.isOpen() || !F.queue.mine.self) return "stop";
    busy = true;
    try {
      const how = await navigator.locks.request("minan-field-send-" + F.store.mark(), { ifAvailable: true }, function (lock) { return lock ? turn(eager === true) : "elsewhere"; });
      F.signin = how === "signin";
      F.reached = how === "on" ? true : how === "stop" ? false : F.reached;
      return how;
    } finally {
      busy = false;
      if (F.vault.isOpen()) { next(); F.changed(); }
    }
  }
  function next() {
    clearTimeout(timer);
    const times = F.queue.mine.records.filter(function (one) { return one.state === "waiting"; }).map(function (one) { return one.next_at; });
    if (times.length) timer = setTimeout(now, Math.max(1000, Math.min(LONGEST, Math.min.apply(null, times) - F.now())));
  }
  // Soon, in this tab; and a wish to be woken when the network is back, where the browser knows such wishes.
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(now, 50);
    if (navigator.serviceWorker && navigator.serviceWorker.ready) {
      navigator.serviceWorker.ready.then(function (worker) { return worker.sync && worker.sync.register("field"); }).catch(function () {});
    }
  }
  // The way is there again: what waited for its time need not wait any longer.
  async function back() {
    if (F.vault.isOpen()) await now(true);
  }
  F.send = { asked: asked, now: now, soon: soon, back: back, ready: ready };
})();
