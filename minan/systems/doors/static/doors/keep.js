/* What this phone keeps for doors (IndexedDB), and its cryptography (docs/door-protocol.md). A phone's own key cannot be taken out. */
const Keep = (function () {
  "use strict";
  const CURVE = { name: "ECDSA", namedCurve: "P-256" }, SEALED = { name: "ECDH", namedCurve: "P-256" }, WORDS = new TextEncoder();
  let opened = null;
  function base() {
    opened = opened || new Promise((done, wrong) => {
      const asked = indexedDB.open("minan-doors", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("homes", { keyPath: "home" });
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => wrong(asked.error);
    });
    return opened;
  }
  async function use(mode, what) {
    const store = (await base()).transaction("homes", mode).objectStore("homes"), asked = what(store);
    return new Promise((done, wrong) => { asked.onsuccess = () => done(asked.result); asked.onerror = () => wrong(asked.error); });
  }
  const all = () => use("readonly", (s) => s.getAll()), get = (home) => use("readonly", (s) => s.get(home));
  const put = (row) => use("readwrite", (s) => s.put(row)), remove = (home) => use("readwrite", (s) => s.delete(home));
  const able = () => Boolean(window.crypto && crypto.subtle && window.indexedDB);

  const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
  const url64 = (bytes) => base64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const unbase64 = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  function join(...parts) {
    const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    parts.forEach((p) => { out.set(p, at); at += p.length; });
    return out;
  }
  const number = (n) => new Uint8Array([n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  const squeezed = (raw) => join(new Uint8Array([2 + (raw[64] & 1)]), raw.slice(1, 33));

  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  function date(month, day) { // as people read it: 11 月 30 日, 30 Nov
    return document.documentElement.lang === "en" ? +day + " " + MONTHS[month - 1] : +month + " 月 " + +day + " 日";
  }
  function clock(at, alone) { // a moment as the city's clocks show it: 11 月 30 日 10:00; `alone`: 10:00
    const how = { timeZone: "Asia/Shanghai", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, part = {};
    new Intl.DateTimeFormat("en-GB", how).formatToParts(new Date(at * 1000)).forEach((one) => { part[one.type] = one.value; });
    return (alone ? "" : date(part.month, part.day) + " ") + part.hour + ":" + part.minute;
  }
  async function newPhone() {
    const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
    return { pair, point: hex(squeezed(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)))) };
  }
  async function newSeal() {
    const pair = await crypto.subtle.generateKey(SEALED, true, ["deriveBits"]);
    const secret = await crypto.subtle.exportKey("jwk", pair.privateKey);
    return { secret: url64(join(unbase64(secret.d), unbase64(secret.x), unbase64(secret.y))),
      point: hex(squeezed(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)))) };
  }
  function renewed(row, secret, seal) { // the row with a new key of the home; the one before still opens what lies from its days
    return Object.assign(row, { before: row.secret && row.secret !== secret ? row.secret : row.before || "", secret, seal });
  }
  function pointOf(secret) { const raw = unbase64(secret); return hex(join(new Uint8Array([2 + (raw[95] & 1)]), raw.slice(32, 64))); }
  const sign = async (pair, data) => new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, data));

  async function show(row, now) {
    const pass = unbase64(row.pass.slice(3)), seal = row.seal ? unhex(row.seal) : new Uint8Array();
    const data = join(pass, number(now), new Uint8Array([seal.length ? 1 : 0]), seal);
    return "M1." + url64(join(data, await sign(row.pair, join(WORDS.encode("minan-show-1\n"), data))));
  }
  async function ask(row, at) {
    return { phone: row.phone, at, sig: base64(await sign(row.pair, WORDS.encode("minan-phone-1\n" + row.phone + " " + at))) };
  }
  function read(text) { // a pass as it says itself; the door proves it
    try {
      const raw = unbase64(text.slice(3)), view = new DataView(raw.buffer);
      return text.slice(0, 3) === "M1." && raw[0] === 1 ? { begins: view.getUint32(14), ends: view.getUint32(18) } : null;
    } catch (wrong) { return null; }
  }
  async function opener(secret) {
    const raw = unbase64(secret), part = (from) => url64(raw.slice(from, from + 32));
    const jwk = { kty: "EC", crv: "P-256", d: part(0), x: part(32), y: part(64) };
    const key = await crypto.subtle.importKey("jwk", jwk, SEALED, false, ["deriveBits"]);
    return async function (point, lines) { // the ways and hours of our own lines among these
      const full = unhex(point), other = await crypto.subtle.importKey("raw", full, SEALED, false, []);
      const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, key, 256);
      const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveBits"]);
      const how = { name: "HKDF", hash: "SHA-256", salt: squeezed(full), info: WORDS.encode("minan-line-1") };
      const made = new Uint8Array(await crypto.subtle.deriveBits(how, material, 544 * 8)), marks = new Map(), found = [];
      for (let slot = 0; slot < 64; slot++) marks.set(hex(made.slice(32 + 8 * slot, 40 + 8 * slot)), slot);
      const aes = await crypto.subtle.importKey("raw", made.slice(0, 32), "AES-GCM", false, ["decrypt"]);
      for (let at = 0; at < lines.length; at += 40) {
        const slot = marks.get(hex(lines.slice(at, at + 8)));
        if (slot === undefined) continue;
        const iv = join(new Uint8Array(11), new Uint8Array([slot]));
        try { found.push(new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, aes, lines.slice(at + 8, at + 40)))[0]); } catch (wrong) { continue; }
      }
      return found;
    };
  }
  return { all, get, put, remove, able, newPhone, newSeal, pointOf, renewed, show, ask, read, opener, clock, date, unbase64 };
})();
