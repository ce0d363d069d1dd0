"""What the demo shows of this system, in 朝阳社区: notices, a campaign, an emergency, an event with bookings, the board, one screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import access
from minan.kernel.access import CLOCK, SPEAKER, Actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, User
from minan.systems.bulletins import booking, screens, showing
from minan.systems.bulletins.models import Screen

VILLAGE, LIU, LI = "131022100010", "gu.point", "worker"


def make(empty: bool) -> None:
    """Called by `minan demo`."""
    if not empty:
        seed(datetime.now(UTC))


def _who(name: str) -> Actor:
    return access.actor(User.objects.get(username=name))


def _case(procedure: str, by: Actor, at: datetime, *steps: tuple[str, Actor], **facts: Any) -> Case:
    opened = open_case(procedure, by=by, facts={"place": VILLAGE, **facts}, at=at)
    if isinstance(opened, Refused):
        raise ValueError(f"{procedure}: {opened.reason.zh} {opened.errors}")
    assert isinstance(opened, Opened)
    for name, who in steps:
        done = act(opened.case, name, by=who, at=at + timedelta(minutes=20))
        if isinstance(done, Refused):
            raise ValueError(f"{procedure}.{name}: {done.reason.zh}")
    showing.refresh(opened.case)
    return opened.case


def seed(now: datetime) -> None:
    liu, li = _who(LIU), _who(LI)
    day = [(now + timedelta(days=n)).date().isoformat() for n in range(31)]
    checked = (("check", li),)
    at = now - timedelta(hours=20)
    _case("bulletin", liu, at, *checked, sort="notice", title="周六上午停水", until=day[5],
          text="周六 8 点到 11 点换东区水表，1 至 6 号楼停水，请提前接水。问自来水公司 0316-6120000。")  # fmt: skip
    _case("bulletin", liu, at, sort="notice", title="楼道清理杂物", until=day[6], text="周日起清理楼道堆放的杂物，占着消防通道的先清。")
    _case("bulletin", liu, at, *checked, sort="campaign", topic="fire", title="电动车不进楼", until=day[30],
          text="电池不上楼，充电到车棚。车棚晚上有灯有监控，充满自己断电。")  # fmt: skip
    _case("bulletin", liu, now - timedelta(minutes=40), sort="emergency", topic="fraud", title="小心冒充社区的骗子", hours=24,
          text="有人冒充社区打电话，说养老金要重新认证，要您转账。社区不打这样的电话。别信，打 96110。")  # fmt: skip
    show = _case("gathering", liu, at, *checked, title="评剧和合唱", text="县评剧团和社区合唱队，免费，老人坐前排。",
                 place_words="社区活动室", day=day[4], hour="14:30", lasts=2, seats=40)  # fmt: skip
    for n, (name, people) in enumerate((("王秀兰", 2), ("刘志成", 1), ("老赵", 4))):
        booking.book(show, {"booker": name, "people": people}, at=now - timedelta(hours=3), key=f"demo:seat:{n}")
    known = (("known", CLOCK),)
    _case("lost", SPEAKER, now - timedelta(days=2), *known, sort="found", text="捡到一串钥匙，挂着红色的平安结。", place_words="东门花坛")
    _case("lost", SPEAKER, now - timedelta(hours=7), *known, sort="pet", text="橘色的猫，左耳缺一角，胆小，叫它豆豆会应。", place_words="3 号楼附近")
    Screen.objects.create(name="3 号楼 2 单元", place=VILLAGE, mark=screens.mark_of(screens.trial()), made_at=now, paired_at=now)
