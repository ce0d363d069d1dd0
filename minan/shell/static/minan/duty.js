/* The duty screen: its list is asked for anew at whatever the live line tells, after every (re)connect and every half minute, without a line every five seconds; time runs
   second by second; what nobody has taken on rings until somebody does. Made to stay open for weeks: the list is replaced and never grows,
   what was seen is remembered up to a number, a session that ends says so and keeps the list, and goes on by itself after signing in. */
(function () {
  "use strict";
  const root = document.getElementById("duty");
  if (!root) return;
  const list = document.getElementById("duty-list"), form = document.getElementById("duty-form"), over = document.getElementById("duty-over");
  const checked = document.getElementById("duty-checked"), hush = document.getElementById("duty-hush"), box = document.getElementById("duty-map");
  const raw = document.getElementById("duty-raw");
  const down = document.getElementById("live-down");
  const EVERY = 30000, ALONE = 5000, OLD = 75000, PAUSE = { call: 5000, other: 12000 }, HUSH = 60000, SEEN_MOST = 500;
  const seen = new Set();
  let read = Date.now(), asking = false, dirty = false, offset = 0, rung = 0, quiet = 0, first = true, ended = false, called = false;

  // ---- the list
  function rows() { return Array.from(list.querySelectorAll("[data-code]")); }
  function put(html) { // the piece is swapped, the focus stays where it was
    const at = document.activeElement, held = list.contains(at) ? at.closest("[data-code]") : null;
    const button = held && at.tagName === "BUTTON";
    list.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    const again = held && list.querySelector('[data-code="' + held.dataset.code + '"]');
    const to = again && (button && again.querySelector("button") || again.querySelector("a"));
    if (to) to.focus({ preventScroll: true });
    settle();
  }
  function settle() {
    const piece = list.firstElementChild;
    read = Date.now();
    offset = Number(piece.dataset.now) - read;
    const fresh = rows().filter(function (row) { return row.dataset.rings && !seen.has(mark(row)); });
    fresh.forEach(function (row) { seen.add(mark(row)); });
    while (seen.size > SEEN_MOST) seen.delete(seen.values().next().value);
    if (fresh.length && !first) { quiet = 0; ring(fresh); } // something new ends the silence
    first = false;
    const n = Number(piece.dataset.waiting);
    document.title = n ? "● " + root.dataset.waiting.replace("{n}", n) : root.dataset.title;
    tick();
    draw();
  }
  function mark(row) { return row.dataset.code + " " + row.dataset.rings; }
  function gone(now) { // the session is over, or it is not any more
    if (ended === now) return;
    ended = now;
    over.hidden = !now;
    document.dispatchEvent(new CustomEvent("minan:alarm", { detail: { why: "line" } }));
  }
  async function ask() {
    if (asking) { dirty = true; return; }
    asking = true;
    dirty = false;
    const stop = window.AbortController ? new AbortController() : null; // a request that hangs must not hold up the next for ever
    const clock = setTimeout(function () { if (stop) stop.abort(); }, 20000);
    try {
      const got = await fetch(root.dataset.list, { credentials: "same-origin", redirect: "manual", headers: { "HX-Request": "true" }, cache: "no-store", signal: stop ? stop.signal : undefined });
      if (got.type === "opaqueredirect" || got.status === 403 || got.status === 404) gone(true);
      else if (got.ok) { gone(false); put(await got.text()); called = false; }
    } catch (error) { /* the bar says when it lasts */ }
    clearTimeout(clock);
    asking = false;
    raw.hidden = !called;
    if (dirty) ask();
  }
  form.addEventListener("submit", async function (event) {
    const by = event.submitter;
    if (!by || !by.formAction) return;
    event.preventDefault();
    const data = new FormData(form);
    data.set(by.name, by.value);
    by.disabled = true;
    try {
      const got = await fetch(by.formAction, { method: "POST", body: new URLSearchParams(data), credentials: "same-origin", redirect: "manual", headers: { "HX-Request": "true" } });
      if (got.ok) put(await got.text());
      else { gone(got.type === "opaqueredirect"); ask(); }
    } catch (error) { by.disabled = false; ask(); }
  });

  // ---- time and sound
  function span(ms) {
    const s = Math.max(0, Math.floor(ms / 1000)), h = Math.floor(s / 3600), two = function (n) { return String(n).padStart(2, "0"); };
    if (h >= 48) return Math.floor(h / 24) + " " + root.dataset.days;
    return (h ? h + ":" + two(Math.floor(s / 60) % 60) : Math.floor(s / 60)) + ":" + two(s % 60);
  }
  function tick() {
    const now = Date.now() + offset;
    list.querySelectorAll("[data-since]").forEach(function (one) { one.textContent = span(now - Number(one.dataset.since)); });
    checked.hidden = false;
    checked.textContent = root.dataset.checked.replace("{s}", Math.round((Date.now() - read) / 1000));
    const stale = !ended && Date.now() - read > OLD; // the line may be up and the pages not
    checked.classList.toggle("tag--order", stale);
    down.hidden = !stale && document.body.dataset.line !== "down";
    if (quiet) {
      const left = Math.ceil((quiet - Date.now()) / 1000);
      if (left <= 0) quiet = 0;
      else hush.textContent = hush.dataset.hushed.replace("{s}", left);
    }
    if (!quiet && hush.dataset.was) { hush.innerHTML = ""; hush.append(...kept.map(function (one) { return one.cloneNode(true); })); delete hush.dataset.was; }
  }
  const kept = Array.from(hush.childNodes).map(function (one) { return one.cloneNode(true); });
  function ring(which) {
    if (quiet) return;
    const call = called || which.some(function (row) { return row.dataset.lane === "call"; });
    rung = Date.now();
    document.dispatchEvent(new CustomEvent("minan:alarm", { detail: { why: call ? "call" : "alarm" } }));
  }
  function again() {
    const waiting = rows().filter(function (row) { return row.dataset.rings === "again"; });
    const call = called || waiting.some(function (row) { return row.dataset.lane === "call"; });
    if ((called || waiting.length) && Date.now() - rung > (call ? PAUSE.call : PAUSE.other)) ring(waiting);
  }
  hush.addEventListener("click", function () { quiet = Date.now() + HUSH; hush.dataset.was = "1"; tick(); });

  // ---- the map
  let map = null, dots = null, drawn = "";
  function look() {
    if (!window.L || map || !box.offsetWidth) return;
    map = L.map(box, { zoomSnap: 0.5, attributionControl: Boolean(box.dataset.tiles), keyboard: false });
    map.setView([39.2, 116.6], 9);
    if (box.dataset.tiles) L.tileLayer(box.dataset.tiles, { maxZoom: 18 }).addTo(map);
    dots = L.layerGroup().addTo(map);
    if (!box.dataset.outlines) return;
    fetch(box.dataset.outlines).then(function (got) { return got.json(); }).then(function (shapes) {
      const style = getComputedStyle(document.body);
      const layer = L.geoJSON(shapes, { interactive: false, style: { color: style.getPropertyValue("--edge").trim(), weight: 1.5, fillColor: style.getPropertyValue("--azure").trim(), fillOpacity: 0.06 } }).addTo(map);
      if (!dots.getLayers().length) map.fitBounds(layer.getBounds(), { padding: [8, 8] });
    }).catch(function () {});
  }
  function draw() {
    look();
    if (!map) return;
    const shown = rows().filter(function (row) { return row.dataset.lon; });
    const what = shown.map(function (row) { return row.dataset.code + row.className + row.dataset.lon; }).join();
    if (what === drawn) return; // whoever looks at the map is not moved while nothing changes
    drawn = what;
    dots.clearLayers();
    const found = [];
    shown.forEach(function (row) {
      const dot = document.createElement("span"), at = [Number(row.dataset.lat), Number(row.dataset.lon)];
      dot.className = "duty-dot" + (row.classList.contains("is-waiting") ? " is-waiting" : "") + (row.dataset.rough !== undefined ? " is-rough" : "") + (row.classList.contains("is-danger") ? " is-danger" : "");
      dot.textContent = row.dataset.letter;
      const one = L.marker(at, { icon: L.divIcon({ className: "", html: dot.outerHTML, iconSize: [30, 30] }), keyboard: false, zIndexOffset: row.classList.contains("is-waiting") ? 500 : 0 });
      one.on("click", function () { const to = list.querySelector('[data-code="' + row.dataset.code + '"] a'); if (to) { to.focus(); to.scrollIntoView({ block: "center" }); } });
      one.addTo(dots);
      found.push(at);
    });
    if (found.length) map.fitBounds(L.latLngBounds(found).pad(0.3), { maxZoom: 13, animate: false });
  }

  // ---- when
  document.addEventListener("minan:help", function (event) { // heard though the records may be away: it rings, and says where, in any case
    const call = event.detail || {};
    if (call.drill || call.stopped) return;
    called = true;
    quiet = 0;
    raw.querySelector("b").textContent = [call.place, call.unit, call.words].filter(Boolean).join(" · ");
    document.dispatchEvent(new CustomEvent("minan:alarm", { detail: { why: "call" } }));
    rung = Date.now();
  });
  document.addEventListener("minan:told", ask);
  document.addEventListener("minan:over", ask);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) ask(); });
  setInterval(function () { tick(); again(); if (Date.now() - read > (document.body.dataset.line === "up" ? EVERY : ALONE)) ask(); }, 1000);
  settle();
})();
