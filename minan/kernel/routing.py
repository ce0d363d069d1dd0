"""Which unit gets a case, and why; and the unit above, by block (块) or by line (条)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from minan.kernel import choosing, directory, looks, questions, registry, reused
from minan.kernel.directory import Office, Why
from minan.kernel.models import Case, Inbox, Speaker, Strike, Tie

UP = choosing.UP
STRIKES_DAYS = 365


_one = choosing.one


def desk_of(place: str) -> str:
    """The desk that takes in what is said about a place: the township's station; county or city centre for wider places."""
    for level, kind in (("town", directory.TOWN_DESK), ("county", directory.CITY_DESK), ("city", directory.CITY_DESK)):
        code = directory.within(place, level)
        if code and (desk := _one(kind, code)):
            return desk
    return ""


def intake_desk(unit: str, place: str) -> str:
    """The desk of a case somebody of `unit` takes in: their own where it is a point, station or centre, else the place's."""
    office = directory.office(unit) if unit else None
    own = office is not None and office.kind in (directory.POINT, directory.TOWN_DESK, directory.CITY_DESK)
    return unit if own else desk_of(place)


def above(unit: str, way: str) -> str:
    """The unit above by "block" or "line"; where the one is empty the other is taken; "" at the top."""
    office = directory.office(unit)
    if office is None:
        return ""
    first, second = (office.line, office.block) if way == "line" else (office.block, office.line)
    return first or second


def chain(unit: str, way: str = "block") -> list[str]:
    """Every unit above, nearest first."""
    out: list[str] = []
    here = above(unit, way)
    while here and here not in out and len(out) < 8:
        out.append(here)
        here = above(here, way)
    return out


def taker(word: str, place: str) -> str:
    """The nearest unit with this word in which somebody holds the post of the same name: what is sealed to nobody is read by nobody."""
    held = {post.unit for posts in directory.city().posts.values() for post in posts if post.role == word}
    near = [u for level in ("village", *UP) if (where := directory.within(place, level)) and (u := _one(word, where))]
    return next((u for u in near if u in held), near[0] if near else "")


def over(unit: str) -> list[str]:
    """The unit and every unit above it, by block and by line, whichever way one goes up: whose wall is also its own."""
    found, todo = {unit: None}, [unit]
    while todo:
        office = directory.office(todo.pop())
        for higher in filter(None, (office.block, office.line) if office else ()):
            if higher not in found:
                found[higher] = None
                todo.append(higher)
    return list(found)


def barred(unit: str, walls: Iterable[str]) -> bool:
    """True where a wall stands between this unit and a case: it is complained about, or stands under who is."""
    named = {who.removeprefix("unit:") for who in walls if who.startswith("unit:")}
    return bool(named) and any(u in named for u in over(unit))


def free(unit: str, walls: Iterable[str], way: str = "block") -> str:
    """The nearest unit, this one or above it, that no wall keeps away; "" where there is none."""
    known = list(walls)
    return next((u for u in (unit, *chain(unit, way)) if u and not barred(u, known)), "")


def desks_over(place: str) -> list[str]:
    """The desks of the township, county and city over a place: they supervise what happens there."""
    found = []
    for level, kind in (("town", directory.TOWN_DESK), ("county", directory.CITY_DESK), ("city", directory.CITY_DESK)):
        code = directory.within(place, level)
        if code and (desk := _one(kind, code)):
            found.append(desk)
    return found


def for_kind(kind: str, place: str, edition: int, **said: Any) -> Why | None:
    """The lead unit, and why: the routing rules first, then the duty list 职责清单. `said`: see choosing.Asked."""
    return choosing.whose(choosing.Asked(kind, place, edition, **said))


def for_case(case: Mapping[str, Any]) -> Why | None:
    """The lead unit of a case by the edition it began under; None where kind or place do not say."""
    return choosing.whose(choosing.asked(case)) if case["kind"] else None


def nearest(word: str, place: str) -> str:
    """The nearest unit with this department word over a place: township, county, city; "" where there is none."""
    return next((u for level in UP if (where := directory.within(place, level)) and (u := _one(word, where))), "")


def candidates(place: str) -> list[Office]:
    """The units a matter at `place` may be handed to: those that work there, nearest level first, desks after departments."""
    city = directory.city()
    spots = [code for level in ("village", "town", "county", "city") if (code := directory.within(place, level))]
    out = []
    for spot in spots:
        ids = {u for (_, where), units in city.at.items() if where == spot for u in units}
        rows = [city.units[u] for u in ids]
        out += sorted(rows, key=lambda o: (o.kind in (directory.CITY_DESK, directory.TOWN_DESK), o.id))
    return out


