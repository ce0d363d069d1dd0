"""How many openings of the vault by a second person's word somebody has had today: ten are all (RELIABILITY.md P9)."""

from __future__ import annotations

import logging
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db.models import Max

from minan.kernel import directory
from minan.kernel.common import MOST
from minan.kernel.directory import LOCAL
from minan.kernel.models import Look, Message
from minan.kernel.procedure import Ask

RULE = "within_ten"  # the rule by which the eleventh is refused
NAMESPACE = UUID("6d696e61-6e2d-4c6f-8f6b-000000000010")  # of no case: an alarm on a board is about a person and a day
log = logging.getLogger("minan.looks")


def day(at: datetime) -> date:
    """The day of Beijing that a moment counts to."""
    return at.astimezone(LOCAL).date()


def today(person: str, at: datetime) -> int:
    """How many this person had on the day of `at`."""
    return Look.objects.filter(user_id=int(person), day=day(at)).aggregate(m=Max("slot"))["m"] or 0


def alarm(rule: str, ask: Ask) -> None:
    """Say so where somebody wants more than their ten: in the log, and once a day on the board above their unit."""
    if rule != RULE or not ask.person:
        return
    log.error("looks beyond the day's budget", extra={"user": ask.person})
    office = directory.office(ask.unit)
    above = (office.block or office.line if office else "") or ask.unit
    words = f"【民安】{office.name if office else ask.unit}有人今天已看满 {MOST} 次说事人信息，又要再看，已拦下。请过问"
    day_id = uuid5(NAMESPACE, f"{ask.person}:{day(ask.at)}")
    county, at = ask.case["county"], ask.at
    row = Message(county=county, case_id=day_id, n=MOST, to=above, channel="board", words=words, made_at=at, sent_at=at)
    Message.objects.bulk_create([row], ignore_conflicts=True)
