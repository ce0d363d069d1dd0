/* The visitor's pass out of the address, behind the #: drawn here, sent to nobody. */
(function () {
  "use strict";
  const text = location.hash.slice(1), pass = Keep.read(text), show = (name) => { document.getElementById("guest-" + name).hidden = false; };
  if (!pass) { show("wrong"); return; }
  const over = Date.now() / 1000 > pass.ends;
  document.getElementById("guest-how").hidden = over;
  document.getElementById("guest-when").textContent = Keep.clock(pass.begins) + " — " + Keep.clock(pass.ends, true);
  const now = Date.now() / 1000;
  if (over) { show("over"); return; }
  if (now < pass.begins) show("early");
  show("code");
  Qr.draw(document.querySelector("#guest-code svg"), text);
})();
