/* What the server did not take: what the worker wrote, why, how the matter stands now, and what they want. Nothing is decided for them. */
(function () {
  "use strict";
  const F = window.Field;
  const el = function () { return F.el.apply(null, arguments); };

  function written(record) {
    const procedure = mineOf(record), step = procedure && (record.what === "open" ? procedure.opening : procedure.steps[record.step]);
    const labels = Object.fromEntries(((step && step.form) || []).map(function (spec) { return [spec.name, spec]; }));
    const lines = Object.entries(record.facts).map(function (entry) {
      const spec = labels[entry[0]], options = (spec && spec.options) || [];
      const option = options.find(function (row) { return row[0] === String(entry[1]); });
      const value = option ? option[1] : spec && spec.type === "yesno" ? F.t(entry[1] === "true" ? "yes" : "no") : named(spec, entry[1]);
      return el("p", null, (spec ? spec.label : entry[0]) + F.t("colon") + value);
    });
    const pictures = el("div.tiles");
    record.photos.forEach(function (one, n) {
      F.queue.photo(one.id).then(function (bytes) { pictures.append(el("figure", null, F.photos.shown(bytes, F.t("photo_n", { n: n + 1 })))); });
    });
    return el("div.stack-s", null, el("p.small.quiet", null, F.t("done_at", { at: F.when(record.done_at) })), lines, record.photos.length ? pictures : null);
  }
  function mineOf(record) {
    const lists = F.queue.mine.lists, there = F.queue.caseOf(record.code);
    if (!lists) return null;
    return lists.procedures[record.what === "open" ? (lists.taking || {}).procedure : there ? there.procedure : ""] || null;
  }
  function named(spec, value) {
    const lists = F.queue.mine.lists;
    if (spec && spec.type === "place") return (lists.places.find(function (one) { return one.code === value; }) || { label: value }).label;
    if (spec && spec.type === "kind") return (lists.kinds.flatMap(function (g) { return g[1]; }).find(function (row) { return row[0] === value; }) || [0, value])[1];
    return String(value);
  }
  function why(record) {
    const told = record.told || {};
    const head = { 409: "why_faster", 404: "why_gone", 403: "why_not_yours", 413: "why_large" }[told.status] || "why_rule";
    return F.banner("amber", "alert", F.t(head), told.reason || "", Object.values(told.errors || {}).map(function (words) { return el("span.small", null, " " + words); }));
  }
  function standing(found, told) {
    if (!found.now) return el("p.small.quiet", null, F.t(told === 404 || found.status === 404 ? "now_gone" : "now_unknown"));
    const one = found.now;
    return el("div.stack-s", null, el("p", null, el("b", null, one.state_label), " ", el("span.small.quiet", null, F.code(one.code))),
      one.lines.slice(0, 4).map(function (line) { return el("p.small", null, F.when(line.at) + " " + line.by + F.t("colon") + line.label + (line.words ? F.t("dash") + line.words : "")); }));
  }

  // The words of a record as a note: nothing typed is lost where its step is no longer possible.
  function asNote(record) {
    const parts = Object.entries(record.facts).filter(function (entry) { return entry[1] && !["kind", "place", "outcome"].includes(entry[0]); }).map(function (entry) { return String(entry[1]); });
    return F.t("as_note", { step: record.label, at: F.when(record.done_at) }) + "\n" + parts.join("\n");
  }

  async function screen(id) {
    const record = F.queue.mine.records.find(function (one) { return one.id === id; });
    if (!record) { F.go("queue"); return el("div"); }
    const found = record.code ? await F.pull.one(record.code) : { status: 200, now: null };
    const steps = found.now ? found.now.steps : [], choices = [];
    const back = function () { F.go("queue"); };
    if (record.what === "open" || steps.includes(record.step)) {
      choices.push(el("button.btn.btn--main.btn--wide", { type: "button", "data-again": true, onclick: function () { F.go("again", record.id); } }, F.t("choose_again")));
    }
    if (record.what === "step" && record.step !== "note" && steps.includes("note")) {
      choices.push(el("button.btn.btn--wide", { type: "button", "data-note": true, onclick: async function () {
        await F.queue.again(record, { step: "note", label: F.t("note"), facts: { words: asNote(record) }, moves: found.now.moves });
        F.said(F.t("kept"));
        back();
      } }, F.t("choose_note")));
    }
    choices.push(el("button.btn.btn--wide.btn--red", { type: "button", "data-discard": true, onclick: async function () {
      if (!window.confirm(F.t("sure_discard"))) return;
      await F.queue.drop(record);
      F.send.soon();
      back();
    } }, F.t("choose_discard")));
    return el("div.stack", { "data-screen": "conflict" }, el("h1", null, record.label), why(record),
      el("section.sheet.stack-s", null, el("h2", null, F.t("you_wrote")), written(record)),
      record.code ? el("section.sheet.stack-s", null, el("h2", null, F.t("it_is_now")), standing(found, record.told && record.told.status)) : null,
      el("div.stack-s", null, choices), el("p.tiny.faint", null, F.t("nothing_overwritten")));
  }
  F.conflict = { screen: screen };
})();
