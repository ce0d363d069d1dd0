"""Who sends matters and takes answers: data in the city's partners.toml, checked whole before any of it is used. No code a partner.

Pure but for reading the file: what its kinds and outcomes may be is handed in by `known`, so that a wrong mapping is found at load.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from minan.kernel.calendar import Limit

CODE = re.compile(r"[a-z][a-z0-9-]{1,19}")
HERE = frozenset({"at"})  # part of our own addresses
WAYS_IN, WAYS_OUT = ("file", "folder", "api", "mail"), ("file", "call")
FORMATS = ("json", "csv", "xml")
# Our names for what a partner's row says; `number` and `text` (or `title`) must be mapped.
FIELDS = (
    "number", "title", "text", "kind", "place", "place_words", "name", "phone", "address", "said_at", "deadline", "status", "confidential",
)  # fmt: skip
PERSONAL = frozenset({"name", "phone", "address"})
# What an answer's column may carry. Nothing of a speaker is among them: the partner knows its own number.
VALUES = (
    "message_id", "replaces", "number", "code", "result", "result_words", "words", "ground", "article", "unit", "answered_at", "round",
)  # fmt: skip
ENDS = ("not_accepted", "withdrawn", "returned", "passed_on")  # besides the outcomes of the procedure itself
JOINED = "merged"  # may be given: its word for an answer that came with the matter this one was joined to; else the outcome's own word
OTHER = "other"  # the word for every outcome that has none of its own
COUNTS = ("moment", "date")  # or a limit as in limits.toml: 5wd, 10d, 24h; then the column holds a number or nothing
COLUMN_MOST, PARTNERS_MOST = 60, 100
ELEMENT = re.compile(r"[A-Za-z_\u3400-\u9fff][\w.-]*")


class PartnersError(ValueError):
    """partners.toml is wrong; `faults` are sentences, all of them at once, each with the partner and the key."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Known:
    """What a mapping may point at in this city: kinds, places, and the outcomes of an answer by procedure."""

    kinds: frozenset[str]
    places: frozenset[str]
    outcomes: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Mailbox:
    host: str = ""  # of an IMAP server; empty: a maildir folder
    port: int = 993
    user: str = ""
    folder: str = ""  # IMAP folder, or path of the maildir
    senders: tuple[str, ...] = ()  # whose mails are read at all
    tls: bool = True


@dataclass(frozen=True, slots=True)
class Partner:
    code: str
    name: str
    name_en: str
    place: str  # whose it is: the city or a county; its centre works with it
    procedure: str = "matter"
    ways_in: tuple[str, ...] = ("file",)
    way_out: str = "file"
    format: str = "json"
    tells_speaker: bool = True  # we text the speaker; False: the partner does, and we keep silent
    second_answer: bool = True  # an answer after a reopening is sent as well
    fields: Mapping[str, str] = field(default_factory=dict)  # ours → the name of its column
    kinds: Mapping[str, str] = field(default_factory=dict)  # its kind → ours
    cancelled: tuple[str, ...] = ()  # words of its status that mean: withdrawn there
    confidential: tuple[str, ...] = ()  # words that mean: keep it confidential
    count: str = "moment"
    outcomes: Mapping[str, str] = field(default_factory=dict)  # ours → its word
    answer: tuple[tuple[str, str], ...] = ()  # (column, value) in order
    acks: Mapping[str, str] = field(default_factory=dict)  # message_id, result, reason → its columns
    accepted: tuple[str, ...] = ("accepted",)
    refused: tuple[str, ...] = ("refused",)
    url: str = ""
    timeout: float = 5.0
    mail: Mailbox | None = None

    def said(self, lang: str) -> str:
        return self.name_en if lang.startswith("en") and self.name_en else self.name


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _partner(row: Mapping[str, Any]) -> Partner:
    mail, deadline, acks, call = (row.get(name, {}) for name in ("mail", "deadline", "acks", "call"))
    status = row.get("status", {})
    return Partner(
        code=str(row.get("code", "")), name=str(row.get("name", "")), name_en=str(row.get("name_en", "")), place=str(row.get("place", "")),
        procedure=str(row.get("procedure", "matter")), ways_in=_words(row.get("in", ["file"])), way_out=str(row.get("out", "file")),
        format=str(row.get("format", "json")), tells_speaker=bool(row.get("tells_speaker", True)),
        second_answer=bool(row.get("second_answer", True)), fields=dict(row.get("fields", {})), kinds=dict(row.get("kinds", {})),
        cancelled=_words(status.get("cancelled")), confidential=_words(status.get("confidential")),
        count=str(deadline.get("count", "moment")), outcomes=dict(row.get("outcomes", {})),
        answer=tuple((str(one.get("column", "")), str(one.get("value", ""))) for one in row.get("answer", [])),
        acks={"message_id": "message_id", "result": "result", "reason": "reason"} | dict(acks.get("fields", {})),
        accepted=_words(acks.get("accepted", ["accepted"])), refused=_words(acks.get("refused", ["refused"])),
        url=str(call.get("url", "")), timeout=float(call.get("timeout", 5)),
        mail=Mailbox(
            str(mail.get("host", "")), int(mail.get("port", 993)), str(mail.get("user", "")), str(mail.get("folder", "")),
            _words(mail.get("senders")), bool(mail.get("tls", True)),
        ) if mail else None,
    )  # fmt: skip


