/* Keeps what a person typed, form by form, until the server has taken it; gives it back after an error, a crash or a lost line.
   Password fields, hidden fields and forms with data-nodraft are never kept; of photos only that there were some; recordings by voice.js. Taken is: the page that came as the answer to the
   sending is one of ours, not an error or sign-in page (body[data-keep]) and does not show this form with an error;
   or any page with [data-sent="form key"]. Going back or reloading after a lost line is never taken for an answer. */
(function () {
  "use strict";
  const PREFIX = "minan-draft:" + (document.body.dataset.who || "") + ":"; // one desk, several people: each finds their own words
  const KEPT_DAYS = 7;
  const MOST = 20000; // characters of one form
  let store;
  try { store = window.localStorage; store.getItem("x"); } catch (error) { return; }

  function key(form) {
    return PREFIX + (form.dataset.draft || new URL(form.getAttribute("action") || location.pathname, location.href).pathname);
  }
  function fields(form) {
    return Array.from(form.elements).filter(function (field) {
      return field.name && !field.disabled && !["hidden", "password", "file", "submit", "button"].includes(field.type) && !("nodraft" in field.dataset);
    });
  }
  function read(form) {
    const values = {};
    fields(form).forEach(function (field) {
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked) (values[field.name] = values[field.name] || []).push(field.value);
      } else if (field.value) values[field.name] = [field.value];
    });
    return values;
  }
  function photos(form) {
    return Array.from(form.elements).reduce(function (sum, field) { return sum + (field.type === "file" && !field.closest("[data-voice]") ? field.files.length : 0); }, 0);
  }
  function drop(name) { store.removeItem(name); store.removeItem(name + "#voice"); } // what was recorded (voice.js) goes with what was typed
  function nameless(form) { return Boolean(form.elements.anonymous && form.elements.anonymous.checked); }
  function save(form) {
    if (nameless(form)) { drop(key(form)); return; } // who speaks without a name leaves nothing on the phone
    const text = JSON.stringify({ at: Date.now(), values: read(form), photos: photos(form) });
    try { if (text.length <= MOST) store.setItem(key(form), text); } catch (error) { /* full: the page still works */ }
  }
  function restore(form) {
    let kept;
    try { kept = JSON.parse(store.getItem(key(form)) || "null"); } catch (error) { kept = null; }
    if (!kept) return false;
    let changed = false;
    if (kept.photos && !form.querySelector("[name=kept]")) { again(form); changed = true; }
    if (form.dataset.filled !== undefined) return changed;
    fields(form).forEach(function (field) {
      const values = kept.values[field.name];
      if (!values) return;
      if (field.type === "checkbox" || field.type === "radio") {
        const on = values.includes(field.value);
        if (on !== field.checked) { field.checked = on; changed = true; }
      } else if (!field.value || field.value === field.defaultValue) {
        if (field.value !== values[0]) { field.value = values[0]; changed = true; }
      }
    });
    return changed;
  }
  function again(form) { // a browser keeps no files: the person is told to choose them once more
    const box = form.querySelector("[data-photos]"), line = document.createElement("p");
    if (!box || !document.body.dataset.again) return;
    line.className = "small";
    line.setAttribute("role", "status");
    line.textContent = document.body.dataset.again;
    box.before(line);
  }
  function tidy() {
    const old = Date.now() - KEPT_DAYS * 86400000;
    for (let n = store.length - 1; n >= 0; n--) {
      const name = store.key(n);
      if (!name || !name.startsWith("minan-draft:")) continue;
      let at = 0;
      try { at = JSON.parse(store.getItem(name)).at; } catch (error) { at = 0; }
      if (at < old) store.removeItem(name);
    }
  }

  const GOING = "minan-going";
  function wrong(form) { return Boolean(form.querySelector(".is-bad, [role=alert]")); }
  function forms(name) { return Array.from(document.querySelectorAll("form")).filter(function (form) { return key(form) === name; }); }
  function answered() {
    let going = null;
    try { going = JSON.parse(sessionStorage.getItem(GOING) || "null"); sessionStorage.removeItem(GOING); } catch (error) { return; }
    const how = (performance.getEntriesByType("navigation")[0] || {}).type;
    if (!going || how !== "navigate" || !document.referrer || document.body.dataset.keep !== undefined) return;
    if (new URL(document.referrer).pathname !== going.from) return;
    if (!forms(going.key).some(wrong)) drop(going.key);
  }

  tidy();
  answered();
  document.querySelectorAll("[data-sent]").forEach(function (mark) { drop(PREFIX + mark.dataset.sent); });
  function attach(form) {
    if (form.dataset.nodraft !== undefined || form.dataset.drafting || (form.method || "get").toLowerCase() !== "post") return;
    if (!fields(form).some(function (field) { return field.tagName === "TEXTAREA" || field.type === "text" || field.type === "tel"; })) return;
    form.dataset.drafting = key(form);
    if (restore(form)) {
      const told = form.querySelector("[data-draft-told]");
      if (told) told.hidden = false;
      form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
    }
    let timer;
    form.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(function () { save(form); }, 300); });
    form.addEventListener("submit", function () {
      clearTimeout(timer);
      save(form);
      try { sessionStorage.setItem(GOING, JSON.stringify({ key: key(form), from: location.pathname })); } catch (error) { /* kept all the same */ }
    });
    form.addEventListener("htmx:afterRequest", function (event) {
      if (event.detail.elt === form && event.detail.successful && !wrong(form)) drop(key(form));
    });
    form.addEventListener("reset", function () { drop(key(form)); });
    form.querySelectorAll("[data-draft-drop]").forEach(function (button) {
      button.addEventListener("click", function () { drop(key(form)); form.reset(); });
    });
  }
  document.querySelectorAll("form").forEach(attach);
  document.addEventListener("htmx:afterSwap", function (event) { event.detail.target.querySelectorAll("form").forEach(attach); });
})();
