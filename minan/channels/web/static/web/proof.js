/* The resident's own check: fetches the receipt with the secret this browser holds, checks all of it here, tells it line by line,
   and remembers what the ledger and the matter looked like, so that next time nobody can show another past. Of a matter this
   browser does not keep anyhow (a borrowed phone, said without a name) it remembers nothing.

   localStorage "minan-ledger" = {text, at}: the last checkpoint that held; "minan-seen" = {CODE: {n, leaf}}: a matter's last entry. */
(function () {
  "use strict";
  const box = document.querySelector("[data-proof]");
  if (!box) return;
  const V = window.MinanVerifier, T = window.MinanTold, LEDGER = "minan-ledger", SEEN = "minan-seen", code = box.dataset.code;
  function part(name) { return box.querySelector("[data-proof-" + name + "]"); }
  let store = null, given = null, mine = null, secret = "";
  try { store = window.localStorage; store.getItem("x"); } catch (error) { store = null; }

  function kept(name, empty) { try { return JSON.parse(store.getItem(name)) || empty; } catch (error) { return empty; } }
  function keep(name, value) { try { store.setItem(name, JSON.stringify(value)); } catch (error) { /* full or refused: this check still holds */ } }
  function refuse(why) {
    part("busy").hidden = true;
    part("refused").textContent = part("refused").dataset[why];
    part("refused").hidden = false;
    part("form").hidden = why === "old";
  }
  async function read(address, options) {
    const answer = await fetch(address, Object.assign({ cache: "no-store", credentials: "omit" }, options));
    if (!answer.ok) throw new Error(answer.status === 429 ? "many" : answer.status === 404 ? "missing" : "lost");
    return answer.text();
  }

  /* How the checkpoint in this receipt stands to the one this browser saw last. */
  async function remembered(found, log) {
    const before = kept(LEDGER, null);
    if (!before) return [T.line("good", "这台手机记下了今天的总账，下次来会查以前的有没有被改。", "This device has noted today's ledger; next time it checks that the past was not changed.")];
    let older;
    try { older = V.checkpoint(before.text, log, []); } catch (error) { return [T.compared("split", 0, before.at)]; } // another key signs now
    const sizes = [older.size, found.checkpoint.size].sort(function (a, b) { return a - b; });
    let proof = null;
    if (sizes[0] !== sizes[1]) {
      try { proof = JSON.parse(await read("/proof/consistency?from=" + sizes[0] + "&to=" + sizes[1])).proof; } catch (error) { return [T.compared("unknown", older.size, before.at)]; }
    }
    return [T.compared(T.compare(older, found.checkpoint, proof), older.size, before.at)];
  }
  /* A matter only grows: what this browser saw of it must still stand. */
  function shrunk(found) {
    const before = kept(SEEN, {})[found.code];
    const still = !before || (found.events[before.n - 1] || {}).leaf === before.leaf;
    return still ? [] : [T.line("bad", "上次看到的第 " + before.n + " 条不见了，或者换了。这件事的记录被改过，把凭据存下来。", "Entry " + before.n + ", seen here last time, is gone or replaced. The record was changed; save this receipt.")];
  }
  function remember(found) {
    const last = found.events[found.events.length - 1];
    if (mine) keep(SEEN, Object.assign(kept(SEEN, {}), { [found.code]: { n: last.n, leaf: last.leaf } }));
    if (found.checkpoint !== null) keep(LEDGER, { text: given.checkpoint, at: Date.now() });
  }

  async function lines() {
    const log = V.verifierKey(await read("/proof/key"));
    const witnesses = (await read("/proof/witnesses")).split("\n").filter(Boolean).map(V.verifierKey);
    try {
      const found = V.receipt(given, { log: log, witnesses: witnesses }, Date.now());
      if (found.code !== code) throw new V.Wrong("other case");
      const told = T.good(found).concat(found.checkpoint === null ? [] : await remembered(found, log), shrunk(found));
      if (T.verdict(told) !== "bad") remember(found);
      return told;
    } catch (error) {
      if (error instanceof V.Wrong) return T.wrong(error);
      throw error;
    }
  }
  function show(told) {
    const verdict = part("verdict"), kind = T.verdict(told);
    verdict.textContent = verdict.dataset[kind];
    verdict.className = "check--" + kind;
    T.draw(box.querySelector(".checks"), told, /^en/.test(document.documentElement.lang) ? "en" : "zh");
    part("busy").hidden = true;
    part("found").hidden = part("more").hidden = false;
    verdict.focus();
  }
  async function check() {
    part("form").hidden = part("refused").hidden = part("found").hidden = part("more").hidden = true;
    part("busy").hidden = false;
    try {
      given = JSON.parse(await read(box.dataset.receiptUrl, { method: "POST", headers: { Authorization: "Receipt " + secret } }));
      show(await lines());
    } catch (error) { refuse(["many", "missing"].includes(error.message) ? error.message : "lost"); }
  }

  box.hidden = false;
  if (!V || !T) { refuse("old"); return; }
  part("form").addEventListener("submit", function (event) {
    event.preventDefault();
    secret = document.getElementById("proof-secret").value.toUpperCase().replace(/[^0-9A-Z]/g, "");
    check();
  });
  part("again").addEventListener("click", check);
  part("save").addEventListener("click", function () {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(given)], { type: "application/json" }));
    link.download = "minan-" + code + ".json";
    link.click();
    URL.revokeObjectURL(link.href);
  });
  mine = kept("minan-matters", []).find(function (one) { return String(one.code).replace(/[^0-9A-Za-z]/g, "").toUpperCase() === code; });
  if (mine && mine.secret) { secret = mine.secret; check(); } else part("form").hidden = false;
})();
