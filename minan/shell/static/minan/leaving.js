/* Signing out makes the browser forget this site, for the next person at the same desk. Where records made without network still wait on
   this phone (a database of ours with rows in the box "record"), whoever signs out is asked first. */
(function () {
  "use strict";
  function done(request) {
    return new Promise(function (resolve, reject) {
      request.onsuccess = function () { resolve(request.result); };
      request.onerror = request.onblocked = reject;
    });
  }
  async function waiting() {
    let sum = 0;
    for (const found of await indexedDB.databases()) {
      if (!found.name.startsWith("minan-")) continue;
      const open = await done(indexedDB.open(found.name));
      if (open.objectStoreNames.contains("rows")) sum += await done(open.transaction("rows").objectStore("rows").index("box").count("record"));
      open.close();
    }
    return sum;
  }
  document.addEventListener("submit", async function (event) {
    const form = event.target, words = document.body.dataset.unsent;
    if (!words || !new URL(form.action).pathname.endsWith("/logout/") || !window.indexedDB || !indexedDB.databases) return;
    event.preventDefault();
    const sum = await waiting().catch(function () { return 0; });
    if (!sum || window.confirm(words.replace("{n}", sum))) form.submit();
  }, true);
})();
