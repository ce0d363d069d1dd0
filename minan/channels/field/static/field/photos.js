/* A photo before it is kept: drawn anew at 1,600 pixels at most, so that place, time and maker of the camera are gone from the file. */
(function () {
  "use strict";
  const F = window.Field;
  const LONGEST = 1600, QUALITY = 0.82;

  async function shrunk(file) {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise(function (resolve) { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
    if (!blob) throw new Error("no picture");
    return new Uint8Array(await blob.arrayBuffer());
  }
  async function sha256(bytes) {
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(sum).map(function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }
  // Shown from memory; the address is given up as soon as the picture stands.
  function shown(bytes, alt) {
    const url = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
    const image = F.el("img.photo", { alt: alt, src: url });
    image.addEventListener("load", function () { URL.revokeObjectURL(url); });
    return image;
  }
  F.photos = { MOST: 9, shrunk: shrunk, sha256: sha256, shown: shown };
})();
