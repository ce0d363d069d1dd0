"""A live caller's own matters on the operator's screen: codes, titles, states and lights, and what may be done with them for the caller."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, QueryDict

from minan.channels.hotline import line
from minan.channels.hotline.hearing import state_name
from minan.kernel import live_call, oneform, registry
from minan.kernel.act import Refused, act
from minan.kernel.models import Case, User
from minan.lib import codes

# Step → the fields it takes from the screen. The judgement is a return visit: taken down by staff, never the speaker's own.
STEPS = {
    "urge": ("words",),
    "add": ("words",),
    "supply": ("words",),
    "visit": ("words", "solved", "satisfied", "contacted"),
}


def _row(user: User, case: Case) -> dict[str, Any]:
    procedure = registry.get(case.procedure)
    roles = live_call.roles(user, case)
    steps = (
        {s.name for s in procedure.steps_from(case.state) if s.name in STEPS and roles & set(s.who)}
        if procedure
        else set()
    )
    if not case.marks.get("waiting"):
        steps.discard("supply")
    else:
        steps.discard("add")
    return {
        "case": case, "state": state_name(case), "late": bool(case.marks.get("late")),
        "words": [name for name in ("supply", "add", "urge") if name in steps], "judge": "visit" in steps,
    }  # fmt: skip


def panel(user: User, now: datetime) -> dict[str, Any]:
    """What hotline/line.html shows: the call, and the caller's own matters while they may be seen. Two queries."""
    call = line.current(user, now)
    rows = [_row(user, case) for case in line.shown(user, call)] if call is not None else []
    seconds = int((now - (call.taken_at or call.rang_at)).total_seconds()) if call is not None else 0
    return {"call": call, "own": rows, "since": f"{seconds // 60}:{seconds % 60:02d}", "demo": settings.DEMO}


def step(user: User, code: str, name: str, post: QueryDict, now: datetime) -> Refused | None:
    """Take one of STEPS for the caller on the line. Http404 for a matter that is not shown in this call, a call that is over, another's."""
    call = line.taken(user, post.get("call", ""), now)
    stored = codes.parse(code)
    case = next((c for c in line.shown(user, call) if c.code == stored), None) if call is not None else None
    if case is None or name not in STEPS:
        raise Http404
    facts: dict[str, Any] = {field: post.get(field, "") for field in STEPS[name]}
    if name == "visit":
        facts["reached"] = True
    done = act(
        case,
        name,
        by=live_call.of(user, case.code),
        facts=facts,
        key=oneform.event_key(user.pk, f"{post['key']}:{case.id.hex}") if post.get("key") else None,
    )
    return done if isinstance(done, Refused) else None
