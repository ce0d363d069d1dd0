/* Picking a place: a press on the map, then the person confirms one of the nearest places. Needs Leaflet (window.L) before it.
   Without it, or without JavaScript, the written address is enough. */
(function () {
  "use strict";
  const OFFERED = 6; // the five nearest, and the county that is certain
  if (!window.L) return;

  function number(value) { return Math.round(value * 1e6) / 1e6; }
  function label(place) {
    if (document.body.dataset.lang === "en" && place.name_en) return place.name_en;
    return place.label || place.name || place.code;
  }

  function begin(root) {
    root.dataset.begun = "1";
    const part = function (name) { return root.querySelector("[data-place-" + name + "]"); };
    const open = part("open"), box = part("box"), near = part("near");
    let map = null, mark = null, asked = 0;

    function told(words) {
      const line = document.createElement("p");
      line.className = "small quiet";
      line.setAttribute("role", "status");
      line.textContent = words;
      near.replaceChildren(line);
    }
    function choose(place) {
      part("code").value = place.code;
      root.dispatchEvent(new CustomEvent("place:chosen", { bubbles: true, detail: place }));
    }
    function offer(places) {
      near.replaceChildren();
      places.slice(0, OFFERED).forEach(function (place) {
        const line = document.createElement("label"), radio = document.createElement("input"), words = document.createElement("span");
        line.className = "choice";
        radio.type = "radio";
        radio.name = "place-near";
        words.textContent = label(place);
        if (place.how_label || place.metres) {
          const hint = document.createElement("span");
          hint.className = "hint";
          hint.textContent = place.how_label || place.metres + " m";
          words.append(hint);
        }
        radio.addEventListener("change", function () { choose(place); });
        line.append(radio, words);
        near.append(line);
      });
      part("code").value = ""; // none is chosen until a person says which
      if (!places.length) told(root.dataset.none);
    }
    function ask(point) {
      const lon = number(point.lng), lat = number(point.lat), turn = ++asked;
      part("lon").value = lon;
      part("lat").value = lat;
      if (mark) mark.setLatLng(point);
      else mark = L.marker(point, { icon: L.divIcon({ className: "", html: '<span class="here"></span>', iconSize: [22, 22], iconAnchor: [11, 26] }), keyboard: false }).addTo(map);
      fetch(root.dataset.near + "?near=" + lon + "," + lat, { headers: { Accept: "application/json" } })
        .then(function (answer) { if (!answer.ok) throw new Error(String(answer.status)); return answer.json(); })
        .then(function (found) { if (turn === asked) offer(Array.isArray(found) ? found : found.items || found.places || []); })
        .catch(function () { if (turn === asked) told(root.dataset.fail); });
    }
    function draw() {
      map = L.map(part("map"), { zoomSnap: 0.5, attributionControl: Boolean(root.dataset.tiles) });
      if (root.dataset.tiles) L.tileLayer(root.dataset.tiles, { attribution: root.dataset.credit || "", maxZoom: 18 }).addTo(map);
      map.setView([39.2, 116.6], 9);
      fetch(root.dataset.outlines).then(function (answer) { return answer.json(); }).then(function (shapes) {
        const style = getComputedStyle(document.body);
        const layer = L.geoJSON(shapes, { interactive: false, style: { color: style.getPropertyValue("--edge").trim(), weight: 1.5, fillColor: style.getPropertyValue("--azure").trim(), fillOpacity: 0.08 } }).addTo(map);
        if (!mark) map.fitBounds(layer.getBounds(), { padding: [8, 8] });
      }).catch(function () {});
      map.on("click", function (event) { ask(event.latlng); });
      part("map").addEventListener("keydown", function (event) { if (event.key === "Enter") { event.preventDefault(); ask(map.getCenter()); } });
    }
    open.hidden = false;
    open.addEventListener("click", function () {
      box.hidden = false;
      open.hidden = true;
      if (!map) draw();
      part("map").querySelector("a,button,[tabindex]") || part("map").setAttribute("tabindex", "0");
    });
  }
  function beginAll() { document.querySelectorAll("[data-place]:not([data-begun])").forEach(begin); }
  beginAll();
  document.addEventListener("htmx:afterSettle", beginAll);
})();
