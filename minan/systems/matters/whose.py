"""Whose a matter is: nothing is pushed down to a village, each attempt stands on the record, and the first hand-over is remembered.

Sources: 北京市接诉即办工作条例 art. 17 (nothing above a village's duties), 信访工作条例 art. 23 (returns); DOMAIN.md §1.
引用前请核对.
"""

from __future__ import annotations

from typing import Any

from minan.kernel.procedure import Ask, Change, Field, Step, Words

W = Words
DOWN = W(
    "这类事不在村（社区）职责清单里，不能压给村里；这次交办已记下",
    "This kind is not on the village's duty list and cannot be pushed down to it; the attempt stands on the record",
)


def not_pushed_down(ask: Ask) -> Words | None:
    """Nothing above a village's duties is pushed down to it, neither as lead nor as co-handler."""
    if ask.offices.village_duty(ask.case["kind"]):
        return None
    offices = [ask.offices.office(unit) for unit in (ask.facts.get("unit", ""), *(ask.facts.get("with") or ())) if unit]
    return DOWN if any(office is not None and office.kind == "point" for office in offices) else None


# The kernel takes this step for each refusal by the rule above (act.RECORDED): the attempt is an event of the case.
REFUSED = Step(
    "push_refused", W("拦下压给村里的交办", "Pushing down refused"), ("clock",), public=False,
    fields=(
        Field("by", W("哪个单位要交", "Who tried"), "unit", source="about", shown=False),
        Field("to", W("要交给", "To whom"), "unit", source="about", shown=False),
        Field("tried", W("哪一步", "By which step"), "text", max_length=40, shown=False),
    ),
    done=W("要把村里管不了的事压给村里，已拦下", "An attempt to push it down to a village was refused"),
)  # fmt: skip


def handed(ask: Ask, change: Change) -> Change:
    """Remember the unit a matter was first handed to, and say in the event by which rule it is theirs, and why."""
    unit, why = ask.facts["unit"], ask.offices.whose(ask.case)
    if "first" not in ask.case["facts"]:
        change.facts["first"] = unit
    if why is not None and why.unit == unit:
        change.note |= {"rule": why.rule, "article": why.article, "why": {"zh": why.words.zh, "en": why.words.en}}
    return change


def dispatched(ask: Ask) -> dict[str, Any]:
    """First-dispatch accuracy: of the first answers of what was handed to a unit, those by the unit it was handed to first."""
    first = ask.case["facts"].get("first")
    if not first or "answered_by" in ask.case["facts"]:
        return {}
    return {"routed": 1, "routed_right": int(first == ask.case["unit"])}
