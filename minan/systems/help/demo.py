"""What the demo shows of this system: 王秀兰 is enrolled at 朝阳社区, with two of her family; one call of last week, played to its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from minan.kernel import worker
from minan.kernel.access import CLOCK, SPEAKER, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, User
from minan.systems.help import enrolment, gather

VILLAGE = "131022100010"
SECRET = "DEM0HE1P" * 3 + "00"  # of the demo alone: `minan serve` refuses a DATA made by the demo


def make(empty: bool) -> None:
    """Called by `minan demo`."""
    if not empty:
        seed(datetime.now(UTC))


def seed(now: datetime) -> Case:
    """The enrolment, and a call of five days ago that ended well."""
    resident = User.objects.filter(username="resident").first()
    facts = {
        "place": VILLAGE, "name": "王秀兰", "phone": "13800000001", "address": "朝阳社区 3 号楼 2 单元 101", "door": "钥匙在对门李家",
        "told": "高血压，早上吃氨氯地平", "family1_name": "女儿 刘芳", "family1_phone": "13900000011", "family2_name": "外甥 李强",
        "family2_phone": "13900000012", "consent": enrolment.CONSENT, "duty": gather.duty_of(VILLAGE),
    }  # fmt: skip
    at = now - timedelta(days=40)
    made = open_case(
        "help_enrolment",
        by=SPEAKER,
        facts=facts,
        key="demo:help",
        at=at,
        account=str(resident.pk) if resident else "",
        secret=SECRET,
    )
    assert isinstance(made, Opened), made
    call = played(made.case, now - timedelta(days=5))
    worker.settle(now)
    return call


def played(first: Case, at: datetime) -> Case:
    """She felt dizzy; 刘桂芬 of the point rang back, rang 120, and was there after six minutes."""
    opened = open_case(
        "help", by=CLOCK, facts={"place": VILLAGE, "how": "app", "press": ["0" * 31 + "1"], "duty": first.desk}, channel="help",
        key="help:" + "0" * 31 + "1", at=at, child_of=first,
    )  # fmt: skip
    assert isinstance(opened, Opened), opened
    clerk = User.objects.filter(username="gu.point").first()
    by = actor(clerk) if clerk else CLOCK
    for after, step, who, facts in (
        (1, "rang", CLOCK, {"at_unit": first.desk, "channel": "screen", "after": 1}), (14, "answer", by, {}),
        (31, "ring_back", by, {"result": "ill"}), (48, "ring_120", by, {"why": "ill"}), (75, "on_the_way", by, {}), (372, "there", by, {}),
        (2460, "close", by, {"outcome": "hospital", "words": "头晕站不稳，陪到 120 来，女儿随车去医院了，门锁好，钥匙交给对门。"}),
    ):  # fmt: skip
        done = act(opened.case, step, by=who, facts=facts, at=at + timedelta(seconds=after))
        if isinstance(done, Refused):
            raise ValueError(f"{step}: {done.reason.zh}")
    return opened.case
