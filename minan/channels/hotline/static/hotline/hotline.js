/* The operator's screen: what stands beside the words is asked for while they are typed, and kept by the same request; the call is
   looked at every second; F2 F4 F8 F9 press the button that shows them, Alt 1 to 4 choose a kind. Without it the page works by its buttons. */
(function () {
  "use strict";
  const root = document.querySelector("[data-hotline]"), form = document.getElementById("hl-form");
  if (!root || !form) return;
  const hints = document.getElementById("hl-hints"), line = document.getElementById("hl-line"), saved = document.getElementById("hl-saved");
  const PAUSE = 180, LOOK = 1000;
  let timer, turn = 0, dirty = false, chosen = {}, state = look(line), going = false;
  document.querySelectorAll("[data-nojs]").forEach(function (one) { one.hidden = true; });

  function look(box) { const at = box.querySelector("[data-call]"); return { call: at ? at.dataset.call : "", state: at ? at.dataset.state : "" }; }
  function body() {
    const data = new FormData(form);
    ["kind", "place"].forEach(function (name) { if (!chosen[name]) data.delete(name); }); // a proposal is no choice
    data.set("call", state.call);
    return new URLSearchParams(data);
  }
  function post(url, data) {
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    return fetch(url, { method: "POST", body: data, credentials: "same-origin", headers: { "X-CSRFToken": token, "HX-Request": "true" } });
  }
  function put(box, html) { // the piece is swapped, the focus stays where it was
    const held = box.contains(document.activeElement) ? document.activeElement.id : "";
    const piece = new DOMParser().parseFromString(html, "text/html").body;
    box.replaceChildren(...piece.childNodes);
    if (held && document.getElementById(held)) document.getElementById(held).focus();
  }
  async function ask() {
    const mine = ++turn;
    clearTimeout(timer);
    try {
      const got = await post(root.dataset.hints, body());
      if (!got.ok) throw new Error(String(got.status));
      const html = await got.text();
      if (mine !== turn || going) return;
      put(hints, html);
      dirty = false;
      const kept = hints.querySelector("[data-kept]");
      saved.textContent = kept && kept.dataset.kept ? root.dataset.saved : "";
    } catch (error) {
      saved.textContent = root.dataset.unsaved;
      timer = setTimeout(ask, 2000);
    }
  }
  function soon() { dirty = true; clearTimeout(timer); timer = setTimeout(ask, PAUSE); }
  form.addEventListener("input", function (event) {
    if (event.target.name === "find") chosen.place = false;
    soon();
  });
  form.addEventListener("change", function (event) {
    if (event.target.name === "kind_list") { chosen.kind = true; return; }
    if (event.target.name === "kind" || event.target.name === "place") chosen[event.target.name] = true;
  });
  form.addEventListener("submit", function () { going = true; form.elements.call.value = state.call; });

  async function phone() {
    const field = form.elements.phone;
    if (field.value) return;
    const got = await post(root.dataset.number, new URLSearchParams({ call: state.call }));
    if (got.ok && !field.value) { field.value = (await got.json()).phone; soon(); }
  }
  function heard(html) {
    const was = state;
    put(line, html);
    state = look(line);
    if (state.state === "taken" && (was.call !== state.call || was.state !== "taken")) { phone(); document.getElementById("hl-text").focus(); }
    if (was.state === "taken" && state.call !== was.call) saved.textContent = root.dataset.went;
  }
  function busy() { const at = document.activeElement; return line.contains(at) && (at.tagName === "INPUT" || line.querySelector("details[open]")); }
  setInterval(async function () {
    if (document.hidden || going || busy()) return;
    try {
      const got = await fetch(root.dataset.line, { credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (got.ok && !busy()) { const html = await got.text(); if (!line.querySelector("details[open]") || !html.includes("<details")) heard(html); }
    } catch (error) { /* the words are what matters; the line is looked at again */ }
  }, LOOK);
  line.addEventListener("submit", async function (event) {
    const sent = event.target;
    if (dirty) ask();
    if (sent.dataset.lineForm === undefined) return;
    event.preventDefault();
    const by = event.submitter, url = (by && by.getAttribute("formaction")) || sent.action;
    const got = await post(url, new URLSearchParams(new FormData(sent)));
    heard(await got.text());
  });
  document.addEventListener("keydown", function (event) {
    if (event.isComposing) return;
    if (/^F\d$/.test(event.key)) {
      const wanted = document.querySelector('[data-f="' + event.key + '"]');
      if (wanted) { event.preventDefault(); wanted.click(); }
    } else if (event.altKey && /^[1-4]$/.test(event.key)) {
      const wanted = hints.querySelector('[data-alt="' + event.key + '"]');
      if (wanted) { event.preventDefault(); wanted.checked = true; chosen.kind = true; soon(); }
    }
  });
})();
