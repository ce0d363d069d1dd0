/* The rows on the phone (IndexedDB): a random id, the name of a box, ciphertext. One database a person, by a name that tells nobody who;
   beside them one that says whose was open last. Every write is on disk when it is told as written: batteries go without a word. */
(function () {
  "use strict";
  const F = window.Field;
  const ABOUT = "minan-field";
  const channel = new BroadcastChannel("minan-field");
  let database = null, mark = "";

  function done(request) {
    return new Promise(function (resolve, reject) {
      request.onsuccess = function () { resolve(request.result); };
      request.onerror = function () { reject(request.error); };
    });
  }
  function finished(transaction) {
    return new Promise(function (resolve, reject) {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = function () { reject(transaction.error); };
    });
  }
  function name(whose) { return "minan-field-" + whose; }

  async function open(whose) {
    close();
    const request = indexedDB.open(name(whose), 1);
    request.onupgradeneeded = function () {
      request.result.createObjectStore("locks", { keyPath: "id" });
      request.result.createObjectStore("rows", { keyPath: "id" }).createIndex("box", "box");
    };
    database = await done(request);
    database.onversionchange = function () { close(); F.lost(); };
    mark = whose;
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(function () {});
  }
  function close() { if (database) database.close(); database = null; mark = ""; }

  function rows(mode) { return database.transaction("rows", mode, { durability: "strict" }); }
  function lock() { return done(database.transaction("locks").objectStore("locks").get("lock")); }
  async function changeLock(change) {
    const transaction = database.transaction("locks", "readwrite", { durability: "strict" }), locks = transaction.objectStore("locks");
    const kept = await done(locks.get("lock"));
    change(kept);
    locks.put(kept);
    await finished(transaction);
    return kept;
  }
  async function setLock(kept) {
    const transaction = database.transaction("locks", "readwrite", { durability: "strict" });
    transaction.objectStore("locks").put(kept);
    await finished(transaction);
  }

  // All of it or nothing, on disk when it returns: rows put, ids taken away.
  async function change(put, take) {
    const transaction = rows("readwrite"), all = transaction.objectStore("rows");
    put.forEach(function (row) { all.put(row); });
    (take || []).forEach(function (id) { all.delete(id); });
    await finished(transaction);
    channel.postMessage({ mark: mark, what: "changed" });
  }
  function sealed(box) { return done(rows("readonly").objectStore("rows").index("box").getAll(box)); }
  function count(box) { return done(rows("readonly").objectStore("rows").index("box").count(box)); }
  function get(id) { return done(rows("readonly").objectStore("rows").get(id)); }
  async function all(box) {
    return Promise.all((await sealed(box)).map(async function (row) { return Object.assign(await F.vault.open(row), { id: row.id }); }));
  }

  async function destroy() {
    const gone = name(mark);
    if (database) {
      const transaction = database.transaction(["locks", "rows"], "readwrite", { durability: "strict" });
      transaction.objectStore("locks").clear(); // the wrapped key first: without it the rest is noise
      transaction.objectStore("rows").clear();
      await finished(transaction);
    }
    channel.postMessage({ mark: mark, what: "wiped" });
    close();
    await removed(gone);
    await removed(ABOUT);
  }
  function removed(which) {
    return new Promise(function (resolve) {
      const request = indexedDB.deleteDatabase(which);
      request.onsuccess = request.onerror = request.onblocked = resolve;
    });
  }

  // Whose store was open last: all that is known before somebody signs in or the PIN is typed.
  async function about(use) {
    const request = indexedDB.open(ABOUT, 1);
    request.onupgradeneeded = function () { request.result.createObjectStore("last"); };
    const open = await done(request);
    try { return await use(open); } finally { open.close(); }
  }
  function last() {
    return about(async function (open) { return (await done(open.transaction("last").objectStore("last").get("mark"))) || ""; });
  }
  function remember(whose) {
    return about(function (open) {
      const transaction = open.transaction("last", "readwrite", { durability: "strict" });
      transaction.objectStore("last").put(whose, "mark");
      return finished(transaction);
    });
  }

  F.store = {
    open: open, close: close, lock: lock, setLock: setLock, change: change, all: all, get: get, count: count, destroy: destroy,
    channel: channel,
    countTry: function () { return changeLock(function (kept) { kept.tries += 1; }); },
    forgiveTries: function () { return changeLock(function (kept) { kept.tries = 0; }); },
    mark: function () { return mark; },
    last: last, remember: remember,
  };
})();
