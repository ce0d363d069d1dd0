/* The line to the live process: <body data-live="/…"> (or ":8001/events": this host, another port) opens it. What is told comes as the DOM
   event "minan:<topic>" on document, its data as detail, and for whoever wants all as "minan:told"; "minan:line" says how the line is: {up: true|false}. Made for a screen that
   stays open for weeks: a watchdog of its own (a heartbeat every 5 s), reconnects without end, slower and at a random moment, keeps
   nothing. When the line is down a red bar says so, and where sound is allowed (minan/sound.js) it is heard. */
(function () {
  "use strict";
  const at = document.body.dataset.live;
  if (!at || !window.EventSource) return;
  const url = at[0] === ":" ? location.protocol + "//" + location.hostname + at : at;
  const SILENT = 12000, FIRST = 1000, MOST = 30000, LOUD = 20000; // milliseconds
  let source = null, last = "", heard = 0, tries = 0, timer = 0, up = null, rang = 0;
  const bar = document.getElementById("live-down");

  function say(topic, detail) { document.dispatchEvent(new CustomEvent("minan:" + topic, { detail: detail || {} })); }
  function line(now) {
    if (up === now) return;
    up = now;
    if (bar) bar.hidden = now;
    document.body.dataset.line = now ? "up" : "down";
    say("line", { up: now });
  }
  function cry() { // again and again while nobody hears what is told
    if (up !== false || Date.now() - rang < LOUD) return;
    rang = Date.now();
    say("alarm", { why: "line" });
  }
  function close() { if (source) source.close(); source = null; }
  function again() {
    close();
    clearTimeout(timer);
    const wait = Math.min(MOST, FIRST * Math.pow(2, tries)) * (0.5 + Math.random()); // not all screens of a city in one moment
    tries = Math.min(tries + 1, 10);
    timer = setTimeout(open, wait);
  }
  function told(event) {
    heard = Date.now();
    if (event.lastEventId) last = event.lastEventId;
    let said;
    try { said = JSON.parse(event.data); } catch (error) { return; }
    if (said.topic === "hello") { tries = 0; line(true); }
    if (said.topic === "over") { close(); line(false); again(); }
    if (said.topic === "beat") return;
    say(said.topic, said.data);
    say("told", { topic: said.topic, data: said.data });
  }
  function open() {
    close();
    heard = Date.now();
    const mark = last ? (url.indexOf("?") < 0 ? "?" : "&") + "last=" + encodeURIComponent(last) : "";
    source = new EventSource(url + mark, { withCredentials: true });
    source.onmessage = told;
    source.onerror = function () { // we try again by ourselves: what the browser does differs, and it gives up at the first refusal
      line(false);
      refused();
      again();
    };
  }
  function refused() { // a browser does not tell why: ask, so that "signed out" is not taken for "broken"
    fetch(url, { method: "HEAD", credentials: "include", cache: "no-store" })
      .then(function (answer) { if (answer.status === 401) say("over"); }).catch(function () {});
  }
  setInterval(function () {
    if (source && Date.now() - heard > SILENT) { line(false); again(); }
    cry();
  }, 1000);
  addEventListener("online", function () { tries = 0; if (!up) open(); });
  addEventListener("pageshow", function (event) { if (event.persisted) { tries = 0; open(); } });
  addEventListener("pagehide", close);
  open();
})();
