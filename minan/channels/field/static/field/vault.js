/* What lies on the phone is ciphertext. The PIN makes a key (PBKDF2-SHA256), that key wraps a random one, and only that one, not
   extractable and in memory alone, opens a row. Five wrong PINs in a row wipe the store; the count is written before each try. */
(function () {
  "use strict";
  const F = window.Field;
  const ITERATIONS = 600000, TRIES = 5, PIN_LEAST = 6, PIN_MOST = 32;
  const text = new TextEncoder(), read = new TextDecoder();
  let key = null;

  function random(length) { return crypto.getRandomValues(new Uint8Array(length)); }

  async function ofPin(pin, salt, iterations) {
    const raw = await crypto.subtle.importKey("raw", text.encode(pin), "PBKDF2", false, ["deriveKey"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt: salt, iterations: iterations };
    return crypto.subtle.deriveKey(how, raw, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
  }
  function opened(lock, pinKey) {
    const how = { name: "AES-GCM", iv: lock.iv };
    return crypto.subtle.unwrapKey("raw", lock.wrapped, pinKey, how, "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  // Why a PIN is none, or "" where it is good: six digits or more, not one digit again and again, not counted up or down.
  function weak(pin) {
    if (!/^[0-9]+$/.test(pin) || pin.length < PIN_LEAST || pin.length > PIN_MOST) return "pin_short";
    const steps = new Set(Array.from(pin).slice(1).map(function (digit, n) { return Number(digit) - Number(pin[n]); }));
    return steps.size === 1 && [0, 1, -1].includes(Array.from(steps)[0]) ? "pin_simple" : "";
  }

  async function begin(pin) {
    const salt = random(16), iv = random(12);
    const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
    const pinKey = await ofPin(pin, salt, ITERATIONS);
    const wrapped = await crypto.subtle.wrapKey("raw", fresh, pinKey, { name: "AES-GCM", iv: iv });
    const lock = { id: "lock", salt: salt, iterations: ITERATIONS, iv: iv, wrapped: wrapped, tries: 0 };
    await F.store.setLock(lock);
    key = await opened(lock, pinKey);
  }

  // "open", "wiped", or how many tries are left. The try is counted and on disk before the PIN is looked at.
  async function enter(pin) {
    const lock = await F.store.countTry();
    if (lock.tries > TRIES) { await wipe(); return "wiped"; }
    try {
      key = await opened(lock, await ofPin(pin, lock.salt, lock.iterations));
    } catch (error) {
      if (lock.tries >= TRIES) { await wipe(); return "wiped"; }
      return TRIES - lock.tries;
    }
    await F.store.forgiveTries();
    return "open";
  }

  function shut() { key = null; }
  async function wipe() {
    shut();
    await F.store.destroy();
  }

  function beside(box, id) { return text.encode(box + "\0" + id); } // a row moved to another place opens no more
  async function sealBytes(box, id, bytes) {
    const iv = random(12), how = { name: "AES-GCM", iv: iv, additionalData: beside(box, id) };
    return { id: id, box: box, iv: iv, data: await crypto.subtle.encrypt(how, key, bytes) };
  }
  async function openBytes(row) {
    const how = { name: "AES-GCM", iv: row.iv, additionalData: beside(row.box, row.id) };
    return new Uint8Array(await crypto.subtle.decrypt(how, key, row.data));
  }
  F.vault = {
    TRIES: TRIES, weak: weak, begin: begin, enter: enter, shut: shut, wipe: wipe, sealBytes: sealBytes, openBytes: openBytes,
    isOpen: function () { return key !== null; },
    seal: function (box, id, thing) { return sealBytes(box, id, text.encode(JSON.stringify(thing))); },
    open: async function (row) { return JSON.parse(read.decode(await openBytes(row))); },
  };
})();
