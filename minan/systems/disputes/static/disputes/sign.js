/* A signature drawn with a finger, pen or mouse: the points go into a hidden field as "600x260;x,y x,y;…", whole numbers.
   <div data-signpad data-field="drawn" hidden> with a canvas, [data-pad=undo], [data-pad=clear] and [data-pad-said], in a form with
   input[name=drawn]. Without this file the code alone signs; after a refused try the drawing is there again. */
(function () {
  "use strict";
  const STEP = 3; // units between two points that are kept
  const POINTS = 1400, STROKES = 60, TEXT = 11500; // what the server takes is a little more

  function pad(box) {
    const form = box.closest("form"), field = form && form.elements[box.dataset.field];
    const canvas = box.querySelector("canvas"), ink = canvas && canvas.getContext("2d");
    if (!field || !ink) return;
    const undo = box.querySelector("[data-pad=undo]"), clear = box.querySelector("[data-pad=clear]"), said = box.querySelector("[data-pad-said]");
    const width = canvas.width, height = canvas.height;
    let strokes = read(field.value), now = null, full = false;
    box.hidden = false;

    function read(text) {
      const parts = String(text || "").split(";");
      if (parts.length < 2 || parts[0] !== width + "x" + height) return [];
      return parts.slice(1).map(function (one) {
        return one.split(" ").map(function (point) { return point.split(",").map(Number); });
      }).filter(function (one) { return one.every(function (point) { return point.length === 2 && point.every(Number.isFinite); }); });
    }
    function written(list) {
      return width + "x" + height + list.map(function (one) { return ";" + one.map(function (point) { return point.join(","); }).join(" "); }).join("");
    }
    function draw() {
      ink.clearRect(0, 0, width, height);
      ink.strokeStyle = "#b9b9b9";
      ink.lineWidth = 2;
      ink.beginPath();
      ink.moveTo(40, height - 50);
      ink.lineTo(width - 40, height - 50);
      ink.stroke();
      ink.strokeStyle = "#111";
      ink.lineWidth = 5;
      ink.lineCap = ink.lineJoin = "round";
      strokes.concat(now ? [now] : []).forEach(function (one) {
        ink.beginPath();
        ink.moveTo(one[0][0], one[0][1]);
        one.slice(1).forEach(function (point) { ink.lineTo(point[0], point[1]); });
        if (one.length === 1) ink.lineTo(one[0][0] + 1, one[0][1]);
        ink.stroke();
      });
    }
    function keep() {
      full = strokes.length > STROKES || strokes.reduce(function (sum, one) { return sum + one.length; }, 0) > POINTS || written(strokes).length > TEXT;
      field.value = strokes.length && !full ? written(strokes) : "";
      undo.disabled = clear.disabled = !strokes.length;
      said.textContent = full ? said.dataset.full : strokes.length ? said.dataset.signed : "";
      draw();
    }
    function place(event) {
      const edge = canvas.getBoundingClientRect();
      const x = (event.clientX - edge.left) * width / edge.width, y = (event.clientY - edge.top) * height / edge.height;
      return [Math.max(0, Math.min(width, Math.round(x))), Math.max(0, Math.min(height, Math.round(y)))];
    }
    function far(a, b) { return Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) >= STEP; }

    canvas.addEventListener("pointerdown", function (event) {
      if (now || event.button) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      now = [place(event)];
      draw();
    });
    canvas.addEventListener("pointermove", function (event) {
      if (!now) return;
      event.preventDefault();
      const all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      (all.length ? all : [event]).forEach(function (one) {
        const point = place(one);
        if (far(point, now[now.length - 1])) now.push(point);
      });
      draw();
    });
    function end() {
      if (!now) return;
      strokes.push(now);
      now = null;
      keep();
    }
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    undo.addEventListener("click", function () { strokes.pop(); keep(); });
    clear.addEventListener("click", function () { strokes = []; keep(); });
    keep();
  }
  document.querySelectorAll("[data-signpad]").forEach(pad);
})();
