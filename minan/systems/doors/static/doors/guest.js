/* The visitor's pass out of the address, behind the #: drawn here, sent to nobody. */
(function () {
  "use strict";
  const text = location.hash.slice(1), pass = Keep.read(text), show = (name) => { document.getElementById("guest-" + name).hidden = false; };
  if (!pass) { show("wrong"); return; }
  const two = (n) => String(n).padStart(2, "0"), clock = (at) => { const d = new Date(at * 1000); return two(d.getMonth() + 1) + "-" + two(d.getDate()) + " " + two(d.getHours()) + ":" + two(d.getMinutes()); };
  document.getElementById("guest-when").textContent = clock(pass.begins) + " — " + clock(pass.ends).slice(6);
  const now = Date.now() / 1000;
  if (now > pass.ends) { show("over"); return; }
  if (now < pass.begins) show("early");
  show("code");
  Qr.draw(document.querySelector("#guest-code svg"), text);
})();
