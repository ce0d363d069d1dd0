/* Photos before they are sent: previews, several in a row, one taken out again; very large ones are made smaller first.
   Works on [data-photos] around <label class="upload"><input type="file">; without it the plain file input works. */
(function () {
  "use strict";
  const LONGEST = 2560; // pixels of the long side after shrinking
  const HUGE = 4 * 1024 * 1024; // bytes; smaller ones go as they are
  if (!window.DataTransfer || !window.URL) return;

  function shrink(file) {
    if (!file.type.startsWith("image/") || file.type === "image/gif" || file.size <= HUGE || !window.createImageBitmap) return Promise.resolve(file);
    return createImageBitmap(file, { imageOrientation: "from-image" }).then(function (bitmap) {
      const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(bitmap.width * scale);
      canvas.height = Math.round(bitmap.height * scale);
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
      return new Promise(function (done) { canvas.toBlob(done, "image/jpeg", 0.86); });
    }).then(function (blob) {
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], file.name.replace(/\.[^.]+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
    }).catch(function () { return file; }); // a picture the browser cannot read goes as it is; the server decides
  }

  function begin(box) {
    const input = box.querySelector("input[type=file]");
    const label = input && input.closest("label");
    if (!input) return;
    const most = Number(box.dataset.most || 6);
    let files = [];

    function give() {
      const carrier = new DataTransfer();
      files.forEach(function (file) { carrier.items.add(file); });
      input.files = carrier.files;
      label.hidden = files.length >= most;
    }
    function draw() {
      box.querySelectorAll("figure[data-preview]").forEach(function (figure) {
        const image = figure.querySelector("img");
        if (image) URL.revokeObjectURL(image.src);
        figure.remove();
      });
      files.forEach(function (file, n) {
        const figure = document.createElement("figure");
        figure.dataset.preview = "1";
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "drop";
        drop.textContent = "×";
        drop.setAttribute("aria-label", (box.dataset.remove || "×") + " " + (n + 1));
        drop.addEventListener("click", function () { files.splice(n, 1); give(); draw(); input.focus(); });
        if (file.type.startsWith("image/")) {
          const image = document.createElement("img");
          image.className = "photo";
          image.alt = file.name;
          image.src = URL.createObjectURL(file);
          figure.append(image, drop);
        } else {
          const name = document.createElement("figcaption");
          name.textContent = file.name;
          figure.append(name, drop);
        }
        box.insertBefore(figure, label);
      });
    }
    input.addEventListener("change", function () {
      const chosen = Array.from(input.files);
      if (!input.multiple) files = [];
      Promise.all(chosen.map(shrink)).then(function (ready) {
        files = files.concat(ready).slice(0, input.multiple ? most : 1);
        give();
        draw();
      });
    });
  }
  document.querySelectorAll("[data-photos]").forEach(begin);
})();
