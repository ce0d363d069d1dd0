"""From the box to the table: who opens, what was in it, in whose hands it is; whatever does not fit is a gap in custody.

An opening is a case of the procedure `opening` (minan/systems/boxes), named and never imported: each act here is one of its events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from minan.channels.box import keeping, marks, photos
from minan.channels.box.models import (
    AGAIN,
    ERASED,
    MADE,
    PRINTED,
    SETTLED,
    TAKEN,
    VOID,
    WAITS,
    Box,
    Opening,
    Seen,
    Sheet,
    Slip,
)
from minan.kernel import access, directory, inbox, registry
from minan.kernel.access import CLOCK
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event, User
from minan.kernel.pictures import Picture
from minan.kernel.procedure import Words

PROCEDURE = "opening"
ROLES = ("clerk", "worker", "supervisor")
DESKS = (directory.POINT, directory.TOWN_DESK)
LISTED = 200
BUSY = Words(
    "这个箱子上一次还没封箱，先把那一次做完", "This box was not sealed after the last opening; finish that first"
)


def procedure_is_there() -> bool:
    return registry.get(PROCEDURE) is not None


def offices_of(user: User) -> list[directory.Office]:
    """The points and stations where this person works with boxes; [] for everybody else."""
    posts = [p for p in directory.posts_of(user.pk) if p.role in ROLES]
    found = [directory.office(p.unit) for p in posts]
    return [office for office in found if office is not None and office.kind in DESKS]


def boxes_of(user: User) -> QuerySet[Box]:
    """The boxes of this person's points, and those in the township of their station."""
    mine = Q(pk=None)
    for office in offices_of(user):
        mine |= Q(unit=office.id)
        if office.kind == directory.TOWN_DESK:
            lo, hi = inbox.subtree(office.place)
            mine |= Q(place__gte=lo, place__lt=hi)
    return Box.objects.filter(mine, active=True)


def may_read(user: User, case: Case) -> bool:
    """Who types the slips in sees their photographs: the desk that opened, and who has the batch in hand. Nobody else."""
    roles = access.roles_of(access.actor(user), case.as_view())
    return "desk" in roles or ("staff" in roles and case.facts.get("holder") == str(user.pk))


# ---- opening


def last_of(box: Box) -> Case | None:
    """The case of the newest opening of a box."""
    row = Opening.objects.filter(box=box).order_by("-at", "-id").first()
    return Case.objects.get(id=row.case_id) if row else None


def open_box(user: User, box: Box, seal: str, key: str) -> Opened | Refused:
    """The first of the two opens; a seal that is not the one put on last time is a gap at once."""
    with transaction.atomic():
        Box.objects.select_for_update().get(id=box.id)
        before = last_of(box)
        facts = {"place": box.place, "box": box.name, "seal": seal}
        mine = f"{user.pk}:{key}"
        same = (
            before is not None and Event.objects.filter(county=before.county, case_id=before.id, n=1, key=mine).exists()
        )
        if before is not None and before.open and before.state in ("begun", "opened") and not same:
            return Refused(BUSY, 409)
        opened = open_case(PROCEDURE, by=access.actor(user), facts=facts, channel="box", key=mine)
        if not isinstance(opened, Opened):
            return opened
        case = opened.case
        Opening.objects.get_or_create(
            case_id=case.id, defaults={"box": box, "county": case.county, "at": case.opened_at}
        )
        expected = before.facts.get("seal_after") if before is not None else None
        if expected is not None and expected != seal.strip() and not same:
            gap(case, "seal", f"{expected} → {seal.strip()}", "seal")
        return opened


def gap(case: Case, what: str, words: str, key: str) -> None:
    """A gap in custody, once for each `key`; nothing where the opening has ended."""
    if case.open:
        act(case, "missing", by=CLOCK, facts={"what": what, "words": words}, key=f"gap:{case.id.hex}:{key}"[:200])


# ---- photographs


@dataclass(slots=True)
class Told:
    """What became of one photograph."""

    again: bool = False  # this very photograph was there
    slips: list[Slip] = field(default_factory=list)  # read in it
    gaps: list[str] = field(default_factory=list)
    shut: bool = False  # a slip on it became a matter that nobody may see in a picture: it was erased at once


