"""A partner's row as a matter of ours: its columns by our names, its kind, its place, its deadline; or why it cannot be taken."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from minan.channels.exchange.partners import COUNTS, PERSONAL, Partner
from minan.channels.exchange.tables import Row
from minan.kernel import directory, imports, vault
from minan.kernel.calendar import BY_DAY, Limit, Scale
from minan.kernel.directory import LOCAL
from minan.kernel.place_words import named
from minan.kernel.procedure import Words
from minan.lib.text import neutral

NUMBER = re.compile(r"\S(?:.{0,62}\S)?")
DAY = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}")
DUE_MOST = timedelta(days=3660)  # further away than that it is a mistake in the file
ECHO_MOST, ECHOES_MOST = 200, 20
PLACES = (6, 9, 12, 15)  # digits a place code may have


class Unfit(Exception):
    """This row cannot be taken; the words say why, for who mends the file."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


@dataclass(slots=True)
class Matter:
    """One row read: `facts` as the opening step takes them, `marks` by which a change is seen."""

    number: str
    facts: dict[str, Any] = field(default_factory=dict)
    due: datetime | None = None
    said_at: datetime | None = None
    cancelled: bool = False
    echo: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    mark: str = ""
    hints: list[Words] = field(default_factory=list)  # taken, but somebody should know


def _sealed(*parts: str) -> str:
    """A keyed hash: what a partner wrote is compared, never kept; without KEYS nobody tries numbers against it."""
    said = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hmac.digest(vault.reply_key(), b"exchange\0" + said, "sha256").hex()


def _end_of(day: date) -> datetime:
    """The last minute of a day: 24:00 would be read as the next day's."""
    return datetime(day.year, day.month, day.day, 23, 59, tzinfo=LOCAL)


def _moment(text: str) -> datetime:
    try:
        at = imports.moment(text)
        return _end_of(at.date()) if DAY.fullmatch(text.strip()) else at
    except (ValueError, OverflowError):
        raise Unfit(f"时限读不出来：{text[:40]}", f"not a deadline: {text[:40]}") from None


def _term(partner: Partner, text: str, start: datetime) -> datetime:
    """A number of days or hours from the partner's own beginning; an empty cell means its usual term."""
    usual = Limit.parse(partner.count)
    try:
        unit = 60 if usual.scale in (Scale.CLOCK, Scale.WORKING) else 1
        limit = Limit(int(float(text) * unit), usual.scale) if text else usual
        due = directory.calendar("default").due(start, limit).at.astimezone(LOCAL)
        return (
            _end_of((due - timedelta(days=1)).date()) if usual.scale in BY_DAY and due.hour == due.minute == 0 else due
        )
    except (ValueError, OverflowError):
        raise Unfit(f"时限要是一个数：{text[:40]}", f"the deadline must be a number: {text[:40]}") from None


def _due(partner: Partner, text: str, start: datetime, now: datetime) -> datetime | None:
    if partner.count not in COUNTS:
        due = _term(partner, text, start)
    elif not text:
        return None
    else:
        due = _moment(text)
        if partner.count == "date":
            due = _end_of(due.astimezone(LOCAL).date())
    if abs(due - now) > DUE_MOST:
        raise Unfit(f"时限太远，像是写错了：{text[:40]}", f"the deadline lies too far away: {text[:40]}")
    return due.astimezone(UTC)


