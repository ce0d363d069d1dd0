"""The model case played whole on frozen time: from what 王秀兰 says to both receipts, every clock on its day (DOMAIN.md §3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from minan.kernel import onetime_code, registry
from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.models import Case, Event
from minan.systems.accidents.tests.cast import (
    CLAIMS,
    COURT,
    DAY,
    FINDING,
    HEAD,
    LOSSES,
    MEDIATOR,
    MONDAY,
    POLICE,
    VILLAGE,
    child,
    clock,
    go,
    settle,
    side,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("dispute" not in registry.procedures(), reason="not run: no system takes disputes in here"),
]
HOUR = timedelta(hours=1)
PLAN = "2026-11-27 2120.00 乙付甲\n2026-11-27 44400.00 丙付甲"


def ends(case: Case, name: str) -> str:
    return clock(case, name).due_at.date().isoformat()


def said(people: dict[str, Any]) -> Case:
    """She says it; the township's clerk files it as an accident within the hour."""
    facts = {"text": "在路口骑电动车被小车撞了，断了六根肋骨，交不起住院费", "place": VILLAGE, "kind": "traffic.accident"}
    opened = open_case("matter", by=SPEAKER, facts=facts, at=MONDAY)
    assert isinstance(opened, Opened)
    go(opened.case, "accept", people["clerk"], MONDAY + HOUR)
    go(opened.case, "accident", people["clerk"], MONDAY + HOUR, words="孙长河开车撞了她，人在县医院", no_money=True)
    return Case.objects.get(procedure="accident")


def hospital_paid(people: dict[str, Any], case: Case) -> None:
    """Before the finding is there the mediator has the driver advance the bills."""
    at = MONDAY + 2 * HOUR
    assert clock(case, "help_answer").due_at <= MONDAY + 2 * DAY
    go(child(case, "road_party", "b"), "contact", people[MEDIATOR], at, name="孙长河", phone="13800000002")
    go(case, "ask_driver", people[MEDIATOR], at, who="b", amount=20000)
    settle(at)
    driver = child(case, "road_party", "b")
    assert ends(driver, "driver_answer") == "2026-11-18"
    go(driver, "paid", SPEAKER, MONDAY + DAY, amount=20000, on="2026-11-17")
    assert clock(driver, "driver_answer").done_at is not None


def talked(people: dict[str, Any], case: Case) -> Case:
    """Accepted, both consent, the mediator takes it on and brings the insurer in."""
    dispute, at = child(case, "dispute"), MONDAY + DAY
    assert ends(dispute, "dispute_admit") == "2026-11-19"
    go(dispute, "accept", people[HEAD], at, summary="路口相撞，王秀兰受伤，商量怎么赔")
    assert ends(dispute, "consent") == "2026-11-24"
    go(side(case, "a"), "contact", people[MEDIATOR], at, name="王秀兰", phone="13800000001")
    go(side(case, "b"), "contact", people[MEDIATOR], at, name="孙长河", phone="13800000002")
    go(side(case, "b"), "agree", SPEAKER, at + HOUR)
    go(dispute, "appoint", people[HEAD], at + HOUR, mediator=str(people[MEDIATOR].pk))
    go(dispute, "take_on", people[MEDIATOR], at + 2 * HOUR, no_tie=True)
    assert ends(dispute, "mediate") == "2026-12-17"
    go(dispute, "bring_in", people[MEDIATOR], at + 2 * HOUR, part="保险公司", office="1310-jian")
    go(side(case, "c"), "agree", people[CLAIMS], at + 3 * HOUR)
    settle(at + 3 * HOUR)
    case.refresh_from_db()
    assert case.facts["mediator"] == str(people[MEDIATOR].pk)
    return dispute


def worked_out(people: dict[str, Any], case: Case) -> None:
    at, keeper = MONDAY + 3 * DAY, people[MEDIATOR]
    assert ends(child(case, "finding"), "finding_made") == "2026-11-26"
    go(child(case, "finding"), "issue", people[POLICE], at, **FINDING)
    assert ends(case, "review_window") in ("2026-11-22", "2026-11-23")  # the third day is a Sunday
    go(case, "vehicle", keeper, at, who="b", sort="motor", share=70)
    go(case, "vehicle", keeper, at, who="a", sort="non_motor", share=30)
    go(case, "policy", keeper, at, who="b", insurer="1310-jian")
    assert ends(child(case, "cover"), "cover_answer") == "2026-11-24"
    go(child(case, "cover"), "confirm", people[CLAIMS], at + DAY, compulsory=True, since="2026-03-01", until="2027-02-28")
    go(case, "victim", keeper, at + DAY, who="a", age=52)
    go(case, "losses", keeper, at + DAY, **LOSSES)
    go(case, "reckon", keeper, at + DAY, advances="off_debt")
    transfers = {row["from"]: row["amount"] for row in case.facts["reckoning"]["result"]["transfers"]}
    assert transfers == {"1310-jian": "44400.00", "b": "2120.00"}


