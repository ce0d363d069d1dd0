/* The duty desk's screen rings: by the event stream (minan:help) where there is one, and by asking every three seconds besides.

   It sounds by minan/sound.js, tells the lane that it rings (so that no other channel must), and
   says loudly when nobody answers. A drill is answered in silence. */
(function () {
  "use strict";
  const box = document.getElementById("ringing"), deaf = document.getElementById("deaf");
  const EVERY = 3000, told = new Set();
  if (!box) return;
  let ringing = false;

  function ring() { // as long as something is open and nobody has it; minan/sound.js plays it once the browser lets it
    if (ringing) document.dispatchEvent(new CustomEvent("minan:alarm", { detail: { why: "call" } }));
  }
  function seen(call) {
    const key = call.seen + ":" + (call.turn || 0);
    if (told.has(key)) return;
    told.add(key);
    fetch(box.dataset.seen + call.seen + "/screen/", { method: "POST" }).catch(function () { told.delete(key); });
  }
  function card(call) {
    const made = document.createElement("article");
    made.className = "press__said stack-s is-" + (call.stopped ? "coming" : "sent");
    made.dataset.press = call.press;
    const head = [call.place || call.unit || "", call.after].filter(Boolean).join(" · ");
    [["press__words", head], ["press__late", call.urgent ? box.dataset.late : ""], ["", call.words || ""]].forEach(function (pair) {
      if (!pair[1]) return;
      const line = document.createElement("p");
      if (pair[0]) line.className = pair[0];
      line.textContent = pair[1];
      made.append(line);
    });
    const link = document.createElement("a");
    link.className = "btn btn--wide btn--main";
    link.href = box.dataset.go + call.press + "/";
    link.textContent = box.dataset.words;
    made.append(link);
    return made;
  }
  function draw(calls) {
    calls.forEach(seen);
    const real = calls.filter(function (call) { return !call.drill; });
    box.replaceChildren.apply(box, real.map(card));
    const was = ringing;
    ringing = real.some(function (call) { return !call.stopped; });
    if (ringing && !was) ring();
  }
  async function look() {
    try {
      const answer = await fetch(box.dataset.open, { credentials: "same-origin", redirect: "error" });
      const got = await answer.json();
      deaf.hidden = got.answers;
      if (got.answers) draw(got.calls);
    } catch (error) { deaf.hidden = false; }
  }
  document.addEventListener("minan:help", function (event) { seen(event.detail); look(); });
  setInterval(ring, 1500);
  setInterval(look, EVERY);
  look();
})();
