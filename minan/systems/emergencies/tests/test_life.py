"""A mode's life, and of what is asked under it: two levels, 14 days, renewed by both, over by itself; nothing without it."""

from __future__ import annotations

from typing import Any

import pytest

from minan.kernel import access, directory
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, Refused
from minan.kernel.models import Case, Inbox, Post, Unit
from minan.systems.emergencies import modes
from minan.systems.emergencies.tests.cast import (
    CITY,
    COUNTY,
    DAY,
    DESK,
    MONDAY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    STRANGER,
    TOWN,
    VILLAGE,
    asked,
    declared,
    go,
    proposed,
    refused,
    turned,
)

pytestmark = pytest.mark.django_db


def test_without_a_mode_nothing_can_be_registered(people: dict[str, Any]) -> None:
    done = asked(MONDAY)
    assert isinstance(done, Refused)
    assert done.rule == "mode_is_on"
    proposed(people)
    again = asked(MONDAY)
    assert isinstance(again, Refused), "put forward is not decided"
    assert not Case.objects.filter(procedure="home_help").exists()


def test_only_a_countys_head_puts_it_forward_and_only_within_the_county(people: dict[str, Any]) -> None:
    assert proposed(people, who=CITY) == "county_head"
    assert proposed(people, who="gu.super") == "county_head", "a township's head does not"
    assert proposed(people, who="gx.clerk") == "county_head", "nor a clerk of the county"
    assert proposed(people, place="131023100000") == "works_there"
    case = proposed(people)
    assert isinstance(case, Case)
    assert (case.state, case.desk, case.ruler) == ("mode_asked", "131022-centre", "1310-centre")


def test_one_level_alone_switches_nothing_on(people: dict[str, Any]) -> None:
    case = proposed(people)
    assert isinstance(case, Case)
    assert refused(case, "decide", people[COUNTY], MONDAY) == "city_head"
    assert refused(case, "decide", people["city.clerk"], MONDAY) == "", "a step that is not a clerk's"
    assert modes.running(MONDAY) == []
    go(case, "decide", people[CITY], MONDAY)
    assert [mode.code for mode in modes.running(MONDAY)] == [case.code]


def only_in_the_city(people: dict[str, Any]) -> None:
    """The county's head has no other post left than the one at the city's centre."""
    gone, _ = Post.objects.filter(user=people[COUNTY]).exclude(unit_id="1310-centre").delete()
    assert gone
    directory.touch()
    directory.forget()


def test_one_person_with_both_posts_is_not_two(people: dict[str, Any]) -> None:
    Post.objects.create(user=people[COUNTY], unit=Unit.objects.get(id="1310-centre"), role="supervisor")
    directory.touch()
    directory.forget()
    case = proposed(people)
    assert isinstance(case, Case)
    assert refused(case, "decide", people[COUNTY], MONDAY) == "city_head", "here it is the county's head who asks"
    only_in_the_city(people)
    assert refused(case, "decide", people[COUNTY], MONDAY) == "somebody_else", "head of the city's centre, and still the one who asked"
    assert refused(case, "refuse_mode", people[COUNTY], MONDAY, words="不用了") == "somebody_else"
    assert refused(case, "decide", people[CITY], MONDAY) == "somebody_else", "nor are two who share a unit"
    case.refresh_from_db()
    assert case.state == "mode_asked"
    assert modes.running(MONDAY) == []


def test_a_renewal_is_not_decided_by_who_asked_for_it_nor_by_their_own_unit(people: dict[str, Any]) -> None:
    case = declared(people)
    go(case, "ask_renewal", people[COUNTY], MONDAY + 10 * DAY, words="还有新病例")
    Post.objects.create(user=people[COUNTY], unit=Unit.objects.get(id="1310-centre"), role="supervisor")
    directory.touch()
    directory.forget()
    only_in_the_city(people)
    assert refused(case, "renew", people[COUNTY], MONDAY + 11 * DAY) == "somebody_else", "head of the city, and still who asked"
    assert refused(case, "renew", people[CITY], MONDAY + 11 * DAY) == "somebody_else", "nor does who shares a unit with them"
    assert refused(case, "refuse_renewal", people[CITY], MONDAY + 11 * DAY, words="不用了") == "somebody_else"
    case.refresh_from_db()
    assert len(case.facts["terms"]) == 1


def test_it_ends_by_itself_on_its_day_whether_or_not_a_worker_turns(people: dict[str, Any]) -> None:
    case = declared(people)
    assert isinstance(asked(MONDAY + 13 * DAY), Opened)
    late = asked(MONDAY + 14 * DAY)
    assert isinstance(late, Refused)
    assert late.rule == "mode_is_on", "nobody has turned a clock yet"
    turned(MONDAY + 14 * DAY)
    case.refresh_from_db()
    assert case.state == "mode_ended"
    assert refused(case, "renew", people[CITY], MONDAY + 15 * DAY) == "state", "what is over is not renewed"


