/* On every page: the service worker, the sign of no network, folds opened for print, one press per button, htmx's token. */
(function () {
  "use strict";
  const body = document.body;
  if ("serviceWorker" in navigator && window.isSecureContext && body.dataset.worker) {
    navigator.serviceWorker.register(body.dataset.worker).catch(function () {});
  }

  function network() {
    document.querySelectorAll("[data-offline]").forEach(function (box) { box.hidden = navigator.onLine; });
  }
  window.addEventListener("online", network);
  window.addEventListener("offline", network);
  network();

  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details:not([open])").forEach(function (fold) { fold.open = true; fold.dataset.printed = "1"; });
  });
  window.addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-printed]").forEach(function (fold) { fold.open = false; delete fold.dataset.printed; });
  });
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  // A second press while the first is on its way sends nothing; the button wakes again after a while or on coming back.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (event.defaultPrevented || (form.method || "get").toLowerCase() !== "post") return;
    if (form.dataset.going) { event.preventDefault(); return; }
    form.dataset.going = "1";
    form.setAttribute("aria-busy", "true");
    window.setTimeout(function () { wake(form); }, 15000);
  });
  function wake(form) { delete form.dataset.going; form.removeAttribute("aria-busy"); }
  window.addEventListener("pageshow", function () { document.querySelectorAll("form[data-going]").forEach(wake); });

  document.addEventListener("htmx:configRequest", function (event) {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token) event.detail.headers["X-CSRFToken"] = token.value;
  });
  document.addEventListener("htmx:sendError", function () { said(body.dataset.lost); });
  function said(words) {
    const live = document.getElementById("live");
    if (live && words) { const box = document.createElement("span"); box.className = "toast"; box.textContent = words; live.replaceChildren(box); }
  }
})();
