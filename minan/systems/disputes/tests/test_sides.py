"""More than two sides: 王秀兰, the neighbour's son 孙长河, and an insurer that acts through its own desk; all of them, or none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from minan.kernel import worker
from minan.kernel.access import SPEAKER
from minan.kernel.models import Case, Event, Message
from minan.systems.disputes import plan
from minan.systems.disputes.tests.cast import (
    COURT,
    ELSEWHERE,
    HEAD,
    MEDIATOR,
    MONDAY,
    SECOND,
    clock,
    does,
    go,
    mediating,
    refused,
    side,
    signs,
)

pytestmark = pytest.mark.django_db
CLAIMS, OTHERS = "lf.claims", "lf.claims2"
PLAN = "2026-11-26 3000.00 乙付甲\n2026-11-26 9000.00 丙付甲"
DRAFT = {"facts": "撞了人", "duty": "主次责任", "terms": "赔 12000 元", "manner": "转账"}


def three(people: dict[str, Any]) -> Case:
    """The mediator brought the insurer in, and it came."""
    case = mediating(people)
    go(case, "bring_in", people[MEDIATOR], part="保险公司", office="1310-jian")
    go(side(case, "c"), "agree", people[CLAIMS])
    case.refresh_from_db()
    return case


def test_an_insurer_is_brought_in_by_the_mediator_alone_and_acts_through_its_own_desk(people: dict[str, Any]) -> None:
    case = mediating(people)
    assert refused(case, "bring_in", people[SECOND], part="保险公司", office="1310-jian") == "brings"
    assert refused(case, "bring_in", people[MEDIATOR], part="司法所", office=case.ruler) == "is_somebody"
    assert refused(case, "bring_in", people[MEDIATOR], part="单位", office="131024-lighting") == "is_somebody", "no desk of another county"
    go(case, "bring_in", people[MEDIATOR], part="保险公司", office="1310-jian")
    theirs = side(case, "c")
    assert (theirs.unit, theirs.desk, theirs.state) == ("1310-jian", case.desk, "called")
    assert refused(case, "bring_in", people[MEDIATOR], part="保险公司", office="1310-jian") == "is_somebody"
    go(theirs, "agree", people[CLAIMS])
    case.refresh_from_db()
    assert case.facts["sides"] == ["a", "b", "c"]
    assert case.state == "mediating"
    worker.settle(MONDAY + timedelta(minutes=1))
    assert Message.objects.filter(case_id=theirs.id, to="1310-jian").exists(), "its desk is told, not its phone"


def test_a_proposal_a_month_more_a_record_need_all_three(people: dict[str, Any]) -> None:
    case = three(people)
    go(case, "propose", people[MEDIATOR], words="一共一万二")
    for ref in "ab":
        does(case, ref, "accept", k=1)
        does(case, ref, "more_time")
    assert refused(case, "oral", people[MEDIATOR], terms="x", plan=PLAN) == "have_met"
    assert not Event.objects.filter(case_id=case.id, step="extended").exists()
    go(side(case, "c"), "accept", people[CLAIMS], k=1)
    go(side(case, "c"), "more_time", people[CLAIMS])
    go(case, "record", people[MEDIATOR], words="三方坐在一起谈了")
    go(side(case, "c"), "read_record", people[CLAIMS], k=case.facts["record"]["k"], right=True)
    assert Event.objects.filter(case_id=case.id, step="extended").exists()
    case.refresh_from_db()
    assert case.facts["record"]["ok"] == ["c"]


def test_all_three_sign_and_each_receipt_is_of_who_pays_and_who_is_paid(people: dict[str, Any]) -> None:
    case = three(people)
    assert refused(case, "draft", people[MEDIATOR], **DRAFT, plan="2026-11-26 3000.00", payer="b") == "reads"
    assert refused(case, "draft", people[MEDIATOR], **DRAFT, plan="2026-11-26 3000.00 丁付甲") == "reads"
    go(case, "draft", people[MEDIATOR], **DRAFT, plan=PLAN)
    signs(case, "a")
    signs(case, "b")
    go(case, "countersign", people[MEDIATOR])
    assert refused(case, "seal", people[HEAD]) == "all_signed"
    go(side(case, "c"), "sign", people[CLAIMS], k=1)
    go(case, "seal", people[HEAD])
    assert case.facts["draft"]["signed"]["c"]["how"] == "staff"
    assert refused(side(case, "b"), "received", SPEAKER, row=2) == "is_payee"
    assert refused(side(case, "b"), "paid", SPEAKER, row=2) == "is_payer"
    go(side(case, "c"), "paid", people[CLAIMS], row=2)
    does(case, "a", "received", row=2)
    does(case, "a", "received", row=1)
    assert case.state == "fulfilled"


def test_the_court_is_asked_by_all_three(people: dict[str, Any]) -> None:
    case = three(people)
    go(case, "draft", people[MEDIATOR], **DRAFT, plan=PLAN)
    signs(case, "a")
    signs(case, "b")
    go(side(case, "c"), "sign", people[CLAIMS], k=1)
    go(case, "countersign", people[MEDIATOR])
    go(case, "seal", people[HEAD])
    does(case, "a", "want_court")
    does(case, "b", "want_court")
    assert refused(case, "file_court", people[MEDIATOR]) == "both_want"
    go(side(case, "c"), "want_court", people[CLAIMS])
    go(case, "file_court", people[MEDIATOR])
    assert Case.objects.get(parent=case.id, procedure="confirmation").unit == "131022100-court"


def test_who_never_comes_stays_out_and_the_others_go_on_but_a_side_that_came_ends_it(people: dict[str, Any]) -> None:
    case = mediating(people)
    go(case, "bring_in", people[MEDIATOR], part="保险公司", office="1310-jian")
    go(side(case, "c"), "stop", people[CLAIMS])
    case.refresh_from_db()
    assert (case.state, case.facts["sides"], clock(case, "mediate").done_at) == ("mediating", ["a", "b"], None)
    go(case, "bring_in", people[MEDIATOR], part="车主", name="车主老刘", phone="13800000077")
    does(case, "d", "agree")
    does(case, "d", "stop")
    assert (case.state, case.outcome) == ("ended", "stopped")


def test_a_side_asked_before_the_mediator_is_named_consents_like_the_others(people: dict[str, Any]) -> None:
    from minan.systems.disputes.tests.cast import applied

    case = applied()
    go(case, "accept", people[HEAD], summary="车撞了人")
    go(case, "bring_in", people[HEAD], part="车主", name="车主老刘", phone="13800000077")
    does(case, "b", "agree")
    assert case.state == "asking"
    does(case, "c", "stop")
    assert (case.state, clock(case, "mediate").done_at) == ("choosing", None)


def test_the_insurer_reads_what_is_joint_from_its_coming_on_and_no_note_of_the_others(people: dict[str, Any], settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    case = mediating(people)
    go(case, "record", people[MEDIATOR], words="只有两家谈的那一回")
    does(case, "a", "whisper", words="我急着用钱")
    at = MONDAY + timedelta(hours=2)
    go(case, "bring_in", people[MEDIATOR], at, part="保险公司", office="1310-jian")
    client = Client()
    client.force_login(people[CLAIMS])
    theirs = side(case, "c")
    before = client.get(f"/disputes/{theirs.code}/").content.decode()
    assert "两家院墙和排水的事" in before
    assert "只有两家谈的那一回" not in before
    go(theirs, "agree", people[CLAIMS], at)
    go(case, "record", people[MEDIATOR], at + timedelta(hours=1), words="三方坐下谈的这一回")
    go(side(case, "b"), "talk", people[MEDIATOR], at + timedelta(hours=1), words="他说最多五千")
    page = client.get(f"/disputes/{theirs.code}/").content.decode()
    assert "三方坐下谈的这一回" in page
    for words in ("只有两家谈的那一回", "我急着用钱", "他说最多五千"):
        assert words not in page, words
    spoken = client.post(f"/disputes/{theirs.code}/speak/", {"words": "保单有效，材料齐了三天内核定", "key": "ab" * 16})
    assert spoken.status_code == 302
    assert client.get(f"/disputes/{case.code}/").status_code == 404
    assert client.post(f"/disputes/{side(case, 'a').code}/stop/").status_code == 404
    for name in (OTHERS, ELSEWHERE, COURT, "stranger", "handler"):
        stranger = Client()
        stranger.force_login(people[name])
        assert stranger.get(f"/disputes/{theirs.code}/").status_code == 404, name
    mediator = Client()
    mediator.force_login(people[MEDIATOR])
    assert "保单有效" in mediator.get(f"/disputes/{case.code}/").content.decode()


def test_a_line_says_who_pays_whom_in_either_language() -> None:
    assert plan.read("2026-12-15 5000 丙付甲") == [{"due": "2026-12-15", "sum": "5000.00", "what": "", "payer": "c", "to": "a"}]
    assert plan.read("2026-12-15 5000 C pays A")[0]["to"] == "a"
    assert plan.read("2026-12-20 拆墙，由乙方付给甲方")[0] == {
        "due": "2026-12-20", "sum": "", "what": "拆墙", "payer": "b", "to": "a",
    }  # fmt: skip
