"""Reads the public extract (docs/extract.md), whoever wrote it: any order of lines, any time zone, any field may be missing. Pure."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

BEIJING = timezone(timedelta(hours=8))
ANSWERS = frozenset({"answer", "settle"})
CLOSES = frozenset({"answer", "settle", "close", "refuse", "merge"})
PAUSES = frozenset({"ask_more", "park", "pause", "suspend"})
RESUMES = frozenset({"supply", "lapse", "unpark", "unpark_due", "resume"})
JUDGES = frozenset({"rate", "visit"})
CLASSIFIES = frozenset({"accept", "reclassify"})
BY_SPEAKER = frozenset({"own", "issued"})
URGENCY = {"ordinary": 0, "urgent": 1, "emergency": 2}
MINUTE_CHARS = 16  # 2026-10-05T09:12: anything shorter is a day, a month or a year
DAY_CHARS = 10


def moment(text: object) -> float | None:
    """Minutes since 1970 (UTC) of an RFC 3339 time; without a zone it is Beijing's. None: no time, or not to the minute."""
    if not isinstance(text, str) or len(text) < MINUTE_CHARS:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=BEIJING)).timestamp() / 60


def limit_minutes(text: object) -> float | None:
    """A limit such as 3wd, 4wh, 24h, 15d in minutes of the wall clock, roughly: enough to say which of two is longer."""
    if not isinstance(text, str):
        return None
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    each = {"m": 1, "h": 60, "wm": 3, "wh": 180, "wd": 2016, "d": 1440, "mo": 43_800, "y": 525_600}.get(
        text[len(digits) :]
    )
    return int(digits) * each if each and digits.isdigit() else None


@dataclass(slots=True)
class Act:
    """One line, as far as the games need it. Times in minutes since 1970, None where the extract is coarser."""

    n: int
    step: str
    by: str
    unit: str
    at: float | None
    due: float | None = None
    length: int | None = None  # of the answer's words: the lower end of its class
    judged: str = ""  # own, issued, seen, staff; "": no judgement
    top: bool = False  # solved and satisfied
    satisfied: bool | None = None
    longer: bool = False  # a reclassification to a longer limit
    milder: bool = False  # … to a lesser urgency
    span: float | None = None  # the limit's own length, minutes of the wall clock

    @property
    def by_staff(self) -> bool:
        """Staff, also where the line does not say who."""
        return self.by not in ("speaker", "clock")


@dataclass(slots=True)
class Matter:
    """One matter: its pseudonym, who led it last, and its acts in order."""

    name: str
    acts: list[Act] = field(default_factory=list)
    dues: list[tuple[float, float | None]] = field(default_factory=list)  # of its answer clocks: due, end
    urgency: str = ""
    kind: str = ""
    history: bool = False

    @property
    def lead(self) -> str:
        """Who answered; else who held it last."""
        for act in reversed(self.acts):
            if act.step in ANSWERS and act.unit:
                return act.unit
        return next((a.unit for a in reversed(self.acts) if a.unit), "")


@dataclass(slots=True)
class Trail:
    header: dict[str, Any] = field(default_factory=dict)
    matters: dict[str, Matter] = field(default_factory=dict)
    lines: int = 0
    bad: int = 0  # lines that are no line of an extract


def _longer(line: dict[str, Any]) -> bool:
    was, now = limit_minutes(line.get("limit_was")), limit_minutes(line.get("limit"))
    return was is not None and now is not None and now > was


def _milder(line: dict[str, Any]) -> bool:
    was, now = URGENCY.get(str(line.get("urgency_was"))), URGENCY.get(str(line.get("urgency")))
    return was is not None and now is not None and now < was


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def act_of(line: dict[str, Any]) -> Act:
    """One event line. Raises KeyError, TypeError or ValueError for what is none."""
    step = sys.intern(str(line["step"]))
    act = Act(
        int(line.get("n") or 0),
        step,
        sys.intern(str(line.get("by") or "")),
        sys.intern(str(line.get("unit") or "")),
        moment(line.get("at")),
    )
    if "due" in line:
        act.due = moment(line["due"])
    if "limit" in line:
        act.span = limit_minutes(line["limit"])
    if step in ANSWERS or "on_time" in line:
        act.length = _number(line.get("length"))
    if "judged" in line or step in JUDGES:
        act.judged = str(line.get("judged") or ("own" if act.by == "speaker" else "staff"))
        if "solved" not in line and "satisfied" not in line:
            act.judged = ""  # nobody was reached
        act.satisfied = bool(line["satisfied"]) if line.get("satisfied") is not None else None
        act.top = bool(line.get("satisfied")) and line.get("solved") is not False
    if "limit_was" in line:
        act.longer = _longer(line)
    if "urgency_was" in line:
        act.milder = _milder(line)
    return act


def _opening(matter: Matter, line: dict[str, Any]) -> None:
    matter.kind = str(line.get("kind") or "")
    matter.urgency = str(line.get("urgency") or "")
    matter.history = bool(line.get("history"))
    for clock in line.get("clocks") or ():
        due = moment(clock.get("due")) if isinstance(clock, dict) and clock.get("clock") == "answer" else None
        if due is not None:
            matter.dues.append((due, moment(clock.get("end"))))


def take(trail: Trail, text: str) -> None:
    """One line of the file."""
    try:
        line = json.loads(text)
        if "what" in line:  # the header, the totals
            trail.header = line if line["what"] == "header" else trail.header
            return
        name = str(line["m"])
        act = act_of(line)
    except (ValueError, TypeError, KeyError, AttributeError):
        trail.bad += 1
        return
    trail.lines += 1
    matter = trail.matters.get(name)
    if matter is None:
        matter = trail.matters[name] = Matter(name)
    if act.n == 1 or "clocks" in line or "kind" in line:
        _opening(matter, line)
    matter.acts.append(act)


def settle(trail: Trail) -> Iterator[Matter]:
    """Every matter by name with its acts in order, without history."""
    for _, matter in sorted(trail.matters.items()):
        if matter.history:
            continue
        matter.acts.sort(key=lambda a: (a.n, a.at or 0.0))
        if matter.dues:
            _fill(matter)
        yield matter


def _fill(matter: Matter) -> None:
    """Where lines say no due time: that of the answer's clock, before a pause that moved it by as much as it lasted."""
    moved = 0.0  # by pauses still to come
    resumed: float | None = None
    for act in reversed(matter.acts):
        if act.step in RESUMES:
            resumed = act.at
        elif act.step in PAUSES and None not in (resumed, act.at):
            moved, resumed = moved + (resumed or 0.0) - (act.at or 0.0), None
        if act.due is None and act.step in ANSWERS:
            act.due = next((d for d, end in matter.dues if end is not None and end == act.at), matter.dues[-1][0])
        elif act.due is None and act.step in PAUSES | CLASSIFIES:
            act.due = matter.dues[-1][0] - moved


def read(lines: Iterable[str]) -> Trail:
    """The whole file, a line at a time; lines that are none are counted, not fatal."""
    trail = Trail()
    for text in lines:
        if text.strip():
            take(trail, text)
    return trail
