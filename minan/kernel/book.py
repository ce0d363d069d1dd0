"""Papers made of plain blocks, one alone or a whole file 卷宗 with cover, index and back cover, set by typst (typst/book.typ).

The index is exact because typst itself looks up on which page each part begins. The PDF is PDF/A-2b: fonts inside, text to be
searched, nothing that fetches. What people wrote reaches typst as data (papers.py says why); pictures are JPEG files in one
folder, read where they lie.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from minan.kernel import papers

Block = dict[str, Any]
TEMPLATE = papers.TEMPLATES / "book.typ"
TEXT_MOST = 40_000  # characters of one text; a field takes fewer
STANDARD: Literal["a-2b"] = "a-2b"  # archives keep PDF/A


def facts(rows: Iterable[tuple[str, str]]) -> Block:
    """Label and value, one under the other; what has no value is left out."""
    return {"kind": "facts", "rows": [list(row) for row in rows if row[1]]}


def head(text: str) -> Block:
    return {"kind": "head", "words": text}


def note(text: str) -> Block:
    """Small and grey: who wrote it, when."""
    return {"kind": "note", "words": text}


def words(*texts: str) -> Block:
    """Paragraphs; a line break begins the next one."""
    return {"kind": "words", "rows": [line for text in texts for line in text.splitlines() if line.strip()]}


def table(
    titles: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int], right: Sequence[int] = ()
) -> Block:
    """`widths`: shares of the width by column, 0 as wide as what stands in it; `right`: columns of figures."""
    return {
        "kind": "table",
        "head": list(titles),
        "rows": [list(r) for r in rows],
        "widths": list(widths),
        "right": list(right),
    }


def right(*lines: str) -> Block:
    return {"kind": "right", "rows": list(lines)}


def seal(title: str, *lines: str) -> Block:
    """What is written beside an electronic seal. It is no picture of a stamp: nobody should take it for one."""
    return {"kind": "seal", "title": title, "words": list(lines)}


def picture(file: str, caption: str) -> Block:
    """A JPEG under `Book.folder`, by its path from there."""
    return {"kind": "picture", "file": f"/{file}", "words": caption}


def signs(rows: Iterable[Mapping[str, Any]]) -> Block:
    """Lines to sign on; each `signature`."""
    return {"kind": "signs", "rows": [dict(row) for row in rows]}


def signature(who: str, name: str = "", how: str = "", svg: str = "") -> dict[str, Any]:
    """One signature: drawn (`svg`, made by drawing.py and never by a client), typed, or an empty line where neither is there."""
    return {"who": who, "name": name, "how": how, "drawn": svg or None, "blank": not (name or svg)}


@dataclass(slots=True)
class Part:
    """One paper of a file."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    number: str = ""
    day: str = ""  # shown in the index
    note: str = ""  # remark in the index


@dataclass(slots=True)
class Book:
    title: str
    parts: list[Part]
    day: date
    lang: str = "zh"
    foot: str = ""
    author: str = "民安 Minan"
    hand: str = "手写签名"  # read out in place of a drawn signature
    cover: dict[str, Any] | None = None  # {"over", "rows", "index", "head"}: with it, an index and page numbers on top
    back: dict[str, Any] | None = None  # {"title", "blocks", "pages" with {n}, "right"}
    folder: Path | None = None  # where its pictures lie; typst reads nothing outside it


def _clean(value: Any) -> Any:
    """Texts without what no font has and typst would refuse (control characters)."""
    if isinstance(value, str):
        return "".join(c for c in value if c in "\n\t\u3000" or c.isprintable())[:TEXT_MOST]
    if isinstance(value, Mapping):
        return {name: _clean(one) for name, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list | tuple) else value


def _data(book: Book) -> str:
    parts = [
        {"title": p.title, "blocks": p.blocks, "number": p.number, "day": p.day, "note": p.note} for p in book.parts
    ]
    said = {
        "title": book.title, "lang": book.lang, "foot": book.foot, "author": book.author, "hand": book.hand, "cover": book.cover,
        "back": book.back, "parts": parts, "made": [book.day.year, book.day.month, book.day.day],
    }  # fmt: skip
    return json.dumps(_clean(said), ensure_ascii=False)


def pdf(book: Book) -> bytes | None:
    """The file as PDF; None where it cannot be made here."""
    if not papers.able():
        return None
    import typst  # 84 MB that only a process which makes papers loads

    main: Any = str(TEMPLATE) if book.folder is None else TEMPLATE.read_bytes()
    made = typst.compile(
        main, root=str(book.folder or papers.TEMPLATES), font_paths=[papers.fonts()], ignore_system_fonts=True,
        sys_inputs={"data": _data(book)}, pdf_standards=STANDARD,
    )  # fmt: skip
    return bytes(made)
