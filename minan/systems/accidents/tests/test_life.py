"""An accident from the report to what is owed: who may, whom it asks, who pays the hospital, every clock at frozen moments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from minan.kernel.access import SPEAKER
from minan.kernel.act import Refused
from minan.kernel.models import Case, Event, Message, Speaker
from minan.systems.accidents.tests.cast import (
    CLAIMS,
    COURT,
    DAY,
    FINDING,
    FUND,
    HEAD,
    MEDIATOR,
    MONDAY,
    POLICE,
    SECOND,
    STRANGERS,
    child,
    clock,
    gathered,
    go,
    refused,
    reported,
    settle,
    tried,
)

pytestmark = pytest.mark.django_db
COMMITTEE = "131022100010-mediation"


def test_a_report_asks_police_and_the_other_side_at_once(people: dict[str, Any]) -> None:
    case = reported()
    assert (case.state, case.desk, case.unit, case.ruler) == ("gathering", COMMITTEE, COMMITTEE, "131022100-judicial")
    assert (child(case, "finding").unit, child(case, "finding").state) == ("131022-traffic", "asked")
    driver = child(case, "road_party")
    assert Speaker.objects.get(case_id=driver.id).phone
    assert Speaker.objects.get(case_id=driver.id).secret != Speaker.objects.get(case_id=case.id).secret
    assert clock(case, "gather").due_at.date().isoformat() == "2026-12-01"
    assert clock(case, "help_answer").due_at > MONDAY
    assert clock(child(case, "finding"), "finding_made").due_at.date().isoformat() == "2026-11-26"


def test_the_finding_is_the_polices_own_and_opens_three_days_for_a_review(people: dict[str, Any]) -> None:
    case = reported()
    finding = child(case, "finding")
    assert refused(finding, "issue", people[MEDIATOR], **FINDING) == ""
    assert refused(finding, "issue", people[POLICE], **FINDING | {"duty_b": "equal"}) == "reads"
    assert refused(finding, "issue", people[POLICE], **FINDING | {"more": "庚 无责任"}) == "reads"
    assert refused(finding, "issue", people[POLICE], **FINDING | {"made_on": "2026-12-20"}) == "is_past"
    go(finding, "issue", people[POLICE], **FINDING)
    case.refresh_from_db()
    assert case.facts["finding"]["duty"] == {"a": "secondary", "b": "main"}
    assert clock(case, "review_window").due_at.date().isoformat() == "2026-11-19"
    settle(MONDAY + 4 * DAY)
    assert Event.objects.filter(case_id=case.id, step="review_over").count() == 1


def test_police_insurer_and_fund_see_their_own_case_and_nothing_else(people: dict[str, Any]) -> None:
    case = gathered(people)
    go(case, "ask_rescue", people[MEDIATOR], way="fund", who="a", amount=9000, ground="over")
    own = {POLICE: "finding", CLAIMS: "cover", FUND: "rescue"}
    for name, procedure in own.items():
        seen = Case.objects.visible_to(people[name]).values_list("procedure", flat=True)
        assert set(seen) == {procedure}, name
        with pytest.raises(Case.DoesNotExist):
            tried(case, "reckon", people[name], advances="off_debt")
    family = [case, *Case.objects.filter(parent=case.id)]
    for name in (*STRANGERS, COURT):
        assert not Case.objects.visible_to(people[name]).filter(id__in=[c.id for c in family]).exists(), name


def test_the_driver_advances_by_his_own_link_and_it_stands_in_the_file(people: dict[str, Any]) -> None:
    case = reported()
    driver = child(case, "road_party", "b")
    go(case, "ask_driver", people[MEDIATOR], who="b", amount=20000)
    assert clock(case, "help_answer").done_at is not None
    settle()
    driver.refresh_from_db()
    assert (driver.state, driver.facts["wanted"]) == ("asked", 20000)
    assert clock(driver, "driver_answer").due_at.date().isoformat() == "2026-11-18"
    assert refused(driver, "paid", SPEAKER, amount=0, on="2026-11-16") == "positive"
    go(driver, "paid", SPEAKER, amount=20000, on="2026-11-16")
    case.refresh_from_db()
    assert case.facts["advances"] == [{"by": "b", "who": "a", "amount": "20000.00", "on": "2026-11-16"}]


def test_where_the_driver_cannot_the_mediator_is_told_and_looks_elsewhere(people: dict[str, Any]) -> None:
    case = reported()
    go(case, "ask_driver", people[MEDIATOR], who="b", amount=20000)
    settle()
    go(child(case, "road_party", "b"), "decline", SPEAKER, MONDAY + DAY)
    case.refresh_from_db()
    assert clock(case, "help_answer").done_at is None
    assert refused(case, "ask_rescue", people[MEDIATOR], way="insurer", who="a", amount=18000) == "way_fits"
    go(case, "ask_rescue", people[MEDIATOR], MONDAY + DAY, way="insurer", insurer="1310-jian", who="a", amount=18000)
    rescue = child(case, "rescue")
    assert (rescue.unit, clock(rescue, "rescue_answer").due_at.date().isoformat()) == ("1310-jian", "2026-11-18")
    go(rescue, "promise", people[CLAIMS], MONDAY + DAY, amount=18000)
    assert clock(rescue, "rescue_pay").done_at is None
    go(rescue, "pay", people[CLAIMS], MONDAY + 2 * DAY, amount=18000, on="2026-11-17")
    case.refresh_from_db()
    assert case.facts["advances"][0] == {"by": "1310-jian", "who": "a", "amount": "18000.00", "on": "2026-11-17"}


def test_the_relief_fund_has_three_working_days_and_gives_its_reasons(people: dict[str, Any]) -> None:
    case = reported()
    assert refused(case, "ask_rescue", people[MEDIATOR], way="fund", who="a", amount=9000) == "way_fits"
    go(case, "ask_rescue", people[MEDIATOR], way="fund", who="a", amount=9000, ground="uninsured")
    rescue = child(case, "rescue")
    assert clock(rescue, "fund_answer").due_at.date().isoformat() == "2026-11-19"
    assert refused(rescue, "refuse", people[FUND]) == "facts"
    settle(MONDAY + 4 * DAY)
    assert Event.objects.filter(case_id=rescue.id, step="remind").exists()
    go(rescue, "refuse", people[FUND], MONDAY + 4 * DAY, words="肇事车有交强险，请先找保险公司")
    assert clock(case, "help_answer").done_at is None


def test_it_is_worked_out_from_the_file_alone_and_each_run_is_a_version(people: dict[str, Any]) -> None:
    case = reported()
    assert refused(case, "reckon", people[MEDIATOR], advances="off_debt") == "can_be_worked_out"
    case = gathered(people)
    assert refused(case, "losses", people[MEDIATOR], who="a", medical="四万六") == "is_money"
    go(case, "reckon", people[MEDIATOR], advances="off_debt")
    result = case.facts["reckoning"]["result"]
    assert result["victims"][0]["total"] == "76000.00"
    assert result["transfers"] == [
        {"from": "1310-jian", "to": "a", "amount": "44400.00"},
        {"from": "b", "to": "a", "amount": "2120.00"},
    ]
    go(case, "appraisal", people[MEDIATOR], who="a", grade="0", lost_income_days=90, fee="1200", on="2026-11-16")
    go(case, "reckon", people[MEDIATOR], advances="off_debt")
    assert (case.state, case.facts["reckoning"]["k"]) == ("reckoned", 2)
    assert Event.objects.filter(case_id=case.id, step="reckon").count() == 2
    assert clock(case, "gather").done_at is not None


def test_a_disability_asks_for_the_yearly_income_and_guesses_none(people: dict[str, Any]) -> None:
    case = gathered(people)
    go(case, "appraisal", people[MEDIATOR], who="a", grade="10", on="2026-11-16")
    done = tried(case, "reckon", people[MEDIATOR], advances="off_debt")
    assert isinstance(done, Refused)
    assert done.reason.zh == "还缺：居民人均可支配收入（2025 年）"
    go(case, "reckon", people[MEDIATOR], advances="off_debt", urban_income="48000")
    row = next(one for one in case.facts["reckoning"]["result"]["victims"][0]["items"] if one["item"] == "disability")
    assert row["amount"] == "96000.00"


def test_a_policy_that_had_run_out_that_day_pays_nothing(people: dict[str, Any]) -> None:
    case = gathered(people)
    go(child(case, "cover"), "confirm", people[CLAIMS], compulsory=True, since="2025-03-01", until="2026-02-28")
    go(case, "reckon", people[MEDIATOR], advances="off_debt")
    assert {row["from"] for row in case.facts["reckoning"]["result"]["transfers"]} == {"b"}


def test_an_insurer_that_does_not_insure_the_car_says_so(people: dict[str, Any]) -> None:
    case = reported()
    assert refused(case, "policy", people[MEDIATOR], who="b", insurer="131022-lighting") == "is_insurer"
    go(case, "policy", people[MEDIATOR], who="b", insurer="1310-jian")
    cover = child(case, "cover")
    assert clock(cover, "cover_answer").due_at.date().isoformat() == "2026-11-23"  # the fifth day is a Saturday
    go(cover, "not_ours", people[CLAIMS])
    assert cover.state == "not_ours"
    assert Event.objects.filter(case_id=case.id, step="cover_missing").exists()


def test_once_a_mediator_is_named_no_colleague_touches_the_file(people: dict[str, Any]) -> None:
    case = reported()
    go(case, "vehicle", people[SECOND], who="b", sort="motor")
    case.facts["mediator"] = str(people[MEDIATOR].pk)
    from minan.kernel.access import CLOCK

    go(case, "mediator", CLOCK, mediator=str(people[MEDIATOR].pk))
    for name in (SECOND, HEAD):
        assert refused(case, "vehicle", people[name], who="a", sort="non_motor") == "keeps_it"
    go(case, "vehicle", people[MEDIATOR], who="a", sort="non_motor")


def test_its_speaker_says_that_the_hospital_cannot_be_paid_and_the_clock_goes_up(people: dict[str, Any]) -> None:
    case = reported(no_money=False)
    go(case, "no_money", SPEAKER, words="还差两万")
    due = clock(case, "help_answer").due_at
    settle(due + timedelta(minutes=1))
    assert Event.objects.filter(case_id=case.id, step="remind").count() == 1
    settle(due + 3 * DAY)
    assert Event.objects.filter(case_id=case.id, step="go_up").exists()
    assert Message.objects.filter(case_id=case.id).exists()


def test_where_no_dispute_is_there_agreement_and_receipts_are_entered_by_hand(people: dict[str, Any]) -> None:
    case = gathered(people)
    if case.facts.get("dispute"):
        assert refused(case, "agreed", people[MEDIATOR]) == "alone"
        return
    go(case, "agreed", people[MEDIATOR])
    go(case, "settled", people[MEDIATOR])
    assert (case.state, case.outcome) == ("paid", "fulfilled")
