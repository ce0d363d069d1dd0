"""What a parent tells its children: that it ended, that another unit leads now, that somebody must keep away.

A procedure whose cases are opened under another case includes `steps(open_states, called_off)`; the listener below takes
these steps by the clock, once an event, within seconds. A case without children costs one look at a small index.
"""

from __future__ import annotations

from typing import Any

from minan.kernel import common, registry, rights
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.listen import Told, on
from minan.kernel.models import Case
from minan.kernel.procedure import Ask, Change, Field, Procedure, State, Step, Words

W = Words
CALL_OFF, FOLLOW, KEEP_AWAY = "call_off", "follow_lead", "keep_away"


def _led(ask: Ask) -> Change:
    return Change(set={"desk": ask.facts["lead"]})


def _kept_away(ask: Ask) -> Change:
    return Change(walls=tuple(ask.facts["walls"]))


def steps(states: tuple[str, ...], called_off: str) -> tuple[Step, ...]:
    """The three steps; `called_off` is the final state of a child whose parent ended without it."""
    return (
        Step(
            CALL_OFF, W("撤销", "Called off"), ("clock",), states, called_off, stops=("*",), tells=("lead",),
            done=W("原事项已经办结或撤下，这一件不用再办", "The matter it belongs to ended; this is no longer needed"),
        ),
        Step(
            FOLLOW, W("主办换了", "Another unit leads"), ("clock",), states, effect=_led,
            fields=(Field("lead", W("新的主办", "The lead now"), "unit", required=True, shown=False),),
            tells=("lead", "desk"), public=False, done=W("原事项换了主办", "Another unit leads the matter now"),
        ),
        Step(
            KEEP_AWAY, W("设回避", "Keep away"), ("clock",), states, public=False, effect=_kept_away,
            fields=(Field("walls", W("回避", "Who keeps away"), "fragments", required=True, shown=False, max_length=60),),
            done=W("原事项设了回避", "Somebody must keep away from the matter"),
        ),
    )  # fmt: skip


def narrow(states: tuple[State, ...], open_states: tuple[str, ...], called_off: str) -> tuple[Step, ...]:
    """What one office's narrow view of a case has besides its own steps: the reminder, the parent's word, looks put off, rights."""
    return (
        Step(
            "remind", W("到期提醒", "Reminder"), ("clock",), open_states, folds=True, tells=("holder", "desk"),
            done=W("超过时限", "Past its time"),
        ),
        *steps(open_states, called_off),
        *(s for s in common.looking(tuple(s.name for s in states)) if s.name in ("defer", common.TOLD)),
        *rights.steps(states),
    )  # fmt: skip


def keep_away(states: tuple[str, ...]) -> Step:
    """That one alone: for a case that goes on by itself when what it came from has ended."""
    return next(step for step in steps(states, "") if step.name == KEEP_AWAY)


def _news(parent: Case, child: Case, procedure: Procedure) -> tuple[str, dict[str, Any]] | None:
    """What a child must be told of its parent now; None where nothing."""
    if not parent.open and procedure.step(CALL_OFF) is not None:
        return CALL_OFF, {}
    fresh = [who for who in parent.walls if who not in child.walls]
    if fresh:
        return KEEP_AWAY, {"walls": fresh}
    if child.facts.get("led") and parent.unit and parent.unit != child.desk:
        return FOLLOW, {"lead": parent.unit}
    return None


@on("*")
def tell_children(events: list[Told]) -> None:
    """Bring the open children of these cases in line with their parent."""
    parents = {(told.county, told.case_id): told for told in events}
    children = Case.objects.filter(
        county__in={county for county, _ in parents}, parent__in={pk for _, pk in parents}, closed_at=None
    )
    found: dict[Any, Case] = {}
    for child in children:
        told = parents.get((child.county, child.parent)) if child.parent else None
        if told is None:
            continue
        if told.case_id not in found:
            found[told.case_id] = Case.objects.get(county=child.county, id=told.case_id)
        procedure = registry.get(child.procedure)
        news = _news(found[told.case_id], child, procedure) if procedure is not None else None
        if news is not None and procedure is not None and procedure.step(news[0]) is not None:
            at = max(told.at, child.changed_at)
            act(child, news[0], by=CLOCK, facts=news[1], key=f"{news[0]}:{child.id.hex[:16]}:{told.id.hex[:24]}", at=at)
