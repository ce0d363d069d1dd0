/* A menu that scrolls sideways on a phone shows where one is: its current entry is brought into sight. Nothing else moves. */
(function () {
  "use strict";
  document.querySelectorAll("nav [aria-current]").forEach(function (entry) {
    const menu = entry.closest("nav"), box = menu.getBoundingClientRect(), at = entry.getBoundingClientRect();
    if (menu.scrollWidth > menu.clientWidth && (at.left < box.left || at.right > box.right)) {
      menu.scrollLeft += at.left - box.left - (box.width - at.width) / 2;
    }
  });
})();
