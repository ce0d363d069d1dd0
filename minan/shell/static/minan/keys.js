/* The desk by keyboard: J K move over rows, Enter opens, letters press the button that shows them (data-key), / searches, ? lists all. */
(function () {
  "use strict";
  const help = document.getElementById("key-help");

  function typing(target) {
    return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
  }
  function rows() { return Array.from(document.querySelectorAll("[data-row]")).filter(function (row) { return row.offsetParent; }); }
  function move(by) {
    const all = rows();
    if (!all.length) return;
    let at = all.indexOf(document.activeElement);
    if (at < 0) at = all.findIndex(function (row) { return row.getAttribute("aria-current"); });
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  function press(letter) {
    const wanted = Array.from(document.querySelectorAll("[data-key]")).find(function (one) {
      return one.dataset.key.toLowerCase() === letter && one.offsetParent && !one.disabled;
    });
    if (!wanted) return false;
    if (["INPUT", "TEXTAREA", "SELECT"].includes(wanted.tagName)) { wanted.focus(); if (wanted.select) wanted.select(); } else wanted.click();
    return true;
  }
  function list() {
    const box = help.querySelector("[data-key-list]");
    box.replaceChildren();
    document.querySelectorAll("button[data-key], a[data-key]").forEach(function (one) {
      if (!one.offsetParent) return;
      const dt = document.createElement("dt"), dd = document.createElement("dd"), kbd = document.createElement("kbd");
      kbd.textContent = one.dataset.key.toUpperCase();
      const copy = one.cloneNode(true);
      copy.querySelectorAll("kbd").forEach(function (mark) { mark.remove(); });
      dd.textContent = copy.textContent.trim();
      dt.append(kbd);
      box.append(dt, dd);
    });
  }

  const opened = document.querySelector("[data-row][aria-current]");
  if (opened) opened.scrollIntoView({ block: "nearest" }); // the list stands where it was left
  document.addEventListener("keydown", function (event) {
    if (event.isComposing) return; // an input method is choosing characters
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest && event.target.closest("form");
      if (form) { event.preventDefault(); form.requestSubmit(form.querySelector("[data-main]") || undefined); }
      return;
    }
    if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (help && help.open) return;
    const letter = event.key.toLowerCase();
    if (letter === "j" || letter === "k") { event.preventDefault(); move(letter === "j" ? 1 : -1); return; }
    if (event.key === "?" && help && help.showModal) { event.preventDefault(); list(); help.showModal(); return; }
    if (letter.length === 1 && press(letter)) event.preventDefault();
  });
})();
