"""What the demo shows of this system: one dispute in the middle of its talks, one that is being performed; both in 朝阳社区."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from minan.kernel import worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Message, User
from minan.systems.disputes import village_import

VILLAGE = "131022100010"
HEAD, MEDIATOR = "gu.vmedhead", "gu.vmed"
WALL = "邻居在滴水下面垒了一道墙，一下雨水就往我家东屋里灌，墙根都泡酥了。说过两回，他说是他家的地。想让他拆了，把地面修好。"
DEBT = "去年春天他借了我九千块钱盖房，说好年底还，到现在一分没还。都是一个院的，不想撕破脸去打官司。"


class Player:
    """Takes the steps one after another, an hour or a day apart."""

    def __init__(self, at: datetime, **facts: Any) -> None:
        self.at, self.people = at, {u.username: u for u in User.objects.filter(username__in=(HEAD, MEDIATOR))}
        resident = User.objects.filter(username="resident").first()
        opened = open_case(
            "dispute",
            by=SPEAKER,
            facts={"place": VILLAGE} | facts,
            key=f"demo:{facts['sort']}",
            at=at,
            account=str(resident.pk) if resident else "",
        )
        if isinstance(opened, Refused):
            raise ValueError(opened.reason.zh)
        assert isinstance(opened, Opened)
        self.case = opened.case

    def side(self, ref: str) -> Case:
        sides = Case.objects.filter(county=self.case.county, parent=self.case.id, procedure="side")
        return next(side for side in sides if side.facts["ref"] == ref)

    def go(self, step: str, who: str = "", side: str = "", later: float = 3, **facts: Any) -> None:
        """`who`: a member of staff; a side by its own link where it is empty. `later`: hours."""
        self.at += timedelta(hours=later)
        case = self.side(side) if side else Case.objects.get(county=self.case.county, id=self.case.id)
        by: Actor = actor(self.people[who]) if who else SPEAKER
        done = act(case, step, by=by, facts=facts, at=max(self.at, case.changed_at))
        if isinstance(done, Refused):
            raise ValueError(f"{step}: {done.reason.zh}")

    def begun(self, summary: str) -> None:
        self.go("accept", HEAD, summary=summary, later=24)
        self.go("agree", side="b", later=24)
        self.go("appoint", HEAD, mediator=str(self.people[MEDIATOR].pk))
        self.go("take_on", MEDIATOR, no_tie=True)


def make(empty: bool) -> None:
    """Called by `minan demo`."""
    if not empty:
        file = Path(settings.CITY) / village_import.FILE
        if file.exists():
            village_import.load(file)
        seed(datetime.now(UTC))


def seed(now: datetime) -> list[Case]:
    """Both disputes, ending now; their notices went in the past."""
    morning = now.replace(hour=1, minute=12)  # 09:12 of the village
    cases = [talking(morning - timedelta(days=10)), performing(morning - timedelta(days=25), now)]
    worker.settle(now)
    ids = [side.id for case in cases for side in Case.objects.filter(parent=case.id)] + [case.id for case in cases]
    for message in Message.objects.filter(case_id__in=ids, sent_at=None):
        message.sent_at, message.next_at = message.made_at, None
        message.save(update_fields=["sent_at", "next_at"])
    return cases


def talking(at: datetime) -> Case:
    p = Player(
        at,
        text=WALL,
        sort="neighbour",
        name="王秀兰",
        phone="13800000001",
        other_name="孙长河",
        other_phone="13800000021",
    )
    p.begun("王秀兰家和孙长河家为院墙、排水的事")
    p.go(
        "session",
        MEDIATOR,
        when=f"{p.at + timedelta(days=1):%Y-%m-%d}T15:00",
        where="room",
        spot="社区二楼调解室，带上宅基证",
    )
    p.go("speak", side="a", words="我不是要占他的地，就是雨水灌屋，东屋的粮食都霉了。", later=28)
    p.go("speak", side="b", words="墙是我垒的。那块地早先量过，在我这边。", later=1)
    p.go("speak", MEDIATOR, words="地界的事咱们把宅基证摆出来看。先说水怎么走，雨季说来就来。", later=0.2)
    p.go("whisper", side="b", words="她要是不提前年那事，墙拆了也行，就是砖钱两百来块。", later=2)
    p.go("talk", MEDIATOR, side="a", words="秀兰说只要水不往屋里灌，地面她自己修也行，面子上过得去就好。", later=2)
    p.go("own_note", MEDIATOR, words="两家前年为停车吵过。先解排水，再说地。请村里老会计一起看宅基证。", later=1)
    p.go(
        "record",
        MEDIATOR,
        words="双方都说：墙是今年四月垒的，长六米；七月三场雨，王家东屋进水。\n对地界说法不一，约定周五一起看宅基证。",
        later=3,
    )
    p.go("read_record", side="a", k=Case.objects.get(id=p.case.id).facts["record"]["k"], right=True, later=4)
    p.go("propose", side="b", words="墙我拆，砖归我；王家把自家门前的沟清出来。", later=20)
    return p.case


def performing(at: datetime, now: datetime) -> Case:
    p = Player(at, text=DEBT, sort="debt", name="王秀兰", other_name="刘志成")
    p.begun("王秀兰和刘志成为九千元借款的事")
    first, second = ((now + timedelta(days=days)).date().isoformat() for days in (-4, 26))
    made = {"facts": "刘志成 2025 年三月向王秀兰借款 9000 元，没有写借条，双方都认可。", "duty": "刘志成还本金；王秀兰不要利息。",
            "terms": "刘志成分两期还清 9000 元，还清后两家再无纠葛。", "manner": "微信转账，附言写“还款”。"}  # fmt: skip
    p.go("draft", MEDIATOR, **made, plan=f"{first} 4000.00\n{second} 5000.00", payer="b", later=72)
    for ref in "ab":
        p.go("sign", MEDIATOR, side=ref, k=1, hand="在社区调解室纸上签名按手印，齐秀芝在场", later=2)
    p.go("countersign", MEDIATOR, later=0.2)
    p.go("seal", HEAD, later=0.5)
    p.at = now - timedelta(days=4, hours=2)
    p.go("paid", side="b", row=1, words="早上微信转了 4000")
    p.go("received", side="a", row=1, later=1)
    return p.case
