"""What the demo shows of this system: ten shops around 朝阳社区, one job done and rated, one order that waits for its shop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import worker
from minan.kernel.access import CLOCK, SPEAKER, actor
from minan.kernel.act import Refused, act, open_case
from minan.kernel.models import Case, Message, User
from minan.systems.services import slots

VILLAGE, DESK = "131022100010", "gu.point"
SHOPS = (
    ("朝阳菜店", "food", "南门东侧", "6:30—19:30", "应季蔬菜 按斤\n馒头 1 元", "03166100011", "delivery pickup", 0),
    (
        "便民粮油",
        "grocery",
        "南门西侧",
        "7:00—21:00",
        "面粉 5 公斤 28 元\n花生油 5 升 120 元",
        "03166100012",
        "delivery pickup",
        0,
    ),
    (
        "康平药店",
        "pharmacy",
        "建设路 12 号",
        "8:00—22:00",
        "常用药 按标价\n量血压 不收钱",
        "03166100013",
        "delivery pickup",
        0,
    ),
    ("社区流动诊车", "doctor", "社区广场，周二周五", "9:00—16:00", "量血压、看慢病 按医保", "03166100014", "visit", 20),
    (
        "老街理发店",
        "hair",
        "南门里 3 号",
        "每天 9 点到 18 点",
        "剪发 15 元\n上门剪发 25 元",
        "03166100015",
        "visit",
        30,
    ),
    (
        "诚信家电修理",
        "repair",
        "北门 8 号",
        "8:30—18:00",
        "上门看 20 元，修好另算\n换水龙头 30 元",
        "03166100016",
        "visit",
        60,
    ),
    ("一家亲家政", "cleaning", "新源街 5 号", "8:00—18:00", "保洁 40 元一小时", "03166100017", "visit", 120),
    ("老李修鞋", "shoes", "南门口", "晴天 9 点到 17 点", "修鞋 10 元起\n配钥匙 5 元", "03166100018", "pickup", 0),
    ("清泉送水", "water", "北门 2 号", "7:00—20:00", "桶装水 12 元送到家", "03166100019", "delivery", 0),
    ("刘姐裁缝", "other", "朝阳社区 2 号楼底商", "9:00—18:00", "改裤脚 8 元\n换拉链 15 元", "03166100020", "pickup", 0),
)


def make(empty: bool) -> None:
    """Called by `minan demo`."""
    if not empty:
        seed(datetime.now(UTC))


def _must(done: Any) -> Any:
    if isinstance(done, Refused):
        raise ValueError(f"{done.reason.zh} {sorted(done.errors)}")
    return done


def _go(case: Case, step: str, by: Any, at: datetime, **facts: Any) -> None:
    _must(act(case, step, by=by, facts=facts, at=max(at, case.changed_at)))


def listed(n: int, row: tuple[Any, ...], clerk: Any, at: datetime) -> Case:
    """One shop, brought in by the community's desk and checked."""
    name, trade, spot, hours, offers, phone, ways, minutes = row
    facts = {
        "name": name,
        "trade": trade,
        "place": VILLAGE,
        "spot": spot,
        "hours": hours,
        "offers": offers,
        "shop_phone": phone,
    }
    facts |= {"licence": f"91131022MA0DEMO{n:02d}X", **dict.fromkeys(ways.split(), "true")}
    facts |= {"minutes": str(minutes), "opens": "09:00", "closes": "17:00", "seats": "1"} if minutes else {}
    key = f"demo:shop:{n}"
    case: Case = _must(
        open_case("shop", by=clerk, facts=facts, key=key, at=at, channel="station")
    ).case
    _go(case, "check_licence", clerk, at, how="seen", next_check=(at + timedelta(days=300)).date().isoformat())
    return case


def ordered(shop: Case, n: int, at: datetime, seat_of: datetime | None = None, **facts: Any) -> Case:
    resident = User.objects.filter(username="resident").first()
    said = {
        "shop": shop.code,
        "place": VILLAGE,
        "name": "王秀兰",
        "phone": "13800000001",
        "address": "7号楼3单元501",
    } | facts
    account = str(resident.pk) if resident else ""
    case: Case = _must(
        open_case("service_order", by=SPEAKER, facts=said, key=f"demo:order:{n}", at=at, account=account)
    ).case
    slots.keep(shop, case, seat_of)
    return case


def seed(now: datetime) -> list[Case]:
    """The shops three weeks ago, one order of last week, one of this morning; their notices went in the past."""
    clerk = actor(User.objects.get(username=DESK))
    shops = [listed(n, row, clerk, now - timedelta(days=21)) for n, row in enumerate(SHOPS)]
    water, hair, at = shops[8], shops[4], now - timedelta(days=5)
    first = ordered(water, 1, at, what="两桶水，放门口就行", how="delivery")
    for k, step in enumerate(("shop_takes", "shop_begins", "shop_finishes")):
        _go(first, step, CLOCK, at + timedelta(hours=k), shop=water.code)
    slots.release(first, held=True)
    _go(first, "rate", SPEAKER, at + timedelta(hours=4), good="true")
    _go(water, "rated", CLOCK, at + timedelta(hours=4), good="true")
    free = slots.free(hair, now)
    second = ordered(
        hair,
        2,
        now - timedelta(hours=2),
        free[-1] if free else None,
        what="上门剪个头，腿脚不好",
        how="visit",
        slot=free[-1].isoformat(),
    )
    worker.settle(now)
    for message in Message.objects.filter(case_id__in=[c.id for c in (*shops, first, second)], sent_at=None):
        message.sent_at, message.next_at = message.made_at, None
        message.save(update_fields=["sent_at", "next_at"])
    return [*shops, first, second]
