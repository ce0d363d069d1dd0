"""Counts by place and state, kind, unit and week, folded by the worker from what each event changed; at most 2 s late."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from django.db import connection

from minan.kernel import directory
from minan.kernel.listen import Told, on
from minan.kernel.models import Tally
from minan.lib.uuid7 import uuid7

MEASURES = (
    "opened", "open", "late", "answered", "on_time", "contact_due", "contacted", "rated", "rated_solved", "rated_satisfied",
    "visited", "visited_solved", "visited_satisfied", "unheard", "sent_back", "reopened",
    "routed", "routed_right",
)  # fmt: skip
KEY = ("county", "place", "by", "key")
Key = tuple[str, str, str, str]  # of these


def _places(code: str) -> list[str]:
    """The place and every wider one it lies in, as full codes."""
    spot, out = directory.city().places.get(code), []
    while spot is not None:
        out.append(spot.code)
        spot = directory.city().places.get(spot.parent)
    return out or [code]


SHUT = "shut"  # confidential, or about a unit: one sum a county and one the city's, so that no unit finds it in a count of its own
WIDE = ("city", "county")


def _rows(county: str, side: dict[str, Any], week: str) -> list[Key]:
    if side.get("shut"):
        return [(county, place, SHUT, "") for place in _places(side["place"]) if directory.level_of(place) in WIDE]
    named = (("all", ""), ("state", side["state"]), ("kind", side["kind"]), ("unit", side["unit"]), ("week", week))
    return [(county, place, by, key) for place in _places(side["place"]) for by, key in named if by != "unit" or key]


def sums(events: list[Told]) -> dict[Key, dict[str, int]]:
    """What a list of events adds to each row; pure but for the names of places."""
    out: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for told in events:
        if told.delta.get("history"):
            continue
        before, after, week = told.delta.get("b"), told.delta["a"], told.delta["week"]
        for sign, side in ((-1, before), (1, after)):
            if side is None:
                continue
            for key in _rows(told.county, side, week):
                out[key]["open"] += sign * side["open"]
                out[key]["late"] += sign * (side["late"] and side["open"])
                if key[2] != "state" or before is None:
                    # "opened" follows the case when its place, kind or unit changes; by state it counts where it began
                    out[key]["opened"] += sign
        for key in _rows(told.county, after, week):
            for name, value in told.delta.get("c", {}).items():
                out[key][name] += value
    return {key: {m: n for m, n in row.items() if n} for key, row in out.items() if any(row.values())}


@on("*")
def count(events: list[Told]) -> None:
    """Fold the events into the tallies."""
    added = sums(events)
    if not added:
        return
    table = connection.ops.quote_name(Tally._meta.db_table)
    names = ", ".join(f'"{name}"' for name in ("id", *KEY, *MEASURES))
    grow = ", ".join(f'"{m}" = {table}."{m}" + EXCLUDED."{m}"' for m in MEASURES)
    also = f'ON CONFLICT ("county", "place", "by", "key") DO UPDATE SET {grow}'
    rows: list[dict[str, str | int]] = [
        {"id": uuid7().hex, **dict(zip(KEY, key, strict=True)), **dict.fromkeys(MEASURES, 0), **row}
        for key, row in sorted(added.items())
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # one statement for all: some hundreds of their own cost the database twice as much
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) {also}",
                [json.dumps(rows, ensure_ascii=False)],
            )
        else:
            marks = ", ".join(["%s"] * (1 + len(KEY) + len(MEASURES)))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}) {also}", [list(row.values()) for row in rows])
