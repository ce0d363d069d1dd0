"""The call an operator has on the line, and what may be seen because of it: their own number, their own matters, until the hang-up."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from minan.channels.hotline.cti import LONGEST
from minan.channels.hotline.models import Call
from minan.kernel import live_call, vault
from minan.kernel.models import Case, User


def current(user: User, now: datetime) -> Call | None:
    """The call this operator has taken, else the one that rings at their place, else one that rings at nobody's. One query."""
    mine = Q(agent=user.pk) | Q(agent=None, state="ringing")
    calls = list(Call.objects.filter(mine, rang_at__gt=now - LONGEST).exclude(state="over").order_by("-rang_at")[:20])
    taken = [c for c in calls if c.state == "taken"]
    return next(iter(taken or [c for c in calls if c.agent] or calls), None)


def taken(user: User, call_id: str, now: datetime) -> Call | None:
    """The call with this id where this operator has it on the line at this moment; None for anybody else's, ended or not taken."""
    call = current(user, now)
    return (
        call
        if call is not None and call.state == "taken" and call.agent == user.pk and call.id.hex == call_id
        else None
    )


def number(user: User, call: Call) -> str:
    """The number the exchange delivered with this call; "" where it hid it or the keeper is away."""
    if call.sealed is None or call.wrapped is None:
        return ""
    try:
        facts = vault.unseal(
            call.id.hex, call.wrapped, call.sealed, who=f"user:{user.pk}", why="ring", fields=["phone"]
        )
    except vault.Sealed:
        return ""
    return str(facts.get("phone", ""))


def agree(user: User, call: Call) -> list[Case]:
    """The caller said yes: find and show their own open matters, once a call. Raises vault.Away, Held, Sealed, LookupError."""
    if call.agreed:
        return shown(user, call)
    if call.sealed is None or call.wrapped is None:
        return []
    with transaction.atomic():  # two presses at once are one yes
        if not Call.objects.filter(id=call.id, state="taken", agent=user.pk, agreed=False).update(agreed=True):
            return []
    try:
        found = live_call.agreed(user, call.id.hex, bytes(call.wrapped), bytes(call.sealed))
    except (vault.Sealed, LookupError):
        Call.objects.filter(id=call.id).update(agreed=False)
        raise
    codes = [case.code for case in found]
    call.agreed, call.shown = True, codes
    # Where it was hung up meanwhile, nothing is kept and nothing is shown.
    return found if Call.objects.filter(id=call.id, state="taken", agent=user.pk).update(shown=codes) else []


def shown(user: User, call: Call) -> list[Case]:
    """The matters of the caller that were shown in this call and may still be: one query."""
    if call.state != "taken" or not call.agreed or not call.shown:
        return []
    rows = Case.objects.filter(code__in=call.shown, privacy="", anonymous=False).order_by("-id")
    return [case for case in rows if "caller" in live_call.roles(user, case)]
