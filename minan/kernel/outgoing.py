"""Messages that leave the house: each channel folder declares a gateway, the worker hands it what is waiting, three tries each.

A gateway gets the message's own id, which is the provider's idempotency key: a message asked for twice is sent once. How many
one number gets stands in sparing.py: what is too soon waits, what does not fit in a day is not sent at all (the page has it).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from minan.kernel import rights, sparing, speakers, vault
from minan.kernel.models import Case, Message

CHANNELS = Path(__file__).resolve().parent.parent / "channels"
BATCH, TRIES = 50, 3
OLDEST_DAYS = 7  # what could not be sent for a week is not sent any more: it would only confuse
Gateway = Callable[[str, str, str], None]  # (message id, address, words); raises where it was not taken

log = logging.getLogger("minan.outgoing")
_later: dict[UUID, tuple[float, str]] = {}  # messages that wait for their number's turn: until when, the number's mark
LATER_MOST = 5_000


@cache
def gateways() -> dict[str, Gateway]:
    """Channel name → gateway, of every channels/*/outgoing.py (its function `send`)."""
    return {
        p.parent.name: import_module(f"minan.channels.{p.parent.name}.outgoing").send
        for p in sorted(CHANNELS.glob("*/outgoing.py"))
    }


def _address(message: Message) -> str:
    case = Case.objects.filter(county=message.county, id=message.case_id).first()
    if case is None or case.marks.get(rights.LOCKED) or not rights.agreed(case.facts, rights.SMS):
        return ""  # no consent any more: what waits is not sent either
    try:
        found = speakers.known(case, who=f"system:{message.channel}", why="send", fields=["phone"])
    except (vault.Away, vault.Held):
        raise
    except vault.Sealed:
        return ""  # its key is gone: nobody can be told
    return str(found.get("phone", ""))


def _send(message: Message, now: datetime) -> None:
    address = _address(message)
    if not address:  # erased meanwhile: nobody to tell
        message.tries = TRIES
        return
    if message.channel == "sms" and _too_soon(message, address, now):
        return
    message.tries += 1
    try:
        gateways()[message.channel](message.id.hex, address, message.words)
        message.sent_at = now
        if message.channel == "sms":
            sparing.count(address, now)
    except Exception as error:  # whatever a provider's answer breaks, the others are sent
        log.warning(
            "not sent", extra={"channel": message.channel, "tries": message.tries, "error": type(error).__name__}
        )


def _too_soon(message: Message, number: str, now: datetime) -> bool:
    """Whether this number has had enough for now; more than fits in its day is given up, the rest waits its turn."""
    wait = sparing.wait(number, now)
    if not wait:
        return False
    mark = sparing.mark(number)
    waiting = sum(one == mark for pk, (_, one) in _later.items() if pk != message.id)
    if waiting >= sparing.left_today(number, now) or len(_later) >= LATER_MOST:
        message.tries = TRIES
        log.warning("not sent", extra={"channel": message.channel, "error": "too many to one number"})
    else:
        _later[message.id] = (now.timestamp() + wait, mark)
    return True


def _not_yet(now: datetime) -> list[UUID]:
    """The messages whose turn has not come."""
    for pk in [pk for pk, (until, _) in _later.items() if until <= now.timestamp()]:
        del _later[pk]
    return list(_later)


def send_waiting(now: datetime | None = None, limit: int = BATCH) -> int:
    """Hand waiting messages to their gateways; returns how many were tried. Those whose address the keeper does not give just now wait."""
    moment = now or datetime.now(UTC)
    if not gateways():
        return 0
    if sparing.city_wait(moment):
        log.error("no more texts are sent for now", extra={"error": "the city sent too many within an hour"})
        return 0
    waiting = Message.objects.filter(
        sent_at=None, channel__in=list(gateways()), tries__lt=TRIES, made_at__gt=moment - timedelta(days=OLDEST_DAYS)
    ).exclude(id__in=_not_yet(moment)).order_by("id")
    with transaction.atomic():
        rows = list(
            (waiting.select_for_update(skip_locked=True) if connection.vendor == "postgresql" else waiting)[:limit]
        )
        tried = 0
        for message in rows:
            try:
                _send(message, moment)
                tried += 1
            except vault.Held as held:  # the keeper wants it slower: the message waits, no try is used up
                log.info("not yet sent", extra={"channel": message.channel, "error": f"held: {held.code}"})
                if held.code == "all":  # nobody's address for now: the rest of the batch waits as well
                    break
            except vault.Away:
                log.warning("nothing sent", extra={"error": "the vault's keeper is away"})
                break
        Message.objects.bulk_update(rows, ["sent_at", "tries"])
    return tried
