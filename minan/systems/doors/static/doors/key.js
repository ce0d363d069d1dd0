/* The code before the door: drawn anew every 30 seconds, also without network; once a day, when there is one, a new pass is fetched. */
(function () {
  "use strict";
  const SPAN = 30, FRESH = 12 * 3600, box = document.getElementById("key");
  const part = (name) => document.getElementById("key-" + name), show = (name, on) => { part(name).hidden = !on; };
  let row = null, ahead = 0, drawn = 0, asked = 0, gone = false;
  const now = () => Math.floor(Date.now() / 1000) + ahead;

  async function fetchPass() {
    if (!row || gone || (row.ends || 0) - now() > FRESH || Date.now() - asked < 20000) return;
    asked = Date.now();
    try {
      const answer = await fetch(box.dataset.daily, { method: "POST", credentials: "omit", body: JSON.stringify(await Keep.ask(row, now())) });
      const said = await answer.json();
      if (said.now) ahead = row.ahead = said.now - Math.floor(Date.now() / 1000);
      if (answer.status === 410 && said.gone) { gone = row.tried === true; row.tried = true; if (!gone) { asked = 0; await fetchPass(); } return; }
      if (!answer.ok) return;
      Object.assign(row, { pass: said.pass, ends: said.ends, tried: false }, said.seal ? { seal: said.seal } : {}); // the home may have a new key
      await Keep.put(row);
      drawn = 0;
    } catch (wrong) { return; } // no network: what is kept does
  }
  async function turn() {
    const at = now(), good = row && !gone && row.pass && row.ends > at;
    show("code", good); show("left", good); show("good", good); show("gone", gone); show("old", row && !gone && !good && asked > 0);
    if (!good) return;
    const slot = Math.floor(at / SPAN);
    if (slot !== drawn) { drawn = slot; Qr.draw(part("code").querySelector("svg"), await Keep.show(row, at)); part("code").dataset.slot = slot; }
    part("left").textContent = part("left").dataset.words.replace("{n}", SPAN - (at % SPAN));
    part("good").textContent = part("good").dataset.words.replace("{at}", Keep.clock(row.ends));
  }
  async function begin() {
    if (navigator.serviceWorker && window.isSecureContext) navigator.serviceWorker.register(box.dataset.worker, { scope: location.pathname }).catch(() => {});
    const rows = Keep.able() ? (await Keep.all()).filter((one) => one.phone) : [];
    row = rows.find((one) => one.home === location.hash.slice(1)) || rows[0] || null;
    show("none", !row);
    if (!row) return;
    ahead = row.ahead || 0;
    part("name").textContent = row.name;
    part("more").replaceChildren(...rows.filter((one) => one !== row).map((one) => {
      const link = document.createElement("a");
      link.className = "btn btn--wide"; link.href = "#" + one.home; link.textContent = one.name;
      return link;
    }));
    await fetchPass();
    await turn();
    window.setInterval(() => { turn(); fetchPass(); }, 1000);
    if ("wakeLock" in navigator) navigator.wakeLock.request("screen").catch(() => {});
  }
  window.addEventListener("hashchange", () => location.reload());
  window.addEventListener("online", () => { asked = 0; fetchPass(); });
  begin();
})();
