"""Opening a door from afar: the case first, then the order the door fetches; and how often that was done, for everybody to read."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from minan.kernel import access
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.directory import LOCAL
from minan.kernel.models import Case, User
from minan.kernel.procedure import Words
from minan.lib import codes
from minan.systems.doors import registry
from minan.systems.doors.models import Door, Order
from minan.systems.doors.procedure import DANGER, PROCEDURE

ORDER_SECONDS = 90  # a door that is offline does not open hours later
CLOSED = "保密"  # in place of a code
UNKNOWN = Words(
    "没有这件事，或者不是有人有危险的事", "There is no such matter before you, or nobody is in danger in it"
)


def begin(user: User, door: Door, reason: str, words: str, matter: str, key: str, now: datetime) -> Opened | Refused:
    """The case of an opening, and its first release. In danger the matter must lie before this person and say so.

    The code of a matter that is confidential, without a name or walled stays out: the door's case is read by others than the matter.
    """
    if reason == DANGER and matter.strip() and not _in_danger(user, matter):
        return Refused(UNKNOWN, 422, "matter")
    matter = _may_stand(matter.strip())
    facts = {"place": door.compound.place, "door": door.pk.hex, "door_name": f"{door.compound.name} {door.name}", "reason": reason,
             "matter": matter, "words": words}  # fmt: skip
    with transaction.atomic():
        done = open_case(
            PROCEDURE.name,
            by=access.actor(user),
            facts={k: v for k, v in facts.items() if v},
            channel="web",
            key=key,
            at=now,
        )
        if isinstance(done, Opened):
            order(door, done.event.id.hex, now)
    return done


def _may_stand(matter: str) -> str:
    """The code as it may stand in the door's case; only that there is one, where nobody else may know which."""
    found = Case.objects.filter(code=codes.parse(matter) or "-").first()
    return CLOSED if found is not None and (found.privacy or found.anonymous or found.walls) else matter


def _in_danger(user: User, matter: str) -> bool:
    try:
        found = Case.objects.seen_by(user, codes.parse(matter.strip()) or "-")
    except Case.DoesNotExist:
        return False
    return found.open and bool(found.marks.get("danger"))


def until(case: Case) -> datetime:
    return datetime.fromisoformat(case.facts["until"])


def door_of(case: Case) -> Door | None:
    return Door.objects.select_related("compound").filter(pk=UUID(case.facts["door"]), active=True).first()


def release(user: User, case: Case, now: datetime) -> Refused | None:
    """Once more within the two hours."""
    door = door_of(case)
    if door is None:
        return Refused(UNKNOWN, 422)
    with transaction.atomic():
        done = act(case, "release", by=access.actor(user), at=now)
        if isinstance(done, Refused):
            return done
        order(door, done.id.hex, now)
    return None


def order(door: Door, name: str, now: datetime) -> None:
    """What the door fetches; `name` is the id of the event that allows it, so that one event opens once."""
    row = Order(id=name, door=door, until=int(now.timestamp()) + ORDER_SECONDS)
    Order.objects.bulk_create([row], ignore_conflicts=True)
    registry.changed(door.compound)


def counts(now: datetime | None = None) -> dict[str, int]:
    """Openings from afar within the last thirty days, city-wide: all, in danger, rejected. One query."""
    since = (now or timezone.now()).astimezone(LOCAL) - timedelta(days=30)
    found = Case.objects.filter(procedure=PROCEDURE.name, opened_at__gte=since)
    danger, rejected = Q(facts__reason=DANGER), Q(state="rejected")
    return found.aggregate(all=Count("id"), danger=Count("id", filter=danger), rejected=Count("id", filter=rejected))
