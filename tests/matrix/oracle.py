"""Who may read what, from DOMAIN.md alone: block and line, walls, privacy. It never asks minan.kernel.access."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from tests.matrix import people
from tests.matrix.people import Person

ADMINISTRATORS = ("admin", "security", "audit")  # they read no case at all
# Fields of a matter, each with a canary of its own. WORK: who works on it. INNER: they, and never the speaker.
# SHUT: the speaker; staff only by a look, a call or a broken glass.
WORK = frozenset("题文处答展照督")  # title, text, place words, answer, progress, photo, supervision order
INNER = frozenset("注交墙申书件险据")  # note, hand-over word, why walled, asked look, deferral's article and document, danger, why sent back
SHUT = frozenset("名址话原")  # name, address, phone, the original's number
OPENING_STEPS = ("call", "look", "break_glass", "read")  # what shows a speaker's own, as an event


@dataclass(frozen=True)
class Plan:
    """What a matter is meant to be; the world checks that it became so."""

    letter: str
    state: str  # as the matrix calls it
    desk: str = people.STATION
    lead: str = people.LIGHTING
    ruler: str = ""
    called: tuple[str, ...] = ()
    privacy: str = ""
    walled_units: tuple[str, ...] = ()
    walled_people: tuple[str, ...] = ()
    over: tuple[str, ...] = (people.STATION, people.CENTRE, "1310-centre")  # the desks over its place
    public: bool = False
    gone: bool = False
    opener: str = ""  # who broke the glass
    posted: tuple[str, ...] = ()  # the desks that hang up its code, because who said it left no name (DOMAIN.md §1)
    shut_fields: frozenset[str] = field(default=SHUT)


@cache
def above(unit: str) -> frozenset[str]:
    """The unit and all over it, by block and by line."""
    known, found, todo = people.parents(), {unit}, [unit]
    while todo:
        for parent in known.get(todo.pop(), ("", "")):
            if parent and parent not in found:
                found.add(parent)
                todo.append(parent)
    return frozenset(found)


def kept_away(who: Person, plan: Plan) -> bool:
    """Named themselves, a declared relative, or at work under whom it is about."""
    if who.name in plan.walled_people or (who.kin and who.kin in plan.walled_people):
        return True
    units = {u for seat in who.seats for u in (seat.unit, seat.seat) if u}
    return any(set(plan.walled_units) & above(unit) for unit in units)


def circle(plan: Plan) -> set[str]:
    """The units that have to do with it."""
    block = people.parents().get(plan.desk, ("", ""))[0]
    holders = {plan.desk, plan.lead, plan.ruler, *plan.called}
    if plan.privacy == "confidential":
        return {*holders, block} - {""}
    if plan.privacy == "passed":
        return {plan.desk}
    line = people.parents().get(plan.lead, ("", ""))[1]
    return {*holders, line, *plan.over} - {""}


def works_on(who: Person, plan: Plan) -> bool:
    """Whether this member of staff may know of the matter."""
    seats = [seat for seat in who.seats if seat.role not in ADMINISTRATORS]
    if not seats or kept_away(who, plan):
        return False
    if plan.privacy == "sealed":
        return any(seat.role == "discipline" and seat.unit == plan.desk for seat in seats)
    return any(unit in circle(plan) for seat in seats for unit in (seat.unit, seat.seat) if unit)


def hangs_up(who: Person, plan: Plan) -> bool:
    """Whether this person prints the sheet on which its code stands, and nothing else of it."""
    units = {unit for seat in who.seats if seat.role not in ADMINISTRATORS for unit in (seat.unit, seat.seat)}
    return bool(units & set(plan.posted)) and not kept_away(who, plan)


def speaks(who: Person, plan: Plan) -> bool:
    return plan.letter in who.said


def may_read(who: Person, plan: Plan, name: str, path: str, method: str) -> bool:
    """Whether the canary of field `name` may stand in an answer to this person."""
    if plan.gone:
        return False
    if speaks(who, plan):
        return name not in INNER
    if plan.public and path.startswith("/open311/") and name in "题文":
        return True
    if not works_on(who, plan) or plan.privacy == "passed":
        return False
    if name in plan.shut_fields:
        opening = method == "post" and any(f"/{step}" in path for step in OPENING_STEPS)
        return who.name == plan.opener or opening
    return True
