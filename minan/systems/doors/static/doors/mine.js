/* Where this phone has no key for a home yet, the button for its code leads to making one. */
(function () {
  "use strict";
  if (!window.indexedDB) return;
  document.querySelectorAll("[data-has]").forEach(async function (link) {
    const row = await Keep.get(link.dataset.has).catch(() => null);
    if (!row || !row.phone) link.href = link.dataset.setUp;
  });
})();
