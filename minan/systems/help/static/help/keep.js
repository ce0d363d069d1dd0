/* The secret behind # of the slip's QR code: out of the address at once, into the form, and sent. */
(function () {
  "use strict";
  const form = document.querySelector("[data-keep-form]");
  let secret = "";
  try { secret = decodeURIComponent(location.hash.slice(1)); } catch (error) { secret = ""; }
  if (!form || !/^[0-9A-Za-z-]{20,40}$/.test(secret)) return;
  history.replaceState(null, "", location.pathname);
  form.elements.secret.value = secret;
  form.requestSubmit();
})();