def photographed(case: Case, opening: Opening, picture: Picture) -> Told:
    """Keep one photograph and take out the slips read in it. What cannot be read waits for a hand; the same picture twice is once."""
    known = Sheet.objects.filter(opening=opening, sha256=picture.sha256).first()
    if known is None or known.state != ERASED:
        photos.keep(picture.sha256, picture.data)
    with transaction.atomic():
        sheet, fresh = Sheet.objects.get_or_create(
            opening=opening, sha256=picture.sha256,
            defaults={"likeness": picture.dhash, "width": picture.width, "height": picture.height, "at": case.changed_at},
        )  # fmt: skip
        if not fresh:
            return Told(again=True, slips=[s.slip for s in sheet.seen.select_related("slip")])
        told = Told()
        for code in dict.fromkeys(filter(None, map(marks.read, picture.symbols))):
            slip = Slip.objects.filter(code=code).select_related("book").first()
            if slip is None:
                told.gaps.append("unknown")
                gap(case, "unknown", code, f"unknown:{code}")
            elif (wrong := take_out(case, opening, sheet, slip)) != "":
                told.gaps.append(wrong)
            else:
                told.slips.append(slip)
        if told.slips:  # only what waits is looked at by a person
            settle(sheet)
    told.shut = bool(keeping.look_at(keeping.cases_of(sheet)))
    return told


def take_out(case: Case, opening: Opening, sheet: Sheet, slip: Slip, *, by_hand: bool = False) -> str:
    """This slip is on this photograph: "" and it waits to be typed, or which gap it is."""
    Slip.objects.filter(id=slip.id, state=PRINTED).update(state=TAKEN, opening=opening)
    slip.refresh_from_db()
    if slip.opening_id != opening.id:
        what = "unknown" if slip.state == VOID else "twice"
        gap(case, what, slip.code, f"{what}:{slip.code}")
        return what
    Seen.objects.get_or_create(sheet=sheet, slip=slip, defaults={"by_hand": by_hand})
    return ""


def settle(sheet: Sheet) -> None:
    """A photograph on which everything was dealt with no longer waits."""
    left = Seen.objects.filter(sheet=sheet, slip__state=TAKEN).exists()
    there = Seen.objects.filter(sheet=sheet).exists() or sheet.plain
    if there and not left and sheet.state == WAITS:
        Sheet.objects.filter(id=sheet.id).update(state=SETTLED)


# ---- what is still to do, and whether it adds up


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an opening is: slips to be typed, photographs on which nothing was read, what was accounted for of how many."""

    slips: list[Slip]
    hand: list[Sheet]
    accounted: int
    counted: int | None
    photos: int
    between: list[int]  # printed numbers between those found, seen nowhere: a note, no alarm
    strangers: list[Slip]  # printed for another box

    @property
    def left(self) -> int:
        return len(self.slips) + len(self.hand)


def standing(case: Case, opening: Opening) -> Standing:
    """Four queries."""
    mine = list(Slip.objects.filter(opening=opening).select_related("book").order_by("number"))
    sheets = list(Sheet.objects.filter(opening=opening).order_by("id"))
    seen = set(Seen.objects.filter(sheet__opening=opening).values_list("sheet_id", flat=True))
    hand = [s for s in sheets if s.state == WAITS and s.id not in seen]
    own = [s.number for s in mine if s.book.box_id == opening.box_id]
    between: list[int] = []
    if own:
        rows = Slip.objects.filter(book__box=opening.box_id, state=PRINTED, number__gt=min(own), number__lt=max(own))
        between = list(rows.order_by("number").values_list("number", flat=True)[:LISTED])
    done = sum(s.state in (MADE, VOID) for s in mine) + sum(s.plain for s in sheets)
    return Standing(
        [s for s in mine if s.state == TAKEN], hand, done, case.facts.get("counted"), len(sheets), between,
        [s for s in mine if s.book.box_id != opening.box_id],
    )  # fmt: skip


def left(opening: Opening) -> bool:
    """Whether anything waits to be typed in. Two queries at most."""
    if Slip.objects.filter(opening=opening, state=TAKEN).exists():
        return True
    return Sheet.objects.filter(opening=opening, state=WAITS, seen=None).exists()


def finish(case: Case, there: int) -> Refused | None:
    """Does it add up, with so many accounted for (Standing.accounted)? Then it ends; else it is a gap. None: it ended."""
    facts: dict[str, Any] = {"accounted": there}
    done = act(case, "finish", by=CLOCK, facts=facts, key=f"finish:{case.id.hex}:{there}:{case.moves}")
    if isinstance(done, Refused):
        if done.rule == "adds_up" and not case.marks.get("gap"):
            gap(case, "count", f"{case.facts.get('counted')} → {there}", f"count:{there}:{case.moves}")
        return done
    return None


def again(sheet: Sheet) -> None:
    """The same papers once more: this photograph needs nobody."""
    Sheet.objects.filter(id=sheet.id, state=WAITS).update(state=AGAIN)
