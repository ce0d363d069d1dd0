/* Makes this phone a key of the home: its own key pair; and, as the first phone or when asked, the one the home's lines are sealed to. */
(function () {
  "use strict";
  const box = document.querySelector("[data-phone]"), button = box.querySelector("button"), said = box.querySelector("[data-wrong]");
  const anew = document.querySelector("[data-renew]"), renew = anew.querySelector("form button"), wrongly = anew.querySelector("[data-wrong]");
  const there = (on) => { box.querySelector("[data-there]").hidden = !on; button.hidden = on; };
  const kept = async () => (await Keep.get(box.dataset.home)) || { home: box.dataset.home };

  async function sent(part, fields) {
    const form = new FormData(part.querySelector("form"));
    Object.entries(fields).forEach(([name, value]) => form.set(name, value));
    const answer = await fetch(part.dataset.to, { method: "POST", body: form }), told = await answer.json();
    if (!answer.ok) throw new Error(told.wrong || "");
    return told;
  }
  function pressed(part, press, words, what) {
    return async function () {
      press.disabled = true;
      words.textContent = "";
      try { await what(); } catch (wrong) {
        words.textContent = wrong.message && !/fetch|JSON/.test(wrong.message) ? wrong.message : part.dataset.lost;
        press.disabled = false;
      }
    };
  }
  async function register() {
    let held = await kept();
    const waiting = await Keep.get("joining"), first = box.dataset.fresh === "1";
    if (!first && waiting && Keep.pointOf(waiting.secret) === box.dataset.seal) { held = Keep.renewed(held, waiting.secret, box.dataset.seal); await Keep.remove("joining"); }
    const phone = await Keep.newPhone(), seal = first || !held.secret ? await Keep.newSeal() : null;
    const told = await sent(box, { point: phone.point, seal: seal ? seal.point : Keep.pointOf(held.secret) });
    if (seal && told.seal === seal.point) held = Keep.renewed(held, seal.secret, told.seal);
    await Keep.put(Object.assign(held, { home: told.home, name: told.name, phone: told.phone, pair: phone.pair, seal: told.seal }));
    location.href = box.dataset.key + "#" + told.home;
  }
  async function change() {
    const seal = await Keep.newSeal(), told = await sent(anew, { seal: seal.point });
    await Keep.put(Object.assign(Keep.renewed(await kept(), seal.secret, told.seal), { home: told.home, name: told.name }));
    Qr.draw(anew.querySelector(".doors-qr"), location.origin + anew.dataset.paper + "#" + told.token + "." + seal.secret);
    anew.querySelector("[data-made]").hidden = false;
    renew.hidden = true;
  }
  if (!Keep.able()) { said.textContent = wrongly.textContent = box.dataset.short; return; }
  button.disabled = renew.disabled = false;
  button.addEventListener("click", pressed(box, button, said, register));
  renew.addEventListener("click", pressed(anew, renew, wrongly, change));
  Keep.get(box.dataset.home).then((row) => there(Boolean(row && row.phone)));
})();
