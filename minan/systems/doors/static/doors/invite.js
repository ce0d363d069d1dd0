/* The invitation as a code from phone to phone: behind the # stand the words to join with and the home's own key. */
(function () {
  "use strict";
  const box = document.querySelector("[data-invite]");
  if (!Keep.able()) return;
  Keep.get(box.dataset.home).then(function (row) {
    if (!row || !row.secret || Keep.pointOf(row.secret) !== box.dataset.seal) return;
    box.hidden = false;
    Qr.draw(box.querySelector("svg"), location.origin + box.dataset.to + "#" + box.dataset.code + "." + row.secret);
  }).catch(() => {});
})();
