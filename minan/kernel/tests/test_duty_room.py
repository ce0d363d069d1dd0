"""陈静's duty screen: what is open and cannot wait stands there, newest first; one press takes it on; 周敏 next door sees none of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minan.kernel import access, duty_room, worker
from minan.kernel.act import Opened, act, open_case
from minan.kernel.duty_room import ALARM, CALL, FAULT, URGENT
from minan.kernel.models import Event, Wall
from minan.kernel.tests.desks import LAMP, LIGHTING, STATION, desk_of, done, matter, person, steps_of, text_of

pytest.importorskip("minan.systems.matters.procedure", reason="not run: duty screen (no matters to show)")
pytestmark = pytest.mark.django_db
POLE = {"text": "灯杆倒了，电线漏电麻手", "kind": "lamp.pole", "place_words": "三号楼前"}
DANGER = {"words": "楼上有人喊救命", "to": "police"}
ANSWER = {"outcome": "explained", "words": "灯杆已经扶正", "article": "示例第一条"}


def shown(name: str) -> dict[str, list[str]]:
    """The codes on somebody's board, by lane."""
    return {lane: [e.case.code for e in rows] for lane, rows in duty_room.board(person(name)).entries.items() if rows}


def test_an_urgent_matter_stands_on_the_board_newest_first_and_an_ordinary_one_does_not(city: None) -> None:
    matter()
    first, second = matter(**POLE), matter(**POLE)
    assert shown("clerk") == {URGENT: [second.code, first.code]}
    page = text_of(desk_of("clerk").get("/duty/"))
    assert page.index(second.code) < page.index(first.code)
    assert "data-live=" in page
    assert "三号楼前" in page


def test_what_is_answered_or_put_aside_is_no_business_of_this_minute(city: None) -> None:
    case = done(done(done(matter(**POLE), "accept", "clerk"), "assign", "clerk", unit=LIGHTING), "sign", "handler")
    assert shown("handler") == shown("clerk") == {URGENT: [case.code]}
    done(done(case, "handle", "handler"), "answer", "handler", **ANSWER)
    assert shown("clerk") == {}
    assert "现在没有呼叫、告警、急件和故障" in text_of(desk_of("clerk").get("/duty/list/"))


