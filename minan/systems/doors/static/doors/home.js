/* Makes this phone a key of the home: its own key pair, and where the home has none yet the one its lines are sealed to. */
(function () {
  "use strict";
  const box = document.querySelector("[data-phone]"), button = box.querySelector("button"), said = box.querySelector("[data-wrong]");
  const there = (on) => { box.querySelector("[data-there]").hidden = !on; button.hidden = on; };
  async function register() {
    button.disabled = true;
    said.textContent = "";
    try {
      const held = (await Keep.get(box.dataset.home)) || { home: box.dataset.home }, waiting = await Keep.get("joining");
      if (!held.secret && waiting && Keep.pointOf(waiting.secret) === box.dataset.seal) { held.secret = waiting.secret; await Keep.remove("joining"); }
      const phone = await Keep.newPhone(), seal = held.secret ? null : await Keep.newSeal();
      const form = new FormData(box.querySelector("form"));
      form.set("point", phone.point);
      form.set("seal", seal ? seal.point : Keep.pointOf(held.secret));
      const answer = await fetch(box.dataset.to, { method: "POST", body: form }), told = await answer.json();
      if (!answer.ok) throw new Error(told.wrong || "");
      const ours = seal && told.seal === seal.point ? seal.secret : held.secret || "";
      await Keep.put({ home: told.home, name: told.name, phone: told.phone, pair: phone.pair, seal: told.seal, secret: ours });
      location.href = box.dataset.key + "#" + told.home;
    } catch (wrong) {
      said.textContent = wrong.message && !/fetch|JSON/.test(wrong.message) ? wrong.message : box.dataset.lost;
      button.disabled = false;
    }
  }
  if (!Keep.able()) { said.textContent = box.dataset.short; return; }
  button.disabled = false;
  button.addEventListener("click", register);
  Keep.get(box.dataset.home).then((row) => there(Boolean(row && row.phone)));
})();
