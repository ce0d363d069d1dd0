/* The press page: what was pressed waits on this phone until it is taken, and the screen says truly how far it is.

   localStorage "minan-help" = [{press, at}]: pressed here, not yet taken by the city. Sent again every three seconds and whenever the
   line comes back; the same press is taken once. Without this script the form does the same, once. */
(function () {
  "use strict";
  const NAME = "minan-help", AGAIN = 3000, LOOK = 2000, WAIT = 8000, MOST = 5;
  const form = document.getElementById("press"), said = document.getElementById("said");
  if (!form || !said || !window.fetch) return;
  const words = document.getElementById("words"), late = document.getElementById("late"), list = document.getElementById("lines");
  const wrong = document.getElementById("false"), word = document.getElementById("word"), ambulance = document.getElementById("call120");
  let timer = 0, sending = false;

  function queue() { try { const found = JSON.parse(localStorage.getItem(NAME) || "[]"); return Array.isArray(found) ? found : []; } catch (error) { return memory; } }
  let memory = [];
  function keep(rows) { memory = rows; try { localStorage.setItem(NAME, JSON.stringify(rows)); } catch (error) { /* held in memory */ } }
  function fresh() { return Array.from(crypto.getRandomValues(new Uint8Array(16)), function (b) { return b.toString(16).padStart(2, "0"); }).join(""); }

  function show(kind, text) { said.className = "press__said is-" + kind; if (words.textContent !== text) words.textContent = text; }
  function draw(told) {
    if (queue().length) return;
    late.hidden = !told.urgent;
    if (told.noted && !told.call) { show("waiting", said.dataset.noted); return; }
    if (!told.call) return;
    show(told.kind, told.words);
    list.replaceChildren.apply(list, told.lines.map(function (line) {
      const item = document.createElement("li"), when = document.createElement("span");
      when.textContent = line[0];
      item.append(when, line[1]);
      return item;
    }));
    wrong.hidden = !told.open || told.said_false;
    again(told.open);
    ambulance.classList.toggle("is-now", Boolean(told.urgent));
  }
  function again(open) {
    word.textContent = open ? word.dataset.again : word.dataset.first;
    word.parentElement.classList.toggle("press__button--again", open);
  }
  async function ask(url, options) {
    const stop = new AbortController(), clock = setTimeout(function () { stop.abort(); }, WAIT);
    try {
      const answer = await fetch(url, Object.assign({ headers: { Accept: "application/json" }, signal: stop.signal, credentials: "same-origin" }, options));
      return { status: answer.status, told: await answer.json() };
    } finally { clearTimeout(clock); }
  }
  async function send() {
    const rows = queue();
    if (!rows.length || sending) return;
    sending = true;
    try {
      const body = new URLSearchParams({ press: rows[0].press, at: rows[0].at });
      const got = await ask(form.action, { method: "POST", body: body });
      if (got.status === 200) { keep(queue().filter(function (one) { return one.press !== rows[0].press; })); draw(got.told); }
      else if (got.status === 404) { keep([]); location.reload(); }
      else show("waiting", said.dataset.refused);
    } catch (error) {
      show("waiting", said.dataset.waiting);
    } finally { sending = false; }
    later();
  }
  async function look() {
    try { const got = await ask(said.dataset.state); if (got.status === 200) draw(got.told); } catch (error) { if (queue().length) show("waiting", said.dataset.waiting); }
    later();
  }
  function later() { clearTimeout(timer); timer = setTimeout(queue().length ? send : look, queue().length ? AGAIN : LOOK); }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    delete form.dataset.going;
    form.removeAttribute("aria-busy");
    keep(queue().concat([{ press: fresh(), at: new Date().toISOString().slice(0, 19) }]).slice(-MOST));
    show("waiting", said.dataset.sending);
    send();
  }, true);
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) (queue().length ? send : look)(); });
  if (queue().length) { show("waiting", said.dataset.waiting); send(); } else later();
})();
