"""Finds the earlier matters that may be the one before a clerk, among those the clerk may see; the clerk decides."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from minan.kernel import access, directory, likeness, registry, same
from minan.kernel.inbox import subtree
from minan.kernel.likeness import Candidate
from minan.kernel.models import Body, Case, Event, Inbox, User, Wall

CANDIDATES_MOST, SHOWN, CLOSED_DAYS, OPEN_DAYS = 500, 5, 60, 400
LEAST = 0.2  # below this likeness nothing is shown: an empty list is better than a false one
ALIKE_MOST, ALIKE_SHOWN = 2_000, 30
# How the record says that two matters are not one; written as a note, read back here.
APART, NOTE = "不是一件：", "note"
_code = re.compile(r"[0-9A-Z]{5}-?[0-9A-Z]{5}-?[0-9A-Z]{5}")
COLUMNS = (
    "id",
    "code",
    "title",
    "text",
    "kind",
    "lon",
    "lat",
    "place",
    "opened_at",
    "closed_at",
    "state",
    "procedure",
    "version",
    "unit",
)


@dataclass(frozen=True, slots=True)
class Likely:
    """An earlier matter that may be the same: metres apart where both points are known, whole days, the words both have."""

    case: Case
    metres: int | None
    days: int
    because: tuple[str, ...]
    score: float


@lru_cache(maxsize=2)
def _synonyms(stamp: int) -> likeness.Synonyms:
    path = settings.CITY / "words.toml"
    kinds = {kind.code: kind.words for kind in directory.city().kinds.values()}
    return likeness.synonyms_from(tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}, kinds)


def _candidate(case: Case) -> Candidate:
    kind = directory.city().kinds.get(case.kind)
    return Candidate(
        str(case.id),
        case.text or case.title,
        case.kind,
        kind.group if kind else "",
        case.lon,
        case.lat,
        case.place,
        case.opened_at,
    )


def candidates(case: Case, user: User, now: datetime) -> list[Case]:
    """The newest CANDIDATES_MOST of the same county that this person sees: in the same town, open or closed within 60 days.

    Where the place is known no closer than the county, the whole county. One query.
    """
    wide = directory.within(case.place, "town") or directory.within(case.place, "county")
    rows = Inbox.objects.filter(county=OuterRef("county"), case_id=OuterRef("id"), unit__in=access.units_of(user))
    walls = Wall.objects.filter(county=OuterRef("county"), case_id=OuterRef("id"), who__in=access.keys_of(user))
    recent = Q(closed_at=None, opened_at__gte=now - timedelta(days=OPEN_DAYS)) | Q(
        closed_at__gte=now - timedelta(days=CLOSED_DAYS)
    )
    found = Case.objects.filter(recent, county=case.county, merged_into="", privacy="").exclude(id=case.id)
    found = found.exclude(procedure__in=[p.name for p in registry.procedures().values() if not p.counted])
    if wide:
        lo, hi = subtree(wide)
        found = found.filter(place__gte=lo, place__lt=hi)
    return list(found.filter(Exists(rows) & ~Exists(walls)).order_by("-opened_at").only(*COLUMNS)[:CANDIDATES_MOST])


def apart(notes: list[str]) -> set[str]:
    """The codes that notes say are not the same matter."""
    return {match.replace("-", "") for note in notes if note.startswith(APART) for match in _code.findall(note)}


def likely(case: Case, user: User, now: datetime, without: set[str] | None = None) -> list[Likely]:
    """The likest earlier matters, best first, at most SHOWN; `without`: codes already said to be others. One query."""
    found = {str(c.id): c for c in candidates(case, user, now) if c.code not in (without or set())}
    matches = likeness.rank(
        _candidate(case),
        [_candidate(c) for c in found.values()],
        _synonyms(directory.city().stamp),
        now=now,
        limit=SHOWN,
    )
    return [
        Likely(found[m.id], None if m.metres is None else round(m.metres), round(m.days), tuple(m.because), m.score)
        for m in matches
        if m.score >= LEAST and m.because
    ]


@dataclass(frozen=True, slots=True)
class Alike:
    """Open matters of one desk that may be one, oldest first; `because`, `metres` and `days` as in same.Group."""

    cases: tuple[Case, ...]
    because: tuple[str, ...]
    metres: int | None
    days: int


@dataclass(frozen=True, slots=True)
class AlikeFound:
    """At most ALIKE_SHOWN groups of the `read` newest matters. `cut`: the desk has more, or more pairs than are looked at."""

    groups: list[Alike]
    read: int
    cut: bool


def _of_desk(user: User) -> tuple[list[Case], bool]:
    """The newest ALIKE_MOST open matters of this person's own desks that they see, and whether there are more. Two queries."""
    units = access.units_of(user)
    said = [p.name for p in registry.procedures().values() if p.counted]
    mine = Inbox.objects.filter(unit__in=units, open=True, procedure__in=said).order_by("-case_id")
    keys = list(mine.values_list("county", "case_id")[: ALIKE_MOST + 1])
    rows = Inbox.objects.filter(county=OuterRef("county"), case_id=OuterRef("id"), unit__in=units)
    walls = Wall.objects.filter(county=OuterRef("county"), case_id=OuterRef("id"), who__in=access.keys_of(user))
    ids = {case_id for _, case_id in keys[:ALIKE_MOST]}
    found = Case.objects.filter(county__in={county for county, _ in keys}, id__in=ids, desk__in=units)
    found = found.filter(Exists(rows) & ~Exists(walls), closed_at=None, merged_into="", privacy="")
    return list(found.order_by("-opened_at").only(*COLUMNS)), len(keys) > ALIKE_MOST


def _held_apart(cases: list[Case]) -> list[frozenset[str]]:
    """The pairs of these cases, by id, that a note of staff says are two. One query."""
    counties, by_code = {case.county for case in cases}, {case.code: str(case.id) for case in cases}
    noted = Event.objects.filter(county=OuterRef("county"), case_id=OuterRef("case_id"), n=OuterRef("n"), step=NOTE)
    bodies = Body.objects.filter(county__in=counties, case_id__in=[case.id for case in cases], text__contains=APART)
    out = []
    for case_id, text in bodies.filter(Exists(noted)).values_list("case_id", "text"):
        words = json.loads(text).get("facts", {}).get("words", "")
        out += [frozenset((str(case_id), by_code[code])) for code in apart([str(words)]) if code in by_code]
    return out


def alike(user: User) -> AlikeFound:
    """Groups of open matters of this person's own desks that may be one, newest first; never what a note holds apart. Three queries."""
    cases, more = _of_desk(user)
    words, by_id = _synonyms(directory.city().stamp), {str(case.id): case for case in cases}
    rows = [_candidate(case) for case in cases]
    scores, cut = same.likenesses(rows, words)
    near = sorted({n for pair, score in scores.items() if score >= same.SAME for n in pair})
    held = _held_apart([cases[n] for n in near]) if near else []
    groups = same.groups(rows, words, scores, held)
    return AlikeFound(
        [
            Alike(
                tuple(by_id[i] for i in group.ids),
                group.because,
                None if group.metres is None else round(group.metres),
                round(group.days),
            )
            for group in groups[:ALIKE_SHOWN]
        ],
        len(cases),
        more or cut or len(groups) > ALIKE_SHOWN,
    )
