"""What a partner says to an answer of ours: taken, or refused with a reason; seen on the case, on the list and by a clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from minan.channels.exchange import answers, taking
from minan.channels.exchange.models import Foreign, Sent
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tables import Row
from minan.kernel import access, act, registry
from minan.kernel.models import Case
from minan.kernel.procedure import Words
from minan.lib.text import neutral

ACCEPTED, REFUSED, RECEIVED = "accepted", "refused", "received"
REASON_MOST = 300
ALONE = timedelta(days=1)


class Busy(Exception):
    """Others kept writing to the case; nothing was kept."""


def note(foreign: Foreign, step: str, now: datetime, facts: Mapping[str, Any] | None = None) -> bool:
    """Put it on the case's timeline, in the transaction that keeps what is said; False where its procedure knows no such step.

    Nothing of a sealed case. Raises Busy where others kept writing to the case: then nothing is kept, and it is heard again.
    """
    if foreign.case_id is None:
        return False
    case = Case.objects.get(county=foreign.county, id=foreign.case_id)
    procedure = registry.get(case.procedure)
    if procedure is None or procedure.step(step) is None:
        return False
    done = act.act(case, step, by=access.CLOCK, facts=facts or {}, at=max(now, case.changed_at))
    if not isinstance(done, act.Refused):
        return True
    if done.reason == act.FASTER:
        raise Busy
    return False


def _locked(sent: Sent) -> Sent:
    return Sent.objects.select_for_update().select_related("foreign").get(id=sent.id)


def take(partner: Partner, sent: Sent, result: str, reason: str, now: datetime) -> bool:
    """Keep what the partner said of one message, with its event, both or neither; False where it was known or is replaced."""
    with transaction.atomic():
        row = _locked(sent)
        if row.state == "replaced" or row.state == {ACCEPTED: "accepted", REFUSED: "refused", RECEIVED: "sent"}[result]:
            return False
        if result == RECEIVED and row.state in ("accepted", "refused"):
            return False
        row.state = {ACCEPTED: "accepted", REFUSED: "refused", RECEIVED: "sent"}[result]
        row.next_at, row.error, row.sent_at = None, "", row.sent_at or now
        row.acked_at = None if result == RECEIVED else now
        row.reason = answers.clean(neutral(reason))[:REASON_MOST] if result == REFUSED else ""
        row.save()
        step = {ACCEPTED: "taken_out", REFUSED: "refused_out", RECEIVED: "sent_out"}[result]
        if result == REFUSED and row.kind == "returned":  # they do not take it back: it is ours after all
            taking.taken_back(partner, row.foreign, row.reason, {}, now)
            row.foreign.save()
            return True
        note(row.foreign, step, now, {"words": row.reason} if row.reason else {})
    return True


def park(sent: Sent, why: str, now: datetime) -> None:
    """Nothing more is tried by itself: a person must look, as at a refusal."""
    with transaction.atomic():
        row = _locked(sent)
        if row.state != "waiting":
            return
        row.error, row.batch = why[:200], ""
        if row.foreign.case_id is None:  # nobody may look at it: it goes on trying by itself
            row.tries, row.next_at = 0, now + ALONE
            row.save()
            return
        row.state, row.next_at = "parked", None
        row.save()
        note(
            row.foreign,
            "refused_out",
            now,
            {"words": f"送不到：{why}"[:REASON_MOST]},
        )


def again(sent: Sent, now: datetime) -> bool:
    """A person lets a parked message try again, under the same id: if it had arrived after all, the partner knows it."""
    return bool(Sent.objects.filter(id=sent.id, state="parked").update(state="waiting", tries=0, next_at=now, error=""))


def result_of(partner: Partner, row: Mapping[str, str]) -> tuple[str, str, str]:
    """(message id, accepted, refused or "", reason) of one row of a partner's receipts."""
    message, said, reason = (
        str(row.get(partner.acks[name], "")).strip() for name in ("message_id", "result", "reason")
    )
    result = ACCEPTED if said in partner.accepted else REFUSED if said in partner.refused else ""
    return message, result, reason


def read(partner: Partner, rows: Iterable[Row], now: datetime) -> list[tuple[Row, Words]]:
    """Take a list of receipts; returns those that could not be taken, with the reason."""
    left = []
    for row in rows:
        message, result, reason = result_of(partner, row)
        sent = answers.find(partner.code, message) if message else None
        if sent is None:
            left.append((row, Words("没有这个回执号", "no message of ours has this id")))
        elif not result:
            left.append((row, Words("审核结果读不懂", "neither accepted nor refused")))
        else:
            take(partner, sent, result, reason, now)
    return left
