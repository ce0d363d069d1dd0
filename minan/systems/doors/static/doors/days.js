/* Our seven days: fetches all sealed lines of the doors on our way and opens ours here, with the key that is in this phone or on the paper. */
(function () {
  "use strict";
  const box = document.querySelector("[data-days]"), show = (name, on) => { box.querySelector("[data-" + name + "]").hidden = !on; };
  const ways = box.dataset.ways.split(" ");

  async function ours() { // {secrets, how}: by account, or by the paper; a key before this one still opens what lies from its days
    const [token, secret] = location.hash.slice(1).split(".");
    if (!box.dataset.home) return secret ? { secrets: [secret], how: { method: "POST", headers: { Authorization: "Paper " + token } } } : null;
    let row = await Keep.get(box.dataset.home);
    const waiting = await Keep.get("joining");
    if (waiting && box.dataset.seal && Keep.pointOf(waiting.secret) === box.dataset.seal) {
      row = Keep.renewed(row || { home: box.dataset.home }, waiting.secret, box.dataset.seal);
      await Keep.put(row);
      await Keep.remove("joining");
    }
    if (!row || !row.secret) return null;
    show("newkey", Keep.pointOf(row.secret) !== box.dataset.seal);
    return { secrets: [row.secret, row.before].filter(Boolean), how: {} };
  }
  function table(day, rows) {
    const section = document.createElement("section"), head = document.createElement("h2"), list = document.createElement("ul");
    section.className = "sheet stack-s";
    head.textContent = Keep.date(day.slice(5, 7), day.slice(8, 10));
    rows.forEach(function (row) { const item = document.createElement("li"); item.textContent = row; list.append(item); });
    section.append(head, list);
    return section;
  }
  async function begin() {
    if (!Keep.able()) { show("nokey", true); return; }
    const mine = await ours();
    if (!mine) { show("nokey", true); return; }
    show("busy", true);
    const answer = await fetch(box.dataset.from, mine.how);
    if (answer.status === 404) { show("busy", false); show("ended", true); return; }
    if (!answer.ok) throw new Error();
    const said = await answer.json(), open = await Promise.all(mine.secrets.map(Keep.opener)), days = new Map();
    for (const door of said.doors) for (const [day, hour, point, lines] of door.hours) {
      for (const way of (await Promise.all(open.map((one) => one(point, Keep.unbase64(lines))))).flat()) {
        const when = hour < 0 ? box.dataset.all : box.dataset.hour.replace("{h}", hour);
        days.set(day, (days.get(day) || []).concat([[hour, when + "·" + door.name + "·" + (ways[way - 1] || "")]]));
      }
    }
    show("busy", false);
    show("nothing", days.size === 0);
    const sorted = Array.from(days).sort((a, b) => (a[0] < b[0] ? 1 : -1));
    box.querySelector("[data-list]").replaceChildren(...sorted.map(([day, rows]) => table(day, rows.sort((a, b) => b[0] - a[0]).map((row) => row[1]))));
    box.dataset.opened = "1";
  }
  begin().catch(function () { show("busy", false); show("lost", true); });
})();
