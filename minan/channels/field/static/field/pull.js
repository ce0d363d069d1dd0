/* Brings down what waits for the worker: the list, then only the matters that changed. What is here stays when the network goes. */
(function () {
  "use strict";
  const F = window.Field;
  const AT_ONCE = 4;
  let busy = false;

  async function fetched(changed) {
    const todo = changed.slice(), out = [];
    async function hand() {
      for (let code = todo.shift(); code; code = todo.shift()) {
        const got = await F.send.asked("/field/cases/" + code + "/");
        if (got.status === 200) out.push(got.body);
        else if (got.status !== 404) throw new Error("lost"); // the rest at the next contact; nothing half-known is kept
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, hand));
    return out;
  }

  async function lists(stamp) {
    if (F.queue.mine.lists && F.queue.mine.lists.stamp === stamp) return null;
    const got = await F.send.asked("/field/lists/");
    if (got.status !== 200) throw new Error("lost");
    return Object.assign(got.body, { id: (F.queue.mine.lists || {}).id || F.uuid() });
  }

  async function written(pack, fresh, all) {
    const put = [], take = [], self = Object.assign({}, F.queue.mine.self, { as_of: pack.as_of, lang: pack.lang, name: pack.name, more: pack.more });
    put.push(await F.vault.seal("self", self.id, self));
    if (all) put.push(await F.vault.seal("lists", all.id, all));
    for (const one of fresh) {
      const there = F.queue.caseOf(one.code);
      if (there && (there.seen || 0) > one.n) continue; // what we sent meanwhile is newer than what we asked for before
      one.id = there ? there.id : F.uuid();
      put.push(await F.vault.seal("case", one.id, one));
    }
    const listed = new Set(pack.cases.map(function (one) { return one.code; }));
    F.queue.mine.cases.forEach(function (one) {
      if (!listed.has(one.code) && !F.queue.ofCase(one.code).length) take.push(one.id); // no longer theirs, and nothing unsent about it
    });
    await F.store.change(put, take);
  }

  // "done", "lost", "signin" or "wiped".
  async function now() {
    if (busy || !F.vault.isOpen() || !F.queue.mine.self) return "lost";
    busy = true;
    try {
      const kept = await F.send.asked("/field/device/longer/", { method: "POST" });
      if (kept.status === 410) { await F.revoked(); return "wiped"; }
      if (kept.status === 401) { F.signin = true; return "signin"; }
      const got = await F.send.asked("/field/pack/");
      if (got.status !== 200) return "lost";
      const whole = F.queue.mine.self.lang !== got.body.lang, known = F.queue.mine.cases;
      const changed = got.body.cases.filter(function (one) {
        const there = known.find(function (two) { return two.code === one.code; });
        return whole || !there || there.n !== one.n;
      }).map(function (one) { return one.code; });
      const all = await lists(got.body.stamp), fresh = await fetched(changed);
      if (!F.vault.isOpen()) return "lost";
      await written(got.body, fresh, all);
      await F.queue.load();
      Object.assign(F, { signin: false, reached: true });
      return "done";
    } catch (error) {
      F.reached = false;
      return "lost";
    } finally {
      busy = false;
      if (F.vault.isOpen()) F.changed();
    }
  }
  // One matter as it is at the server this minute, for whoever must decide after a refusal; null where it is not to be had.
  async function one(code) {
    const got = await F.send.asked("/field/cases/" + code + "/");
    if (got.status !== 200) return { status: got.status, now: null };
    const there = F.queue.caseOf(code), fresh = Object.assign(got.body, { id: there ? there.id : F.uuid() });
    await F.queue.keep("case", fresh);
    F.queue.mine.cases = F.queue.mine.cases.filter(function (two) { return two.code !== code; }).concat([fresh]);
    return { status: 200, now: fresh };
  }
  F.pull = { now: now, one: one };
})();
