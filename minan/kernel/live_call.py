"""A live caller's own open matters: found by the number the exchange delivered, with the caller's yes, gone at hang-up.

DOMAIN.md, Red lines: a speaker may be found by their own act only. Nobody hands a number in here: it was sealed when the exchange
delivered it, and only the keeper reads it, for one person, one call and one event of the register. Each matter that is shown
gets an event that its speaker reads on their page.
"""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from minan.kernel import access, house, vault
from minan.kernel.access import Actor
from minan.kernel.act import act
from minan.kernel.models import Case, Event, Speaker, User
from minan.kernel.procedure import Field, Step, Words
from minan.kernel.rights import LOCKED

W = Words
SHOWN, NOTE = "caller_shown", "call"
MOST = 10  # of the newest of one caller


def step(states: tuple[str, ...]) -> Step:
    """The event by which a matter was shown to who had its speaker on the line; a procedure adds it to its own."""
    return Step(
        SHOWN, W("来电人同意，给坐席看了", "Shown on the line, with the caller's yes"), ("caller",), states,
        fields=(
            Field("call", W("哪一通电话", "Which call"), "text", required=True, max_length=32),
            Field("shown", W("这通电话里看到几件", "How many were shown in this call"), "number", required=True),
        ),
        done=W("您来电并同意后，热线坐席看到了编号、标题、进度，没有看身份和原话", "You called and agreed: the operator saw its code, title and state, not who you are"),
    )  # fmt: skip


def of(user: User, code: str) -> Actor:
    """This operator with the speaker of that case on the line; who calls it has asked the line first."""
    return replace(access.actor(user), call=code)


def roles(user: User, case: Case) -> frozenset[str]:
    """What this operator is to a case whose speaker is on the line with them."""
    return frozenset(access.roles_of(of(user, case.code), case.as_view()))


def _may_be_shown(user: User, case: Case) -> bool:
    if case.closed_at is not None or case.privacy or case.anonymous or case.marks.get(LOCKED):
        return False
    return "caller" in roles(user, case)


def agreed(user: User, call: str, wrapped: bytes, sealed: bytes) -> list[Case]:
    """The caller's own open matters, newest first, each with its event. `call`: the sealed call's id.

    Raises vault.Away, Held, Sealed, and LookupError where no register can take the event: then nothing is shown.
    """
    with transaction.atomic():
        what = {"live call": call[:8]}
        event = house.note(NOTE, user.username, what)
        if not isinstance(event, Event):
            raise LookupError("no register takes the event of a live call")
    mark = vault.caller_mark(call, wrapped, sealed, who=f"user:{user.pk}", event=event.hash)
    ids = (
        Speaker.objects.filter(caller=mark).order_by("-case_id").values_list("case_id", flat=True)[: MOST * 5]
        if mark
        else []
    )
    found = [
        c
        for c in Case.objects.filter(id__in=list(ids), closed_at=None, privacy="", anonymous=False).order_by("-id")
        if _may_be_shown(user, c)
    ]
    shown = found[:MOST]
    facts = {"call": call[:8], "shown": len(shown)}
    return [
        c
        for c in shown
        if isinstance(act(c, SHOWN, by=of(user, c.code), facts=facts, key=f"{SHOWN}:{call}:{user.pk}:{c.code}"), Event)
    ]
