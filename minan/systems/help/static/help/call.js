/* The part of a call's page that moves is asked anew every two seconds; when the state itself changed, the page is. */
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
        box.replaceChildren.apply(box, Array.from(page.body.childNodes));
        if (state() !== was && !document.getElementById("do")) { location.replace(location.pathname); return; }
      }
    } catch (error) { /* the next look */ }
    setTimeout(look, EVERY);
  }
  setTimeout(look, EVERY);
})();
