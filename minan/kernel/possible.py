"""Which of the declared steps can be taken just now: those whose rules refuse before they look at any answer are left out.

A button that can only be refused is no button. A rule that refuses after looking at what was handed in stays: the person
may hand in something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from minan.kernel.access import Actor
from minan.kernel.procedure import Ask, Step, Words
from minan.kernel.routing import Offices
from minan.kernel.sheet import Sheet


class _Watched(dict[str, Any]):
    """Nothing was handed in yet; remembers whether a rule asked for it."""

    asked = False

    def __getitem__(self, name: str) -> Any:
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.asked = True
        return default

    def __contains__(self, name: object) -> bool:
        self.asked = True
        return False


def _clocks(sheet: Sheet) -> Mapping[str, Any]:
    return {
        c.name: {
            "due_at": c.row.due_at, "started_at": c.row.started_at, "running": c.row.done_at is None, "extended": c.row.extended,
            "round": c.row.round, "paused": c.row.paused_at is not None, "limit": c.row.limit,
        }
        for c in sheet.clocks
    }  # fmt: skip


def why_not(step: Step, sheet: Sheet, who: Actor, at: datetime) -> Words | None:
    """The reason that stands whatever is handed in; None where the step may be tried. No query."""
    view = sheet.case.as_view() | {"clocks": _clocks(sheet)}
    unit = next(iter(who.units), "")
    for rule in step.rules:
        facts = _Watched()
        try:
            words = rule(
                Ask(
                    step.name,
                    sheet.case.state,
                    facts,
                    view,
                    sheet.roles,
                    unit,
                    who.person,
                    at,
                    Offices(sheet.case.edition),
                )
            )
        except (KeyError, ValueError, TypeError, LookupError):
            continue  # it needs what is not handed in yet
        if words and not facts.asked:
            return words
    return None


def held_up(sheet: Sheet, who: Actor, at: datetime) -> list[Words]:
    """Why steps cannot be taken now that their reader waits for."""
    return [words for s in sheet.steps if s.told_why and (words := why_not(s, sheet, who, at))]


def steps(sheet: Sheet, who: Actor, at: datetime) -> list[Step]:
    """The steps of a sheet that can be taken now, in their order."""
    return [s for s in sheet.steps if why_not(s, sheet, who, at) is None]