def test_a_renewal_takes_both_levels_again_and_stands_in_the_record(people: dict[str, Any]) -> None:
    case = declared(people)
    assert refused(case, "renew", people[CITY], MONDAY + 10 * DAY) == "renewal_waits"
    assert refused(case, "ask_renewal", people[COUNTY], MONDAY + 3 * DAY, words="还没好") == "in_its_last_week"
    go(case, "ask_renewal", people[COUNTY], MONDAY + 10 * DAY, words="还有新病例")
    assert refused(case, "renew", people[COUNTY], MONDAY + 10 * DAY) == "city_head"
    go(case, "renew", people[CITY], MONDAY + 11 * DAY)
    turned(MONDAY + 15 * DAY)
    case.refresh_from_db()
    assert case.state == "mode_on"
    assert [term["by"] for term in case.facts["terms"]] == ["1310-centre"] * 2
    assert isinstance(asked(MONDAY + 27 * DAY), Opened)
    assert isinstance(asked(MONDAY + 28 * DAY), Refused)


def test_two_modes_never_lie_over_one_household(people: dict[str, Any]) -> None:
    declared(people)
    assert proposed(people) == "none_there"
    assert proposed(people, place=VILLAGE) == "none_there"
    assert proposed(people, place="131022000000") == "none_there"
    assert isinstance(proposed(people, place=OTHER_TOWN), Case)


def test_a_registration_holds_what_is_needed_to_help_and_nothing_else(people: dict[str, Any]) -> None:
    declared(people)
    done = asked(MONDAY)
    assert isinstance(done, Opened)
    case = done.case
    assert (case.desk, case.privacy, case.text) == ("131022100010-point", "confidential", "")
    assert case.facts == {"need": "medicine", "people": 2}
    units = set(Inbox.objects.filter(case_id=case.id).values_list("unit", flat=True))
    assert units == {"131022100010-point", "131022100-station"}, "no county and no city lists households"
    elsewhere = asked(MONDAY, place=OTHER_VILLAGE)
    assert isinstance(elsewhere, Refused), "outside the declared place"


def test_a_return_is_one_line_of_the_announcements_list(people: dict[str, Any]) -> None:
    declared(people)
    for facts in ({"need": "return"}, {"need": "return", "came": "3"}, {"need": "food", "came": "1"}):
        done = asked(MONDAY, **facts)
        assert isinstance(done, Refused)
        assert done.rule == "listed_return"
    assert isinstance(asked(MONDAY, need="return", came="2"), Opened)


def test_an_announcement_without_a_list_registers_no_returns(people: dict[str, Any]) -> None:
    declared(people, returns="")
    done = asked(MONDAY, need="return")
    assert isinstance(done, Refused)
    assert done.rule == "listed_return"


def test_the_desk_opens_takes_on_answers_and_helps_each_look_an_event(people: dict[str, Any]) -> None:
    declared(people)
    done = asked(MONDAY)
    assert isinstance(done, Opened)
    case, clerk = done.case, people[DESK]
    assert refused(case, "take_on", clerk, MONDAY) == "opened_before"
    assert refused(case, "reply", clerk, MONDAY, words="在吗") == "opened_before"
    go(case, "open_it", clerk, MONDAY)
    go(case, "take_on", clerk, MONDAY)
    go(case, "reply", clerk, MONDAY, words="药店下午送来")
    go(case, "say", SPEAKER, MONDAY, words="好，谢谢")
    go(case, "help_done", clerk, MONDAY + DAY / 4, words="药送到门口了")
    assert case.state == "helped"
    assert access.roles_of(actor(people[STRANGER]), case.as_view()) == {}
    with pytest.raises(Case.DoesNotExist):
        go(case, "open_it", people[STRANGER], MONDAY)


def test_nobody_can_hold_it_beyond_its_day(people: dict[str, Any]) -> None:
    declared(people)
    done = asked(MONDAY)
    assert isinstance(done, Opened)
    house = access.Actor("house", people["security"].pk, access.actor(people["security"]).posts)
    assert refused(done.case, "hold", house, MONDAY, document="x", article="y", until="2027-01-01") == ""


def test_the_place_is_the_subtree_that_was_declared(people: dict[str, Any]) -> None:
    mode = declared(people)
    assert modes.covers(mode, VILLAGE)
    assert modes.covers(mode, TOWN)
    assert not modes.covers(mode, OTHER_VILLAGE)
    assert not modes.covers(mode, "131022000000")
