/* The page that runs from disk: reads what was pasted or chosen, checks it with the verifier above, tells it in either language. */
(function () {
  "use strict";
  const V = globalThis.MinanVerifier, T = globalThis.MinanTold;
  const VERDICTS = {
    bad: ["有对不上的地方", "Something does not hold"], wait: ["到现在都对，还有没到时候的", "All holds so far; some is not due yet"],
    good: ["都对得上", "Everything holds"],
  };
  const box = function (id) { return document.getElementById(id); };
  let english = !/^zh/i.test(navigator.language || "zh"), told = null;

  function tongue() {
    document.documentElement.lang = english ? "en" : "zh-Hans";
    document.querySelectorAll("[data-en]").forEach(function (one) {
      if (one.dataset.zh === undefined) one.dataset.zh = one.textContent;
      one.textContent = english ? one.dataset.en : one.dataset.zh;
    });
    box("tongue").textContent = english ? "中文" : "English";
    box("tongue").lang = english ? "zh" : "en";
    show();
  }
  function show() {
    if (told === null) return;
    const verdict = box("verdict"), kind = T.verdict(told);
    verdict.textContent = VERDICTS[kind][english ? 1 : 0];
    verdict.className = kind;
    verdict.hidden = false;
    T.draw(box("lines"), told, english ? "en" : "zh");
  }
  function keys(text) { return text.split("\n").map(function (line) { return line.trim(); }).filter(Boolean).map(V.verifierKey); }
  function other(log, witnesses, newer) { // lines on a checkpoint of another day or person
    const text = box("saved").value.trim();
    if (!text || newer === null) return [];
    const older = V.checkpoint(text + "\n", log, witnesses), given = box("proof").value.trim();
    return [T.compared(T.compare(older, newer, given ? JSON.parse(given).proof : null), older.size, 0)];
  }
  function check() {
    try {
      const log = V.verifierKey(box("key").value), witnesses = keys(box("witnesses").value);
      const found = V.receipt(JSON.parse(box("receipt").value), { log: log, witnesses: witnesses }, Date.now());
      told = T.good(found).concat(other(log, witnesses, found.checkpoint));
    } catch (error) { told = T.wrong(error); }
    show();
    box("verdict").focus();
  }

  box("tongue").addEventListener("click", function () { english = !english; tongue(); });
  box("go").addEventListener("click", check);
  box("file").addEventListener("change", function () {
    const chosen = box("file").files[0];
    if (chosen) chosen.text().then(function (text) { box("receipt").value = text; });
  });
  tongue();
})();
