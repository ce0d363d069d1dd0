"""Messages that leave the house: each channel folder declares its providers, the worker hands them what is due and notes what became of it.

At most once is better than twice: which provider is asked stands on the disk before it is asked, and where nobody can tell
whether it took the message, only a provider that recognises the message's id (its idempotency key) is asked again. How many
one number gets stands in sparing.py, when it is night in quiet.py, who rests after failures in providers.py.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings

from minan.kernel import onetime_code, providers, quiet, rights, sparing, speakers, telling, vault, ways
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.models import Case, Message, Speaker
from minan.kernel.outcomes import Failed, Gone, Later, Never, Outcome, Provider, Send, Unsure

CHANNELS = Path(__file__).resolve().parent.parent / "channels"
BATCH, TRIES = 50, 5
WAITS = (60, 600, 3600, 4 * 3600)  # seconds after the first, second … failure; then it is given up by name
OLDEST_DAYS = 7  # what could not be sent for a week is not sent any more: it would only confuse
LEASE = timedelta(seconds=45)  # a message that lies with a provider for longer: whoever handed it over is dead
BUDGET = 4.0  # seconds of one turn: the clocks do not wait for a slow provider
HELD_AGAIN = timedelta(seconds=30)
# Ended so, nobody told the speaker, and somebody calls them. Not "unsure": perhaps it came; not "no_address": that was their wish.
NOT_TOLD = frozenset({"number", "gone", "declined", "down", "setup", "refused", "limit", "rate", "old"})
Found = Mapping[str, Send | Sequence[Provider]]

log = logging.getLogger("minan.outgoing")


@cache
def _modules() -> dict[str, Any]:
    return {
        p.parent.name: import_module(f"minan.channels.{p.parent.name}.outgoing")
        for p in sorted(CHANNELS.glob("*/outgoing.py"))
    }


def gateways() -> Found:
    """Channel name → its providers in the order they are asked, of every channels/*/outgoing.py; without what is switched off."""
    found = {name: module.providers() for name, module in _modules().items()}
    return {name: some for name, some in found.items() if some}


def sms_names() -> set[str]:
    """The providers of text messages that could be switched on."""
    module = _modules().get(ways.SMS)
    return set(module.KNOWN) if module is not None else set()


def browser_key() -> str:
    """The key a browser subscribes to web push with; "" where push is off."""
    module = _modules().get(ways.PUSH)
    return str(module.public()) if module is not None else ""


def providers_of(found: Found, channel: str) -> Sequence[Provider]:
    given = found.get(channel, ())
    return [Provider(channel, given)] if callable(given) else given


def ways_of(case: Case, speaker: Speaker | None) -> list[str]:
    """By which channels besides the page this speaker is told just now: known, agreed to, switched on."""
    if speaker is None or case.marks.get(rights.LOCKED):
        return []
    known = [ways.SMS] * speaker.phone + speaker.ways.split()
    on = gateways() if known else {}
    return [way for way in known if way in on and rights.agreed(case.facts, way)]


def is_urgent(case: Case | None) -> bool:
    """What nobody wants to learn in the morning."""
    return case is not None and (case.urgency != "ordinary" or bool(case.marks.get("danger")))


def due_at(case: Case, at: datetime) -> datetime:
    """When a message made at `at` may leave: a little later, so that several steps become one message; what is urgent at once."""
    return at if is_urgent(case) else at + timedelta(seconds=settings.FOLD_SECONDS)


# ---- one message


def _waited_for(message: Message) -> bool:
    """Somebody sits before a page and waits for the digits in it."""
    return onetime_code.BLANK in message.words


def _case(message: Message) -> Case | None:
    return Case.objects.filter(county=message.county, id=message.case_id).first()


def _address(message: Message, case: Case | None) -> str:
    fact = ways.FACTS[message.channel]
    if case is None or case.marks.get(rights.LOCKED) or not rights.agreed(case.facts, message.channel):
        return ""  # no consent any more: what waits is not sent either
    why = "send" if message.channel == ways.SMS else f"send_{message.channel}"
    try:
        found = speakers.known(case, who=f"system:{message.channel}", why=why, fields=[fact])
    except (vault.Away, vault.Held):
        raise
    except vault.Sealed:
        return ""  # its key is gone: nobody can be told
    return str(found.get(fact, ""))


def _put(message: Message, **columns: Any) -> None:
    """Write these columns and let the message go."""
    for name, value in ({"held_at": None} | columns).items():
        setattr(message, name, value)
    message.save(update_fields=["held_at", *columns])


def _postpone(message: Message, at: datetime, reason: str, **columns: Any) -> None:
    _put(message, next_at=at, reason=reason, **columns)


def _end(message: Message, reason: str, now: datetime, **columns: Any) -> None:
    """Not sent, and not tried again; where nobody else tells the speaker, the desk is asked to call."""
    _put(message, next_at=None, reason=reason, **columns)
    log.warning("given up", extra={"channel": message.channel, "error": reason})
    if message.to != "speaker" or reason not in NOT_TOLD:
        return
    mine = {"county": message.county, "case_id": message.case_id}
    others = Message.objects.filter(**mine, n=message.n, to="speaker", channel__in=list(ways.FACTS)).exclude(
        id=message.id
    )
    if any(one.sent_at or one.next_at or one.held_at or one.reason == "unsure" for one in others):
        return
    case = _case(message)
    if case is not None and Speaker.objects.filter(**mine, phone=True).exists():
        act(case, telling.UNTOLD, by=CLOCK, key=f"untold:{case.code}:{message.n}", at=now)


def _fold(message: Message, now: datetime) -> None:
    """What else waits for the same speaker of the same matter goes with this one: the newest words, and how many."""
    same = Message.objects.filter(
        county=message.county, case_id=message.case_id, to=message.to, channel=message.channel
    )
    others = list(same.filter(next_at__isnull=False, held_at=None).exclude(id=message.id).order_by("n"))
    free = same.filter(held_at=None, next_at__isnull=False)
    others = [one for one in others if not _waited_for(one)]  # a code is one message of its own
    taken = [one for one in others if free.filter(id=one.id).update(next_at=None, sent_at=now, reason="folded")]
    if taken:
        words = max((message, *taken), key=lambda one: one.n).words
        tail = f" ({len(taken) + 1} steps)" if words.startswith("Minan") else f"（共 {len(taken) + 1} 步进展）"
        message.words = words[: 300 - len(tail)] + tail
        message.save(update_fields=["words"])


def _one(message: Message, found: Found, now: datetime, city: sparing.Room) -> int:
    """Look at one due message; 1 where something was done with it. Raises vault.Away, vault.Held: then it waits as it was."""
    free = Message.objects.filter(id=message.id, held_at=None, next_at=message.next_at)
    if not free.update(held_at=now):
        return 0  # another process was faster
    case = _case(message)
    try:
        address = _address(message, case)
    except vault.Sealed:
        _put(message)
        raise
    if not address or message.made_at < now - timedelta(days=OLDEST_DAYS):
        _end(message, "old" if address else "no_address", now)
        return 1
    morning = None if _waited_for(message) or is_urgent(case) else quiet.morning(now, message.id)
    wait = city.wait() if message.channel == ways.SMS else 0.0
    if morning is not None or wait:
        _postpone(message, morning or now + timedelta(seconds=wait), "quiet" if morning else "budget")
        return 1
    if not _waited_for(message):
        _fold(message, now)
    if message.reason == "unsure":  # the same one again, to a provider that knows it: it rings once
        _hand(message, address, found, now, now)
        return 1
    slot = sparing.reserve(address, now, message.channel, message.next_at if message.reason == "turn" else None)
    if slot is None:
        _end(message, "too_many", now)
    elif slot > now:
        _postpone(message, slot, "turn")
    else:
        _hand(message, address, found, slot, now)
    return 1


def _hand(message: Message, address: str, found: Found, slot: datetime, now: datetime) -> None:
    """Ask one provider after another until one has it, or nobody can tell whether it has."""
    some = providers_of(found, message.channel)
    resting = providers.resting([providers.name_of(message.channel, p.name) for p in some], now)
    free = [p for p in some if providers.name_of(message.channel, p.name) not in resting]
    pinned = [p for p in some if p.name == message.provider and message.reason == "unsure"]
    last: Outcome = Later("resting")
    for provider in pinned or free:
        error = _asked(message, provider, address, now)
        if error is None:
            return
        last = error
        if not isinstance(error, Failed):
            break
    if last.reason != "unsure":
        sparing.give_back(address, slot, message.channel)
    _failed(message, last, bool(pinned or free), now)


def _asked(message: Message, provider: Provider, address: str, now: datetime) -> Outcome | None:
    """None where it was taken; else what became of it. Whom is asked stands on the disk before."""
    name, error = providers.name_of(message.channel, provider.name), None
    Message.objects.filter(id=message.id).update(provider=provider.name)
    message.provider = provider.name
    try:
        provider.send(message.id.hex, address, onetime_code.filled(message.words, message.case_id, message.n))
    except Outcome as outcome:
        error = outcome
    except OSError as broken:
        error = Failed("down", type(broken).__name__)
    except Exception as broken:  # whatever a provider's answer breaks in us, the others are sent
        error = Unsure(type(broken).__name__)
    if error is None:
        _put(message, sent_at=now, next_at=None, reason="", tries=message.tries + 1)
        providers.worked(name, now)
        return None
    log.warning(
        "not sent",
        extra={"channel": name, "tries": message.tries + 1, "error": f"{error.reason} {error.detail}".strip()},
    )
    if isinstance(error, Failed | Unsure):
        providers.failed(name, error, now)
    if isinstance(error, Unsure) and provider.idempotent:
        return Later("unsure", error.detail)
    return error


def _failed(message: Message, last: Outcome, asked: bool, now: datetime) -> None:
    tries = message.tries + asked
    if isinstance(last, Gone):
        case = _case(message)
        if case is not None:
            act(case, telling.WAY_GONE, by=CLOCK, facts={"way": message.channel}, key=f"gone:{message.id.hex}", at=now)
    if isinstance(last, Never | Unsure) or tries >= TRIES:
        _end(message, last.reason, now, tries=tries)
        return
    wait = WAITS[min(max(tries, 1), len(WAITS)) - 1]
    pinned = message.provider if last.reason == "unsure" else ""
    _postpone(message, now + timedelta(seconds=wait), last.reason, tries=tries, provider=pinned)


# ---- all that is due


def recover(now: datetime, lease: timedelta = LEASE) -> int:
    """What was with a provider when its worker died: asked again where that is safe, else named. Returns how many."""
    rows = list(Message.objects.filter(held_at__lte=now - lease)[:BATCH])
    found = gateways() if rows else {}
    for message in rows:
        known = next((p for p in providers_of(found, message.channel) if p.name == message.provider), None)
        if not message.provider:
            _put(message)  # nobody was asked
        elif known is not None and known.idempotent:
            _postpone(message, now, "unsure")
        else:
            _end(message, "unsure", now)
    return len(rows)


def send_waiting(now: datetime | None = None, limit: int = BATCH) -> int:
    """Hand due messages to their providers; returns with how many something was done. Those whose address the keeper does not give wait."""
    moment, found = now or datetime.now(UTC), gateways()
    done, until, city = recover(moment), time.monotonic() + BUDGET, sparing.Room(moment)
    due = Message.objects.filter(next_at__lte=moment, held_at=None, channel__in=list(found)).order_by("next_at", "id")
    for message in list(due[:limit]):
        if time.monotonic() > until:
            break
        message.refresh_from_db(fields=["next_at"])  # it may have been folded into one before it
        if message.next_at is None:
            continue
        try:
            done += _one(message, found, moment, city)
        except vault.Held as held:  # the keeper wants it slower: the message waits, no try is used up
            log.info("not yet sent", extra={"channel": message.channel, "error": f"held: {held.code}"})
            if held.code == "all":  # nobody's address for now: the rest of the batch waits as well
                break
            Message.objects.filter(id=message.id).update(next_at=moment + HELD_AGAIN)
        except vault.Away:
            log.warning("nothing sent", extra={"error": "the vault's keeper is away"})
            break
    return done
