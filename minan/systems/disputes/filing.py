"""Who may have which printed paper of a dispute, and the bytes of it; every paper is made when it is fetched and kept nowhere."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from minan.kernel import attachments, book, papers, seals
from minan.kernel.book import Book
from minan.kernel.directory import LOCAL
from minan.systems.disputes import archive, documents, dossier, source
from minan.systems.disputes.papers import Reader, event_of
from minan.systems.disputes.source import Source

if TYPE_CHECKING:
    from minan.systems.disputes.page import Here

FILE = "file"
ZIP_MOST = 400_000_000  # bytes of attachments in one ZIP
SPOOL = 8 << 20  # bytes in memory before it goes to a file of the system's temporary folder
Row = dict[str, Any]


def _stands(here: Here, kind: str) -> bool:
    """Whether the dispute has this paper by now."""
    facts = here.dispute.facts
    in_force, by_word = bool(facts.get("effective")), bool(facts.get("oral"))
    return {
        "agreement": bool(facts.get("draft")) and not by_word, "oral": in_force and by_word,
        "court": in_force and not by_word, FILE: True,
    }.get(kind, False)  # fmt: skip


def made(here: Here) -> dict[str, object] | None:
    """The file this member of staff made within the last ten minutes."""
    return None if here.is_side else archive.row_of(here.dispute, here.reader.person, here.now)


def may(here: Here, kind: str) -> bool:
    """A side and the mediator: what there is; who inspects: as they may read; the court: the agreement; the file: who made it just now."""
    if not _stands(here, kind) or here.reader.outside:
        return False
    if kind == FILE:
        return here.is_side or made(here) is not None
    if here.reader.kind == "court":
        return kind in ("agreement", "court")
    return here.reader.kind != "none"


def links(here: Here) -> list[Row]:
    """What may be printed now."""
    if not papers.able():
        return []
    said = {"agreement": _("调解协议书"), "oral": _("口头协议登记表"), "court": _("司法确认申请书")}
    said |= {FILE: _("我的全部材料")} if here.is_side else {}
    return [
        {"url": reverse("disputes:paper", args=[here.own.code, kind]), "label": label}
        for kind, label in said.items()
        if may(here, kind)
    ]


def _source(here: Here, kind: str) -> Source:
    """What the paper is made of, as far as this reader may read it. Raises vault.Sealed for the court."""
    case, sides, reader = here.dispute, here.sides, here.reader
    if reader.kind == "court":
        sides = list(type(case).objects.filter(county=case.county, parent=case.id, procedure="side"))
        return source.for_court(
            case, sorted(sides, key=lambda side: str(side.facts.get("ref"))), reader.person, here.now
        )
    row = made(here) if kind == FILE else None
    if row:
        reader = Reader(
            "mediator" if reader.kind == "mediator" else "inspector",
            person=reader.person,
            event=event_of(case, "make_file"),
        )
    return source.gathered(case, sides, reader, here.now, talks=bool(row and row["talks"]))


def _book(src: Source, kind: str) -> Book:
    if kind == FILE:
        return dossier.whole(src)
    part = documents.KINDS[kind](src)
    if part is None:
        raise Http404
    return Book(part.title, [part], src.at.astimezone(LOCAL).date(), foot=f"{src.committee}　{src.code}")


def _sealed(src: Source, kind: str, pdf: bytes) -> bytes:
    """With the city's seal, where the paper has one: an agreement in force, and the file that the committee made."""
    own = src.reader.kind == "side"
    step = "make_file" if kind == FILE and not own else documents.SEALED.get(kind, "")
    event = src.event(step) if step else None
    if event is None or (kind != FILE and not src.facts.get("effective")) or not seals.able():
        return pdf
    reason = {FILE: "人民调解卷宗", "agreement": documents.AGREEMENT, "oral": documents.ORAL}[kind]
    return seals.signed(pdf, src.case, event.hash, name=src.committee, reason=reason)


def pdf(here: Here, kind: str) -> bytes | None:
    """The paper; None where this machine makes none. Raises Http404 for who may not have it, vault.Sealed where the keeper is away."""
    if not may(here, kind):
        raise Http404
    with translation.override("zh-hans"):
        src = _source(here, kind)
        raw = book.pdf(_book(src, kind))
        return None if raw is None else _sealed(src, kind, raw)


# ---- everything in one ZIP