def _said_at(text: str, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        at = imports.moment(text)
    except (ValueError, OverflowError):
        raise Unfit(f"时间读不出来：{text[:40]}", f"not a time: {text[:40]}") from None
    if at > now + timedelta(minutes=10):
        raise Unfit(f"时间在将来：{text[:40]}", f"said in the future: {text[:40]}")
    if now - at > DUE_MOST:
        raise Unfit(f"时间太早：{text[:40]}", f"too long ago: {text[:40]}")
    return min(at, now)


def _place(partner: Partner, code: str, words: str) -> str:
    """By the partner's code, else by the names in the address, else the partner's own county; "" where nobody knows."""
    places = directory.city().places
    if code:
        full = code.ljust(12, "0") if len(code) in PLACES and code.isascii() and code.isdigit() else ""
        if full not in places:
            raise Unfit(f"本市没有这个区划代码：{code[:20]}", f"no such place in this city: {code[:20]}")
        return full if directory.level_of(full) != "city" else named(words)
    home = partner.place if directory.level_of(partner.place) != "city" else ""
    return named(words) or home


def _text(said: Mapping[str, str]) -> str:
    title, text = said.get("title", ""), said.get("text", "")
    return text if text.startswith(title) else f"{title}\n{text}" if text else title


def _said(partner: Partner, row: Row) -> dict[str, str]:
    """Our name → what the row says, neutral and trimmed; raises Unfit where a column of the mapping is not there at all."""
    lacking = [
        partner.fields[name]
        for name in ("number", "text", "title")
        if name in partner.fields and partner.fields[name] not in row
    ]
    if lacking:
        raise Unfit(f"缺少列：{'、'.join(lacking)}", f"columns are missing: {', '.join(lacking)}")
    return {ours: neutral(row.get(theirs, "")).strip() for ours, theirs in partner.fields.items()}


def _echo(partner: Partner, row: Row) -> dict[str, str]:
    """Columns the answer must carry back as they came; a speaker's are never among them (partners.py sees to it)."""
    wanted = [value[5:] for _, value in partner.answer if value.startswith("echo:")][:ECHOES_MOST]
    return {column: neutral(row.get(column, ""))[:ECHO_MOST] for column in wanted}


def _facts(partner: Partner, said: Mapping[str, str], hints: list[Words]) -> dict[str, Any]:
    kind, words = said.get("kind", ""), said.get("place_words", "")
    ours = partner.kinds.get(kind) or (kind if kind in directory.city().kinds else "")
    if kind and not ours:
        hints.append(
            Words(f"分类“{kind[:20]}”没有对应，由说事站定种类", f"no kind of ours for “{kind[:20]}”; the desk chooses")
        )
    place = _place(partner, said.get("place", ""), words)
    if not place:
        hints.append(Words("地点不明，进“地点不明”的单子", "the place is unknown; it goes on that list"))
    facts: dict[str, Any] = {"text": _text(said), "kind": ours, "place": place, "place_words": words[:200]}
    facts |= {name: said[name] for name in sorted(PERSONAL) if said.get(name)}
    if said.get("confidential") and said["confidential"] in partner.confidential:
        facts["confidential"] = True
    return facts


def read(partner: Partner, row: Row, now: datetime) -> Matter:
    """The row as a matter. Raises Unfit with the reason."""
    said = _said(partner, row)
    number = said["number"]
    if not NUMBER.fullmatch(number):
        raise Unfit("编号要有 1 到 64 个字", "the number must have 1 to 64 characters")
    matter = Matter(
        number, cancelled=bool(said.get("status")) and said["status"] in partner.cancelled, echo=_echo(partner, row)
    )
    if not _text(said) and not matter.cancelled:
        raise Unfit("没有写是什么事", "nothing is said")
    matter.said_at = _said_at(said.get("said_at", ""), now)
    if not matter.cancelled:
        matter.due = _due(partner, said.get("deadline", ""), matter.said_at or now, now)
    matter.facts = _facts(partner, said, matter.hints)
    if matter.due and matter.due <= now:
        matter.hints.append(Words("对方的时限已经过了", "the sender's deadline has passed already"))
    told = {name: value for name, value in said.items() if name not in ("number", "status")}
    matter.marks = {name: _sealed(partner.code, number, name, value) for name, value in sorted(told.items())}
    matter.mark = _sealed(partner.code, number, "all", *(f"{name}={value}" for name, value in sorted(told.items())))
    return matter
