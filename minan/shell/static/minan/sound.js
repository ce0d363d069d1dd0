/* Sound that a browser allows: it plays only after a press on the page, so [data-sound-on] is pressed once (and plays a test tone), and as
   long as no sound can be heard [data-sound-off] says so. "minan:alarm" with {why: "call" | "alarm" | "line" | "test"} plays it; "why" is
   one of TONES. [data-sound-test] plays the test tone again. Nothing is downloaded: the tones are made here. */
(function () {
  "use strict";
  const TONES = { // hertz, seconds; again and again is whoever asks
    call: [[988, 0.22], [740, 0.22], [988, 0.22], [740, 0.22], [988, 0.4]],
    alarm: [[660, 0.18], [0, 0.08], [660, 0.18], [0, 0.08], [660, 0.18]],
    line: [[330, 0.3], [0, 0.1], [247, 0.5]],
    test: [[660, 0.12], [880, 0.18]]
  };
  const Made = window.AudioContext || window.webkitAudioContext;
  const AHEAD = 3; // seconds of tones that may wait for their turn
  let sound = null, until = 0, before = -1, stuck = false;

  function on() { return Boolean(sound && sound.state === "running" && !stuck); }
  function show() {
    document.querySelectorAll("[data-sound-off]").forEach(function (one) { one.hidden = on(); });
    document.querySelectorAll("[data-sound-is]").forEach(function (one) { one.hidden = !on(); });
    document.body.dataset.sound = on() ? "on" : "off";
  }
  function begin() {
    if (!Made) return Promise.resolve();
    if (!sound) { sound = new Made(); sound.onstatechange = show; }
    return sound.state === "running" ? Promise.resolve() : sound.resume().catch(function () {});
  }
  function play(why) {
    if (!on() || !TONES[why] || until - sound.currentTime > AHEAD) return;
    let at = Math.max(sound.currentTime + 0.02, until); // one after the other
    TONES[why].forEach(function (tone) {
      if (tone[0]) {
        const voice = sound.createOscillator(), loud = sound.createGain();
        voice.type = "square";
        voice.frequency.value = tone[0];
        loud.gain.setValueAtTime(0.0001, at);
        loud.gain.linearRampToValueAtTime(why === "test" ? 0.15 : 0.4, at + 0.02);
        loud.gain.setValueAtTime(why === "test" ? 0.15 : 0.4, at + tone[1] - 0.03);
        loud.gain.linearRampToValueAtTime(0.0001, at + tone[1]);
        voice.connect(loud).connect(sound.destination);
        voice.start(at);
        voice.stop(at + tone[1]);
      }
      at += tone[1];
    });
    until = at;
    document.body.dataset.rang = why + " " + Date.now();
  }
  document.addEventListener("click", function (event) {
    const pressed = event.target.closest("[data-sound-on], [data-sound-test]");
    if (pressed) begin().then(function () { show(); play("test"); });
    else if (sound && !on()) begin().then(show); // any press wakes it where it fell asleep
  });
  document.addEventListener("minan:alarm", function (event) { play(event.detail && event.detail.why); });
  begin().then(show); // where the browser trusts this page it is on at once; where not, this never answers
  show();
  setInterval(function () { // a device that was pulled out, a night's sleep
    stuck = Boolean(sound && sound.state === "running" && sound.currentTime === before); // its clock stands: nothing is heard
    before = sound ? sound.currentTime : -1;
    if (sound && sound.state !== "running") begin().then(show);
    show();
  }, 5000);
})();
