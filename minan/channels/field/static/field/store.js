/* The rows on the phone (IndexedDB): a random id, the name of a box, ciphertext. One database a person, by a name that tells nobody who. */
(function () {
  "use strict";
  const F = window.Field;
  const LAST = "minan-field-who", UNSENT = "minan-field-unsent";
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
    localStorage.setItem(UNSENT, String(await count("record")));
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
    localStorage.removeItem(LAST);
    localStorage.removeItem(UNSENT);
    await new Promise(function (resolve) {
      const request = indexedDB.deleteDatabase(gone);
      request.onsuccess = request.onerror = request.onblocked = resolve;
    });
  }

  F.store = {
    open: open, close: close, lock: lock, setLock: setLock, change: change, all: all, get: get, count: count, destroy: destroy,
    channel: channel,
    countTry: function () { return changeLock(function (kept) { kept.tries += 1; }); },
    forgiveTries: function () { return changeLock(function (kept) { kept.tries = 0; }); },
    mark: function () { return mark; },
    last: function () { return localStorage.getItem(LAST) || ""; },
    remember: function (whose) { localStorage.setItem(LAST, whose); },
  };
})();