class Offices:
    """What pure rules may ask of the offices (`Ask.offices`)."""

    def __init__(self, edition: int) -> None:
        self.edition = edition

    def above(self, unit: str, way: str) -> str:
        return above(unit, way)

    def desk_of(self, place: str) -> str:
        return desk_of(place)

    def for_kind(self, kind: str, place: str) -> Why | None:
        return for_kind(kind, place, self.edition)

    def whose(self, case: Mapping[str, Any]) -> Why | None:
        """The lead unit of this case by the edition it began under, with the rule and why."""
        return for_case(case)

    def nearest(self, word: str, place: str) -> str:
        return nearest(word, place)

    def looked(self, person: str, at: datetime) -> int:
        """How many openings of the vault by a second person's word somebody had that day."""
        return looks.today(person, at)

    def used(
        self, code: str, photos: Sequence[Mapping[str, Any]], unit: str, person: str, allowed: Sequence[Mapping[str, Any]] = (),
        own: bool = True,
    ) -> reused.Used | None:  # fmt: skip
        """The first earlier use of one of these photos; `own` False: outside this case."""
        return reused.used(code, photos, unit, person, allowed, own)

    def pictured(self, code: str) -> bool:
        """Whether a picture belongs to this case already."""
        return reused.pictured(code)

    def reachable(self, code: str) -> bool:
        """Whether the speaker of this case left a phone number."""
        keys = Case.objects.filter(code=code).values_list("county", "id")
        return any(Speaker.objects.filter(county=county, case_id=pk, phone=True).exists() for county, pk in keys)

    def others(self, unit: str, person: str) -> bool:
        """Whether somebody besides this person works in the unit."""
        return any(str(u) != person and any(p.unit == unit for p in posts) for u, posts in directory.city().posts.items())

    def heads(self, unit: str, person: str) -> bool:
        """Whether this person is head of the unit."""
        return any(p.unit == unit and p.role == "supervisor" for p in directory.posts_of(int(person or 0)))

    def mates(self, person: str) -> list[str]:
        """The units of a member of staff."""
        return list(dict.fromkeys(post.unit for post in directory.posts_of(int(person))))

    def higher(self, unit: str) -> list[str]:
        """Every unit above, by block or by line."""
        return over(unit)[1:]

    def free(self, unit: str, walls: Iterable[str], way: str = "block") -> str:
        """The nearest unit, this one or above, that no wall keeps away."""
        return free(unit, walls, way)

    def ties(self, unit: str, person: str) -> list[str]:
        """The declared relatives of a member of staff, or of everybody who works in a unit."""
        there = (
            [person]
            if person
            else [str(u) for u, posts in directory.city().posts.items() if any(p.unit == unit for p in posts)]
        )
        rows = Tie.objects.filter(Q(user__in=there) | Q(other__in=there)).values_list("user_id", "other_id")
        return sorted({str(one) for pair in rows for one in pair} - set(there))

    def takes(self, word: str) -> bool:
        """True where some procedure takes in the cases of units with this word."""
        return any(p.desk == word for p in registry.procedures().values())

    def has(self, procedure: str) -> bool:
        """True where the city has this procedure: a step that opens a child by name stands only there."""
        return registry.get(procedure) is not None

    def taker(self, word: str, place: str) -> str:
        """The nearest unit with this word in which somebody holds such a post; else the nearest."""
        return taker(word, place)

    def questions(self, kind: str) -> int:
        """How many questions of its own a kind has."""
        return len(questions.of_kind(kind, self.edition))

    def unasked(self, kind: str, answers: Mapping[str, str]) -> int:
        """How many required questions of a kind are still open after these answers."""
        return len(questions.missing(kind, self.edition, answers))

    def village_duty(self, kind: str) -> bool:
        """True where the duty list gives this kind to villages."""
        return choosing.village_duty(kind, self.edition)

    def sees(self, unit: str, person: str, code: str) -> Mapping[str, Any] | None:
        """The open case with this code where `unit` has it before it and no wall keeps this person from it; else None."""
        for case in Case.objects.filter(code=code, closed_at=None):
            there = Inbox.objects.filter(county=case.county, case_id=case.id, unit=unit).exists()
            if there and (not person or f"user:{person}" not in case.walls):
                return case.as_view()
        return None

    def seen(self, unit: str, person: str, code: str) -> Mapping[str, Any] | None:
        """The case with this code, open or ended, that lies or lay with `unit` and from which no wall keeps this person; None too
        for what is confidential, sealed or about a unit: whoever links cases must not tell of these."""
        for case in Case.objects.filter(code=code):
            there = Inbox.objects.filter(county=case.county, case_id=case.id, unit=unit).exists()
            barred_ = any(who.startswith("unit:") or who == f"user:{person}" for who in case.walls)
            if there and not case.privacy and not barred_:
                return case.as_view()
        return None

    def office(self, unit: str) -> Office | None:
        return directory.office(unit)

    def strikes(self, person: str, at: datetime) -> int:
        """How many of this person's breakings of the glass were rejected in the year before `at`."""
        since = at - timedelta(days=STRIKES_DAYS)
        return Strike.objects.filter(user_id=int(person), at__gt=since, at__lte=at).count()

    def under(self, unit: str, head: str) -> bool:
        """True where `unit` is `head` or stands under it, by block or by line."""
        found, todo = {unit}, [unit]
        while todo:
            office = directory.office(todo.pop())
            fresh = {u for u in (office.block, office.line) if u} - found if office else set()
            found |= fresh
            todo += fresh
        return head in found

    def kind(self, code: str) -> object | None:
        return directory.city().kinds.get(code)

    def ground(self, code: str) -> object | None:
        return directory.city().grounds.get(code)

    def works_at(self, unit: str, place: str) -> bool:
        """True where one of the unit's ranges contains the place."""
        office = directory.office(unit)
        return office is not None and any(
            place.startswith(r[: directory.LEVELS.get(directory.level_of(r), 15)]) for r in office.ranges
        )
