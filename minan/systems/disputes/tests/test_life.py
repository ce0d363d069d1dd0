"""A dispute from its application to the last receipt: who may, what the law asks, every clock at frozen moments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from minan.kernel import onetime_code
from minan.kernel.access import SPEAKER, actor
from minan.kernel.models import Case, Event, Speaker
from minan.systems.disputes.tests.cast import (
    COURT,
    ELSEWHERE,
    HEAD,
    JUDICIAL,
    MEDIATOR,
    MONDAY,
    SECOND,
    agreed,
    applied,
    clock,
    does,
    drafted,
    go,
    mediating,
    note,
    refused,
    settle,
    side,
    signs,
    tried,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_she_applies_and_both_sides_have_a_case_and_a_vault_of_their_own(people: dict[str, Any]) -> None:
    case = applied()
    assert (case.state, case.desk, case.unit, case.ruler) == (
        "applied",
        "131022100010-mediation",
        "131022100010-mediation",
        "131022100-judicial",
    )
    assert (case.title, case.text, case.privacy) == ("邻里纠纷", "", "confidential")
    assert (side(case, "a").state, side(case, "b").state) == ("taking_part", "waiting")
    phones = {ref: Speaker.objects.get(case_id=side(case, ref).id).phone for ref in "ab"}
    assert phones == {"a": True, "b": True}
    assert len({Speaker.objects.get(case_id=c.id).secret for c in (case, side(case, "a"), side(case, "b"))}) == 3


def test_nothing_is_mediated_before_both_have_consented(people: dict[str, Any]) -> None:
    case = applied()
    go(case, "accept", people[HEAD], summary="院墙的事")
    assert case.state == "asking"
    assert refused(case, "appoint", people[HEAD], mediator=str(people[MEDIATOR].pk)) == "state"
    does(case, "b", "agree")
    assert case.state == "choosing"
    assert clock(case, "mediate").due_at.date().isoformat() == "2026-12-16"


def test_where_the_committee_comes_by_itself_both_are_asked(people: dict[str, Any]) -> None:
    case = applied(by=actor(people[MEDIATOR]), came=True)
    assert (side(case, "a").state, side(case, "b").state) == ("waiting", "waiting")
    go(case, "accept", people[HEAD], summary="院墙的事")
    does(case, "b", "agree")
    assert case.state == "asking"
    does(case, "a", "agree")
    assert case.state == "choosing"


@pytest.mark.parametrize("ref", ["a", "b"])
def test_either_may_stop_at_any_time_and_both_are_told_the_other_ways(people: dict[str, Any], ref: str) -> None:
    case = mediating(people)
    does(case, ref, "stop")
    assert (case.state, case.outcome) == ("ended", "stopped")
    assert "第二十六条" in note(Event.objects.get(case_id=case.id, step="side_stopped"))["words"]
    settle()
    assert {side(case, r).state for r in "ab"} == {"stopped", "over"}
    assert refused(side(case, "b" if ref == "a" else "a"), "speak", SPEAKER, words="还想说") == "state"


def test_the_mediator_is_of_the_committee_has_no_tie_and_says_so(people: dict[str, Any]) -> None:
    case = applied()
    go(case, "accept", people[HEAD], summary="院墙的事")
    does(case, "b", "agree")
    assert refused(case, "appoint", people[HEAD], mediator=str(people[ELSEWHERE].pk)) == "not_tied"
    go(case, "appoint", people[HEAD], mediator=str(people[MEDIATOR].pk))
    assert refused(case, "take_on", people[SECOND], no_tie=True) == "is_mediator"
    assert refused(case, "take_on", people[MEDIATOR], no_tie=False) == "declares_no_tie"
    go(case, "stand_aside", people[MEDIATOR], words="他是我表弟")
    assert case.facts.get("mediator") is None
    assert refused(case, "appoint", people[HEAD], mediator=str(people[MEDIATOR].pk)) == "not_tied"


def test_a_relative_of_a_party_on_the_staff_cannot_be_named(people: dict[str, Any]) -> None:
    from minan.kernel.models import Tie

    Tie.objects.create(user=people["worker"], other=people[MEDIATOR])
    case = applied()
    go(case, "wall", people[HEAD], whom=str(people["worker"].pk))
    go(case, "accept", people[HEAD], summary="院墙的事")
    does(case, "b", "agree")
    assert refused(case, "appoint", people[HEAD], mediator=str(people[MEDIATOR].pk)) == "not_tied"
    go(case, "appoint", people[HEAD], mediator=str(people[SECOND].pk))


def test_a_side_asks_for_another_mediator_and_the_head_decides(people: dict[str, Any]) -> None:
    case = mediating(people)
    assert refused(case, "keep_mediator", people[HEAD], words="没有理由") == "is_asked"
    does(case, "b", "ask_change", words="他跟王家是一个院的")
    assert refused(case, "change_mediator", people[SECOND], words="换") in ("", "is_head")
    go(case, "change_mediator", people[HEAD], words="换一位双方都放心的")
    assert case.state == "choosing"
    assert refused(case, "appoint", people[HEAD], mediator=str(people[MEDIATOR].pk)) == "not_tied"
    go(case, "appoint", people[HEAD], mediator=str(people[SECOND].pk))
    go(case, "take_on", people[SECOND], no_tie=True)
    assert case.state == "mediating"


def test_a_month_and_once_longer_if_both_agree(people: dict[str, Any]) -> None:
    case = mediating(people)
    first = clock(case, "mediate").due_at
    does(case, "a", "more_time")
    assert refused(side(case, "a"), "more_time", SPEAKER) == "longer_once"
    assert clock(case, "mediate").due_at == first
    does(case, "b", "more_time")
    assert Event.objects.filter(case_id=case.id, step="extended").exists()
    assert clock(case, "mediate").due_at > first + 27 * DAY
    assert refused(side(case, "b"), "more_time", SPEAKER) == "longer_once"


def test_the_record_is_confirmed_by_each_and_only_the_newest(people: dict[str, Any]) -> None:
    case = mediating(people)
    first = go(case, "record", people[MEDIATOR], words="双方都说了墙是哪年垒的").n
    go(case, "record", people[MEDIATOR], words="改了年份")
    assert refused(side(case, "a"), "read_record", SPEAKER, k=first, right=True) == "is_last_record"
    does(case, "a", "read_record", k=case.facts["record"]["k"], right=True)
    does(case, "b", "read_record", k=case.facts["record"]["k"], right=False, words="不是我说的")
    assert case.facts["record"]["ok"] == ["a"]
    assert case.facts["record"]["wrong"] == ["b"]


def test_it_is_signed_by_all_with_codes_and_sealed_by_the_head(people: dict[str, Any]) -> None:
    case = drafted(people)
    assert refused(case, "seal", people[HEAD]) == "all_signed"
    signs(case, "a")
    assert refused(side(case, "a"), "sign", SPEAKER, k=1, code="000000") == "lives"
    signs(case, "b")
    assert refused(case, "seal", people[HEAD]) == "all_signed"
    go(case, "countersign", people[MEDIATOR])
    assert refused(case, "seal", people[MEDIATOR]) in ("", "is_head")
    event = go(case, "seal", people[HEAD])
    assert case.state == "agreed"
    assert note(event)["number"] == "人调协〔2026〕1号"
    assert clock(case, "confirm_window").due_at.date().isoformat() in ("2026-12-16", "2026-12-17")


def test_a_wrong_code_counts_and_the_fifth_ends_it(people: dict[str, Any]) -> None:
    case = drafted(people)
    mine = side(case, "a")
    asked = go(mine, "ask_code", SPEAKER)
    right = onetime_code.of(asked.case_id, asked.n)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(onetime_code.TRIES):
        assert refused(mine, "sign", SPEAKER, k=1, code=wrong) == "code_fits"
    assert refused(mine, "sign", SPEAKER, k=1, code=right) == "lives"
    assert Event.objects.filter(case_id=mine.id, step="code_missed").count() == onetime_code.TRIES
    assert "a" not in Case.objects.get(id=case.id).facts["draft"]["signed"]


def test_a_code_of_eleven_minutes_ago_is_none(people: dict[str, Any]) -> None:
    case = drafted(people)
    asked = go(side(case, "a"), "ask_code", SPEAKER)
    code, later = onetime_code.of(asked.case_id, asked.n), MONDAY + timedelta(minutes=11)
    assert refused(side(case, "a"), "sign", SPEAKER, later, k=1, code=code) == "lives"


def test_a_changed_agreement_is_signed_anew(people: dict[str, Any]) -> None:
    case = drafted(people)
    signs(case, "a")
    go(
        case,
        "draft",
        people[MEDIATOR],
        facts="一",
        duty="二",
        terms="赔 2000 元",
        manner="现金",
        plan="2026-11-27 2000",
        payer="b",
    )
    assert case.facts["draft"]["signed"] == {}
    asked = go(side(case, "b"), "ask_code", SPEAKER)
    assert (
        refused(side(case, "b"), "sign", SPEAKER, k=1, code=onetime_code.of(asked.case_id, asked.n)) == "is_last_draft"
    )
    signs(case, "b", MONDAY + timedelta(minutes=2))


def test_whoever_has_no_phone_signs_on_paper_before_the_mediator_alone(people: dict[str, Any]) -> None:
    case = drafted(people)
    mine = side(case, "a")
    assert refused(mine, "sign", people[SECOND], k=1, hand="纸上签名按手印，主任在场") == "acts_for_side"
    assert refused(mine, "sign", people[MEDIATOR], k=1) == "paper_told"
    go(mine, "sign", people[MEDIATOR], k=1, hand="纸上签名按手印，主任在场")
    case.refresh_from_db()
    assert case.facts["draft"]["signed"]["a"]["how"] == "paper"


def test_an_oral_agreement_stands_from_when_both_agreed(people: dict[str, Any]) -> None:
    case = mediating(people)
    assert refused(case, "oral", people[MEDIATOR], terms="拆墙") == "have_met"
    does(case, "b", "propose", words="我拆墙，不赔钱")
    assert refused(side(case, "b"), "accept", SPEAKER, k=1) == "is_last_offer"
    does(case, "a", "propose", words="拆墙，赔一千")
    assert refused(side(case, "a"), "accept", SPEAKER, k=1) == "is_last_offer"
    does(case, "b", "accept", k=2)
    go(case, "oral", people[MEDIATOR], terms="拆墙，赔一千", plan="2026-11-20 1000", payer="b")
    assert (case.state, case.facts["oral"]) == ("agreed", True)
    assert refused(side(case, "a"), "want_court", SPEAKER) == "in_window"


def test_each_instalment_has_its_day_its_receipt_and_the_last_one_ends_it(people: dict[str, Any]) -> None:
    case = agreed(people)
    assert clock(case, "instalment").due_at.isoformat() == "2026-11-26T01:00:00+00:00"
    assert refused(side(case, "a"), "paid", SPEAKER, row=1) == "is_payer"
    assert refused(side(case, "b"), "received", SPEAKER, row=1) == "is_payee"
    does(case, "b", "paid", MONDAY + DAY, row=1)
    does(case, "a", "received", MONDAY + DAY, row=1)
    assert clock(case, "instalment").due_at.isoformat() == "2026-12-10T01:00:00+00:00"
    go(case, "receipt", people[MEDIATOR], MONDAY + 2 * DAY, row=2, words="现场看过，墙拆了")
    assert (case.state, case.outcome) == ("fulfilled", "fulfilled")
    assert not case.open


def test_three_days_after_its_day_the_mediator_sees_to_it_and_it_may_still_be_made_good(people: dict[str, Any]) -> None:
    case = agreed(people)
    settle(MONDAY + 11 * DAY)
    case.refresh_from_db()
    assert Event.objects.filter(case_id=case.id, step="pay_day").count() == 1
    assert case.state == "agreed"
    settle(MONDAY + 15 * DAY)
    case.refresh_from_db()
    assert case.state == "breached"
    assert Event.objects.filter(case_id=side(case, "b").id, step="not_done").exists()
    at = MONDAY + 16 * DAY
    go(case, "urge_on", people[MEDIATOR], at, words="周五前付清")
    does(case, "a", "received", at, row=1)
    assert case.state == "agreed"


def test_what_is_not_performed_goes_to_the_court_with_its_article(people: dict[str, Any]) -> None:
    case = agreed(people)
    assert refused(side(case, "b"), "complain", SPEAKER, words="他没给") == "is_payee_of_open"
    does(case, "a", "complain", MONDAY + 12 * DAY, words="一分没给")
    assert case.state == "breached"
    event = go(case, "end_elsewhere", people[MEDIATOR], MONDAY + 20 * DAY, words="3000 元没有付")
    assert case.state == "elsewhere"
    assert "第三十二条" in note(event)["words"]


def test_both_apply_within_thirty_days_and_the_court_confirms(people: dict[str, Any]) -> None:
    case = agreed(people)
    does(case, "a", "want_court")
    assert refused(case, "file_court", people[MEDIATOR]) == "both_want"
    does(case, "b", "want_court")
    go(case, "file_court", people[MEDIATOR])
    child = Case.objects.get(parent=case.id, procedure="confirmation")
    assert (child.unit, child.state) == ("131022100-court", "filed")
    assert clock(child, "court_admit").due_at.date().isoformat() == "2026-11-19"
    assert refused(child, "take", people[MEDIATOR], docket="（2026）冀1022诉调确1号") == ""
    go(child, "take", people[COURT], docket="（2026）冀1022诉调确1号")
    assert refused(child, "rule", people[COURT], ruling="rejected") == "has_reasons"
    go(child, "rule", people[COURT], ruling="confirmed")
    case.refresh_from_db()
    assert (child.state, case.facts["court"]) == ("confirmed", "confirmed")


def test_on_the_thirty_first_day_it_is_too_late_for_the_court(people: dict[str, Any]) -> None:
    case = agreed(people)
    assert refused(side(case, "a"), "want_court", SPEAKER, MONDAY + 32 * DAY) == "in_window"


def test_danger_goes_out_at_once_and_another_person_reviews_it(people: dict[str, Any]) -> None:
    case = mediating(people)
    go(case, "danger", people[MEDIATOR], to="police", words="男的拿着铁锹，朝阳社区三号院")
    assert case.marks["called"] == ["131022100-police"]
    assert Case.objects.visible_to(people["gu.police"]).filter(id=case.id).exists()
    go(case, "review_danger", people[HEAD], words="民警到了")
    assert "danger" not in case.marks


def test_no_agreement_is_told_in_writing_with_its_number(people: dict[str, Any]) -> None:
    case = mediating(people)
    assert refused(case, "end_without", people[SECOND], words="谈不拢") == "is_mediator"
    event = go(case, "end_without", people[MEDIATOR], words="赔多少谈不拢")
    assert case.state == "ended"
    assert note(event)["number"].startswith("人调终〔2026〕")
    assert note(event)["document"] == "终止调解告知书"


def test_a_mediator_of_another_committee_and_a_stranger_see_nothing(people: dict[str, Any]) -> None:
    case = mediating(people)
    family = [case, side(case, "a"), side(case, "b")]
    for name in (ELSEWHERE, "gong.medhead", "gu.med", "stranger", "gu.point", "handler", "gu.court"):
        assert not Case.objects.visible_to(people[name]).filter(id__in=[c.id for c in family]).exists(), name
        for one in family:
            with pytest.raises(Case.DoesNotExist):
                tried(one, "inspect", people[name], words="看看")


def test_head_and_judicial_office_inspect_and_each_look_is_an_event(people: dict[str, Any]) -> None:
    case = mediating(people)
    assert refused(case, "inspect", people[SECOND], words="好奇") == "may_inspect"
    for name in (HEAD, JUDICIAL):
        go(case, "inspect", people[name], words="抽查卷宗")
        assert str(people[name].pk) in case.facts["inspects"]
    assert Event.objects.filter(case_id=case.id, step="inspect").count() == 2


def test_nobody_orders_texts_by_pressing(people: dict[str, Any]) -> None:
    case = drafted(people)
    mine = side(case, "a")
    go(mine, "ask_code", SPEAKER)
    assert refused(mine, "ask_code", SPEAKER, MONDAY + timedelta(seconds=30)) == "not_too_often"
    for n in range(1, onetime_code.MOST):
        go(mine, "ask_code", SPEAKER, MONDAY + timedelta(minutes=2 * n))
    assert refused(mine, "ask_code", SPEAKER, MONDAY + timedelta(hours=3)) == "not_too_often"
    go(mine, "ask_code", SPEAKER, MONDAY + timedelta(hours=25))
