"""What one page must not show: an obstacle axe knows, sideways scrolling on a phone, a word broken in a table, a menu that hides
where one is, our own words left in Chinese."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.e2e.city import ROOT, City

AXE = (
    "axe.run(document, {resultTypes: ['violations'], preload: false})"
    ".then(r => r.violations.map(v => [v.id, v.impact, v.nodes.map(n => n.target.join(' '))]))"
)
GRAVE = ("serious", "critical")
CHINESE = re.compile(r"[\u3400-\u9fff]+")
# Every visible text and spoken label; what a person said and what is marked as Chinese is not ours to translate.
TEXTS = """() => {
  const found = [], mine = (node) => node.closest("body [lang^=zh], .said, .pre, script, style, template, noscript");
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) if (!mine(node.parentElement)) found.push(node.data);
  for (const node of document.body.querySelectorAll("*"))
    for (const name of ["aria-label", "title", "placeholder", "alt", "data-remove", "data-pick", "data-none", "data-fail", "data-lost"])
      if (node.hasAttribute(name) && !mine(node)) found.push(node.getAttribute(name));
  return [...found, document.title].filter((text) => /[\\u3400-\\u9fff]/.test(text)).map((text) => text.trim());
}"""
# Words of a table broken in their middle; what is made to break anywhere (a hash) is left out.
BROKEN = """() => {
  const found = [], range = document.createRange();
  for (const cell of document.querySelectorAll("td, th")) {
    const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (node.parentElement.closest(".hash, .bigcode, .vh")) continue;
      for (const word of node.data.matchAll(/[A-Za-z]{2,}/g)) {
        range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(word[0]);
      }
    }
  }
  return found;
}"""
# The current entry of a menu that cannot be seen without swiping.
HIDDEN = """() => [...document.querySelectorAll("nav [aria-current]")].filter((entry) => {
  const box = entry.getBoundingClientRect();
  return box.width && (box.left < -1 || box.right > document.documentElement.clientWidth + 1);
}).map((entry) => entry.textContent.trim())"""
CUT = (7, 60)  # where the map and the tables cut a long name off
# Suffixes that short names drop, as in 朝阳社区居民委员会 and on the map 大厂回族自治县.
SHORT = re.compile(r"(?:居民委员会|村民委员会|居委会|村委会|回族自治县|(?<=^..)[县市区])$")


class Data:
    """All Chinese that is data: names, articles, what people wrote. The rest is ours and has an English form."""

    def __init__(self, city: City) -> None:
        command = [sys.executable, "-m", "tests.e2e.known"]
        said = subprocess.run(
            command, check=True, capture_output=True, cwd=ROOT, env=city.environment, timeout=60
        ).stdout
        found = json.loads(said)
        self.data, self.everything = _pattern(found["data"]), _pattern(found["data"] + found["named"])

    def ours(self, text: str, *, tables: bool = False) -> list[str]:
        """What is left of a text without data and what stands in quotation marks; `tables`: both names may stand there."""
        bare = (self.everything if tables else self.data).sub(" ", text)
        left = CHINESE.findall(re.sub(r"“[^”]*”|「[^」]*」" + (r"|[^，。：；]*…$" if tables else ""), " ", bare))
        return [word for word in left if len(word) > tables]


def _pattern(texts: list[str]) -> re.Pattern[str]:
    found = {text.strip() for text in texts}
    found |= (
        {SHORT.sub("", text) for text in found}
        | {text.split("·")[0] for text in found}
        | {f"{text[:n]}…" for text in found for n in CUT}
    )
    longest = sorted((text for text in found if len(text) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest)))


def obstacles(page: Page, where: str) -> Iterator[str]:
    """What axe finds on the page as it stands."""
    page.evaluate(AXE_SCRIPT)
    found: list[tuple[str, str, list[str]]] = page.evaluate(AXE)
    yield from (f"{where}: axe {rule} ({impact}) {targets[:3]}" for rule, impact, targets in found if impact in GRAVE)


def problems(page: Page, where: str, data: Data | None = None, *, axe: bool = True) -> Iterator[str]:
    """Everything wrong with the page as it stands; with `data`, it is an English page; without `axe`, it has looked at its twin."""
    if axe:
        yield from obstacles(page, where)
    size: Any = page.viewport_size
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > size["width"]:
        yield f"{where}: {wide} px wide on a screen of {size['width']}"
    if words := page.evaluate(BROKEN):
        yield f"{where}: words of a table broken in their middle: {words[:5]}"
    if entries := page.evaluate(HIDDEN):
        yield f"{where}: the menu's current entry is out of sight: {entries}"
    if data is not None:
        for text in dict.fromkeys(page.evaluate(TEXTS)):
            if left := data.ours(text, tables="/admin/" in page.url):
                yield f"{where}: still Chinese: {left} in “{text[:80]}”"
