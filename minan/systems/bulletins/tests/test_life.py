"""Four eyes before, or in an emergency afterwards; corrected, withdrawn, over; each an event of the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from minan.kernel import worker
from minan.kernel.act import Refused, open_case
from minan.kernel.models import Case, Clock, Event, Inbox
from minan.systems.bulletins import showing
from minan.systems.bulletins.models import Shown
from minan.systems.bulletins.tests import cast
from minan.systems.bulletins.tests.cast import (
    LI,
    LIU,
    MONDAY,
    NEXT,
    SCAM,
    VILLAGE,
    WATER,
    ZHOU,
    alarm,
    go,
    later,
    tried,
    who,
    written,
)

pytestmark = pytest.mark.django_db


def seen(place: str = VILLAGE, at: Any = MONDAY) -> list[str]:
    return [row.body["title"] for row in showing.valid(showing.above(place), at, "bulletin")]


def test_liu_guifen_writes_that_water_is_off_and_li_jianmin_checks_it_before_anybody_reads_it(people: dict[str, Any]) -> None:
    case = written()
    assert (case.state, seen()) == ("unchecked", [])
    assert Inbox.objects.filter(case_id=case.id, unit="131022100010-point", mine=True).exists()
    case = go(case, "check", LI)
    assert (case.state, seen(), seen(NEXT)) == ("published", ["明天上午停水"], [])
    assert [e.step for e in Event.objects.filter(case_id=case.id).order_by("n")] == ["write", "check"]
    worker.settle(later(days=2))
    assert Case.objects.get(id=case.id).state == "expired"
    assert not Shown.objects.filter(case_id=case.id).exists()


def test_who_wrote_it_cannot_be_the_second_pair_of_eyes(people: dict[str, Any]) -> None:
    case = written()
    refused = tried(case, "check", LIU)
    assert isinstance(refused, Refused)
    assert refused.rule == "another_person"
    assert tried(case, "send_back", LIU, words="再看看").rule == "another_person"
    case = go(case, "send_back", LI, words="写明哪几栋")
    case = go(case, "rewrite", LIU, title="明天上午 1 到 5 号楼停水", text="8 点到 11 点。")
    assert case.facts["until"] == WATER["until"], "what was not touched stays"
    assert tried(case, "check", LIU).rule == "another_person"
    assert go(case, "check", LI).state == "published"


def test_who_rewrote_what_a_colleague_wrote_is_its_author_from_then_on(people: dict[str, Any]) -> None:
    case = go(go(written(), "send_back", LI, words="改一下"), "rewrite", LI, title="停水", text="8 点到 11 点。")
    assert tried(case, "check", LI).rule == "another_person"
    assert go(case, "check", LIU).state == "published"


def test_the_duty_person_alone_warns_of_a_scam_and_a_second_one_confirms_it_afterwards(people: dict[str, Any]) -> None:
    case = alarm()
    assert (case.state, seen()) == ("published", ["小心骗子"])
    clock = Clock.objects.get(case_id=case.id, name="bulletin_review")
    assert clock.due_at == later(hours=2)
    assert tried(case, "confirm", LIU).rule == "another_person"
    case = go(case, "confirm", LI, later(minutes=20))
    assert not Clock.objects.filter(case_id=case.id, name="bulletin_review", done_at=None).exists()
    assert tried(case, "confirm", LI).rule == "not_looked_at"
    worker.settle(later(hours=13))
    assert Case.objects.get(id=case.id).state == "expired"


def test_nobody_looks_afterwards_and_the_level_above_is_told(people: dict[str, Any]) -> None:
    case = alarm()
    worker.settle(later(hours=2, minutes=1))
    assert Case.objects.get(id=case.id).marks["late"] == ["bulletin_review"]
    worker.settle(later(hours=3, minutes=1))
    assert Case.objects.get(id=case.id).marks["escalated"]
    assert go(Case.objects.get(id=case.id), "withdraw", LI, later(hours=4), words="没有这回事").state == "withdrawn"
    assert seen(at=later(hours=4)) == []


def test_an_emergency_is_corrected_at_once_and_must_be_looked_at_again(people: dict[str, Any]) -> None:
    case = go(alarm(), "confirm", LI)
    case = go(case, "correct", LI, later(hours=1), title="小心冒充社区的", text="社区不会要您转账。")
    assert seen(at=later(hours=1)) == ["小心冒充社区的"]
    assert tried(case, "confirm", LI, later(hours=1)).rule == "another_person"
    assert go(case, "confirm", LIU, later(hours=1)).facts["seen_by"]


def test_a_correction_of_an_ordinary_one_shows_the_old_words_until_a_second_person_has_looked(people: dict[str, Any]) -> None:
    case = go(cast.published(), "correct", LIU, title="改到后天停水", text="因为下雨，改到后天。")
    assert seen() == ["明天上午停水"]
    assert tried(case, "check_correction", LIU).rule == "another_person"
    go(case, "check_correction", LI)
    assert seen() == ["改到后天停水"]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (SCAM | {"hours": 25}, "fits_its_sort"),
        (SCAM | {"hours": None}, "fits_its_sort"),
        (WATER | {"until": "2030-11-17"}, "fits_its_sort"),
        (WATER | {"until": "2031-11-17"}, "fits_its_sort"),
        (WATER | {"place": NEXT}, "in_our_range"),
        (WATER | {"more": f"{VILLAGE} {NEXT}"}, "in_our_range"),
        (WATER | {"text": "找王某，身份证 110101199003074477"}, "names_nobody"),
        (WATER | {"text": "打张师傅 13812345678"}, "names_nobody"),
    ],
)
def test_what_may_not_be_written_is_refused_with_a_reason(people: dict[str, Any], facts: dict[str, Any], rule: str) -> None:
    refused = open_case("bulletin", by=who(LIU), facts=facts, at=MONDAY)
    assert isinstance(refused, Refused)
    assert refused.rule == rule


def test_a_department_asks_the_desk_and_sends_no_emergency_itself(people: dict[str, Any]) -> None:
    refused = open_case("bulletin", by=who("handler"), facts=SCAM, at=MONDAY)
    assert isinstance(refused, Refused)
    assert refused.rule == "of_the_desk"


def test_the_phone_of_an_office_may_stand_in_it(people: dict[str, Any]) -> None:
    assert written(text="问自来水公司 0316-6123456，或者打 12345、400-810-0000。").state == "unchecked"


def test_the_clerk_of_the_next_township_finds_no_such_bulletin(people: dict[str, Any]) -> None:
    case = written()
    with pytest.raises(Case.DoesNotExist):
        tried(case, "check", ZHOU)
    assert not Case.objects.visible_to(people[ZHOU]).filter(id=case.id).exists()


def test_a_bulletin_of_the_town_is_read_in_every_community_and_one_for_later_not_before(people: dict[str, Any]) -> None:
    case = cast.opened("bulletin", who("clerk"), WATER | {"place": cast.TOWN, "since": "2030-11-19", "until": "2030-11-20"})
    assert case.state == "unchecked"
    colleague = [u for u in people if any(p.unit == case.desk and p.role in ("clerk", "supervisor") for p in who(u).posts) and u != "clerk"]
    assert colleague
    go(case, "check", colleague[0])
    assert (seen(VILLAGE), seen(NEXT)) == ([], [])
    assert (seen(VILLAGE, later(days=1)), seen(NEXT, later(days=1))) == (["明天上午停水"],) * 2
