"""What the demo shows of care: 14 centres with 210 beds, some taken; one who waits; an agreement of 王秀兰, and one on the paper plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, User
from minan.systems.care import beds, centres, staying, watching

VILLAGE, DESK = "131022100010", "bz.clerk"
STAYS = (  # centre, first day from today, nights, how far: of people made up
    (3, 0, 5, "in", "周桂兰"), (3, 1, 4, "booked", "郭长海"), (6, 0, 6, "in", "魏淑珍"), (14, 2, 7, "booked", "曹德福"), (0, 1, 3, "applied", "梁秀英"),
)  # fmt: skip


def make(empty: bool) -> None:
    """Called by `minan demo`: the centres belong to the city, with a story or without."""
    file = Path(settings.CITY) / centres.FILE
    if file.exists():
        centres.load(file)
    if not empty and not Case.objects.filter(procedure__in=("daily_sign", "stay")).exists():
        seed(datetime.now(UTC))


def _opened(procedure: str, key: str, at: datetime, account: str = "", /, **facts: Any) -> Case:
    done = open_case(procedure, by=SPEAKER, facts=facts, key=key, at=at, account=account)
    if not isinstance(done, Opened):
        raise ValueError(f"{procedure}: {done.reason.zh} {done.errors}")
    return done.case


def _step(case: Case, step: str, who: User, at: datetime) -> None:
    done = act(case, step, by=actor(who), at=max(at, case.changed_at))
    if isinstance(done, Refused):
        raise ValueError(f"{step}: {done.reason.zh}")
    beds.settle(case, max(at, case.changed_at))
    case.refresh_from_db()


def seed(now: datetime) -> None:
    morning = now - timedelta(hours=2)
    resident, clerk = (User.objects.filter(username=name).first() for name in ("resident", DESK))
    hers = {"asked_by": "self", "place": VILLAGE, "agreed": True, "kin_name": "王建国", "kin_phone": "13800000009"}
    mine = _opened(
        "daily_sign", "demo:care:a", morning, str(resident.pk) if resident else "", name="王秀兰", phone="13800000001",
        address="3 号楼 2 单元 101", hour="20:00", way="page", **hers,
    )  # fmt: skip
    paper = _opened("daily_sign", "demo:care:b", morning, name="孙长河", address="5 号楼 1 单元 302", hour="17:00", way="paper", **hers)
    for case in (mine, paper):
        watching.settle(case, morning)
    if clerk is None:
        return
    for n, (centre, first, nights, state, name) in enumerate(STAYS):
        facts = {"place": "131081001000", "centre": centre, "need": ("arm", "none", "chair")[n % 3]}
        facts |= {"name": name, "phone": f"1380000010{n}"}
        day = staying.today(morning) + timedelta(days=first)
        case = _opened("stay", f"demo:stay:{n}", morning, start=day.isoformat(), nights=nights, urgent=n == 2, **facts)
        if state != "applied":
            _step(case, "accept", clerk, morning + timedelta(minutes=20))
        if state == "in" and case.state == "booked":
            _step(case, "arrive", clerk, morning + timedelta(minutes=60))