def _url_faults(url: str) -> Iterable[str]:
    """The one address we call: https, a host, no user in it; a redirect is never followed."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        yield "call.url must be https://host/path"
    if parts.username or parts.password or parts.fragment:
        yield "call.url has a user, password or # in it"


def _mapping_faults(p: Partner, known: Known) -> Iterable[str]:
    yield from (
        f"fields.{name}: we have no such field; there are {', '.join(FIELDS)}"
        for name in p.fields
        if name not in FIELDS
    )
    columns = list(p.fields.values())
    yield from (
        f"fields: the column {c!r} is mapped twice" for c in sorted({c for c in columns if columns.count(c) > 1})
    )
    if "number" not in p.fields:
        yield "fields.number is missing: without its number nothing is known again"
    if not {"text", "title"} & p.fields.keys():
        yield "fields.text or fields.title is missing"
    yield from (
        f"kinds.{theirs!r}: this city has no kind {ours!r}"
        for theirs, ours in p.kinds.items()
        if ours not in known.kinds
    )
    if p.kinds and "kind" not in p.fields:
        yield "kinds are mapped, but fields.kind is not"
    if p.cancelled and "status" not in p.fields:
        yield "status.cancelled is given, but fields.status is not"
    if p.count not in COUNTS:
        try:
            Limit.parse(p.count)
        except ValueError:
            yield f"deadline.count: {p.count!r} is neither moment, date nor a limit such as 5wd"


def _answer_faults(p: Partner, known: Known) -> Iterable[str]:
    wanted = known.outcomes.get(p.procedure)
    if wanted is None:
        yield f"procedure: there is no procedure {p.procedure!r} that is answered"
        wanted = frozenset()
    needed = {*wanted, *ENDS}
    if OTHER not in p.outcomes:
        yield from (
            f"outcomes.{name}: its word is missing (or give `{OTHER}`, for all that is not named)"
            for name in sorted(needed - p.outcomes.keys())
        )
    yield from (f"outcomes.{name}: no outcome of ours" for name in sorted(p.outcomes.keys() - needed - {OTHER, JOINED}))
    echoes = set(p.fields.values()) - {p.fields[name] for name in PERSONAL if name in p.fields}
    for column, value in p.answer:
        if not 0 < len(column) <= COLUMN_MOST or (p.format == "xml" and not ELEMENT.fullmatch(column)):
            yield f"answer: {column!r} cannot be a column"
        if value.startswith("echo:") and value[5:] not in echoes:
            yield f"answer.{column}: {value[5:]!r} is no mapped column that may go back (nothing of a speaker may)"
        elif not value.startswith(("echo:", "text:")) and value not in VALUES:
            yield f"answer.{column}: no value {value!r}; there are {', '.join(VALUES)}, echo:COLUMN, text:WORDS"
    carried = {value for _, value in p.answer}
    yield from (
        f"answer: no column carries {value}"
        for value in ("number", "message_id", "result", "words")
        if value not in carried
    )


def _faults(p: Partner, known: Known) -> Iterable[str]:
    if not CODE.fullmatch(p.code) or p.code in HERE:
        yield "code: 2 to 20 small letters, digits and -, beginning with a letter"
    if not p.name:
        yield "name is missing"
    if p.place not in known.places:
        yield f"place: this city has no place {p.place!r}"
    yield from (f"in: no way {way!r}; there are {', '.join(WAYS_IN)}" for way in p.ways_in if way not in WAYS_IN)
    if p.way_out not in WAYS_OUT:
        yield f"out: no way {p.way_out!r}; there are {', '.join(WAYS_OUT)}"
    if p.format not in FORMATS or (p.way_out == "call" and p.format != "json"):
        yield "format: json, csv or xml; a call is always json"
    if p.way_out == "call":
        yield from _url_faults(p.url)
    if not 0.1 <= p.timeout <= 30:
        yield "call.timeout: between 0.1 and 30 seconds"
    if "mail" in p.ways_in and (p.mail is None or not p.mail.folder or not p.mail.senders):
        yield "mail: folder and senders are needed"
    if p.mail is not None and not p.mail.tls and p.mail.host not in ("127.0.0.1", "localhost", "::1"):
        yield "mail.tls may be false on this machine only"
    yield from _mapping_faults(p, known)
    yield from _answer_faults(p, known)


def read(path: Path, known: Known) -> dict[str, Partner]:
    """Code → partner; {} where there is no such file. Raises PartnersError with every fault at once."""
    if not path.exists():
        return {}
    try:
        rows = tomllib.loads(path.read_text("utf-8")).get("partner", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PartnersError([f"{path.name}: {error}"]) from None
    if not isinstance(rows, list):
        raise PartnersError([f"{path.name}: partners are written as [[partner]]"])
    found: dict[str, Partner] = {}
    faults: list[str] = [f"{path.name}: at most {PARTNERS_MOST} partners"] if len(rows) > PARTNERS_MOST else []
    for number, row in enumerate(rows, 1):
        try:
            partner = _partner(row)
        except (TypeError, ValueError, AttributeError) as error:
            faults.append(f"{path.name}, partner {number}: {error}")
            continue
        where = f"{path.name}, partner {number} ({partner.code})"
        faults += [f"{where}: {fault}" for fault in _faults(partner, known)]
        if partner.code in found:
            faults.append(f"{where}: the code stands there twice")
        found[partner.code] = partner
    if faults:
        raise PartnersError(faults)
    return found
