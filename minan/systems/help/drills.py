"""The monthly drill: one enrolment of each unit, the whole chain to the channels' dry side and the screens' silent answer, recorded.

It disturbs nobody: no sound, no text, no call. What did not answer stands in the result; a unit without one for a month is flagged.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from minan.kernel import labels
from minan.kernel.models import Case
from minan.systems.help import wire

MONTH = timedelta(days=31)
UNITS_MOST = 12


def begin(unit: str) -> bool:
    """Press for one person of the unit, as a drill. False: nobody is enrolled there, or the lane is away."""
    code = (
        Case.objects.filter(procedure="help_enrolment", desk=unit, closed_at=None)
        .order_by("changed_at")
        .values_list("code", flat=True)
        .first()
    )
    return code is not None and press(code)


def press(code: str) -> bool:
    try:
        return bool(wire.ask({"op": "press", "person": code, "drill": True, "how": "drill"}).get("ok"))
    except wire.Away:
        return False


def of_units(units: Iterable[str], now: datetime) -> list[dict[str, Any]]:
    """Each unit where somebody is enrolled: when its last drill was, what did not answer, whether it is late. One query."""
    rows: dict[str, dict[str, Any]] = {}
    asked = list(units)[:UNITS_MOST]
    found = Case.objects.filter(procedure="help_enrolment", desk__in=asked, closed_at=None).values_list("desk", "facts")
    for unit, facts in found:
        row = rows.setdefault(
            unit, {"unit": unit, "name": labels.office_name(unit), "people": 0, "at": None, "dead": []}
        )
        row["people"] += 1
        last = facts.get("drill") or {}
        at = datetime.fromisoformat(last["at"]) if last.get("at") else None
        if at is not None and (row["at"] is None or at > row["at"]):
            row["at"], row["dead"] = at, last.get("dead") or []
    for row in rows.values():
        row["late"] = row["at"] is None or now - row["at"] > MONTH
        row["dead"] = [_said(one) for one in row["dead"]]
    return [rows[unit] for unit in asked if unit in rows]


def _said(one: str) -> str:
    """ "duty:131022100010-point:0/sms" → "朝阳社区说事点·短信"."""
    from minan.kernel import ways  # labels of channels

    target, _, channel = one.partition("/")
    kind, _, rest = target.partition(":")
    unit = rest.rsplit(":", 1)[0]
    name = labels.office_name(unit) if kind == "duty" else {"family": "家人"}.get(kind, kind) + rest
    shown = ways.LABELS.get(channel)
    return f"{name}·{labels.into(shown) if shown else '值班屏' if channel == 'screen' else channel}"


def last(case: Case) -> datetime | None:
    """When this enrolment was last tried."""
    row = case.facts.get("drill") or {}
    return datetime.fromisoformat(row["at"]) if row.get("at") else None
