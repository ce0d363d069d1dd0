/* A recording made in the browser, put into the file input beside it; where a browser cannot record, the plain input stays.
   In a form that draft.js keeps, the recording is kept on the device too, until the server has taken it or it is thrown away. */
(function () {
  "use strict";
  const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
  const BITS = 24000; // a second: 120 s are 360 KB
  const LETTERS_MOST = 4000000; // of one recording on the device; a longer one is not kept
  if (!window.MediaRecorder || !window.DataTransfer || !navigator.mediaDevices) return;
  const kind = KINDS.find(function (one) { return MediaRecorder.isTypeSupported(one); });
  if (!kind) return;

  function begin(box) {
    const part = function (name) { return box.querySelector("[data-voice-" + name + "]"); };
    const input = box.querySelector("input[type=file]"), live = part("live"), go = part("go"), words = part("words");
    const told = part("told"), done = part("done"), heard = part("heard"), drop = part("drop");
    const most = Number(box.dataset.most);
    const draft = input && input.form ? input.form.dataset.drafting || "" : "";
    let recorder = null, clock = 0, pressed = null; // pressed: the button that wants to send while it still records
    if (!input || !live) return;

    function key() { return draft ? draft + "#voice" : ""; }
    function nameless() { const tick = input.form.elements.anonymous; return Boolean(tick && tick.checked); }
    function forget() {
      try { if (key()) window.localStorage.removeItem(key()); } catch (error) { /* the page still works */ }
    }
    function keep(sound, seconds) {
      if (!key() || nameless()) return;
      const reader = new FileReader();
      reader.addEventListener("load", function () {
        const text = JSON.stringify({ at: Date.now(), seconds: seconds, type: sound.type, data: String(reader.result).split(",")[1] });
        try { if (text.length <= LETTERS_MOST) window.localStorage.setItem(key(), text); } catch (error) { /* full: it is still in the page */ }
      });
      reader.readAsDataURL(sound);
    }
    function kept() {
      try {
        const found = JSON.parse(window.localStorage.getItem(key()) || "null");
        if (!found) return null;
        const bytes = Uint8Array.from(window.atob(found.data), function (letter) { return letter.charCodeAt(0); });
        return { sound: new Blob([bytes], { type: found.type }), seconds: found.seconds };
      } catch (error) { return null; }
    }

    function show(sound, seconds) { // null: nothing is recorded
      const carrier = new DataTransfer();
      if (sound) carrier.items.add(new File([sound], "voice", { type: sound.type }));
      input.files = carrier.files;
      if (heard.src) URL.revokeObjectURL(heard.src);
      heard.removeAttribute("src");
      if (sound) heard.src = URL.createObjectURL(sound);
      done.hidden = !sound;
      go.hidden = Boolean(sound);
      go.setAttribute("aria-pressed", "false");
      words.textContent = box.dataset.start;
      told.textContent = sound && seconds ? box.dataset.taken.replace("{s}", seconds) : "";
    }
    function ended(parts, stream, since) {
      window.clearInterval(clock);
      stream.getTracks().forEach(function (track) { track.stop(); });
      const sound = new Blob(parts, { type: kind }), seconds = Math.min(most, Math.max(1, Math.round((Date.now() - since) / 1000)));
      recorder = null;
      show(sound.size ? sound : null, seconds);
      if (!sound.size) { pressed = null; return; }
      keep(sound, seconds);
      input.dispatchEvent(new Event("input", { bubbles: true })); // what was typed is kept with it
      const send = pressed;
      pressed = null;
      if (send) input.form.requestSubmit(send); else drop.focus();
    }
    function record(stream) {
      const parts = [], since = Date.now();
      recorder = new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: BITS });
      recorder.addEventListener("dataavailable", function (event) { if (event.data.size) parts.push(event.data); });
      recorder.addEventListener("stop", function () { ended(parts, stream, since); });
      recorder.start();
      go.setAttribute("aria-pressed", "true");
      words.textContent = box.dataset.stop;
      told.textContent = "0 / " + most;
      clock = window.setInterval(function () {
        const seconds = Math.floor((Date.now() - since) / 1000);
        told.textContent = seconds + " / " + most;
        if (seconds >= most && recorder && recorder.state === "recording") recorder.stop();
      }, 250);
    }
    go.addEventListener("click", function () {
      if (recorder) {
        if (recorder.state === "recording") recorder.stop();
        return;
      }
      navigator.mediaDevices.getUserMedia({ audio: true }).then(record).catch(function () {
        told.textContent = box.dataset.no;
        input.hidden = false;
      });
    });
    drop.addEventListener("click", function () { forget(); show(null, 0); go.focus(); });
    input.addEventListener("change", function () { show(input.files[0] || null, 0); });
    input.form.addEventListener("submit", function (event) {
      if (!recorder) return;
      event.preventDefault();
      pressed = event.submitter;
      if (recorder.state === "recording") recorder.stop();
    });
    window.addEventListener("pagehide", function () { if (recorder && recorder.state === "recording") recorder.stop(); });

    live.hidden = false;
    input.hidden = true;
    const waiting = part("kept") ? null : kept();
    show(waiting && waiting.sound, waiting ? waiting.seconds : 0);
  }
  document.querySelectorAll("[data-voice]").forEach(begin);
})();
