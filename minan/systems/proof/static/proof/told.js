/* What a check found, as plain sentences in both languages: shared by the resident's page and the page that runs from disk.
   A line is {kind: "good" | "wait" | "bad", zh, en, said, aside}; `said` are words of people, shown as they are; a line `aside`
   says something the speaker should know, but not that anything is false. */
(function (root) {
  "use strict";

  const WRONG = {
    words: ["第 {n} 条里的话和当时封存的不一样，有人改过。", "The words of entry {n} are not those sealed at the time: somebody changed them."],
    chain: ["第 {n} 条接不上前一条：中间少了、换了，或者被改过。", "Entry {n} does not follow the one before it: something is missing, replaced or changed."],
    "other case": ["第 {n} 条是另一件事的。", "Entry {n} belongs to another matter."],
    inclusion: ["第 {n} 条不在它说的那本总账里。", "Entry {n} is not in the ledger it claims to be in."],
    "promise of another": ["第 {n} 条的受理承诺说的是另一条。", "The promise of entry {n} is about another entry."],
    signature: ["签名是假的，或者签过名以后被改过。", "A signature is false, or what it signed was changed."],
    unsigned: ["不是用这把公钥签的。", "This was not signed with this key."],
    key: ["公钥抄错了，或者不完整。", "The key is miscopied or incomplete."],
    version: ["这是更新的格式，这个核对文件认不得。请下载新的。", "This is a newer format that this file does not know; download a new one."],
  };
  const OTHER = ["这份凭据不完整，或者被改过。", "This receipt is incomplete, or was changed."];

  function line(kind, zh, en, said) { return { kind: kind, zh: zh, en: en, said: said || [] }; }
  function many(n, one, more) { return n === 1 ? "1 " + one : n + " " + more; }
  function clock(at) { const when = new Date(at); return { zh: when.toLocaleString("zh-CN"), en: when.toLocaleString("en") }; }

  /* The words people said, out of an opened body. */
  function words(body) {
    const facts = (body && body.facts) || {};
    return ["text", "words"].map(function (name) { return facts[name]; }).filter(function (text) { return typeof text === "string" && text; });
  }

  /* Lines for what was thrown. */
  function wrong(error) {
    const word = error instanceof root.MinanVerifier.Wrong ? error.message : "";
    const pair = Object.prototype.hasOwnProperty.call(WRONG, word) && (!/\{n\}/.test(WRONG[word][0]) || error.n) ? WRONG[word] : OTHER;
    const text = pair.map(function (one) { return one.replace("{n}", error.n); });
    return [
      line("bad", "对不上。" + text[0], "This does not hold. " + text[1]),
      line("bad", "先别删。把这份凭据存下来，拿给上一级或任何一个见证人，他们自己也能验出来。", "Keep it. Save this receipt and show it to the level above or to any witness: they can check it themselves."),
    ];
  }

  /* Lines for a receipt that holds (MinanVerifier.receipt). */
  function good(found) {
    const events = found.events, size = found.checkpoint === null ? 0 : found.checkpoint.size, out = [];
    const open = events.filter(function (one) { return one.body !== null; }), shut = events.length - open.length;
    const inside = events.filter(function (one) { return one.index !== null; }), promised = events.filter(function (one) { return one.promised; });
    out.push(line("good", "这件事有 " + events.length + " 条记录，一条接一条，没有缺、没有换。", "This matter has " + many(events.length, "entry", "entries") + ", each following the one before; none is missing or replaced."));
    if (open.length) out.push(line("good", "说的话原样在册，没有被改动：", "What was said stands as it was, unchanged:", open.flatMap(function (one) { return words(one.body); })));
    if (shut) out.push(line("good", "另有 " + shut + " 条只看得到指纹：不是说给您的，或者按规定删去了内容。", "Of " + shut + " more only the fingerprint shows: not said to you, or erased by rule."));
    if (inside.length) {
      const last = inside[inside.length - 1];
      out.push(line("good", "收进了总账：最后收进的是第 " + (last.index + 1) + " 号，总账当时共 " + size + " 条。", "In the ledger: the latest one in is number " + (last.index + 1) + " of " + size + "."));
    }
    if (promised.length) out.push(line("good", promised.length + " 份受理承诺，签名都是真的。", many(promised.length, "promise", "promises") + "; every signature is genuine."));
    return out.concat(pending(found, events.length - inside.length), found.checkpoint === null ? [] : [witnessed(found.checkpoint)]);
  }
  function pending(found, left) {
    if (found.verdict === "waiting") return [line("wait", "最近 " + left + " 条还没到收进总账的时候。五分钟内该收进去，过一会儿再核对。", many(left, "entry is", "entries are") + " not due in the ledger yet. Five minutes are allowed; check again then.")];
    if (found.verdict === "overdue") return [line("bad", left + " 条早该收进总账，到现在没有。承诺没有兑现，这份凭据就是证据，请存下来。", many(left, "entry", "entries") + " should long be in the ledger and " + (left === 1 ? "is" : "are") + " not. The promise is broken; this receipt is the proof, keep it.")];
    return [];
  }
  function witnessed(point) {
    const signed = point.witnesses.length;
    const names = point.witnesses.map(function (one) { return one.name; }).join("、");
    if (!signed) return Object.assign(line("bad", "0 个独立见证人签过这本总账，只有办事的一方自己签了。", "0 independent witnesses have signed this ledger, only the office itself."), { aside: true });
    return line("good", signed + " 个独立见证人签了：" + names, many(signed, "independent witness", "independent witnesses") + " signed: " + names.replace(/、/g, ", "));
  }

  /* Lines on another checkpoint, saved earlier or elsewhere: how = "same", "grown", "split" or "unknown"; `at` when it was saved, or 0. */
  function compared(how, size, at) {
    const when = at ? clock(at) : null, zh = when ? when.zh : "另存", en = when ? "of " + when.en : "you saved";
    if (how === "same" || how === "grown") return line("good", "和" + zh + "的总账（" + size + " 条）接得上，以前的一条没改。", "It continues the ledger " + en + " (" + size + " entries); none of those was changed.");
    if (how === "split") return line("bad", "出大事了：和" + zh + "的总账（" + size + " 条）对不上。总账被改写过，或者给您看的和给别人看的不是一本。把两份都存下来，拿给上一级、见证人或记者。",
      "This is serious: it contradicts the ledger " + en + " (" + size + " entries). The ledger was rewritten, or you are shown another one than other people. Save both and show them to the level above, a witness or a newspaper.");
    return line("wait", "和" + zh + "的总账（" + size + " 条）接不接得上，这次没能查到。", "Whether it continues the ledger " + en + " (" + size + " entries) could not be checked this time.");
  }

  /* How a checkpoint stands to an older one {size, root}; `proof` (list of hex) where the sizes differ, else null. */
  function compare(older, newer, proof) {
    const V = root.MinanVerifier;
    if (older.size > newer.size) return compare(newer, older, proof);
    if (older.size === newer.size) return V.hex(older.root) === V.hex(newer.root) ? "same" : "split";
    if (proof === null) return "unknown";
    return V.consistency(older.size, older.root, newer.size, newer.root, proof.map(V.unhex)) ? "grown" : "split";
  }

  /* Of all lines together: "bad" where something is false, "wait" where something is not due yet, else "good". */
  function verdict(lines) {
    const kinds = lines.filter(function (one) { return !one.aside; }).map(function (one) { return one.kind; });
    return kinds.includes("bad") ? "bad" : kinds.includes("wait") ? "wait" : "good";
  }

  /* Draws lines as list items into `box` in one language. */
  function draw(box, lines, lang) {
    box.replaceChildren();
    lines.forEach(function (one) {
      const item = document.createElement("li"), sign = document.createElement("b"), text = document.createElement("span");
      item.className = "check check--" + one.kind;
      sign.textContent = { good: "✓", wait: "…", bad: "✗" }[one.kind];
      sign.setAttribute("aria-label", { good: lang === "en" ? "holds" : "对", wait: lang === "en" ? "not yet" : "等", bad: lang === "en" ? "fails" : "不对" }[one.kind]);
      sign.setAttribute("role", "img");
      text.textContent = lang === "en" ? one.en : one.zh;
      item.append(sign, text);
      one.said.forEach(function (said) { const quote = document.createElement("blockquote"); quote.className = "said small"; quote.textContent = said; item.append(quote); });
      box.append(item);
    });
  }

  root.MinanTold = { wrong: wrong, good: good, compared: compared, compare: compare, line: line, verdict: verdict, draw: draw };
})(globalThis);
