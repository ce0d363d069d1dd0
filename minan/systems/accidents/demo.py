"""What the demo shows of this system: the model case, worked out, with its three sides at the table; in 朝阳社区."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import registry, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Message, User

VILLAGE = "131022100010"
HEAD, MEDIATOR, POLICE, CLAIMS, FUND = "gu.vmedhead", "gu.vmed", "gx.traffic", "lf.claims", "lf.fund"
TOLD = "早上骑电动车过建设路口，被左转的小车撞了。断了六根肋骨，身上多处挫伤，在县医院住着。家里拿不出住院的钱。"


class Player:
    """Takes the steps one after another, some hours apart."""

    def __init__(self, at: datetime) -> None:
        self.at, self.people = at, {u.username: u for u in User.objects.filter(username__in=(HEAD, MEDIATOR, POLICE, CLAIMS, FUND))}
        resident = User.objects.filter(username="resident").first()
        facts = {"text": TOLD, "place": VILLAGE, "no_money": True, "name": "王秀兰", "phone": "13800000001",
                 "other_name": "孙长河", "other_phone": "13800000021"}  # fmt: skip
        account = str(resident.pk) if resident else ""
        opened = open_case("accident", by=SPEAKER, facts=facts, key=f"demo:accident:{at:%Y%m%d}", at=at, account=account)
        if isinstance(opened, Refused):
            raise ValueError(opened.reason.zh)
        assert isinstance(opened, Opened)
        self.case = opened.case

    def under(self, procedure: str, ref: str = "", of: Case | None = None) -> Case:
        found = Case.objects.filter(county=self.case.county, parent=(of or self.case).id, procedure=procedure).order_by("-id")
        return next(case for case in found if not ref or case.facts.get("ref") == ref)

    def go(self, case: Case, step: str, hand: str = "", /, **facts: Any) -> None:
        """`hand`: a member of staff; a side by its own link where it is empty. `later`: hours."""
        self.at += timedelta(hours=facts.pop("later", 3))
        case = Case.objects.get(county=case.county, id=case.id)
        by: Actor = actor(self.people[hand]) if hand else SPEAKER
        done = act(case, step, by=by, facts=facts, at=max(self.at, case.changed_at))
        if isinstance(done, Refused):
            raise ValueError(f"{case.procedure}.{step}: {done.reason.zh} {done.errors}")


def make(empty: bool) -> None:
    """Called by `minan demo`."""
    if not empty:
        seed(datetime.now(UTC))


def seed(now: datetime) -> Case:
    """The model case up to the table of three; its notices went in the past."""
    p = Player(now.replace(hour=1, minute=5) - timedelta(days=12))
    happened, made = ((p.at + timedelta(days=n)).date().isoformat() for n in (-1, 4))
    p.go(p.case, "ask_driver", MEDIATOR, who="b", amount=20000)
    worker.settle(p.at)
    p.go(p.under("road_party", "b"), "paid", amount=20000, on=p.at.date().isoformat(), words="县医院住院处，收据 0071", later=5)
    p.go(p.case, "vehicle", MEDIATOR, who="b", sort="motor", share=70, words="小型轿车")
    p.go(p.case, "vehicle", MEDIATOR, who="a", sort="non_motor", share=30, words="电动自行车，合标")
    p.go(p.case, "victim", MEDIATOR, who="a", age=52, words="六根肋骨骨折，多处软组织挫伤；县医院")
    p.go(p.case, "policy", MEDIATOR, who="b", insurer="1310-jian")
    since, until = ((p.at + timedelta(days=n)).date().isoformat() for n in (-200, 165))
    p.go(p.under("cover"), "confirm", CLAIMS, compulsory=True, since=since, until=until, words="只有交强险。", later=20)
    p.go(p.under("finding"), "issue", POLICE, number="冀公交认字〔2026〕第1107号（示例）", happened_on=happened, made_on=made,
         duty_a="secondary", duty_b="main", words="小型轿车左转未让直行的电动自行车；电动自行车未戴头盔。", later=72)  # fmt: skip
    p.go(p.case, "losses", MEDIATOR, who="a", medical="46000", meals_days=18, meals_daily="100", nutrition_days=60, nutrition_daily="30",
         nursing_days=60, nursing_daily="150", lost_income_days=120, lost_income_daily="140", transport="600")  # fmt: skip
    p.go(p.case, "reckon", MEDIATOR, advances="off_debt")
    if registry.get("dispute") is not None and p.case.facts.get("dispute"):
        at_the_table(p)
    worker.settle(now)
    kin = [p.case.id, *Case.objects.filter(parent=p.case.id).values_list("id", flat=True)]
    kin += list(Case.objects.filter(parent__in=kin).values_list("id", flat=True))
    for message in Message.objects.filter(case_id__in=kin, sent_at=None):
        message.sent_at, message.next_at = message.made_at, None
        message.save(update_fields=["sent_at", "next_at"])
    return Case.objects.get(id=p.case.id)


def at_the_table(p: Player) -> None:
    """By the names of another system's steps; where that folder is gone this is left out."""
    dispute = p.under("dispute")
    p.go(dispute, "accept", HEAD, summary="路口相撞，王秀兰受伤，商量怎么赔", later=1)
    p.go(p.under("side", "b", dispute), "agree")
    p.go(dispute, "appoint", HEAD, mediator=str(p.people[MEDIATOR].pk))
    p.go(dispute, "take_on", MEDIATOR, no_tie=True)
    p.go(dispute, "bring_in", MEDIATOR, part="保险公司", office="1310-jian")
    p.go(p.under("side", "c", dispute), "agree", CLAIMS)
    p.go(dispute, "record", MEDIATOR, words="三方坐在一起，看了计算书：一共 76000 元，交强险赔 44400 元，孙长河垫付的 20000 元从他该赔的里面扣。")
    p.go(dispute, "propose", MEDIATOR, words="保险公司赔 44400 元，孙长河再付 2120 元，同一天付清。")
