/* A voice note recorded in the browser, put into the file input beside it; where a browser cannot, the plain input stays. */
(function () {
  "use strict";
  const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
  if (!window.MediaRecorder || !window.DataTransfer || !navigator.mediaDevices) return;
  const kind = KINDS.find(function (one) { return MediaRecorder.isTypeSupported(one); });
  if (!kind) return;

  function begin(box) {
    const input = box.querySelector("input[type=file]");
    const live = box.querySelector("[data-voice-live]");
    const go = box.querySelector("[data-voice-go]");
    const words = box.querySelector("[data-voice-words]");
    const told = box.querySelector("[data-voice-told]");
    const heard = box.querySelector("[data-voice-heard]");
    const most = Number(box.dataset.most);
    let recorder = null;
    let clock = 0;
    if (!input || !live) return;
    live.hidden = false;
    words.textContent = box.dataset.start;

    function show(recording) {
      go.setAttribute("aria-pressed", recording ? "true" : "false");
      words.textContent = recording ? box.dataset.stop : input.files.length ? box.dataset.again : box.dataset.start;
    }
    function done(parts, stream) {
      window.clearInterval(clock);
      stream.getTracks().forEach(function (track) { track.stop(); });
      const carrier = new DataTransfer();
      const sound = new Blob(parts, { type: kind });
      if (sound.size) carrier.items.add(new File([sound], "voice", { type: kind }));
      input.files = carrier.files;
      if (heard.src) URL.revokeObjectURL(heard.src);
      heard.hidden = !sound.size;
      if (sound.size) heard.src = URL.createObjectURL(sound);
      recorder = null;
      show(false);
    }
    function record(stream) {
      const parts = [];
      const since = Date.now();
      recorder = new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: 24000 });
      recorder.addEventListener("dataavailable", function (event) { if (event.data.size) parts.push(event.data); });
      recorder.addEventListener("stop", function () { done(parts, stream); });
      recorder.start();
      clock = window.setInterval(function () {
        const seconds = Math.floor((Date.now() - since) / 1000);
        told.textContent = seconds + " / " + most;
        if (seconds >= most && recorder && recorder.state === "recording") recorder.stop();
      }, 250);
      show(true);
    }
    go.addEventListener("click", function () {
      if (recorder) {
        if (recorder.state === "recording") recorder.stop();
        return;
      }
      navigator.mediaDevices.getUserMedia({ audio: true }).then(record).catch(function () {
        told.textContent = box.dataset.no;
      });
    });
  }
  document.querySelectorAll("[data-voice]").forEach(begin);
})();
