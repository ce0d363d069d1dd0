"""Numbered papers as PDF: 督办单, 挂牌督办通知, 催办单; set by typst, text selectable, the fonts inside.

A sheet is plain data and one of the templates beside this file. What people wrote reaches typst as data (JSON), never as
source, so that nothing written can become markup. The Chinese fonts (Noto, SIL OFL) come with a PyPI package: no font of
the machine is asked. Where typst or the fonts are missing, `pdf` says None and the page to print is offered instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.http import HttpResponse

TEMPLATES = Path(__file__).with_name("typst")
FONTS = "pylopdf_fonts_zh_cn"
ROWS_MOST = 500
TEXT_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One paper: title, number, facts as label and value, paragraphs, a table, and who issued it when."""

    title: str
    number: str
    lang: str = "zh"
    facts: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # paragraphs
    head: list[str] = field(default_factory=list)  # of the table
    rows: list[list[str]] = field(default_factory=list)
    issuer: str = ""
    day: str = ""
    foot: str = ""


@cache
def fonts() -> str:
    """The folder of the Chinese fonts; "" where there is none."""
    spec = find_spec(FONTS)
    places = list(spec.submodule_search_locations or []) if spec else []
    return places[0] if places else ""


def able() -> bool:
    """True where papers can be made here."""
    return bool(fonts()) and find_spec("typst") is not None


def _plain(value: Any) -> Any:
    """Texts without what no font has and typst would refuse (control characters), cut to what a paper holds."""
    if isinstance(value, str):
        return "".join(c for c in value if c in "\n\t\u3000" or c.isprintable())[:TEXT_MOST]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value[:ROWS_MOST]] if isinstance(value, list | tuple) else value


def pdf(sheet: Sheet, template: str = "sheet") -> bytes | None:
    """The paper as PDF; None where it cannot be made here."""
    if not able():
        return None
    import typst  # 84 MB that only a process which makes papers loads

    made = typst.compile(
        str(TEMPLATES / f"{template}.typ"), root=str(TEMPLATES), font_paths=[fonts()], ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(_plain(asdict(sheet)), ensure_ascii=False)},
    )  # fmt: skip
    return bytes(made)


def answer(sheet: Sheet, name: str) -> HttpResponse | None:
    """The paper as an answer to the browser, shown there under `name`.pdf; None where it cannot be made here."""
    made = pdf(sheet)
    if made is None:
        return None
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
