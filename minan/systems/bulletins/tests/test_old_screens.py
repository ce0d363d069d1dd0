"""The kiosk's own files ask for nothing that a browser of early 2020 (Chrome 80) does not have."""

from __future__ import annotations

import pathlib
import re

import pytest

HERE = pathlib.Path(__file__).resolve().parent.parent
FILES = [*sorted((HERE / "static" / "bulletins").glob("*.js")), HERE / "templates" / "bulletins" / "screen_worker.js"]
# What came later: Chrome 85 and on.
LATER_JS = (
    r"\.replaceAll\(", r"\.at\(", r"\?\?=", r"\|\|=", r"&&=", r"structuredClone", r"Promise\.any", r"Object\.hasOwn", r"\.findLast",
    r"\bstatic \{",
)  # fmt: skip
LATER_CSS = (
    r"aspect-ratio", r"\binset\b", r":is\(", r":has\(", r":where\(", r"\d[sld]vh", r"@layer", r"@container", r"color-mix", r"&\s*[.:{]",
)  # fmt: skip


def later(text: str, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if re.search(name, text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_old_screen_understands_every_script(path: pathlib.Path) -> None:
    assert later(path.read_text("utf-8"), LATER_JS) == []


def test_an_old_screen_understands_every_rule_and_needs_no_gap_in_a_flexbox() -> None:
    css = (HERE / "static" / "bulletins" / "screen.css").read_text("utf-8")
    assert later(css, LATER_CSS) == []
    assert "gap" not in css, "Chrome 84"
