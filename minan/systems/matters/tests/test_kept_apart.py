"""王秀兰 complains about those who would handle it: they are kept away; what she says in confidence stays in the vault."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from minan.kernel import access, directory, duplicates, inbox, search, sheet, speakers, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.inbox import Wanted
from minan.kernel.models import Case, Event, Inbox, Message, Post, Speaker, Tally, Tie, User
from minan.kernel.pictures import Picture

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
STATION, CENTRE, CITY, LIGHTING, URBAN = "131022100-station", "131022-centre", "1310-centre", "131022-lighting", "131022-urban"
WORDS = "金丝雀路灯不亮"
PHOTO = Picture(data=b"x", mime="image/jpeg", width=8, height=8, sha256="ab" * 32, thumb=b"x", dhash="0" * 16)


def say(**facts: Any) -> Opened:
    opened = open_case("matter", by=SPEAKER, facts={"text": WORDS, "place": "131022100010", "kind": "lamp.out"} | facts, at=AT)
    assert isinstance(opened, Opened), opened
    return opened


def go(case: Case, step: str, who: Any, **facts: Any) -> Case:
    event = act(case, step, by=who, facts=facts, at=AT + timedelta(minutes=case.n))
    assert isinstance(event, Event), (step, event)
    return Case.objects.get(id=case.id)


def sees(user: User, case: Case) -> bool:
    return Case.objects.visible_to(user).filter(id=case.id).exists()


@pytest.fixture
def who(people: dict[str, Any]) -> dict[str, Any]:
    return {name: actor(user) for name, user in people.items()}


def assigned(who: dict[str, Any]) -> Case:
    return go(go(say().case, "accept", who["clerk"]), "assign", who["clerk"], unit=LIGHTING)


def test_what_is_said_about_the_township_station_lies_at_once_with_the_county_and_never_with_the_station(people, who) -> None:
    case = say(about=STATION).case
    assert (case.desk, case.state) == (CENTRE, "said")
    worker.settle(AT)
    assert sees(people["supervisor"], case)
    assert not any(sees(people[name], case) for name in ("clerk", "worker", "handler", "stranger"))
    assert set(Message.objects.filter(case_id=case.id, channel="board").values_list("to", flat=True)) == {CENTRE}
    with pytest.raises(Case.DoesNotExist):
        act(case, "accept", by=who["clerk"])
    assert go(case, "accept", who["supervisor"]).state == "accepted"


def test_where_the_lead_turns_out_to_be_the_one_meant_the_matter_is_given_to_another_and_its_date_stands(people, who) -> None:
    case = go(assigned(who), "sign", who["handler"])
    due = sheet.of(case, who["clerk"], AT).clocks
    answer = next(c.row.due_at for c in due if c.name == "answer")
    case = go(case, "wall", who["clerk"], about=LIGHTING, words="他们自己弄坏的")
    assert (case.state, case.unit, case.desk) == ("accepted", "", STATION)
    clocks = {c.name: c.row for c in sheet.of(case, who["clerk"], AT).clocks}
    assert clocks["answer"].due_at == answer
    assert clocks["answer"].done_at is None
    assert clocks["assign"].done_at is None
    assert clocks["contact"].done_at is not None
    assert not sees(people["handler"], case)
    refused = act(case, "assign", by=who["clerk"], facts={"unit": LIGHTING})
    assert isinstance(refused, Refused)
    assert refused.rule == "walls"
    assert go(case, "assign", who["clerk"], unit=URBAN).unit == URBAN


def test_a_desk_that_names_itself_hands_the_matter_up_and_no_step_brings_it_back(people, who) -> None:
    case = go(assigned(who), "wall", who["clerk"], about=STATION, words="说的是我们站")
    assert (case.desk, case.unit, case.state) == (CENTRE, LIGHTING, "assigned")
    case = go(case, "locate", who["supervisor"], place="131022100011")
    assert case.desk == CENTRE
    fresh = say(about=STATION).case
    assert go(fresh, "locate", who["supervisor"], place="131022100011").desk == CENTRE


def test_the_colleague_who_is_named_their_unit_and_their_declared_wife_are_kept_away(people, who) -> None:
    handler, wife = people["handler"], User.objects.get(username="gx.women")
    Tie.objects.create(user=wife, other=handler)
    case = assigned(who)
    case = go(case, "wall", who["clerk"], whom=str(handler.pk), words="说的就是他")
    assert {f"user:{handler.pk}", f"user:{wife.pk}", f"unit:{LIGHTING}"} == set(case.walls)
    assert case.state == "accepted"


def test_who_stands_aside_no_longer_sees_it_and_their_colleague_does(people, who) -> None:
    case = go(assigned(who), "recuse", who["clerk"])
    assert not sees(people["clerk"], case)
    assert sees(User.objects.get(username="gu.clerk2"), case)
    assert inbox.counts(people["clerk"], AT)["light"]["all"] == 0


def test_nobody_is_left_above_the_citys_centre_and_the_speaker_is_told_where_to_go(city: None) -> None:
    refused = open_case("matter", by=SPEAKER, facts={"text": WORDS, "place": "131022100010", "about": CITY}, at=AT)
    assert isinstance(refused, Refused)
    assert refused.rule == "somebody_is_left"


def test_a_matter_kept_from_the_station_is_merged_into_none_of_theirs(people, who) -> None:
    other, case = say().case, say(about=STATION).case
    refused = act(case, "merge", by=who["supervisor"], facts={"into": other.code})
    nowhere = act(case, "merge", by=who["supervisor"], facts={"into": "GA00000000000AA"})
    assert isinstance(refused, Refused)
    assert isinstance(nowhere, Refused)
    assert refused.reason.zh == "没有找到那一件，或者它已经办结"
    assert duplicates.likely(other, people["clerk"], AT) == []


def test_the_stations_own_counts_do_not_tell_that_something_is_kept_from_it(people, who) -> None:
    say()
    worker.settle(AT)

    def town() -> list[Any]:
        return sorted(Tally.objects.filter(place="131022100000").values_list("by", "key", "open", "late"))

    before = town()
    say(about=STATION)
    go(say().case, "wall", who["clerk"], about=STATION, words="我们站")
    worker.settle(AT)
    assert [row for row in town() if row[2]] == [row for row in before if row[2]]
    assert Tally.objects.get(place="131022000000", by="shut").open == 2


# ---- in confidence


def test_what_is_said_in_confidence_lies_in_the_vault_and_nowhere_else(people, who) -> None:
    case = say(confidential="on", place_words="金丝雀楼三门", phone="13912345678", answers={"since": "金丝雀"}).case
    worker.settle(AT)
    assert (case.privacy, case.title, case.text, case.place_words) == ("confidential", "［保密］", "", "")
    assert set(Inbox.objects.filter(case_id=case.id).values_list("unit", flat=True)) == {STATION, CENTRE}
    assert search.ids("金丝雀", [STATION, CENTRE], ["131022"]) == []
    known = speakers.known(case, who="speaker", why="own")
    assert (known["say.text"], known["say.place_words"], known["say.answers"]) == (WORDS, "金丝雀楼三门", {"since": "金丝雀"})
    told = [str(line.facts) + str(line.note) for line in sheet.of(case, who["clerk"]).lines]
    assert "金丝雀" not in "".join(told)
    assert duplicates.likely(say().case, people["clerk"], AT) == []


def test_a_photo_is_not_taken_in_confidence_and_the_reason_is_plain(city: None) -> None:
    refused = open_case("matter", by=SPEAKER, facts={"text": WORDS, "confidential": True, "photos": [PHOTO]}, at=AT)
    assert isinstance(refused, Refused)
    assert "照片会让人认出来" in refused.errors["photos"].zh


def test_what_she_adds_later_is_sealed_as_well_each_for_itself(who) -> None:
    case = say(confidential="on").case
    go(case, "add", SPEAKER, words="金丝雀还有一句")
    case = go(Case.objects.get(id=case.id), "add", SPEAKER, words="金丝雀第三句")
    known = speakers.known(case, who="speaker", why="own")
    assert {known["add@2.words"], known["add@3.words"]} == {"金丝雀还有一句", "金丝雀第三句"}


def test_a_matter_said_in_confidence_and_one_about_a_unit_are_never_shown_to_the_world(people, who) -> None:
    for case in (say(confidential="on").case, say(about=STATION).case):
        assert go(case, "accept", actor(people["supervisor"]) if case.walls else who["clerk"]).public is False


def test_a_desk_finds_a_report_and_passes_it_on_and_keeps_nothing_but_that(people, who) -> None:
    opened = say(text="村主任金丝雀收了钱", phone="13912345678")
    case = go(opened.case, "add", SPEAKER, words="金丝雀还收过烟")
    case = go(case, "pass_on", who["clerk"])
    worker.settle(AT)
    case = Case.objects.get(id=case.id)
    assert (case.state, case.title, case.text, case.kind, case.privacy) == ("passed_on", "已转纪检", "", "", "passed")
    lines = sheet.of(case, who["clerk"]).lines
    assert all(not line.facts and not line.pictures for line in lines)
    assert [c.id for c in inbox.listed(people["clerk"], Wanted(q="金丝雀")).items] == []
    report = speakers.passed_to(case)
    assert report is not None
    known = speakers.known(report, who="speaker", why="own")
    assert known["say.text"] == "村主任金丝雀收了钱\n金丝雀还收过烟"
    assert known["phone"] == "13912345678"
    assert speakers.enter(report.code, opened.secret) is not None
    assert speakers.known(case, who="speaker", why="own") == {}
    assert access.audience(case.as_view()) == {STATION: None}


def test_a_matter_that_is_passed_on_is_found_by_no_call_from_that_moment(who) -> None:
    opened = say(text="村主任金丝雀收了钱", phone="13912345678")
    mine = Speaker.objects.filter(case_id=opened.case.id)
    mine.update(caller="a" * 64)
    go(opened.case, "pass_on", who["clerk"])
    assert mine.get().caller == "", "in the same write, not when the worker comes round"
    assert mine.get().wrapped is not None


def test_a_desk_cannot_accept_what_is_a_report(who) -> None:
    refused = act(say().case, "accept", by=who["clerk"], facts={"kind": "government.report"})
    assert isinstance(refused, Refused)
    assert refused.rule == "no_report"


@pytest.mark.django_db
def test_who_moves_from_the_barred_unit_to_the_desk_is_kept_away_for_a_year(people: dict[str, Any]) -> None:
    """赵强 leaves the lighting office and begins at the station on the day after somebody complained about the office."""
    opened = say(about=LIGHTING)
    today = timezone.localdate()
    Post.objects.filter(user=people["handler"]).update(until=today - timedelta(days=1))
    Post.objects.create(user=people["handler"], unit_id="131022100-station", role="clerk")
    directory.touch()
    assert not Case.objects.visible_to(people["handler"]).exists()
    assert access.roles_of(access.actor(people["handler"]), opened.case.as_view()) == {}
    Post.objects.filter(user=people["handler"], role="handler").update(until=today - timedelta(days=400))
    directory.touch()
    assert Case.objects.visible_to(people["handler"]).exists()
