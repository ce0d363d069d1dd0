/* What can be reckoned without network: the light of a clock by the phone's own time, and the order of the day's visits. Pure. */
(function () {
  "use strict";
  const F = window.Field;
  const EARTH = 6371000;

  // {shape, words} of the clock that ends first; amber from three quarters of the time on, as the server told when that is.
  function light(due, warn, now) {
    if (!due) return { shape: "paused", words: F.t("paused") };
    const left = new Date(due).getTime() - now;
    if (left < 0) return { shape: "red", words: F.t("over", { span: F.span(left) }) };
    const shape = warn && new Date(warn).getTime() <= now ? "amber" : "green";
    return { shape: shape, words: F.t("left", { span: F.span(left) }) };
  }

  function metres(a, b) {
    const rad = Math.PI / 180, lat = (a[1] + b[1]) / 2 * rad;
    return Math.hypot((b[0] - a[0]) * rad * Math.cos(lat), (b[1] - a[1]) * rad) * EARTH;
  }
  function byDue(cases) {
    const at = function (one) { return one.due_at ? new Date(one.due_at).getTime() : Infinity; };
    return cases.slice().sort(function (a, b) { return at(a) - at(b) || (a.code < b.code ? -1 : 1); });
  }
  function today(one, now) {
    if (!one.due_at) return false;
    const due = new Date(one.due_at).getTime();
    return due <= now || F.day(due) === F.day(now);
  }

  // What is due today: the most urgent first (or, with `from`, the nearest to where one stands), then always the nearest of the
  // rest; those whose place nobody knows follow by their time, then what is due later. Each gets `far`, metres from the one before.
  function route(cases, now, from) {
    const sorted = byDue(cases), mine = sorted.filter(function (one) { return today(one, now); });
    const later = sorted.filter(function (one) { return !today(one, now); });
    const known = mine.filter(function (one) { return one.at; }), out = [];
    let here = from || null;
    while (known.length) {
      let best = 0;
      if (here) known.forEach(function (one, n) { if (metres(here, one.at) < metres(here, known[best].at)) best = n; });
      const next = known.splice(best, 1)[0];
      out.push({ one: next, far: here ? Math.round(metres(here, next.at)) : null });
      here = next.at;
    }
    const rest = mine.filter(function (one) { return !one.at; }).concat(later);
    return out.concat(rest.map(function (one) { return { one: one, far: null }; }));
  }
  F.visits = { light: light, metres: metres, byDue: byDue, route: route, today: today };
})();
