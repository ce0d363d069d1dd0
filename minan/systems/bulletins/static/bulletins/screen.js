/* A screen by a door. Every 20 s it asks what to show; it shows only what the city's key signed, what is for its place, and what is
   valid by its own clock; without a network it goes on with what it has, and says since when. For browsers of 2020 (Chrome 80). */
"use strict";
(function () {
  const POLL = 20000, TURN = 12000, WAIT = 10000, HEAD = "minan bulletin v1\n";
  const body = document.body, words = body.dataset;
  const get = (id) => document.getElementById(id);
  const show = (id, on) => { get(id).hidden = !on; };
  const read = (name) => { try { return JSON.parse(localStorage.getItem(name) || "null"); } catch (e) { return null; } };
  const write = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch (e) { /* full: the page goes on */ } };
  let own = read("minan-screen") || {}; // secret, key, place, where
  let notes = read("minan-notes") || []; // signed notes, as they came
  let items = [], at = -1, turned = 0, since = read("minan-since") || 0, pairing = "", off = false;
  const known = new Map(); // note → what it says, or null where it is not genuine

  if (location.hash.length > 20) { // a link with the secret, opened once
    own = { secret: location.hash.slice(1) };
    write("minan-screen", own);
    history.replaceState(null, "", location.pathname);
  }

  const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const prefix = (code) => code.slice(0, [4, 6, 9, 12].find((n) => /^0*$/.test(code.slice(n))) || code.length);

  async function genuine(note) {
    const cut = note.lastIndexOf("\n\n");
    const line = note.slice(cut + 2).trim().split(" ");
    if (cut < 0 || line.length !== 3 || !note.startsWith(HEAD)) return null;
    const text = note.slice(0, cut + 1);
    const ok = await window.ed25519Verify(bytes(own.key), bytes(line[2]).subarray(4), new TextEncoder().encode(text));
    return ok ? JSON.parse(text.slice(HEAD.length)) : null;
  }
  async function opened(note) {
    const name = own.key + note;
    if (!known.has(name)) {
      let said = null;
      try { said = await genuine(note); } catch (e) { said = null; }
      if (known.size > 500) known.clear();
      known.set(name, said);
    }
    return known.get(name);
  }
  async function sift() { // what may be shown now
    const now = Date.now() / 1000, good = [];
    if (own.key && own.place) {
      for (const note of notes) {
        const one = await opened(note);
        if (one && one.from <= now && now < one.until && one.places.some((p) => own.place.startsWith(prefix(p)))) good.push(one);
      }
    }
    const loud = good.filter((one) => one.sort === "emergency");
    const next = loud.length ? loud : good;
    if (JSON.stringify(next) !== JSON.stringify(items)) {
      items = next;
      at = -1;
      turn();
    } else if (items.length > 1 && Date.now() - turned > TURN) turn();
    status();
  }

  async function picture(one) {
    const address = "/bulletins/picture/" + one.case + "/" + one.picture + ".jpg";
    const cache = window.caches ? await caches.open("minan-screen-pictures") : null;
    let found = cache ? await cache.match(address) : null;
    if (!found) {
      found = await fetch(address);
      if (!found.ok) return null;
      if (cache) await cache.put(address, found.clone());
    }
    const data = await found.arrayBuffer();
    const sum = Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", data)), (b) => b.toString(16).padStart(2, "0")).join("");
    return sum === one.picture ? URL.createObjectURL(new Blob([data], { type: "image/jpeg" })) : null;
  }
  const two = (n) => String(n).padStart(2, "0");
  const stamp = (seconds) => { const d = new Date(seconds * 1000); return (d.getMonth() + 1) + "/" + d.getDate() + " " + two(d.getHours()) + ":" + two(d.getMinutes()); };
  const chip = (one) => words[one.topic && one.sort !== "notice" ? "topic" + one.topic[0].toUpperCase() + one.topic.slice(1) : one.what === "gathering" ? "gathering" : one.sort] || "";

  function turn() {
    turned = Date.now();
    at = items.length ? (at + 1) % items.length : -1;
    const one = items[at];
    body.classList.toggle("is-emergency", !!one && one.sort === "emergency");
    show("one", !!one);
    if (!one) return;
    get("sort").textContent = one.sort === "emergency" ? words.emergency + " " + chip(one) : chip(one);
    get("title").textContent = one.title;
    get("text").textContent = one.text;
    get("when").textContent = one.when ? stamp(one.when) + " " + one.where : "";
    get("by").textContent = one.by + " · " + words.until + " " + stamp(one.until);
    get("turns").textContent = items.length > 1 ? (at + 1) + " / " + items.length : "";
    get("picture").hidden = true;
    if (one.picture) {
      picture(one).then((url) => {
        if (!url || items[at] !== one) return;
        const img = get("picture");
        img.onload = () => URL.revokeObjectURL(url);
        img.src = url;
        img.hidden = false;
      }).catch(() => {});
    }
  }

  function status() {
    const now = new Date();
    get("clock").textContent = two(now.getHours()) + ":" + two(now.getMinutes());
    get("where").textContent = own.where || "";
    show("offline", off);
    if (off) get("offline").textContent = words.offline + (since ? " " + stamp(since / 1000) : "");
    show("nothing", !items.length && !!own.place);
    show("pairing", !own.place && !!pairing);
    get("code").textContent = pairing.replace(/(....)(....)/, "$1 $2");
  }

  async function call(address, options) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), WAIT);
    try { return await fetch(address, Object.assign({ signal: stop.signal, cache: "no-store", credentials: "same-origin" }, options)); }
    finally { clearTimeout(timer); }
  }
  async function begin() {
    const got = await call("/screen/begin", { method: "POST" });
    if (got.status !== 201) return;
    const made = await got.json();
    own = { secret: made.secret };
    pairing = made.code;
    notes = [];
    write("minan-screen", own);
    write("minan-notes", notes);
  }
  async function poll() {
    try {
      if (!own.secret) await begin();
      const got = await call("/screen/feed", { headers: { Authorization: "Screen " + own.secret } });
      if (got.status === 401) { own = {}; pairing = ""; await begin(); }
      else if (got.ok) {
        const said = await got.json();
        pairing = said.paired ? "" : said.code;
        if (said.paired) {
          own = { secret: own.secret, key: own.key || said.key, place: said.place, where: said.where };
          notes = said.notes;
          write("minan-screen", own);
          write("minan-notes", notes);
        }
      } else throw new Error(String(got.status));
      off = false;
      since = Date.now();
      write("minan-since", since);
    } catch (e) { off = true; }
    await sift();
  }
  function listen() { // told at once where there is a live line; the asking goes on all the same
    if (!own.place || !words.liveAt || words.live) return;
    body.dataset.live = words.liveAt;
    const script = document.createElement("script");
    script.src = words.liveScript;
    document.head.appendChild(script);
    document.addEventListener("minan:bulletin", () => { setTimeout(poll, Math.random() * 3000); }); // not all screens at one moment
  }
  async function ever() {
    await poll();
    listen();
    body.dataset.polls = String(Number(words.polls || 0) + 1);
    setTimeout(ever, words.poll ? Number(words.poll) : POLL);
  }

  if (!window.crypto || !crypto.subtle || typeof BigInt === "undefined") { show("insecure", true); return; }
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/screen/worker.js", { scope: "/screen/" }).catch(() => {});
  addEventListener("online", () => { poll(); });
  sift().then(ever);
  setInterval(sift, 1000);
})();
