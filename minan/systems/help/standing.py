"""How a call stands, as the lane tells it to a page: whom it reached, who goes, which steps, in seconds since the press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minan.systems.help.rungs import Call

Named = Callable[[str], dict[str, str]]  # a unit's id → {"name", "name_en"}


def of(call: Call, now: float, named: Named) -> dict[str, Any]:
    """No name of a person, no address, no number."""
    since = call.begun

    def after(at: float) -> float:
        return round(max(0.0, at - since), 1)

    def who(target: str) -> dict[str, Any]:
        return _who(target, named)

    reached: dict[str, float] = {}
    for (target, _channel, _turn), tried in call.tries.items():
        if tried.seen:
            reached[target] = min(reached.get(target, 1e12), after(tried.at))
    sent = sorted({target for target, _c, _t in call.tries})
    return {
        "press": call.press, "code": call.code, "at": since, "now": after(now), "rung": call.rung,
        "late": bool(call.late), "late_at": after(call.late) if call.late else 0.0,
        "drill": call.drill, "again": len(call.again), "sent": [who(t) for t in sent],
        "reached": [who(t) | {"after": s} for t, s in sorted(reached.items(), key=lambda pair: pair[1])],
        "going": [who(t) | {"after": after(s)} for t, s in call.going.items()],
        "cannot": [who(t) | {"after": after(s)} for t, s in call.cannot.items()],
        "steps": {name: after(s) for name, s in call.steps.items()}, "false": after(call.said_false) if call.said_false else None,
        "closed": after(call.closed) if call.closed else None, "stopped": bool(call.stopped), "place": call.about.get("place", ""),
        "place_name": call.about.get("place_name", ""),
    }  # fmt: skip


def _who(target: str, named: Named) -> dict[str, Any]:
    kind, _, rest = target.partition(":")
    unit = rest.rsplit(":", 1)[0] if kind == "duty" else ""
    return {
        "id": target,
        "kind": kind,
        "n": rest.rsplit(":", 1)[-1],
        "unit": unit,
    } | (named(unit) if unit else {"name": "", "name_en": ""})
