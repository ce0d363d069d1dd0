"""Which unit gets a case, and why; and the unit above, by block (块) or by line (条)."""

from __future__ import annotations

from minan.kernel import directory
from minan.kernel.directory import Office, Why
from minan.kernel.models import Case, Inbox

UP = ("town", "county", "city")


def _one(word: str, place: str) -> str:
    found = directory.city().at.get((word, place), [])
    return found[0] if found else ""


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


def desks_over(place: str) -> list[str]:
    """The desks of the township, county and city over a place: they supervise what happens there."""
    found = []
    for level, kind in (("town", directory.TOWN_DESK), ("county", directory.CITY_DESK), ("city", directory.CITY_DESK)):
        code = directory.within(place, level)
        if code and (desk := _one(kind, code)):
            found.append(desk)
    return found


def for_kind(kind: str, place: str, edition: int) -> Why | None:
    """The lead unit by the duty list (职责清单): the nearest unit with the department word of the first row that fits."""
    for code, level, word, rule, article, since, until in directory.city().duties:
        if code != kind or since > edition or (until is not None and until <= edition):
            continue
        start = UP.index(level) if level in UP else 0
        for wider in UP[start:]:
            where = directory.within(place, wider)
            if where and (unit := _one(word, where)):
                return Why(unit, rule, article)
    return None


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

    def nearest(self, word: str, place: str) -> str:
        """The nearest unit with this department word over a place: township, county, city; "" where there is none."""
        return next((u for level in UP if (where := directory.within(place, level)) and (u := _one(word, where))), "")

    def village_duty(self, kind: str) -> bool:
        """True where the duty list gives this kind to villages."""
        return any(code == kind and level == "village" for code, level, *_ in directory.city().duties)

    def sees(self, unit: str, code: str) -> bool:
        """True where `unit` has the open case with this code before it."""
        cases = Case.objects.filter(code=code, closed_at=None).values_list("county", "id")
        return any(Inbox.objects.filter(county=county, case_id=pk, unit=unit).exists() for county, pk in cases)

    def office(self, unit: str) -> Office | None:
        return directory.office(unit)

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