@dataclass(frozen=True, slots=True)
class Inside:
    """One file of the ZIP: made just now, or lying on the disk under its hash."""

    path: str
    title: str
    data: bytes | Path
    known: str = ""  # its SHA-256, where it lies under it

    @property
    def sha256(self) -> str:
        return (
            self.known
            or hashlib.sha256(self.data if isinstance(self.data, bytes) else self.data.read_bytes()).hexdigest()
        )

    def row(self) -> Row:
        size = len(self.data) if isinstance(self.data, bytes) else self.data.stat().st_size
        return {"path": self.path, "title": self.title, "bytes": size, "sha256": self.sha256}

    def put(self, packed: zipfile.ZipFile, at: tuple[int, ...]) -> None:
        """Read in parts: a picture is never whole in memory."""
        info = zipfile.ZipInfo(self.path, at)  # type: ignore[arg-type]
        info.compress_type = zipfile.ZIP_DEFLATED if isinstance(self.data, bytes) else zipfile.ZIP_STORED
        source: IO[bytes] = io.BytesIO(self.data) if isinstance(self.data, bytes) else self.data.open("rb")
        with source, packed.open(info, "w") as target:
            shutil.copyfileobj(source, target)


def _inside(src: Source) -> list[Inside]:
    """Each paper of the dispute."""
    out = []
    for kind, title in (
        (FILE, "人民调解卷宗"),
        ("agreement", documents.AGREEMENT),
        ("oral", documents.ORAL),
        ("court", documents.COURT),
    ):
        if kind != FILE and documents.KINDS[kind](src) is None:
            continue
        raw = book.pdf(_book(src, kind))
        if raw is None:
            raise Http404
        out.append(Inside(f"{kind}.pdf", title, _sealed(src, kind, raw)))
    return out


def _attached(src: Source) -> list[Inside]:
    room, out = ZIP_MOST, []
    for n, row in enumerate(src.attached(), 1):
        path = attachments.path_of(row.sha256)
        if path.is_file() and row.bytes <= room:
            room -= row.bytes
            out.append(Inside(f"attachments/{n:03}.jpg", row.name or f"附件 {n}", path, row.sha256))
    return out


def _contents(src: Source, book_: Book, files: list[Row]) -> tuple[bytes, bytes]:
    """manifest.json for programs, INDEX.txt for people."""
    event = src.event("make_file")
    parts = [
        {"no": n, "title": part.title, "number": part.number, "day": part.day} for n, part in enumerate(book_.parts, 1)
    ]
    said = {
        "format": "minan dispute file 1", "code": src.case.code, "title": src.title(), "committee": src.committee,
        "made": src.at.isoformat(timespec="seconds"), "event": event.hash if event else "", "files": files, "parts": parts,
    }  # fmt: skip
    lines = [
        f"人民调解卷宗　{src.title()}",
        f"{src.committee}　{src.code}　{source.moment(src.at)} 制作",
        "",
        "卷内文件：",
    ]
    lines += [f"  {part['no']}. {part['title']}　{part['number']}　{part['day']}".rstrip("　") for part in parts]
    lines += ["", "压缩包里的文件（SHA-256）："]
    lines += [f"  {row['path']}　{row['title']}　{row['bytes']:,} 字节\n    {row['sha256']}" for row in files]
    lines += ["", "核对：sha256sum -c SHA256SUMS", ""]
    return json.dumps(said, ensure_ascii=False, indent=1).encode(), "\n".join(lines).encode()


def bundle(here: Here) -> IO[bytes]:
    """The file as ZIP: its PDFs, the attachments, a manifest of hashes and SHA256SUMS. For who made it just now; else Http404."""
    if made(here) is None:
        raise Http404
    with translation.override("zh-hans"):
        src = _source(here, FILE)
        told = _book(src, FILE)
        files = [*_inside(src), *_attached(src)]
        manifest, index = _contents(src, told, [one.row() for one in files])
    files += [Inside("manifest.json", "", manifest), Inside("INDEX.txt", "", index)]
    files.append(Inside("SHA256SUMS", "", "".join(f"{one.sha256}  {one.path}\n" for one in files).encode()))
    out: IO[bytes] = SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115 the answer closes it
    with zipfile.ZipFile(out, "w") as packed:
        for one in files:
            one.put(packed, here.now.astimezone(LOCAL).timetuple()[:6])
    out.seek(0)
    return out
