/* What the worker did: drafts while typing, records once kept. The id of a record is made when its form is opened and is its
   Idempotency-Key for good. `mine` is all of the store in memory while it is unlocked. */
(function () {
  "use strict";
  const F = window.Field;
  const SENT_DAYS = 7, DAY = 86400000;
  const mine = { self: null, lists: null, cases: [], records: [], drafts: [], sent: [] };

  async function load() {
    const boxes = await Promise.all(["self", "lists", "case", "record", "draft", "sent"].map(F.store.all));
    mine.self = boxes[0][0] || null;
    mine.lists = boxes[1][0] || null;
    mine.cases = boxes[2];
    mine.records = boxes[3].sort(function (a, b) { return a.order - b.order; });
    mine.drafts = boxes[4];
    mine.sent = boxes[5].filter(function (one) { return F.now() - one.sent_at < SENT_DAYS * DAY; }).sort(function (a, b) { return b.sent_at - a.sent_at; });
  }
  function forget() { Object.assign(mine, { self: null, lists: null, cases: [], records: [], drafts: [], sent: [] }); }

  async function keep(box, thing) {
    await F.store.change([await F.vault.seal(box, thing.id, thing)]);
  }
  async function keepPhoto(bytes) {
    const id = F.uuid();
    await F.store.change([await F.vault.sealBytes("photo", id, bytes)]);
    return { id: id, sha256: await F.photos.sha256(bytes), bytes: bytes.length };
  }
  async function photo(id) { return F.vault.openBytes(await F.store.get(id)); }

  function ofCase(code) { return mine.records.filter(function (one) { return one.code === code; }); }
  function caseOf(code) { return mine.cases.find(function (one) { return one.code === code; }); }

  // Whether it waits for the worker's word on an earlier one of the same matter.
  function behind(record) {
    return ofCase(record.code).some(function (one) { return record.code && one.order < record.order && one.state === "refused"; });
  }

  // A draft becomes a record: both in one write, so that it is neither lost nor there twice.
  async function add(draft) {
    const before = draft.code ? ofCase(draft.code) : [], there = caseOf(draft.code);
    const last = mine.records.concat([{ order: 0 }]).reduce(function (most, one) { return Math.max(most, one.order); }, 0);
    const record = {
      id: draft.id, what: draft.what, code: draft.code || "", step: draft.step || "", facts: draft.facts, photos: draft.photos || [],
      settle: Boolean(draft.settle), where: draft.where || null, label: draft.label, title: draft.title, done_at: new Date(F.now()).toISOString(),
      moves: draft.moves !== undefined ? draft.moves : there ? there.moves : null, follows: before.length > 0, state: "waiting", frozen: "",
      tries: 0, next_at: 0, told: null, order: last + 1,
    };
    await F.store.change([await F.vault.seal("record", record.id, record)]); // overwrites the draft's row: the id is the same
    mine.drafts = mine.drafts.filter(function (one) { return one.id !== draft.id; });
    mine.records = mine.records.filter(function (one) { return one.id !== record.id; }).concat([record]);
    F.send.soon();
    return record;
  }

  // Taken by the server: the record and its photos go, the next one of the matter learns its new counter, what is known of it moves on.
  async function taken(record, answer) {
    const put = [], take = record.photos.map(function (one) { return one.id; });
    const next = ofCase(record.code).find(function (one) { return one.id !== record.id && one.order > record.order; });
    if (record.code && next && next.follows) {
      Object.assign(next, { moves: answer.moves, follows: false, frozen: "" });
      put.push(await F.vault.seal("record", next.id, next));
    }
    const there = caseOf(record.code);
    if (there) {
      const state = answer.state;
      Object.assign(there, { seen: answer.n, moves: answer.moves, state_label: answer.state_label, steps: state === there.state ? there.steps : there.after[state] || [], state: state });
      put.push(await F.vault.seal("case", there.id, there));
    }
    const line = { id: record.id, label: record.label, title: record.title, code: answer.code, done_at: record.done_at, sent_at: F.now() };
    put.push(await F.vault.seal("sent", line.id, line)); // in the record's own row: it is sent in the same write
    await F.store.change(put, take);
    mine.records = mine.records.filter(function (one) { return one.id !== record.id; });
    mine.sent.unshift(line);
  }
  async function change(record, values) {
    Object.assign(record, values);
    await keep("record", record);
  }
  async function drop(record) {
    await F.store.change([], [record.id].concat(record.photos.map(function (one) { return one.id; })));
    mine.records = mine.records.filter(function (one) { return one.id !== record.id; });
    const next = ofCase(record.code)[0];
    if (next && next.follows) await change(next, { follows: false });
  }
  // Written anew after a refusal: another key, for it is another act; the old row goes in the same write.
  async function again(record, values) {
    const fresh = Object.assign({}, record, { id: F.uuid(), state: "waiting", frozen: "", tries: 0, next_at: 0, told: null }, values);
    await F.store.change([await F.vault.seal("record", fresh.id, fresh)], [record.id]);
    mine.records = mine.records.map(function (one) { return one.id === record.id ? fresh : one; });
    F.send.soon();
    return fresh;
  }

  // A matter as it stands with what is still unsent: where it would be, and what would be possible there.
  function ahead(one) {
    const procedure = (mine.lists && mine.lists.procedures[one.procedure]) || { steps: {}, states: {} };
    let state = one.state, steps = one.steps, unsure = false;
    const waiting = ofCase(one.code);
    waiting.forEach(function (record) {
      const step = procedure.steps[record.step];
      if (!step || record.state === "refused") return;
      if (step.to && step.to !== state) { state = step.to; steps = one.after[state] || []; }
      else if (step.moves && !step.to) unsure = true;
    });
    const label = state === one.state ? one.state_label : (procedure.states[state] || { label: state }).label;
    return { state: state, label: label, steps: steps, waiting: waiting, unsure: unsure, procedure: procedure };
  }
  F.queue = {
    mine: mine, load: load, forget: forget, keep: keep, keepPhoto: keepPhoto, photo: photo, add: add, taken: taken, change: change,
    drop: drop, again: again, ahead: ahead, ofCase: ofCase, caseOf: caseOf, behind: behind,
  };
})();