def test_help_alarms_and_faults_stand_there_by_the_names_of_their_procedures_whatever_folders_exist(
    city: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [duty_room.lane_of(name, "ordinary", {}) for name in ("help", "alarm", "fault", "matter")] == [CALL, ALARM, FAULT, ""]
    case = matter()
    monkeypatch.setitem(duty_room.LANES, "matter", CALL)  # as if it were a call
    assert shown("clerk") == {CALL: [case.code]}
    assert 'data-rings="again"' in text_of(desk_of("clerk").get("/duty/list/")), "it rings until somebody takes it on"
    done(case, "accept", "clerk")
    assert 'data-rings="again"' not in text_of(desk_of("clerk").get("/duty/list/"))


def test_a_drill_stands_on_the_board_and_disturbs_nobody(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(duty_room.LANES, "matter", CALL)
    case = matter()
    case.marks = {"drill": True}
    monkeypatch.setattr(duty_room, "_rows", lambda user: [(case, True)])
    board = duty_room.board(person("clerk"))
    assert [e.case.code for e in board.entries[CALL]] == [case.code]
    assert board.waiting == 0
    page = text_of(desk_of("clerk").get("/duty/list/"))
    assert "演练" in page
    assert 'data-rings=""' in page


def test_a_matter_in_danger_is_found_however_old_it_is(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    old = done(matter(), "danger", "clerk", **DANGER)
    monkeypatch.setattr(duty_room, "LOOKED_AT", 1)
    matter()
    assert shown("clerk") == {URGENT: [old.code]}


def test_zhou_min_of_the_next_township_sees_nothing_and_takes_nothing_on(city: None) -> None:
    case, zhou = matter(**POLE), desk_of("stranger")
    assert shown("stranger") == {}
    assert case.code not in text_of(zhou.get("/duty/"))
    assert zhou.post(f"/duty/{case.code}/accept/", {"moves": "0"}).status_code == 404
    assert desk_of("resident").get("/duty/").status_code == 404
    assert steps_of(case) == ["say"]


def test_who_stands_behind_a_wall_does_not_see_it_either(city: None) -> None:
    case = matter(**POLE)
    Wall.objects.create(county=case.county, case_id=case.id, n=1, who=f"user:{person('clerk').pk}")
    assert shown("clerk") == {}


def test_of_a_confidential_case_the_board_shows_where_it_is_and_no_word(city: None) -> None:
    opened = open_case("matter", by=access.SPEAKER, facts=LAMP | POLE, privacy="confidential")
    assert isinstance(opened, Opened)
    page = text_of(desk_of("clerk").get("/duty/"))
    assert opened.case.code in page
    assert "内容不上屏" in page
    assert "麻手" not in page
    assert "三号楼前" not in page


def test_one_press_takes_it_on_and_a_second_person_is_told_that_somebody_was_faster(city: None) -> None:
    case, chen = matter(**POLE), desk_of("clerk")
    page = text_of(chen.get("/duty/"))
    assert f'formaction="/duty/{case.code}/accept/"' in page
    assert 'data-rings="once"' in page
    press = {"moves": str(case.moves), "key": "k1"}
    got = chen.post(f"/duty/{case.code}/accept/", press, headers={"HX-Request": "true"})
    assert "记下了：受理" in text_of(got)
    assert steps_of(case) == ["say", "accept"]
    assert Event.objects.get(case_id=case.id, step="accept").by == f"{STATION}:clerk"
    again = chen.post(f"/duty/{case.code}/accept/", press, follow=True)
    assert "有人比您快一步" in text_of(again)
    assert steps_of(case) == ["say", "accept"]
    stale = matter(**POLE)
    act(stale, "note", by=access.actor(person("clerk")), facts={"words": "先看一眼"})
    worse = chen.post(f"/duty/{stale.code}/accept/", {"moves": "7", "key": "k2"}, headers={"HX-Request": "true"})
    assert steps_of(stale) == ["say", "note"], "the counter of another time takes nothing"
    assert worse.status_code == 200


def test_steps_that_ask_something_or_end_a_case_are_no_single_press(city: None) -> None:
    case, who = matter(**POLE), access.actor(person("clerk"))
    names = [s.name for s in duty_room.taking(case, who, case.opened_at)]
    assert names == ["accept"]
    assert desk_of("clerk").post(f"/duty/{case.code}/ask_refusal/", {"moves": "0"}, follow=True).status_code == 200
    assert steps_of(case) == ["say"]


def test_the_list_costs_the_same_whether_there_is_one_or_many(city: None) -> None:
    chen = desk_of("clerk")
    costs = []
    for n in (1, 12):
        for _ in range(n):
            matter(**POLE)
        chen.get("/duty/list/")
        with CaptureQueriesContext(connection) as asked:
            chen.get("/duty/list/")
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 6


def test_a_matter_that_becomes_urgent_or_dangerous_is_told_to_the_screens_and_an_ordinary_one_is_not(
    city: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[list[str], str, dict[str, Any]]] = []
    monkeypatch.setattr(duty_room.live, "tell", lambda units, topic, **data: told.append((list(units), topic, data)))
    case = matter()
    worker.settle()
    assert told == []
    done(case, "reclassify", "clerk", urgency="urgent")
    worker.settle()
    units, topic, data = told[-1]
    assert topic == "duty"
    assert {STATION, "131022-centre"} <= set(units)
    assert (data["code"], data["why"]) == (case.code, "matter.reclassify")
    assert LIGHTING not in units
    assert not set(data) & {"text", "title", "name", "phone"}, "what is told names nobody"
    other = matter()
    done(other, "danger", "clerk", **DANGER)
    worker.settle()
    assert told[-1][2]["code"] == other.code
