"""What the demo shows of improvements: 裕华街道 after the call of August, from an empty street to 14 centres, published."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from minan.kernel.access import actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, User

STREET, DESK = "131081001000", "bz.clerk"
HEADLINE = "14 个托养中心，210 张床"
PUBLIC = (
    "八月，一位独自在家的老人身体不舒服，按下一键呼叫，社区和急救都及时赶到。街道问了一圈：家里一时没人照看的老人不少。"
    "于是在各社区办起托养中心，老人可以免费短住几天。"
)


def make(empty: bool) -> None:
    """Called by `minan demo`."""
    if not empty and not Case.objects.filter(procedure="improvement").exists():
        seed(datetime.now(UTC))


def seed(now: datetime) -> Case | None:
    clerk = User.objects.filter(username=DESK).first()
    if clerk is None:
        return None
    at = now - timedelta(days=75)
    opened = open_case(
        "improvement", by=actor(clerk), channel="desk", key="demo:improvement", at=at,
        facts={"title": "独居老人家里没人照看", "text": "八月一次呼救以后问下来：家里一时没人照看的老人没有地方去。", "place": STREET},
    )  # fmt: skip
    if not isinstance(opened, Opened):
        raise ValueError(opened.reason.zh)
    case = opened.case

    def go(step: str, later: float, **facts: Any) -> None:
        nonlocal at
        at += timedelta(days=later)
        done = act(case, step, by=actor(clerk), facts=facts, at=max(at, case.changed_at))
        if isinstance(done, Refused):
            raise ValueError(f"{step}: {done.reason.zh} {done.errors}")

    def days(first: int, last: int) -> dict[str, str]:
        today = now.date()
        return {"since": (today - timedelta(days=first)).isoformat(), "until": (today - timedelta(days=last)).isoformat()}

    go("measure", 1, what="家里一时没人照看、当天没地方去的老人（户）", better="less", goal="没有")
    go("before", 1, num=31, den=118, **days(107, 77))
    go("act", 1, what="十四处房子改成托养中心", by=_ahead(at, 50))
    go("act", 0.1, what="床、护理员、夜里值班都配齐", by=_ahead(at, 55))
    go("cost", 2, yuan=860000, source="街道民生实事资金（示例）")
    go("act_done", 40, n=1, words="14 处都开了门")
    go("act_done", 4, n=2, words="210 张床，夜里都有人")
    go("after", 20, num=3, den=121, **days(32, 8))
    go("publish", 1, headline=HEADLINE, words=PUBLIC)
    return case


def _ahead(at: datetime, days: int) -> str:
    day: date = (at + timedelta(days=days)).date()
    return day.isoformat()
