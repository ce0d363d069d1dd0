/* "Tell me here": asks the browser only when the button is pressed, and hands its subscription in with the form. */
(function () {
  "use strict";
  const box = document.querySelector("[data-push]");
  if (!box || !box.dataset.push || !("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return;
  const form = box.querySelector("[data-push-form]"), no = box.querySelector("[data-push-no]"), press = box.querySelector("[data-push-ask]");
  form.hidden = false;
  box.querySelector("[data-push-none]").hidden = true;

  function bytes(text) {
    const padded = (text + "===".slice((text.length + 3) % 4)).replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(padded), function (letter) { return letter.charCodeAt(0); });
  }
  async function subscription() {
    if ((await Notification.requestPermission()) !== "granted") throw new Error("refused");
    const worker = await navigator.serviceWorker.ready;
    const held = await worker.pushManager.getSubscription();
    return held || worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(box.dataset.push) });
  }
  press.addEventListener("click", async function () {
    press.disabled = true;
    no.hidden = true;
    try {
      form.elements.subscription.value = JSON.stringify(await subscription());
      form.submit();
    } catch (error) {
      press.disabled = false;
      no.hidden = false;
    }
  });
})();
