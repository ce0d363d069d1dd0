"""Today's signs: awaited, given, paused, missed. The only code that writes `Watch`; it forgets a day at its midnight.

A tap overwrites one bit. Nothing here is an event, a count or a list by person across time; of a missed sign there is a visit, which
does not know whose agreement it came from (visiting.py).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max

from minan.kernel import speakers, vault
from minan.kernel.access import CLOCK
from minan.kernel.act import Opened, act, open_case
from minan.kernel.directory import LOCAL
from minan.kernel.models import BusAccount, Case
from minan.lib.text import neutral
from minan.systems.care import fields as f
from minan.systems.care.models import Watch

PAUSE_MOST = 31  # days: a longer one is ended and agreed on anew, so that nobody is forgotten by a pause
BATCH = 200
AGAIN = timedelta(minutes=1)  # the vault's keeper is away: tried again, the visit does not wait for names longer than this
BLIND_AFTER = timedelta(minutes=5)  # … then it is opened without them, and the point looks into its paper plan
log = logging.getLogger("minan.care")
NAMES = ("name", "phone", "address", "kin_name", "kin_phone")


def today(now: datetime) -> date:
    return now.astimezone(LOCAL).date()


def due(watch: Watch, day: date) -> datetime:
    """The moment of a day by which the sign must be there."""
    return datetime.combine(day, time.fromisoformat(watch.hour), LOCAL)


def midnight(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), LOCAL)


def paused(watch: Watch, day: date) -> bool:
    return watch.paused_until is not None and day <= watch.paused_until


def of(case: Case) -> Watch | None:
    return Watch.objects.filter(case_id=case.id).first()


# ---- the row follows the agreement


def settle(case: Case, now: datetime) -> Watch | None:
    """Bring the row in line with its agreement: made, changed, or gone with it. The same again changes nothing."""
    watch = of(case)
    if not case.open or "hour" not in case.facts:
        if watch is not None:
            _called_off(watch, now)
            watch.delete()
        return None
    if watch is None:
        watch = Watch(county=case.county, case_id=case.id, place=case.place, unit=case.desk)
    elif (watch.hour, watch.way) == (case.facts["hour"], case.facts["way"]):
        return watch
    watch.hour, watch.way = case.facts["hour"], case.facts["way"]
    watch.device = watch.device if watch.way == f.HOME else ""
    if watch.way == f.PAPER and not watch.number:
        watch.number = (Watch.objects.filter(unit=watch.unit).aggregate(n=Max("number"))["n"] or 0) + 1
    first = due(watch, today(now))
    watch.next_at = first if first > now and not watch.given else midnight(today(now))  # agreed on after its hour: from tomorrow on
    try:
        with transaction.atomic():
            watch.save()
    except IntegrityError:  # somebody was faster, with this row or with the number on the plan
        return settle(case, now) if of(case) is not None else None
    return watch


def set_device(watch: Watch, device: str) -> bool:
    """The gateway that judges at home; False where none of this name is registered in this place, or another home has it. "": none."""
    device = neutral(device).strip()
    if device and not BusAccount.objects.filter(device=device, area=watch.place[:12], ended_at=None).exists():
        return False
    if device and Watch.objects.filter(device=device).exclude(pk=watch.pk).exists():
        return False
    try:
        with transaction.atomic():
            Watch.objects.filter(pk=watch.pk).update(device=device)
    except IntegrityError:  # another home was faster
        return False
    watch.device = device
    return True


# ---- given, paused


def give(watch: Watch, how: str, now: datetime) -> None:
    """A sign came: one bit for today; a visit that was under way is told that nobody needs to go."""
    Watch.objects.filter(pk=watch.pk).update(given=True)
    watch.given = True
    _answered(watch, how, now)


def pause(watch: Watch, days: int, now: datetime) -> None:
    """No sign is awaited for so many days from today on; 0 ends the pause. Where the person is stands nowhere."""
    days = max(0, min(days, PAUSE_MOST))
    watch.paused_until = today(now) + timedelta(days=days - 1) if days else None
    watch.save(update_fields=["paused_until"])
    if days:
        _answered(watch, "own", now)


def _open_visit(watch: Watch) -> Case | None:
    found = Case.objects.filter(county=watch.county, id=watch.visit).first() if watch.visit else None
    return found if found is not None and found.open else None


def _answered(watch: Watch, how: str, now: datetime) -> None:
    visit = _open_visit(watch)
    if visit is not None:
        act(visit, "sign", by=CLOCK, facts={"how": how}, at=max(now, visit.changed_at))


def _called_off(watch: Watch, now: datetime) -> None:
    """The agreement ended: nobody visits who did not ask for it."""
    _answered(watch, "ended", now)


# ---- the hour, and midnight


def turn(now: datetime) -> int:
    """What the worker calls each turn: one look at the index where nothing is due."""
    rows = list(Watch.objects.filter(next_at__lte=now).order_by("next_at")[:BATCH])
    for watch in rows:
        try:
            with transaction.atomic():
                _look(watch, now)
        except (ValueError, LookupError, AssertionError):  # one agreement that cannot be looked at must not hold up the others
            log.exception("a sign could not be looked at")
            Watch.objects.filter(pk=watch.pk).update(next_at=now + AGAIN)
    return len(rows)


def _look(watch: Watch, now: datetime) -> None:
    day = today(now)
    if today(watch.next_at) < day or watch.next_at.astimezone(LOCAL).time() == time(0):  # a new day: yesterday is gone
        watch.given = False
        if watch.visit and _open_visit(watch) is None:
            watch.visit = None
        if watch.paused_until and watch.paused_until < day:
            watch.paused_until = None
        watch.next_at = due(watch, day)
    if watch.next_at <= now:
        if not watch.given and not paused(watch, day) and watch.way != f.HOME and not _open_visit(watch) and not raise_visit(watch, now):
            watch.next_at = now + AGAIN
        else:
            watch.next_at = midnight(day)
    watch.save(update_fields=["given", "visit", "paused_until", "next_at"])


def raise_visit(watch: Watch, now: datetime, *, alert: bool = False) -> bool:
    """Open the visit of today. False: the vault's keeper is away, look again in a minute; for at most five."""
    case = Case.objects.filter(county=watch.county, id=watch.case_id).first()
    if case is None or not case.open or _open_visit(watch) is not None:
        return True
    try:
        known = speakers.known(case, who="system:care", why="care", fields=list(NAMES))
    except vault.Sealed:
        known = {}
        if not alert and now - due(watch, today(now)) < BLIND_AFTER:
            return False
    when = f"{now:%Y%m%d%H%M}a" if alert else f"{today(now):%Y%m%d}"  # one missed hour a day, but a second fall is a second visit
    key = f"miss:{watch.id.hex}:{when}"
    facts = {name: known.get(name, "") for name in NAMES} | {"place": watch.place, "kin": bool(known.get("kin_phone")), "alert": alert}
    facts["name"] = facts["name"] or f"纸上第 {watch.number} 号"
    opened = open_case("visit_care", by=CLOCK, facts=facts, key=unlinkable(key), at=now)
    if not isinstance(opened, Opened):
        raise ValueError(opened.reason.en)
    watch.visit = opened.case.id
    Watch.objects.filter(pk=watch.pk).update(visit=watch.visit)
    return True


def unlinkable(key: str) -> str:
    """The same key for the same day and row, from which nobody without the server's secret gets back to the row."""
    return hmac.new(settings.SECRET_KEY.encode(), f"minan.care:{key}".encode(), hashlib.sha256).hexdigest()[:48]


def visit_of(watch: Watch) -> Case | None:
    """The visit of today, open or ended, for the person it is about."""
    return Case.objects.filter(county=watch.county, id=watch.visit).first() if watch.visit else None


def by_device(device: str) -> Watch | None:
    return Watch.objects.filter(device=device, way=f.HOME).first() if device else None


def on_paper(units: list[str], day: date) -> list[Watch]:
    """Who is on the paper plans of these points and still to be looked in on today: lines, no names."""
    rows = Watch.objects.filter(unit__in=units, way=f.PAPER, given=False).order_by("unit", "number")
    return [row for row in rows if not paused(row, day)]


def line(units: list[str], pk: UUID) -> Watch | None:
    return Watch.objects.filter(unit__in=units, way=f.PAPER, pk=pk).first()
