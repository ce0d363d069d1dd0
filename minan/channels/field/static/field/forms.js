/* A step's questions as a form, drawn from the lists on the phone. Each letter is kept, sealed, while it is typed; nothing is for the
   browser to remember (autocomplete off: else it writes what was typed into its own session file). */
(function () {
  "use strict";
  const F = window.Field;
  const WAIT = 250;
  const el = function () { return F.el.apply(null, arguments); };

  function select(id, name, groups, value) {
    const box = el("select.input", { id: id, name: name, autocomplete: "off" }, el("option", { value: "" }, "—"));
    groups.forEach(function (group) {
      const options = group[1].map(function (row) { return el("option", { value: row[0], selected: row[0] === value }, row[1]); });
      box.append(group[0] ? el("optgroup", { label: group[0] }, options) : options.length ? options[0] : "");
      if (!group[0]) options.slice(1).forEach(function (one) { box.append(one); });
    });
    return box;
  }
  function places(draft) {
    const there = F.queue.caseOf(draft.code), all = F.queue.mine.lists.places.map(function (one) { return [one.code, one.label]; });
    const here = there && !all.some(function (row) { return row[0] === there.place; }) ? [[there.place, there.place_label]] : [];
    return [["", here.concat(all)]];
  }
  function radios(spec, value, options) {
    const name = spec.name;
    return el("fieldset", { "data-field": name }, el("legend.label", null, spec.label, mark(spec)),
      el(options.length > 3 ? "div.stack-s" : "div.seg", null, options.map(function (row) {
        const input = el("input", { type: "radio", name: name, value: row[0], autocomplete: "off" });
        input.checked = row[0] === String(value);
        return options.length > 3 ? el("label.choice", null, input, row[1]) : el("label", null, input, el("span", null, row[1]));
      })));
  }
  function mark(spec) { return spec.required ? null : el("span.opt", null, F.t("optional")); }

  function input(spec, draft, id) {
    const value = draft.facts[spec.name] === undefined ? "" : draft.facts[spec.name], plain = { id: id, name: spec.name, autocomplete: "off", spellcheck: "false", maxlength: spec.max };
    if (spec.type === "long") { const box = el("textarea.input", Object.assign({ rows: spec.rows || 3 }, plain)); box.value = value; return box; }
    if (spec.type === "kind") return select(id, spec.name, F.queue.mine.lists.kinds, value);
    if (spec.type === "place") return select(id, spec.name, places(draft), value);
    if (spec.type === "ground") return select(id, spec.name, [["", spec.options]], value);
    const box = el("input.input", Object.assign({ type: { date: "date", number: "number" }[spec.type] || "text" }, plain));
    box.value = value;
    return box;
  }
  function field(spec, draft, proof) {
    if (spec.type === "photos") return photos(spec, draft, proof);
    const value = draft.facts[spec.name];
    if (spec.type === "choice") return radios(spec, value, spec.options);
    if (spec.type === "yesno") return radios(spec, value, [["true", F.t("yes")], ["false", F.t("no")]]);
    const id = "f-" + spec.name;
    return el("div.field", { "data-field": spec.name }, el("label", { for: id }, spec.label, mark(spec)), input(spec, draft, id), spec.hint ? el("p.hint", null, spec.hint) : null);
  }

  function photos(spec, draft, proof) {
    const tiles = el("div.tiles"), told = el("p.small", { role: "status" });
    const file = el("input", { type: "file", accept: "image/*", capture: "environment", "data-camera": true });
    const add = el("label.upload", null, F.icon("camera"), F.t("take_photo"), file);
    function draw() {
      tiles.replaceChildren.apply(tiles, draft.photos.map(function (one, n) {
        const figure = el("figure");
        F.queue.photo(one.id).then(function (bytes) {
          figure.prepend(F.photos.shown(bytes, F.t("photo_n", { n: n + 1 })));
        });
        const drop = el("button.drop", { type: "button", "aria-label": F.t("photo_drop", { n: n + 1 }), onclick: function () { draft.photos.splice(n, 1); save(draft); draw(); } }, "×");
        figure.append(drop);
        return figure;
      }).concat(draft.photos.length < F.photos.MOST ? [add] : []));
    }
    file.addEventListener("change", async function () {
      told.textContent = "";
      for (const one of Array.from(file.files)) {
        try { draft.photos.push(await F.queue.keepPhoto(await F.photos.shrunk(one))); }
        catch (error) { told.textContent = F.t("photo_unread"); }
      }
      file.value = "";
      await save(draft);
      draw();
    });
    draw();
    if (proof) told.textContent = F.t("photo_asked");
    return el("div", { "data-field": spec.name }, el("span.label", null, spec.label, mark(spec)), tiles, told);
  }

  function read(form, specs, draft) {
    specs.forEach(function (spec) {
      if (spec.type === "photos") return;
      const box = form.elements[spec.name], value = box ? String(box.value || "") : "";
      if (value) draft.facts[spec.name] = value; else delete draft.facts[spec.name];
    });
  }
  async function save(draft) {
    if (draft.gone || !F.vault.isOpen()) return; // became a record, or the phone was locked
    await F.queue.keep("draft", draft);
    if (!F.queue.mine.drafts.some(function (one) { return one.id === draft.id; })) F.queue.mine.drafts.push(draft);
  }
  // What stands empty though it must not, told at once; whether it is enough the server says.
  function missing(specs, draft) {
    return specs.filter(function (spec) {
      return spec.required && (spec.type === "photos" ? !draft.photos.length : !String(draft.facts[spec.name] || "").trim());
    });
  }
  function wrong(form, errors) {
    form.querySelectorAll(".error[data-told]").forEach(function (line) { line.remove(); });
    Object.entries(errors).forEach(function (entry) {
      const box = form.querySelector('[data-field="' + CSS.escape(entry[0]) + '"]') || form, fold = box.closest("details");
      if (fold) fold.open = true;
      box.append(el("p.error", { "data-told": true, role: "alert" }, entry[1]));
    });
    const first = form.querySelector(".error[data-told]");
    if (first) first.scrollIntoView({ block: "center" });
  }

  // form(specs, draft, {button, errors, extra, fold, done}): keeps the draft while typing; `done(draft)` once the button was pressed.
  // `fold`: {label, names, more}, the questions that stand folded away.
  function form(specs, draft, how) {
    let timer = 0, going = false;
    const button = el("button.btn.btn--main.btn--wide", { "data-keep": true }, how.button);
    // Some kinds count as done only with a photo from the place: better known here than learned three days later.
    const proof = specs.some(function (spec) { return spec.name === "outcome"; }) && F.queue.mine.lists.proof.includes(draft.facts.kind || (F.queue.caseOf(draft.code) || {}).kind);
    const folded = how.fold ? how.fold.names : [], drawn = function (spec) { return field(spec, draft, proof); };
    const box = el("form.stack", { autocomplete: "off", "data-nodraft": true, novalidate: true }, specs.filter(function (spec) { return !folded.includes(spec.name); }).map(drawn), how.extra,
      how.fold && el("details.fold", null, el("summary", null, how.fold.label, " ", F.icon("down")), el("div.stack", null, specs.filter(function (spec) { return folded.includes(spec.name); }).map(drawn), how.fold.more)), button);
    box.addEventListener("input", function () {
      read(box, specs, draft);
      clearTimeout(timer);
      timer = setTimeout(function () { save(draft); }, WAIT);
    });
    box.addEventListener("submit", async function (event) {
      event.preventDefault();
      if (going) return;
      read(box, specs, draft);
      const empty = missing(specs, draft);
      if (empty.length) { wrong(box, Object.fromEntries(empty.map(function (spec) { return [spec.name, F.t("needed")]; }))); return; }
      going = true;
      clearTimeout(timer);
      draft.gone = true;
      try { await how.done(draft); } finally { going = false; }
    });
    if (how.errors) setTimeout(function () { wrong(box, how.errors); }, 0);
    return box;
  }
  F.forms = { form: form, save: save, select: select };
})();
