"""The people of these tests in 朝阳社区: 刘桂芬 and 李建民 of the community's desk, 王秀兰 who lives there, a stranger of the next town."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from minan.kernel import access
from minan.kernel.access import CLOCK, SPEAKER, Actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.models import Case, Event, User
from minan.systems.bulletins import booking, screens, showing
from minan.systems.bulletins.models import Screen

VILLAGE, NEXT, TOWN = "131022100010", "131022100011", "131022100000"
POINT = "131022100010-point"
LIU, LI, ZHOU = "gu.point", "worker", "stranger"
MONDAY = datetime(2030, 11, 18, 1, 0, tzinfo=UTC)  # 09:00 in Langfang
WATER = {"sort": "notice", "title": "明天上午停水", "text": "8 点到 11 点修管道，请提前接水。", "place": VILLAGE, "until": "2030-11-19"}
SCAM = {"sort": "emergency", "topic": "fraud", "title": "小心骗子", "text": "有人冒充社区要您转账，别信，打 96110。", "place": VILLAGE, "hours": 12}
PURSE = {"sort": "found", "text": "捡到一个黑色钱包，里面有公交卡", "place": VILLAGE, "place_words": "东门花坛"}
SHOW = {"title": "重阳节演出", "text": "评剧和合唱，免费。", "place": VILLAGE, "place_words": "社区活动室", "day": "2030-11-25", "hour": "14:30",
        "lasts": 2, "seats": 5}  # fmt: skip


def who(name: str) -> Actor:
    return access.actor(User.objects.get(username=name))


def opened(procedure: str, by: Actor, facts: dict[str, Any], at: datetime = MONDAY, **more: Any) -> Case:
    done = open_case(procedure, by=by, facts=facts, at=at, **more)
    assert isinstance(done, Opened), done
    showing.refresh(done.case)
    return done.case


def go(case: Case, step: str, by: str | Actor, at: datetime = MONDAY, **facts: Any) -> Case:
    """The step taken; the case as it then stands, and the public copy with it."""
    done = tried(case, step, by, at, **facts)
    assert isinstance(done, Event), (step, done)
    now = Case.objects.get(id=case.id)
    showing.refresh(now)
    return now


def tried(case: Case, step: str, by: str | Actor, at: datetime = MONDAY, **facts: Any) -> Any:
    return act(Case.objects.get(id=case.id), step, by=who(by) if isinstance(by, str) else by, facts=facts, at=at)


def written(at: datetime = MONDAY, **facts: Any) -> Case:
    return opened("bulletin", who(LIU), WATER | facts, at)


def published(at: datetime = MONDAY, **facts: Any) -> Case:
    return go(written(at, **facts), "check", LI, at)


def alarm(at: datetime = MONDAY, **facts: Any) -> Case:
    return opened("bulletin", who(LIU), SCAM | facts, at)


def post(at: datetime = MONDAY, **facts: Any) -> Case:
    """On the board: somebody who is signed in posted it."""
    case = opened("lost", SPEAKER, PURSE | {"phone": "13812345678"} | facts, at)
    return go(case, "known", CLOCK, at)


def event(at: datetime = MONDAY, **facts: Any) -> Case:
    return go(opened("gathering", who(LIU), SHOW | facts, at), "check", LI, at)


def book(gathering: Case, key: str, people: int = 1, at: datetime = MONDAY) -> booking.Booked:
    facts = {"people": people, "booker": f"张{key}", "phone": "13812345678"}
    done = booking.book(Case.objects.get(id=gathering.id), facts, at=at, key=f"seat:{key}")
    assert isinstance(done, booking.Booked), done
    return done


def screen(place: str = VILLAGE, at: datetime = MONDAY) -> tuple[Screen, str]:
    """A screen that is paired, and its secret."""
    made = screens.begin(at)
    assert made is not None
    assert screens.pair(made[1], place, "3 号楼 2 单元", at)
    found = screens.of(made[0])
    assert found is not None
    return found, made[0]


def asked(secret: str) -> Any:
    """What a screen gets when it calls."""
    got = Client().get("/screen/feed", headers={"Authorization": f"Screen {secret}"})
    return got.status_code, json.loads(got.content)


def titles(answer: Any) -> list[str]:
    return [json.loads(note.split("\n")[1])["title"] for note in answer["notes"]]


def later(**span: float) -> datetime:
    return MONDAY + timedelta(**span)
