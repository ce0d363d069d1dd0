/* "Ring on this phone, too": asks the browser for its notice address when the button is pressed, and hands it in with the form. */
(function () {
  "use strict";
  document.querySelectorAll("form[data-ear]").forEach(function (form) { // the device's own notice, where the city has it switched on
    const key = form.dataset.ear, leaving = form.querySelector("[value=off]");
    if (!key || leaving || !("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return;
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      if (form.elements.subscription.value || form.dataset.asked) return;
      event.preventDefault();
      form.dataset.asked = "1";
      const raw = atob((key + "===".slice((key.length + 3) % 4)).replace(/-/g, "+").replace(/_/g, "/"));
      const bytes = Uint8Array.from(raw, function (letter) { return letter.charCodeAt(0); });
      Notification.requestPermission()
        .then(function () { return navigator.serviceWorker.ready; })
        .then(function (worker) { return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes }); })
        .then(function (made) { form.elements.subscription.value = JSON.stringify(made); }, function () {})
        .then(function () { form.submit(); });
    }, true);
  });
})();
