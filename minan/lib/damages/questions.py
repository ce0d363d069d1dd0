"""From the ten answers of somebody who is afraid of forms to a case and what is not yet known in it. Pure; keeps and asks nothing.

Answers are {name: text}. Of a figure: digits, UNKNOWN ("还不知道") or "" (not answered: as good as unknown). What cannot be bounded by a rule
is left out and named, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from minan.lib.damages import tables, whatif
from minan.lib.damages.estimate import Unknown

UNKNOWN, HEAVY = "unknown", "heavy"
VICTIM = ("date", "how", "blame", "age", "medical", "stay", "leave", "nursing", "grade", "cover")
DRIVER = ("date", "how", "blame", "cover", "barred", "age", "medical", "leave", "grade", "advanced")
WALKS = {"victim": VICTIM, "driver": DRIVER}
OPPOSITE = {"full": "none", "main": "secondary", "equal": "equal", "secondary": "main", "none": "full"}
# Spans that an appraisal commonly fixes for broken bones, in days (GA/T 1193-2014, from memory: 引用前请核对).
SPANS = {"leave": (30, 180), "nursing": (15, 90)}
WORST = {UNKNOWN: 8, HEAVY: 1}  # the heaviest grade that is reckoned with while none is given
COVERS = ("1000000", "3000000")  # what a commercial policy of an unknown limit is tried with, besides none
ONE_STEP = 100  # shares are told in whole per cent


class Names(NamedTuple):
    """What people and things are called in formulas and warnings; no names of persons."""

    car: str
    side: str
    victim: str
    driver: str
    insurer: str
    rider: str


@dataclass(frozen=True)
class Asked:
    """The case, what is unknown in it, and the names of what was left out because nobody may guess it."""

    case: dict[str, Any]
    unknowns: tuple[Unknown, ...]
    left_out: tuple[str, ...]


def known(answers: Mapping[str, str], name: str) -> str:
    """The figure answered; "" where it is not known."""
    said = answers.get(name, "")
    return "" if said == UNKNOWN else said


def shares(blame: str, how: str, place: str) -> tuple[int, int]:
    """The car's least and most per cent: by the place's table, else the widest of the provinces whose table is known."""
    if how == "drive":
        split = tables.motor_and_motor(blame)
        found = [split] if split else []
    else:
        other = OPPOSITE[blame]
        mine = tables.motor_and_other(place, other)
        found = [mine] if mine else tables.all_motor_and_other(other)
    if blame == "full":
        return 100, 100
    if not found:
        return (0, 0) if blame == "none" else (0, 100)
    low, high = min(one.low for one in found), max(one.high for one in found)
    return int(low * ONE_STEP), int(high * ONE_STEP)


def _blames(answers: Mapping[str, str], names: Names, place: str) -> Unknown:
    """The car's responsibility and share, together: what one decides bounds the other."""
    said = known(answers, "blame")
    options: list[dict[str, Any]] = []
    steps = 0
    for blame in (said,) if said else tuple(OPPOSITE):
        low, high = shares(blame, answers.get("how", ""), place)
        steps = max(steps, high - low)
        options += [
            {
                f"vehicles.{names.car}.responsibility": blame, f"vehicles.{names.side}.responsibility": OPPOSITE[blame],
                f"vehicles.{names.car}.share": figure_of(per_cent),
            }
            for per_cent in dict.fromkeys((low, high))
        ]  # fmt: skip
    return Unknown("blame" if not said else "share", tuple(options), steps)


def figure_of(per_cent: int) -> str:
    return f"{per_cent / ONE_STEP:.2f}"


def case_of(answers: Mapping[str, str], side: str, today: date, names: Names, place: str) -> Asked:
    """The ten answers of a `side` ("victim" or "driver") as a case. `today` stands for the day of an agreement."""
    how, items, left = answers.get("how", "ride"), _items(answers, side), _left(answers, side)
    other = {
        "id": names.side, "kind": {"walk": "pedestrian", "drive": "motor"}.get(how, "non_motor"), "compulsory": None,
    }  # fmt: skip
    if how == "passenger":
        other["driver"] = names.rider
    advanced = known(answers, "advanced")
    victim: dict[str, Any] = {
        "id": names.victim, "with": names.side, "driver": how != "passenger", "standard": "urban", "items": items,
        "advances": [{"by": names.driver, "amount": advanced}] if advanced else [],
    }  # fmt: skip
    if known(answers, "age"):
        victim["age"] = int(known(answers, "age"))
    case = {
        "accident_date": answers["date"], "as_of": max(today.isoformat(), answers["date"]), "place": place,
        "standards": {"urban_income": known(answers, "income")} if known(answers, "income") else {},
        "vehicles": [
            {
                "id": names.car, "kind": "motor", "driver": names.driver, "compulsory": {"insurer": names.insurer},
                "bar": [answers["barred"]] if answers.get("barred") else [],
            },
            other,
        ],
        "victims": [victim],
    }  # fmt: skip
    unknowns = [_blames(answers, names, place), _cover(answers, names), *_spans(answers, names, items)]
    unknowns += _grades(answers, names, case, items, left)
    sure = [one for one in unknowns if len(one.options) == 1]
    return Asked(_set(case, sure), tuple(one for one in unknowns if len(one.options) > 1), tuple(left))