def signed(people: dict[str, Any], case: Case, dispute: Case) -> None:
    at = MONDAY + 5 * DAY
    go(dispute, "record", people[MEDIATOR], at, words="三方看了计算书，没有不同意见")
    for ref in "ab":
        go(side(case, ref), "read_record", SPEAKER, at, k=dispute.facts["record"]["k"], right=True)
    go(side(case, "c"), "read_record", people[CLAIMS], at, k=dispute.facts["record"]["k"], right=True)
    made = {"facts": "路口相撞", "duty": "主次责任", "terms": "照计算书赔", "manner": "转账"}
    go(dispute, "draft", people[MEDIATOR], at, **made, plan=PLAN)
    for ref in "ab":
        asked = go(side(case, ref), "ask_code", SPEAKER, at)
        go(side(case, ref), "sign", SPEAKER, at, k=1, code=onetime_code.of(asked.case_id, asked.n))
    go(side(case, "c"), "sign", people[CLAIMS], at, k=1)
    go(dispute, "countersign", people[MEDIATOR], at)
    go(dispute, "seal", people[HEAD], at)
    settle(at)
    case.refresh_from_db()
    assert case.state == "agreed"
    assert ends(dispute, "confirm_window") == "2026-12-21"
    assert ends(child(case, "cover"), "insurer_pay") == "2026-12-01"


def confirmed(people: dict[str, Any], case: Case, dispute: Case) -> None:
    at = MONDAY + 6 * DAY
    for ref in "ab":
        go(side(case, ref), "want_court", SPEAKER, at)
    go(side(case, "c"), "want_court", people[CLAIMS], at)
    go(dispute, "file_court", people[MEDIATOR], at)
    court = child(dispute, "confirmation")
    assert ends(court, "court_admit") == "2026-11-25"
    go(court, "take", people[COURT], at + DAY, docket="（2026）冀1022诉调确9号")
    assert ends(court, "court_rule") == "2026-12-23"
    go(court, "rule", people[COURT], at + 3 * DAY, ruling="confirmed")
    dispute.refresh_from_db()
    assert dispute.facts["court"] == "confirmed"


def test_from_what_she_says_to_both_receipts(people: dict[str, Any]) -> None:
    case = said(people)
    hospital_paid(people, case)
    dispute = talked(people, case)
    worked_out(people, case)
    signed(people, case, dispute)
    confirmed(people, case, dispute)
    day = MONDAY + 11 * DAY  # 2026-11-27
    settle(day)
    assert Event.objects.filter(case_id=dispute.id, step="pay_day").count() == 1
    go(side(case, "b"), "paid", SPEAKER, day, row=1)
    go(side(case, "a"), "received", SPEAKER, day, row=1)
    go(side(case, "c"), "paid", people[CLAIMS], day, row=2)
    settle(day)
    assert child(case, "cover").state == "owing"
    go(side(case, "a"), "received", SPEAKER, day + HOUR, row=2)
    settle(day + HOUR)
    case.refresh_from_db()
    dispute.refresh_from_db()
    assert (dispute.state, case.state, case.outcome) == ("fulfilled", "paid", "fulfilled")
    paid_on = {row["done"][:10] for row in dispute.facts["plan"]}
    assert paid_on == {"2026-11-27"}, "both on the same day"
    assert {c.state for c in Case.objects.filter(parent=case.id, procedure__in=("cover", "road_party"))} == {"over"}


def test_where_the_insurer_does_not_pay_the_mediator_sees_to_it_and_the_court_is_named(people: dict[str, Any]) -> None:
    case = said(people)
    hospital_paid(people, case)
    dispute = talked(people, case)
    worked_out(people, case)
    signed(people, case, dispute)
    go(side(case, "b"), "paid", SPEAKER, MONDAY + 7 * DAY, row=1)
    go(side(case, "a"), "received", SPEAKER, MONDAY + 7 * DAY, row=1)
    settle(MONDAY + 16 * DAY)
    dispute.refresh_from_db()
    assert dispute.state == "breached"
    assert Event.objects.filter(case_id=child(case, "cover").id, step="remind").exists(), "ten days are over"
    go(dispute, "end_elsewhere", people[MEDIATOR], MONDAY + 20 * DAY, words="保险公司没有付 44400 元")
    settle(MONDAY + 20 * DAY)
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("elsewhere", "broken")


def test_no_agreement_ends_the_accident_too(people: dict[str, Any]) -> None:
    case = said(people)
    dispute = talked(people, case)
    go(dispute, "end_without", people[MEDIATOR], MONDAY + 2 * DAY, words="赔多少谈不拢")
    settle(MONDAY + 2 * DAY)
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("ended", "no_agreement")
    assert child(case, "finding").state == "called_off"
