/* Something found on patrol, in three taps: the button, the kind, keep. A photo, other words, another place and the exact point are
   there for whoever wants them; the point only at the press of its button, once, in plain sight, and it can be taken out again. */
(function () {
  "use strict";
  const F = window.Field;
  const FRONT = 9, EACH = 3, SEEN = /^(lamp|road|clean|order)\./;
  const el = function () { return F.el.apply(null, arguments); };

  function kinds() { return F.queue.mine.lists.kinds.flatMap(function (group) { return group[1]; }); }
  function spec(step, name) { return step.form.find(function (one) { return one.name === name; }); }

  // Where one stands, once: getCurrentPosition at the press, never a watch, nothing before and nothing after.
  function point(draft) {
    const box = el("div.field"), draw = function () {
      const take = el("button.btn.btn--wide", { type: "button", "data-point": true, onclick: function () {
        navigator.geolocation.getCurrentPosition(async function (found) {
          draft.where = [Number(found.coords.longitude.toFixed(6)), Number(found.coords.latitude.toFixed(6))];
          await F.forms.save(draft);
          draw();
        }, function () { F.said(F.t("no_position")); }, { enableHighAccuracy: true, maximumAge: 0, timeout: 20000 });
      } }, F.icon("pin"), F.t("add_point"));
      const there = draft.where && el("p", null, F.icon("pin"), F.t("point_is", { lon: draft.where[0].toFixed(4), lat: draft.where[1].toFixed(4) }), " ", el("button.btn.btn--text", { type: "button", onclick: async function () { draft.where = null; await F.forms.save(draft); draw(); } }, F.t("drop_point")));
      box.replaceChildren(draft.where ? there : take, el("p.tiny.faint", null, F.t("point_why")));
    };
    draw();
    return box;
  }
  function chips(draft, shown) {
    const box = el("div.field-kinds", { role: "group", "aria-label": F.t("what_found") });
    shown.forEach(function (row) {
      box.append(el("button.btn", { type: "button", "data-kind": row[0], "aria-pressed": draft.facts.kind === row[0] ? "true" : "false", onclick: function () {
        const select = box.form || document.querySelector("[data-finding] form");
        select.elements.kind.value = row[0];
        const words = select.elements.text, before = kinds().some(function (one) { return words.value === F.t("found", { kind: one[1] }); });
        if (!words.value || before) words.value = F.t("found", { kind: row[1] });
        box.querySelectorAll("button").forEach(function (one) { one.setAttribute("aria-pressed", one.dataset.kind === row[0] ? "true" : "false"); });
        words.dispatchEvent(new Event("input", { bubbles: true }));
      } }, row[1]));
    });
    return box;
  }
  function settled(draft, taking, redraw) {
    if (!taking.settle) return null;
    const box = el("input", { type: "checkbox", "data-settle": true, autocomplete: "off" });
    box.checked = Boolean(draft.settle);
    box.addEventListener("change", async function () { draft.settle = box.checked; await F.forms.save(draft); redraw(); });
    return el("label.choice", null, box, F.t("settled_here"));
  }

  // `record`: one that was refused, to be sent again with its words.
  function screen(record) {
    const lists = F.queue.mine.lists, taking = lists && lists.taking;
    if (!taking) return el("p", { "data-screen": "new" }, F.t("no_intake"));
    const opening = lists.procedures[taking.procedure].opening;
    const draft = record ? { id: F.uuid(), what: "open", facts: Object.assign({}, record.facts), photos: record.photos.slice(), where: record.where, settle: record.settle, gone: true }
      : F.screens.draftOf("open", "", "", { place: taking.place });
    const all = kinds(), shown = front();
    const box = el("div.stack", { "data-screen": "new", "data-finding": true });
    function draw() {
      const specs = ["text", "photos", "kind", "place", "place_words"].map(function (name) { return spec(opening, name); }).filter(Boolean).map(function (one) { return Object.assign({}, one, { required: one.name === "kind" || one.required, label: one.name === "text" ? F.t("what_seen") : one.label, hint: "", rows: 2 }); });
      const more = draft.settle ? ["outcome", "words"].map(function (name) { return spec(taking.settle, name); }).filter(Boolean) : [];
      const form = F.forms.form(specs.concat(more), draft, { button: F.t("keep_and_send"), errors: record && (record.told || {}).errors, extra: settled(draft, taking, draw), fold: { label: F.t("where_and_more"), names: ["kind", "place", "place_words"], more: point(draft) }, done: async function () {
        const kind = all.find(function (row) { return row[0] === draft.facts.kind; });
        Object.assign(draft, { label: F.t("finding"), title: kind ? kind[1] : draft.facts.text.slice(0, 20) });
        if (record) await F.queue.again(record, { facts: draft.facts, photos: draft.photos, where: draft.where, settle: draft.settle, title: draft.title });
        else await F.screens.kept(draft);
        F.go(record ? "queue" : "list");
      } });
      box.replaceChildren(el("h1", null, F.t("finding")), chips(draft, shown), el("section.sheet", null, form));
    }
    draw();
    return box;
  }
  // What lies with this worker already comes first, then what is seen from the road: a few of each group.
  function front() {
    const used = new Set(F.queue.mine.cases.map(function (one) { return one.kind; })), first = [], after = [];
    F.queue.mine.lists.kinds.forEach(function (group) {
      const outside = group[1].filter(function (row) { return SEEN.test(row[0]); });
      first.push.apply(first, outside.filter(function (row) { return used.has(row[0]); }));
      after.push.apply(after, outside.filter(function (row) { return !used.has(row[0]); }).slice(0, EACH));
    });
    return first.concat(after).slice(0, FRONT);
  }
  F.finding = { screen: screen };
})();
