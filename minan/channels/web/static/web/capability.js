/* With what the speaker judges: 128 bits made in this browser when a matter is said, kept here, only their hash is sent.

   localStorage "minan-capabilities" = [{key, mark, letters, at}]: made for a form (its one-time key) and not yet on a receipt; a
   second press of the same form finds the same one. With the receipt it moves to the matter in "minan-matters" (secret.js).
   On the form:     <input type="hidden" name="capability" data-capability>             → filled with the hash
   On the receipt:  <div data-capability-of="CODE" data-mark="HASH" hidden><div data-letters></div></div>  → shown
   On a judgement:  <form data-code="CODE"> <input data-judge="speaker" | "server">     → filled with what this browser keeps */
(function () {
  "use strict";
  const PENDING = "minan-capabilities", MATTERS = "minan-matters", ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const KEPT_DAYS = 7, LETTERS = 26;
  let store;
  try { store = window.localStorage; store.getItem("x"); } catch (error) { return; }

  function list(name) {
    try { const found = JSON.parse(store.getItem(name) || "[]"); return Array.isArray(found) ? found : []; } catch (error) { return []; }
  }
  function write(name, rows) { try { store.setItem(name, JSON.stringify(rows)); return true; } catch (error) { return false; } }
  function bare(code) { return String(code || "").replace(/[^0-9A-Za-z]/g, "").toUpperCase(); }
  function matter(code) { return list(MATTERS).find(function (one) { return bare(one.code) === bare(code); }) || {}; }
  function hex(bytes) { return Array.from(bytes, function (b) { return b.toString(16).padStart(2, "0"); }).join(""); }
  function inFours(letters) { return letters.replace(/(.{4})(?=.)/g, "$1-"); }

  function fresh() { // 128 bits as 26 letters, five bits each, the first one three
    const bits = "00" + Array.from(window.crypto.getRandomValues(new Uint8Array(16)), function (b) { return b.toString(2).padStart(8, "0"); }).join("");
    return Array.from({ length: LETTERS }, function (_, i) { return ALPHABET[parseInt(bits.slice(5 * i, 5 * i + 5), 2)]; }).join("");
  }
  async function mark(letters) {
    return hex(new Uint8Array(await window.crypto.subtle.digest("SHA-256", new TextEncoder().encode("minan:receipt:" + letters))));
  }

  async function prepare(field) {
    const key = field.form.elements.key.value, since = Date.now() - KEPT_DAYS * 86400000;
    const rows = list(PENDING).filter(function (one) { return one.at > since; });
    const known = rows.find(function (one) { return one.key === key; });
    if (known) { field.value = known.mark; return; }
    const letters = fresh(), made = { key: key, mark: await mark(letters), letters: letters, at: Date.now() };
    if (write(PENDING, rows.concat([made]))) field.value = made.mark; // what cannot be kept is not sent
  }
  const field = document.querySelector("[data-capability]");
  if (field) field.form.addEventListener("submit", function () { // who speaks without a name leaves nothing on the phone
    if (!field.form.elements.anonymous || !field.form.elements.anonymous.checked) return;
    write(PENDING, list(PENDING).filter(function (one) { return one.key !== field.form.elements.key.value; }));
    field.value = "";
  });
  if (field && window.crypto && window.crypto.subtle) prepare(field).catch(function () { field.value = ""; });

  document.querySelectorAll("[data-capability-of]").forEach(function (box) {
    const made = list(PENDING).find(function (one) { return one.mark === box.dataset.mark; });
    const code = box.dataset.capabilityOf;
    if (made) {
      const matters = list(MATTERS), mine = matters.find(function (one) { return bare(one.code) === bare(code); });
      if (mine) { mine.capability = made.letters; if (write(MATTERS, matters)) write(PENDING, list(PENDING).filter(function (one) { return one.mark !== made.mark; })); }
    }
    const letters = made ? made.letters : matter(code).capability;
    if (!letters) return;
    box.querySelector("[data-letters]").textContent = inFours(letters);
    box.hidden = false;
    document.querySelectorAll("[data-capability-elsewhere]").forEach(function (words) { words.hidden = true; });
  });

  document.querySelectorAll("[data-judge]").forEach(function (input) {
    const kept = matter(input.form.dataset.code)[input.dataset.judge === "server" ? "secret" : "capability"];
    if (!kept || input.value) return;
    input.value = inFours(kept);
    input.form.querySelectorAll("[data-judge-known]").forEach(function (words) { words.hidden = false; });
    input.form.querySelectorAll("[data-judge-field]").forEach(function (box) { box.hidden = true; });
  });
})();
