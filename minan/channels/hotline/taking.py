"""One press: the matter is opened, accepted, and handed on where the duty list names the unit; all of it or nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from minan.channels.hotline.hearing import DANGER, PROCEDURE, Hearing
from minan.kernel import access, directory, oneform, registry
from minan.kernel.act import Refused, act, open_case
from minan.kernel.forms import proposal
from minan.kernel.models import Case, Event, User
from minan.kernel.procedure import Words

CHANNEL, ACCEPT, ASSIGN = "hotline", "accept", "assign"
DANGER_WORDS = 400


@dataclass
class Taken:
    """What came of one press: the matter, how far it went by itself, and why not further."""

    case: Case
    event: Event
    secret: str
    accepted: bool = False
    unit: str = ""
    danger: bool = False
    why: list[Words] = field(default_factory=list)


def take(user: User, heard: Hearing, key: str, *, danger: str = "") -> Taken | Refused:
    """Open, accept and, where clear, assign. `danger`: the duty post to call, with the matter marked an emergency."""
    who, event_key = access.actor(user), oneform.event_key(user.pk, key)
    secret = oneform.secret("hotline", user.pk, key)
    with transaction.atomic():
        opened = open_case(PROCEDURE, by=who, facts=heard.facts(), channel=CHANNEL, key=event_key, secret=secret)
        if isinstance(opened, Refused):
            return opened
        taken = Taken(opened.case, opened.event, secret)
        roles = access.roles_of(who, opened.case.as_view())
        if "desk" in roles:  # about the operator's own unit, or a report: it went to somebody else
            _further(taken, who, event_key, heard, danger)
    return taken


def _further(taken: Taken, who: access.Actor, key: str, heard: Hearing, danger: str) -> None:
    case = taken.case
    more = {"urgency": "emergency"} if danger else {}
    done = act(case, ACCEPT, by=who, facts={"kind": case.kind, "place": heard.place} | more, key=f"{key}:accepted")
    taken.accepted = not isinstance(done, Refused)
    if isinstance(done, Refused):
        taken.why.append(done.reason)
    if danger:
        words = heard.text[:DANGER_WORDS]
        told = act(case, DANGER, by=who, facts={"to": danger, "words": words}, key=f"{key}:danger")
        taken.danger = not isinstance(told, Refused)
    unit, _why = proposal(case)
    if not taken.accepted or not unit or not directory.within(case.place, "town"):
        return
    handed = act(case, ASSIGN, by=who, facts={"unit": unit}, key=f"{key}:assigned")
    if isinstance(handed, Refused):
        taken.why.append(handed.reason)
    else:
        taken.unit = unit


def can_take() -> bool:
    """Whether matters can be said here at all: the folder that declares them may have been taken out."""
    return registry.get(PROCEDURE) is not None
