/* A scanned invitation: the code goes into the field, the home's key stays in this phone until the page of the home says which it is. */
(function () {
  "use strict";
  const [code, secret] = location.hash.slice(1).split(".");
  if (!code) return;
  document.getElementById("code").value = code;
  history.replaceState(null, "", location.pathname);
  if (secret && Keep.able()) Keep.put({ home: "joining", secret: secret }).catch(() => {});
})();
