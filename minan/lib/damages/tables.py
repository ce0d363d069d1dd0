"""What is known beforehand, with its source and since when it holds: limits, yearly statistics, shares.

What is not here is asked, never guessed.
"""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).with_name("tables")
HEBEI = "13"
ONE_STANDARD = date(2022, 5, 1)  # 法释〔2022〕14号第12、15、17、24条：侵权行为发生在此日以后
ONE_STANDARD_HEBEI = date(2020, 1, 1)  # 河北法院试行，机动车交通事故案件；引用前请核对


@cache
def table(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def province(place: str) -> str:
    """The first two digits of a division code; "" where none is said."""
    return place[:2]


def limits(accident: date, *, fault: bool) -> dict[str, Fraction] | None:
    """The three limits of compulsory insurance on that day; None where the table does not reach. 交强险条例第23条。"""
    for row in table("limits")["rows"]:
        if row["from"] <= accident.isoformat() <= (row["to"] or "9999-12-31"):
            return {head: Fraction(one) for head, one in row["fault" if fault else "no_fault"].items()}
    return None


class Figure(NamedTuple):
    """A yearly figure with its source and how sure it is: "high" or "medium"."""

    amount: Fraction
    source: str
    how_sure: str


def standard(name: str, place: str, year: int) -> Figure | None:
    """A figure of the statistics year `year`; None where it is not known."""
    for row in table("standards")["places"].get(province(place), []):
        if row["statistics_year"] == year and name in row:
            return Figure(Fraction(row[name]), row["source"], row["how_sure"])
    return None


class Split(NamedTuple):
    """The motor side's (or first vehicle's) share as a range; both ends are the same where the table has one figure."""

    low: Fraction
    high: Fraction
    source: str


def motor_and_other(place: str, other: str) -> Split | None:
    """The motor side's share beside a non-motor side or pedestrian of responsibility `other`."""
    if other == "full":
        row = table("shares")["motor_without_fault"]
        return Split(Fraction(row["table"][0]), Fraction(row["table"][1]), row["source"])
    row = table("shares")["motor_and_other"].get(province(place))
    if row is None or other not in row["table"]:
        return None
    low, high = row["table"][other]
    return Split(Fraction(low), Fraction(high), row["source"])


def all_motor_and_other(other: str) -> list[Split]:
    """The same of every province whose table is known, for a place that has none here."""
    found = (motor_and_other(place, other) for place in table("shares")["motor_and_other"])
    return [split for split in found if split is not None]


def motor_and_motor(responsibility: str) -> Split | None:
    """The share between two motor vehicles; a habit of the courts, no law."""
    row = table("shares")["motor_and_motor"]
    if responsibility not in row["table"]:
        return None
    share = Fraction(row["table"][responsibility])
    return Split(share, share, row["source"])
