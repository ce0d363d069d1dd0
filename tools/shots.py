"""Makes docs/desk.png for the README: the desk with a case open, from a demo with its story. Needs Debian's chromium.

.venv/bin/python tools/shots.py [picture]
"""

from __future__ import annotations

import io
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

from PIL import Image  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from tests.e2e.city import City  # noqa: E402 the line above makes it findable

SIZE = {"width": 1440, "height": 900}
MOST_BYTES = 300_000
EXACT = 180  # colours kept as they are, of 256


def shot(page: Page, url: str) -> bytes:
    """陈静's desk with the first case open that is said, has a photo and a clear duty."""
    page.goto(f"{url}/demo/")
    page.locator("form[action='/demo/clerk/'] button").click()
    page.goto(f"{url}/desk/?state=said")
    cases = [row.get_attribute("href") or "" for row in page.locator("a[data-row]").all()]
    for case in cases:
        page.goto(f"{url}{case.split('?')[0]}")
        if page.locator(".case .tiles img").count() and page.locator("[data-key=g]").count():
            break
    page.wait_for_load_state("networkidle")
    return page.screenshot(caret="initial")


def small(picture: bytes) -> bytes:
    """The same picture with a palette of its own: the commonest colours, which are ours, as they are, and the rest alike."""
    image, held = Image.open(io.BytesIO(picture)).convert("RGB"), io.BytesIO()
    found = sorted(image.getcolors(image.width * image.height) or [], reverse=True)
    ours = [part for _count, colour in found[:EXACT] for part in colour]  # type: ignore[union-attr]
    others = image.quantize(256 - EXACT, method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette(ours + others[: 768 - len(ours)])
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(held, "PNG", optimize=True)
    return held.getvalue()


def main(target: pathlib.Path) -> int:
    """Returns the exit code."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        city = City(pathlib.Path(folder))
        city.start()
        try:
            browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            data = small(shot(browser.new_page(viewport=SIZE, locale="zh-CN"), city.url))
        finally:
            city.stop()
    target.write_bytes(data)
    print(f"{target}: {len(data):,} bytes")
    return 0 if len(data) <= MOST_BYTES else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "docs" / "desk.png"))
