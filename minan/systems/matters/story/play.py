"""Writes the whole story: who says what, where and when over three months, and which life each matter leads."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from minan.kernel import access, act, directory, routing
from minan.kernel.directory import LOCAL
from minan.kernel.models import Place
from minan.systems.matters.story import lives, texts
from minan.systems.matters.story.drawings import drawing
from minan.systems.matters.story.stage import Life, Matter, Over, Stage

SEED = 20221101  # the month the model city's figures are of
DAYS = 92
MATTERS = 1_900  # with the scenes some two thousand
TALKATIVE = 0.34  # share of matters of the first town: the one whose desk the demo shows
HOURS = (
    2,
    1,
    1,
    1,
    1,
    2,
    6,
    16,
    26,
    30,
    28,
    22,
    14,
    14,
    22,
    26,
    24,
    22,
    20,
    20,
    18,
    14,
    8,
    4,
)  # when people speak, of the day
CHANNELS = (("web", 46), ("station", 22), ("hotline", 20), ("point", 6), ("patrol", 6))
Fate = Callable[[Matter, str], Life]


@dataclass(frozen=True, slots=True)
class Town:
    """A township with a staffed desk: its villages with a rough spot, and which kinds its offices can take."""

    code: str
    desk: str
    villages: list[tuple[str, str, float, float]]  # code, name, lon, lat (schematic)
    says: list[tuple[dict[str, Any], str]]  # what may be said here, and the lead unit


def towns(stage: Stage) -> list[Town]:
    """Every township whose speaking station has staff, the busiest first."""
    found = []
    for unit, staff in stage.people.units.items():
        office = directory.office(unit)
        if office is None or office.kind != directory.TOWN_DESK or not stage.people.of(unit, "clerk"):
            continue
        rows = (
            Place.objects.filter(parent=office.place, until=None)
            .order_by("code")
            .values_list("code", "name", "slon", "slat")
        )
        villages = [(code, name, lon or 0.0, lat or 0.0) for code, name, lon, lat in rows]
        says = []
        for say in texts.says():
            why = routing.for_kind(say["kind"], office.place, directory.city().edition)
            if why is not None and stage.people.of(why.unit, *lives.LEAD) and say["kind"] in directory.city().kinds:
                says.append((say, why.unit))
        if villages and says:
            found.append((len(staff), Town(office.place, unit, villages, says)))
    return [town for _, town in sorted(found, key=lambda pair: (-pair[0], pair[1].code))]


def moments(chance: random.Random, begin: datetime, end: datetime, count: int) -> list[datetime]:
    """When things are said: by day more than by night, on weekends less, a little more every week."""
    days = (end - begin).days + 1
    weights = []
    for day in range(days):
        weekday = (begin.astimezone(LOCAL) + timedelta(days=day)).weekday()
        weights.append((0.55 if weekday >= 5 else 1.0) * (1 + 0.4 * day / days))
    out = []
    midnight = begin.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    while len(out) < count:
        day = chance.choices(range(days), weights)[0]
        at = midnight + timedelta(days=day, hours=chance.choices(range(24), HOURS)[0], seconds=chance.randrange(3600))
        if begin <= at < end:
            out.append(at)
    return sorted(out)


def in_season(say: dict[str, Any], at: datetime) -> bool:
    """Heating is only missed while it should run (mid-November to mid-March)."""
    local = at.astimezone(LOCAL)
    return say.get("season") != "heat" or (local.month, local.day) >= (11, 8) or (local.month, local.day) <= (3, 20)


def opened(
    stage: Stage, town: Town, say: dict[str, Any], village: tuple[str, str, float, float], **more: Any
) -> Matter:
    """Somebody says it now, by one of the ways in; Over where the door refuses."""
    chance = stage.chance
    person, channel = texts.speaker(chance), more.get("channel") or chance.choices(*zip(*CHANNELS, strict=True))[0]
    where = texts.spot(chance, "村民" in village[1])
    by, point = access.SPEAKER, f"{village[0]}-point"
    if channel in ("point", "patrol") and stage.people.of(point):
        by = chance.choice(stage.people.of(point, "worker") or stage.people.of(point))
    elif channel in ("station", "hotline", "point", "patrol"):
        channel = "hotline" if channel == "hotline" else "station"
        by = chance.choice(stage.people.of(town.desk, "clerk"))
    facts: dict[str, Any] = {
        "text": more.get("text") or texts.said(chance, say, where), "place": village[0],
        "place_words": where if village[0] else "", "name": person.name
    }  # fmt: skip
    has_phone = chance.random() < 0.85
    if has_phone:
        facts["phone"] = person.phone
    if village[0] and (by is not access.SPEAKER or chance.random() < 0.7):
        facts["kind"] = say["kind"]
    several = len(stage.people.of(town.desk, *lives.DESK)) > 1  # a return visit needs another hand
    if several and ((not has_phone and by is not access.SPEAKER) or chance.random() < 0.04):
        facts["visit"] = True
    if say.get("picture") and by is access.SPEAKER and chance.random() < 0.5:
        facts["photos"] = [drawing(say["picture"], False)]
    spot = (village[2] + chance.gauss(0, 0.0012), village[3] + chance.gauss(0, 0.0012))
    pinned = village[2] and chance.random() < 0.6
    result = act.open_case(
        "matter", by=by, facts=facts, channel=channel, at=stage.now, where=spot if pinned else None, account=more.get("account", ""),
        lang=more.get("lang", "zh-hans"),
    )  # fmt: skip
    if isinstance(result, act.Refused):
        raise Over(f"say:{result.rule} {dict(result.errors)}")
    kind = directory.city().kinds[say["kind"]]
    return Matter(stage, result.case, result.secret, say, kind.urgency != "ordinary")


def life(stage: Stage, town: Town, fate: Fate, **more: Any) -> Life:
    """One matter from its first word: opened now, accepted with its kind, then the life that was drawn for it."""
    fit = [
        (say, unit)
        for say, unit in town.says
        if in_season(say, stage.now) and more.get("kind", say["kind"]) == say["kind"]
    ]
    say, unit = stage.chance.choices(fit, [s.get("weight", 3) for s, _ in fit])[0]
    village = more.pop("village", None) or stage.chance.choice(town.villages)
    if fate is lives.settled:
        more["channel"] = more.get("channel") or stage.chance.choice(["station", "point", "patrol"])
    matter = opened(stage, town, say, village, **more)
    if "seen" in more:
        more["seen"].append(matter)
    if fate is not lives.merged:
        stage.last[(matter.case.desk, say["kind"])] = matter
    yield stage.now
    yield from fate(matter, unit)
    if matter.state in ("reopened", "under_review"):  # whatever life led there, the level above decides
        yield from lives.ruled_above(matter, unit, uphold=0.6)


def everyday(stage: Stage, begin: datetime, end: datetime, count: int) -> None:
    """The many matters of three months, each with a life by chance."""
    places = towns(stage)
    if not places:
        return
    fates, often = zip(*lives.FATES, strict=True)
    rest = places[1:] or places
    for at in moments(stage.chance, begin, end, count):
        town = places[0] if stage.chance.random() < TALKATIVE else stage.chance.choice(rest)
        stage.enter(at, life(stage, town, stage.chance.choices(fates, often)[0]))
