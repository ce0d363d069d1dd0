/* The field's own words, small builders of elements, and time in words. Everything of the field hangs on window.Field. */
(function () {
  "use strict";
  const F = window.Field = {};
  const root = document.getElementById("field");
  const texts = JSON.parse(root.dataset.texts);
  F.lang = document.body.dataset.lang === "en" ? "en" : "zh-hans";
  F.root = root;
  F.HOURS = 72; // the data may be so old before the page says that it is old

  F.t = function (name, values) {
    const text = texts[name];
    if (text === undefined) throw new Error("no text: " + name);
    return text.replace(/\{(\w+)\}/g, function (_all, key) { return String((values || {})[key]); });
  };

  // el("p.small.quiet", {id: "x"}, "words", child, null): never markup, only text nodes.
  F.el = function (what, attributes) {
    const parts = what.split("."), node = document.createElement(parts.shift());
    if (parts.length) node.className = parts.join(" ");
    Object.entries(attributes || {}).forEach(function (entry) {
      const name = entry[0], value = entry[1];
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    });
    Array.from(arguments).slice(2).flat(3).forEach(function (child) {
      if (child !== null && child !== undefined && child !== false && child !== "") node.append(child);
    });
    return node;
  };
  F.icon = function (name) {
    const space = "http://www.w3.org/2000/svg", drawing = document.createElementNS(space, "svg"), use = document.createElementNS(space, "use");
    drawing.setAttribute("class", "i");
    drawing.setAttribute("aria-hidden", "true");
    use.setAttribute("href", root.dataset.icons + "#" + name);
    drawing.append(use);
    return drawing;
  };
  F.banner = function (tone, icon, head, words, more) {
    return F.el("div.banner" + (tone ? ".banner--" + tone : ""), { role: "status" }, F.icon(icon), F.el("p", null, F.el("b", null, head), words, more ? " " : "", more));
  };
  F.said = function (words) {
    const live = document.getElementById("live");
    live.replaceChildren(F.el("span.toast", null, words));
    clearTimeout(F.said.timer);
    F.said.timer = setTimeout(function () { live.replaceChildren(); }, 4000);
  };

  F.now = function () { return Date.now(); };
  F.span = function (milliseconds) {
    const minutes = Math.max(0, Math.floor(Math.abs(milliseconds) / 60000)), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (days) return hours % 24 ? F.t("days_hours", { d: days, h: hours % 24 }) : F.t("days", { d: days });
    if (hours) return minutes % 60 && hours < 10 ? F.t("hours_minutes", { h: hours, m: minutes % 60 }) : F.t("hours", { h: hours });
    return F.t("minutes", { m: minutes });
  };
  // Everything happens in one city: times are its own, wherever a phone believes to be.
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: root.dataset.zone, year: "numeric", month: "numeric", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  F.local = function (at) {
    return Object.fromEntries(parts.formatToParts(at).map(function (one) { return [one.type, one.value]; }));
  };
  F.day = function (at) { const it = F.local(at); return it.year + "-" + it.month + "-" + it.day; };
  F.when = function (text) {
    const at = new Date(text), it = F.local(at), hour = it.hour + ":" + it.minute;
    return F.day(at) === F.day(F.now()) ? hour : it.month + "-" + it.day + " " + hour;
  };
  F.code = function (code) { return code.replace(/(.{5})(?=.)/g, "$1-"); };
  F.uuid = function () { return crypto.randomUUID(); };
})();