def _set(case: dict[str, Any], sure: list[Unknown]) -> dict[str, Any]:
    from_paths = [option for one in sure for option in one.options]
    return (
        whatif.changed(case, {path: value for option in from_paths for path, value in option.items()}) if sure else case
    )


def _items(answers: Mapping[str, str], side: str) -> dict[str, Any]:
    items: dict[str, Any] = {}
    if known(answers, "medical"):
        items["medical"] = known(answers, "medical")
    for name, item in (("stay", "meals"), ("leave", "lost_income"), ("nursing", "nursing")):
        count, daily = known(answers, name), known(answers, f"{name}_daily")
        if name in WALKS[side] and count and daily:
            items[item] = {"days": int(count), "daily": daily}
    return items


def _left(answers: Mapping[str, str], side: str) -> list[str]:
    """What was asked and is neither known nor bounded by a rule."""
    left = [] if known(answers, "medical") else ["medical"]
    for name in ("stay", "leave", "nursing"):
        count, daily = known(answers, name), known(answers, f"{name}_daily")
        if name in WALKS[side] and count != "0" and (not daily or (not count and name not in SPANS)):
            left.append(name)
    return left


def _spans(answers: Mapping[str, str], names: Names, items: Mapping[str, Any]) -> list[Unknown]:
    found = []
    for name, item in (("leave", "lost_income"), ("nursing", "nursing")):
        daily = known(answers, f"{name}_daily")
        if daily and answers.get(name) == UNKNOWN and item not in items:
            path = f"victims.{names.victim}.items.{item}"
            low, high = SPANS[name]
            options = tuple({path: {"days": days, "daily": daily}} for days in (low, high))
            found.append(Unknown(name, options, high - low))
    return found


def _cover(answers: Mapping[str, str], names: Names) -> Unknown:
    """The car's insurance: compulsory yes, no, unknown; commercial none, a limit, unknown."""
    path = f"vehicles.{names.car}"
    said = answers.get("cover", UNKNOWN) or UNKNOWN
    limit = answers.get("commercial", UNKNOWN) or UNKNOWN
    tried = ("0", *COVERS) if UNKNOWN in (said, limit) else (limit,)
    options: list[dict[str, Any]] = []
    if said != "no":
        options = [
            {
                f"{path}.compulsory": {"insurer": names.insurer},
                f"{path}.commercial": [{"insurer": names.insurer, "limit": one}] if one != "0" else [],
            }
            for one in tried
        ]
    if said != "yes":
        options.append({f"{path}.compulsory": None, f"{path}.commercial": []})
    return Unknown("cover" if said == UNKNOWN else "commercial", tuple(options))


def _grades(
    answers: Mapping[str, str], names: Names, case: dict[str, Any], items: dict[str, Any], left: list[str]
) -> list[Unknown]:
    """Disability by grade, or death; left out where the yearly figure or the age is not known."""
    said, path = answers.get("grade", UNKNOWN) or UNKNOWN, f"victims.{names.victim}.items"
    if said == "none":
        return []
    year = date.fromisoformat(case["as_of"]).year - 1
    if not case["standards"] and tables.standard("urban_income", case["place"], year) is None:
        left.append("income")
        return []
    if "age" not in case["victims"][0]:
        left.append("age")
        return []
    if said == "death":
        items["death"] = True
        if tables.standard("average_wage", case["place"], year) is None:
            left.append("funeral")
        else:
            items["funeral"] = True
        return []
    if said in WORST:
        ends = ({f"{path}.disability": None}, {f"{path}.disability": {"grades": [WORST[said]]}})
        return [Unknown("grade", ends, 11 - WORST[said])]
    items["disability"] = {"grades": [int(said)]}
    return []
