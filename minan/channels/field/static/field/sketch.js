/* Where today's visits lie, drawn from what the phone holds: no tiles, no roads, no network. `laid` is pure, `drawn` makes the picture. */
(function () {
  "use strict";
  const F = window.Field;
  const WIDE = 360, TALL = 260, EDGE = 34, CLOSE = 30, SPAN_LEAST = 300, NAME_SIZE = 12, STEPS = [100, 200, 500, 1000, 2000, 5000, 10000, 20000];

  // stops: [{n, at, about, title, id}] in their order; from: a point or null; places: [{short, at}].
  // → {stops: [{x, y, ns, first, about}], line: [[x, y]], me, names: [{x, y, text}], bar: {metres, width}}; null without a stop.
  function laid(stops, from, places) {
    if (!stops.length) return null;
    const points = stops.map(function (one) { return one.at; }).concat(from ? [from] : []);
    const middle = function (k) { const all = points.map(function (p) { return p[k]; }); return (Math.min.apply(null, all) + Math.max.apply(null, all)) / 2; };
    const centre = [middle(0), middle(1)], east = 111320 * Math.cos(centre[1] * Math.PI / 180), north = 111320;
    const off = function (at) { return [(at[0] - centre[0]) * east, (at[1] - centre[1]) * north]; };
    const reach = function (k) { return 2 * Math.max.apply(null, points.map(function (p) { return Math.abs(off(p)[k]); }).concat([SPAN_LEAST / 2])); };
    const scale = Math.min((WIDE - 2 * EDGE) / reach(0), (TALL - 2 * EDGE) / reach(1));
    const put = function (at) { const it = off(at); return { x: WIDE / 2 + it[0] * scale, y: TALL / 2 - it[1] * scale }; };
    const marks = [], line = from ? [put(from)] : [];
    stops.forEach(function (one) {
      const it = put(one.at), near = marks.find(function (mark) { return Math.hypot(mark.x - it.x, mark.y - it.y) < CLOSE; });
      line.push(near || it);
      if (near) { near.ns.push(one.n); near.about = near.about && one.about; } else marks.push(Object.assign(it, { ns: [one.n], first: one, about: one.about }));
    });
    const me = from ? put(from) : null, names = [];
    const taken = marks.map(function (m) { return [m.x - 18, m.y - 18, m.x + 18, m.y + 18]; }).concat([[0, 0, 40, 34], [0, TALL - 34, 140, TALL]], me ? [[me.x - 16, me.y - 16, me.x + 16, me.y + 16]] : []);
    places.forEach(function (place) {
      if (!place.at) return;
      const it = put(place.at), half = place.short.length * NAME_SIZE / 2 + 2, box = [it.x - half, it.y - 9, it.x + half, it.y + 9];
      const inside = box[0] >= 0 && box[1] >= 0 && box[2] <= WIDE && box[3] <= TALL;
      const free = taken.every(function (other) { return box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]; });
      if (inside && free) { names.push({ x: it.x, y: it.y, text: place.short }); taken.push(box); }
    });
    const metres = STEPS.filter(function (step) { return step * scale <= WIDE / 3; }).pop() || STEPS[0];
    return { stops: marks, line: line.map(function (p) { return [p.x, p.y]; }), me: me, names: names, bar: { metres: metres, width: metres * scale } };
  }

  function svg(name, attributes, words) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(function (entry) { node.setAttribute(entry[0], entry[1]); });
    if (words) node.textContent = words;
    return node;
  }
  function stop(mark) {
    const link = svg("a", { href: "#case/" + mark.first.id, class: "field-stop" + (mark.about ? " is-about" : ""), "aria-label": mark.ns.join("、") + " " + mark.first.title });
    const many = mark.ns.length > 1;
    const words = !many ? String(mark.ns[0]) : mark.ns[mark.ns.length - 1] - mark.ns[0] === mark.ns.length - 1 ? mark.ns[0] + "–" + mark.ns[mark.ns.length - 1] : mark.ns[0] + "…";
    link.append(svg("circle", { cx: mark.x, cy: mark.y, r: 24, class: "field-press" }), svg("circle", { cx: mark.x, cy: mark.y, r: many ? 18 : 14 }), svg("text", { x: mark.x, y: mark.y + 5, class: many ? "field-many" : "" }, words));
    return link;
  }
  function drawn(stops, from, places) {
    const it = laid(stops, from, places);
    if (!it) return null;
    const picture = svg("svg", { viewBox: "0 0 " + WIDE + " " + TALL, class: "field-sketch", role: "group", "aria-label": F.t("sketch", { n: stops.length }) });
    picture.append(svg("text", { x: 14, y: 24, class: "field-north" }, F.t("north") + " ↑"));
    it.names.forEach(function (name) { picture.append(svg("text", { x: name.x, y: name.y + 4, class: "field-village" }, name.text)); });
    if (it.line.length > 1) picture.append(svg("polyline", { points: it.line.map(function (p) { return p.map(Math.round).join(","); }).join(" "), class: "field-way" }));
    if (it.me) picture.append(svg("circle", { cx: it.me.x, cy: it.me.y, r: 7, class: "field-me" }), svg("text", { x: it.me.x, y: it.me.y - 11, class: "field-north field-mid" }, F.t("here")));
    it.stops.forEach(function (mark) { picture.append(stop(mark)); });
    const low = TALL - 12, far = it.bar.metres < 1000 ? F.t("metres", { n: it.bar.metres }) : F.t("kilometres", { n: it.bar.metres / 1000 });
    picture.append(svg("path", { d: "M14 " + (low - 5) + "v5h" + Math.round(it.bar.width) + "v-5", class: "field-bar" }), svg("text", { x: 18, y: low - 5, class: "field-north" }, far));
    return F.el("figure.sheet.field-map", null, picture, F.el("figcaption.tiny.faint", null, F.t("sketch_why")));
  }
  F.sketch = { laid: laid, drawn: drawn };
})();
