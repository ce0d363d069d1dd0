"""What the steps of a project leave with it; pure."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from minan.kernel.directory import LOCAL
from minan.kernel.procedure import Ask, Change
from minan.systems.improvements import rules as r

CLOSES = time(17, 30)


def _end(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), CLOSES, LOCAL)


def begun(ask: Ask) -> Change:
    """The desk that begins it owns it until another unit is named; of a child the desk of what it came from."""
    facts: dict[str, Any] = {"actions": [], "links": [ask.facts["from_case"]] if ask.facts.get("from_case") else []}
    return Change(set={"title": ask.facts["title"], "text": ask.facts["text"], "unit": ask.case["desk"]}, facts=facts)


def owned(ask: Ask) -> Change:
    return Change(set={"unit": ask.facts["unit"]})


def measured(ask: Ask) -> Change:
    return Change(facts={"measure": {"what": ask.facts["what"], "better": ask.facts["better"], "goal": ask.facts.get("goal", "")}})


def _counted(ask: Ask) -> dict[str, Any]:
    return {"num": int(ask.facts["num"]), "den": int(ask.facts["den"]), "since": ask.facts["since"], "until": ask.facts["until"]}


def counted_before(ask: Ask) -> Change:
    return Change(facts={"before": _counted(ask)})


def counted_after(ask: Ask) -> Change:
    return Change(facts={"after": _counted(ask)})


def _next(rows: list[dict[str, Any]]) -> dict[str, datetime]:
    """The one clock of all actions runs to the nearest open day."""
    days = sorted(one["by"] for one in rows if one["state"] == "open")
    return {"milestone": _end(days[0])} if days else {}


def action_added(ask: Ask) -> Change:
    who = ask.facts.get("who") or ask.case["unit"]
    rows = [*r.actions(ask), {"n": len(r.actions(ask)) + 1, "what": ask.facts["what"], "who": who, "by": ask.facts["by"],
        "state": "open", "on": ""}]
    beside = list(dict.fromkeys([*ask.marks.get("beside", []), *([who] if who not in (ask.case["unit"], ask.case["desk"]) else [])]))
    return Change(facts={"actions": rows}, due=_next(rows), marks={"beside": beside or None})


def _ended(ask: Ask, state: str) -> Change:
    today, n = ask.at.astimezone(LOCAL).date().isoformat(), int(ask.facts["n"])
    rows = [one | ({"state": state, "on": today, "words": ask.facts["words"]} if one["n"] == n else {}) for one in r.actions(ask)]
    due = _next(rows)
    return Change(facts={"actions": rows}, due=due, starts=("milestone",) if due else ())


def action_done(ask: Ask) -> Change:
    return _ended(ask, "done")


def action_off(ask: Ask) -> Change:
    return _ended(ask, "off")


def cost_added(ask: Ask) -> Change:
    return Change(facts={"costs": [*(ask.case["facts"].get("costs") or []), {"yuan": int(ask.facts["yuan"]),
        "source": ask.facts["source"]}]})


def linked(ask: Ask) -> Change:
    return Change(facts={"links": [*r.links(ask), ask.facts["code"]]})


def published(ask: Ask) -> Change:
    return Change(facts={"headline": ask.facts["headline"], "public": ask.facts["words"]}, marks={"published": True})


def unpublished(_ask: Ask) -> Change:
    return Change(facts={"headline": None, "public": None}, marks={"published": None})


def telling(ask: Ask) -> Change:
    return Change(facts={"telling": int(ask.case["facts"].get("telling", 0)) + 1})


def told(ask: Ask) -> Change:
    return Change(facts={"told": int(ask.case["facts"].get("told", 0)) + int(ask.facts["n"])})


def reviewed(ask: Ask) -> Change:
    return Change(due={"improve_review": _end(ask.facts["by"])})


def ended(ask: Ask) -> Change:
    return Change(facts={"closed_on": ask.at.astimezone(LOCAL).date().isoformat()})


def gone_up(ask: Ask) -> Change:
    up = ask.offices.free(ask.offices.above(ask.case["desk"], "block"), ask.case["walls"])
    return Change(marks={"escalated": True, "up": list(dict.fromkeys([*ask.marks.get("up", []), *([up] if up else [])]))})
