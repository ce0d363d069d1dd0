/* The screens of the app while it is unlocked: the list with the day's order, one matter, a form, a finding, what waits to be sent. */
(function () {
  "use strict";
  const F = window.Field;
  const el = function () { return F.el.apply(null, arguments); };
  const mine = F.queue.mine;
  const FRONT = ["call", "progress", "note"];
  const view = { order: "due", from: null }; // a position lives here until the screen is left, and nowhere else

  function light(one) {
    const now = F.visits.light(one.due_at, one.warn_at, F.now());
    return el("span.light.is-" + now.shape, null, now.words);
  }
  function oldness() {
    const age = F.now() - new Date(mine.self.as_of || 0).getTime(), at = mine.self.as_of ? F.when(mine.self.as_of) : "—";
    if (!mine.self.as_of) return F.banner("", "sync", F.t("first_pull"), F.t("first_pull_why"));
    if (age > F.HOURS * 3600000) return F.banner("amber", "clock", F.t("too_old", { span: F.span(age) }), F.t("too_old_why"));
    return el("p.small.quiet", { "data-as-of": mine.self.as_of }, age < 60000 ? F.t("as_of_now", { at: at }) : F.t("as_of", { at: at, span: F.span(age) }));
  }
  function standing() {
    const waiting = mine.records.filter(function (one) { return one.state === "waiting" && !F.queue.behind(one); }).length;
    const refused = mine.records.filter(function (one) { return one.state === "refused"; }).length, out = [];
    if (F.signin) out.push(F.banner("amber", "key", F.t("sign_in_again"), F.t("sign_in_why"), el("a", { href: "/login/?next=/field/" }, F.t("sign_in"))));
    if (refused) out.push(F.banner("amber", "alert", F.t("refused_n", { n: refused }), F.t("refused_why"), el("a", { href: "#queue" }, F.t("look_at_them"))));
    if (!navigator.onLine || (F.reached === false && waiting)) {
      const link = waiting ? el("a", { href: "#queue" }, F.t("look_at_n", { n: waiting })) : null;
      out.push(F.banner("amber", "offline", F.t("offline"), waiting ? F.t("offline_kept", { n: waiting }) : F.t("offline_why"), link));
    } else if (waiting) out.push(F.banner("", "sync", F.t("sending_n", { n: waiting }), ""));
    return out;
  }

  function task(entry) {
    const one = entry.one, ahead = F.queue.ahead(one);
    const far = entry.far === null ? "" : "·" + (entry.far < 1000 ? F.t("metres", { n: entry.far }) : F.t("kilometres", { n: (entry.far / 1000).toFixed(1) }));
    return el("a.task", { href: "#case/" + one.id, "data-task": true }, el("b", null, entry.n ? el("span.field-turn", null, entry.n) : null, one.tags.map(function (tag) { return [el("span.tag.tag--over", null, tag), " "]; }), one.title), light(one),
      el("span.sub", null, one.place_short + (one.kind_label ? "·" + one.kind_label : "") + "·" + ahead.label + far, ahead.waiting.length ? el("span.light.is-idle.field-wait", null, F.t("waits_here", { n: ahead.waiting.length })) : null));
  }
  function orders() {
    const pick = function (name) { return function () { view.order = name; view.from = null; F.draw(); }; };
    const stand = function () {
      navigator.geolocation.getCurrentPosition(function (found) {
        Object.assign(view, { order: "here", from: [found.coords.longitude, found.coords.latitude] });
        F.draw();
      }, function () { F.said(F.t("no_position")); }, { enableHighAccuracy: false, maximumAge: 0, timeout: 15000 });
    };
    const button = function (name, label, press) { return el("button.btn.btn--small", { type: "button", "data-order": name, "aria-pressed": view.order === name ? "true" : "false", onclick: press }, F.t(label)); };
    return [el("div.row.field-orders", { role: "group", "aria-label": F.t("order") }, button("due", "by_time", pick("due")), button("route", "by_way", pick("route")), button("here", "from_here", stand)),
      view.order === "here" ? el("p.tiny.faint", null, F.t("from_here_why")) : null];
  }
  // In the order of the way, what has a place today bears the number it has on the sketch.
  function turns(rows) {
    const now = F.now(), out = [];
    rows.forEach(function (row) {
      if (!row.one.at || !F.visits.today(row.one, now)) return;
      row.n = out.length + 1;
      out.push({ n: row.n, at: row.one.at, about: row.one.at_about !== false, title: row.one.title, id: row.one.id });
    });
    return F.sketch.drawn(out, view.from, (mine.lists || { places: [] }).places);
  }
  function list() {
    const rows = view.order === "due" ? F.visits.byDue(mine.cases).map(function (one) { return { one: one, far: null }; }) : F.visits.route(mine.cases, F.now(), view.from);
    const sketch = view.order === "due" ? null : turns(rows);
    const none = el("div.empty", null, F.icon("check"), el("b", null, F.t("nothing")), el("p.small", null, F.t("nothing_why")));
    return el("div.stack", { "data-screen": "list" }, standing(), el("div.head", null, el("h1", null, F.t("my_tasks")), el("span.small.quiet", null, F.t("n_tasks", { n: mine.cases.length }))),
      oldness(), mine.self.more ? el("p.small", null, F.t("more_online")) : null, mine.cases.length > 1 ? orders() : null, sketch,
      el("section.sheet.sheet--flush", { "aria-label": F.t("my_tasks") }, rows.length ? rows.map(task) : none));
  }

  function clocks(one) {
    return one.clocks.map(function (clock) {
      const now = clock.paused ? { shape: "paused", words: F.t("paused") } : F.visits.light(clock.due_at, clock.warn_at, F.now());
      return el("p.small", null, el("span.light.is-" + now.shape, null, clock.label + " " + now.words), el("br"), el("span.quiet", null, F.t("due_on", { at: F.when(clock.due_at) }) + (clock.rule ? "·" + clock.rule : "")));
    });
  }
  function happened(one, lines) {
    return lines.map(function (line) {
      return el("p.small", null, el("b", null, line.label), " ", el("span.quiet", null, F.when(line.at) + "·" + line.by), line.words ? el("span.field-words", null, line.words) : null, line.photos ? el("span.quiet", null, " " + F.t("photos_online", { n: line.photos })) : null);
    });
  }
  function buttons(one, ahead) {
    const label = function (name) { return ahead.procedure.steps[name] ? ahead.procedure.steps[name].label : null; };
    const main = ahead.steps.includes(one.main) ? one.main : "";
    const press = function (name) { return el("a.btn.btn--wide" + (name === main ? ".btn--main" : ""), { href: "#step/" + one.id + "/" + name, "data-step": name }, label(name)); };
    const front = ahead.steps.filter(function (name) { const step = ahead.procedure.steps[name]; return step && (step.to || name === main || FRONT.includes(name)); });
    const rest = ahead.steps.filter(function (name) { return label(name) && !front.includes(name); });
    return [el("div.tabs-big", { role: "group", "aria-label": F.t("next_step") }, front.map(press)),
      rest.length ? el("details.fold", null, el("summary", null, F.t("more_steps"), " ", F.icon("down")), el("div.tabs-big", null, rest.map(press))) : null];
  }
  function matter(id) {
    const one = mine.cases.find(function (two) { return two.id === id; });
    if (!one) return list();
    const ahead = F.queue.ahead(one);
    const waits = ahead.waiting.map(function (record) { return el("li.filetile", null, F.icon("sync"), el("span", null, el("b", null, record.label), el("span", null, F.t("kept_at", { at: F.when(record.done_at) }))), el("span.light.is-idle", null, F.t(record.state === "waiting" ? "waits" : "refused"))); });
    return el("div.stack", { "data-screen": "case" }, el("a.back", { href: "#list" }, F.icon("back"), F.t("my_tasks")), standing(),
      el("section.sheet.stack", null, el("div.stack-s", null, el("h1", null, one.title), el("p", null, light(one)), el("p.small.quiet", null, one.place_label + (one.place_words ? "，" + one.place_words : "") + (one.kind_label ? "·" + one.kind_label : "") + "·" + ahead.label, " ", el("span.code", null, F.code(one.code)))),
        one.text ? el("blockquote.said", null, one.text.split("\n").map(function (line) { return el("p", null, line); })) : null, one.photos ? el("p.small.quiet", null, F.t("photos_online", { n: one.photos })) : null,
        happened(one, one.heard), waits.length ? el("ul.stack-s", null, waits) : null, ahead.unsure ? el("p.small.quiet", null, F.t("unsure")) : null, buttons(one, ahead),
        el("p.small.quiet", null, F.t("now_only"), " ", el("a", { href: "/tasks/" + one.code + "/" }, F.t("open_online"))),
        el("details.fold", null, el("summary", null, F.t("clocks_and_story"), " ", F.icon("down")), el("div.stack-s", null, clocks(one), happened(one, one.lines)))), danger());
  }
  function danger() {
    return el("section.stack-s", null, el("p.small", null, F.t("danger")), el("nav.calls", { "aria-label": F.t("emergency") }, ["110", "119", "120"].map(function (n) { return el("a", { href: "tel:" + n }, F.t("call_" + n), " ", el("b", null, n)); })));
  }

  function draftOf(what, code, step, facts) {
    const kept = mine.drafts.find(function (one) { return one.what === what && (one.code || "") === code && (one.step || "") === step; });
    return kept || { id: F.uuid(), what: what, code: code, step: step, facts: facts, photos: [] };
  }
  async function kept(draft) {
    await F.queue.add(draft);
    F.said(F.t(navigator.onLine ? "kept" : "kept_offline"));
  }
  function step(id, name) {
    const one = mine.cases.find(function (two) { return two.id === id; }), ahead = one && F.queue.ahead(one), spec = ahead && ahead.procedure.steps[name];
    if (!spec || !ahead.steps.includes(name)) return list();
    const draft = draftOf("step", one.code, name, { kind: one.kind, place: one.place, urgency: one.urgency, size: one.size, place_words: one.place_words });
    const asked = new Set(spec.form.map(function (field) { return field.name; }));
    Object.keys(draft.facts).forEach(function (field) { if (!asked.has(field)) delete draft.facts[field]; });
    Object.assign(draft, { label: spec.label, title: one.title });
    return el("div.stack", { "data-screen": "step" }, el("a.back", { href: "#case/" + id }, F.icon("back"), F.t("back")),
      el("section.sheet.stack", null, el("h1", null, spec.label), el("p.small.quiet", null, one.title + "·" + one.place_short),
        F.forms.form(spec.form, draft, { button: F.t("keep_and_send"), extra: [standard(spec), el("p.tiny.faint", null, F.t("kept_while_typing"))], done: async function () { await kept(draft); F.go("case", id); } })));
  }
  function standard(spec) {
    if (!spec.answers.length) return null;
    const box = F.forms.select("f-standard", "", [["", spec.answers.map(function (row, n) { return [String(n), row[0]]; })]], "");
    box.addEventListener("change", function () {
      const words = box.form.elements.words, chosen = spec.answers[Number(box.value)];
      if (words && chosen && box.value !== "") { words.value = chosen[1]; words.dispatchEvent(new Event("input", { bubbles: true })); }
    });
    return el("div.field", null, el("label", { for: "f-standard" }, F.t("standard"), el("span.opt", null, F.t("optional"))), box);
  }
  // Sent once more after a refusal: as it is possible now, with everything written, by a key of its own.
  function again(id) {
    const record = mine.records.find(function (one) { return one.id === id; });
    if (!record) return queue();
    if (record.what === "open") return F.finding.screen(record);
    const one = F.queue.caseOf(record.code), spec = one && mine.lists.procedures[one.procedure].steps[record.step];
    if (!spec) return queue();
    const draft = { id: F.uuid(), what: "step", code: record.code, step: record.step, facts: Object.assign({}, record.facts), photos: record.photos.slice(), label: spec.label, title: record.title };
    return el("div.stack", { "data-screen": "again" }, el("a.back", { href: "#conflict/" + id }, F.icon("back"), F.t("back")), el("section.sheet.stack", null, el("h1", null, spec.label),
      F.forms.form(spec.form, draft, { button: F.t("send_again"), errors: (record.told || {}).errors, done: async function () {
        await F.queue.again(record, { facts: draft.facts, photos: draft.photos, moves: one.moves });
        F.go("queue");
      } })));
  }

  function queue() {
    const size = mine.records.reduce(function (sum, one) { return sum + one.photos.reduce(function (more, p) { return more + p.bytes; }, 0); }, 0);
    const row = function (record) {
      const refused = record.state === "refused", words = (record.photos.length ? F.t("n_photos", { n: record.photos.length }) + "·" : "") + F.t("kept_at", { at: F.when(record.done_at) });
      const inside = [F.icon(record.photos.length ? "image" : "file"), el("span", null, el("b", null, record.label + F.t("colon") + record.title), el("span", null, words)), el("span.light.is-" + (refused ? "amber" : "idle"), null, F.t(refused ? "refused" : F.queue.behind(record) ? "behind" : "waits"))];
      return el("li", { "data-record": record.state }, refused ? el("a.filetile", { href: "#conflict/" + record.id }, inside) : el("div.filetile", null, inside));
    };
    return el("div.stack", { "data-screen": "queue" }, standing(), el("div.head", null, el("h1", null, F.t("queue")), el("span.small.quiet", null, F.t("n_size", { n: mine.records.length, mb: (size / 1048576).toFixed(1) }))),
      mine.records.length ? el("ul.stack-s", null, mine.records.map(row)) : el("p.quiet", null, F.t("queue_empty")),
      mine.records.length ? el("button.btn.btn--wide", { type: "button", "data-send": true, onclick: function () { F.send.back(); } }, F.t("try_now")) : null,
      mine.sent.length ? el("section.stack-s", null, el("h2", null, F.t("sent")), el("ul.stack-s", null, mine.sent.slice(0, 20).map(function (one) { return el("li.filetile", { "data-sent": true }, F.icon("check"), el("span", null, el("b", null, one.label + F.t("colon") + one.title), el("span", null, F.code(one.code) + "·" + F.t("sent_at", { at: F.when(new Date(one.sent_at).toISOString()) }))), el("span.light.is-done", null, F.t("sent_done"))); }))) : null);
  }
  function leave() { Object.assign(view, { order: view.order === "here" ? "due" : view.order, from: null }); }
  F.screens = { list: list, matter: matter, step: step, again: again, queue: queue, kept: kept, draftOf: draftOf, leave: leave, standing: standing };
})();
