/* The parts of a call's page that move are asked anew every two seconds; when the state itself changed, the page is. */
(function () {
  "use strict";
  const box = document.getElementById("moving"), EVERY = 2000;
  if (!box || !box.dataset.livePart) return;
  function state() { const found = box.querySelector("[data-state]"); return found ? found.dataset.state : ""; }
  async function look() {
    try {
      const answer = await fetch(box.dataset.livePart, { credentials: "same-origin", redirect: "error" });
      if (answer.ok) {
        const was = state(), page = new DOMParser().parseFromString(await answer.text(), "text/html");
        page.querySelectorAll("[data-part]").forEach(function (fresh) {
          const old = document.querySelector("main [data-part=" + fresh.dataset.part + "]");
          if (old) old.replaceChildren.apply(old, Array.from(fresh.childNodes));
        });
        if (state() !== was && !document.getElementById("do")) { location.replace(location.pathname); return; }
      }
    } catch (error) { /* the next look */ }
    setTimeout(look, EVERY);
  }
  setTimeout(look, EVERY);
})();
