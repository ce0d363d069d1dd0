"""The people of the neighbourhood's services in 朝阳社区: a hairdresser, 王秀兰 who orders, 刘桂芬 of the community's desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import worker
from minan.kernel.access import CLOCK, SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event
from minan.systems.services import slots

MONDAY = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
DAY = timedelta(days=1)
VILLAGE, DESK, STRANGER, ABOVE = "131022100010", "gu.point", "stranger", "gu.super"
ADDRESS, PHONE, WHAT = "7号楼3单元501", "13800000001", "剪个头，腿脚不好，请上门"
SHOP: dict[str, Any] = {
    "name": "老街理发店", "trade": "hair", "place": VILLAGE, "spot": "朝阳社区南门", "hours": "每天 9 点到 18 点", "offers": "剪发 15 元\n染发 60 元",
    "shop_phone": "03166100001", "licence": "91131022MA0000001X",
    "visit": "true", "minutes": "30", "opens": "09:00", "closes": "18:00", "seats": "1",
}  # fmt: skip


def applied(at: datetime = MONDAY, by: Actor = SPEAKER, **facts: Any) -> Case:
    done = open_case("shop", by=by, facts=SHOP | facts, at=at)
    assert isinstance(done, Opened), done
    return done.case


def listed(people: dict[str, Any], at: datetime = MONDAY, until: int = 300, **facts: Any) -> Case:
    case = applied(at, **facts)
    go(
        case,
        "check_licence",
        people[DESK if case.desk.endswith("-point") else "clerk"],
        at,
        how="seen",
        next_check=(at + until * DAY).date().isoformat(),
    )
    return case


def ordered(shop: Case, at: datetime = MONDAY, slot: datetime | None = None, **facts: Any) -> Case:
    said = {
        "shop": shop.code,
        "what": WHAT,
        "how": "visit",
        "place": VILLAGE,
        "address": ADDRESS,
        "phone": PHONE,
    }
    done = open_case("service_order", by=SPEAKER, facts=said | facts, at=at)
    assert isinstance(done, Opened), done
    slots.keep(shop, done.case, slot)
    return done.case


def tried(case: Case, step: str, who: Any, at: datetime = MONDAY, **facts: Any) -> Event | Refused:
    case.refresh_from_db()
    by = who if isinstance(who, Actor) else actor(who)
    done = act(case, step, by=by, facts=facts, at=max(at, case.changed_at))
    case.refresh_from_db()
    return done


def go(case: Case, step: str, who: Any, at: datetime = MONDAY, **facts: Any) -> Event:
    event = tried(case, step, who, at, **facts)
    assert isinstance(event, Event), (step, event)
    return event


def refused(case: Case, step: str, who: Any, at: datetime = MONDAY, **facts: Any) -> str:
    done = tried(case, step, who, at, **facts)
    assert isinstance(done, Refused), (step, done)
    return done.rule


def by_shop(order: Case, step: str, at: datetime = MONDAY, **facts: Any) -> Event:
    return go(order, step, CLOCK, at, shop=order.facts["shop"], **facts)


def done(order: Case, at: datetime = MONDAY) -> Case:
    for step in ("shop_takes", "shop_begins", "shop_finishes"):
        by_shop(order, step, at)
    return order


def turned(at: datetime) -> None:
    worker.settle(at)
