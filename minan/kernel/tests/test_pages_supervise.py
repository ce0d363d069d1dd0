"""Sun Lihua sees where it is stuck, orders with one tap, and reads rates that say what they were counted from."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation

from minan.kernel import access, directory, labels, registry
from minan.kernel.access import actor
from minan.kernel.models import Event, Post
from minan.kernel.pages import charts, numbers
from minan.kernel.pages.overview import Overview, scopes
from minan.kernel.tests import office

pytestmark = pytest.mark.django_db
PAGE = "/supervise/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False


def test_sun_lihua_reads_first_where_it_is_stuck(people: dict[str, Any]) -> None:
    for _ in range(3):
        office.assigned(people, days=9)
    office.said()
    page = office.signed_in(people["supervisor"]).get(PAGE).content.decode()
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", page)
    assert heading is not None
    assert heading[1] == "3 件超时，最卡的一步是签收"
    assert re.search(r'class="stuck"><h2>待签收，卡在这里', page)
    assert "固安县路灯管理所" in page


@pytest.mark.parametrize("who", ["resident", "worker", "clerk", "handler", "stranger"])
def test_who_supervises_nothing_finds_no_such_page(people: dict[str, Any], who: str) -> None:
    case = office.assigned(people, days=9)
    client = office.signed_in(people[who])
    for path in (PAGE, "/supervise/cases/", f"/supervise/{case.code}/"):
        assert client.get(path).status_code == 404, path


def test_who_is_not_signed_in_is_asked_to(people: dict[str, Any], client: Any) -> None:
    assert client.get(PAGE)["Location"].startswith("/login/")


def test_the_supervisor_of_the_next_county_cannot_order_on_this_matter(people: dict[str, Any]) -> None:
    case = office.assigned(people, days=9)
    client = office.signed_in(people["yq.super"])
    assert client.get(f"/supervise/{case.code}/").status_code == 404
    assert client.post(f"/supervise/{case.code}/", {"words": "办", "key": "k"}).status_code == 404
    assert case.title not in client.get(PAGE).content.decode()
    assert not Event.objects.filter(case_id=case.id, step="supervise").exists()


def test_one_tap_orders_and_the_row_shows_the_number(people: dict[str, Any]) -> None:
    case = office.assigned(people, days=9)
    client = office.signed_in(people["supervisor"])
    assert f'href="/supervise/{case.code}/"' in client.get(PAGE).content.decode()
    form = client.get(f"/supervise/{case.code}/").context["form"]
    assert "签收" in form["words"].value()
    assert "固安县路灯管理所" in form["words"].value()
    sent = {"words": form["words"].value(), "key": form["key"].value()}
    first, again = (client.post(f"/supervise/{case.code}/", sent) for _ in range(2))
    assert first["Location"] == again["Location"] == PAGE
    event = Event.objects.get(case_id=case.id, step="supervise")
    page = client.get(PAGE).content.decode()
    number = f"督办〔{datetime.now(UTC).astimezone(directory.LOCAL).year}〕1号"
    assert f'href="/desk/{case.code}/order/{event.n}/">{number}</a>' in page


def test_she_orders_others_and_decides_her_own(people: dict[str, Any]) -> None:
    mine = office.judged(people, days=20, solved=False)
    theirs = office.assigned(people, days=9)
    rows = {row["code"]: row for row in office.signed_in(people["supervisor"]).get(PAGE).context["red"]}
    assert mine.code not in rows
    assert rows[theirs.code]["order"] == f"/supervise/{theirs.code}/"


def test_an_order_without_words_is_not_sent(people: dict[str, Any]) -> None:
    case = office.assigned(people, days=9)
    answer = office.signed_in(people["supervisor"]).post(f"/supervise/{case.code}/", {"words": " ", "key": "k"})
    assert answer.status_code == 422
    assert not Event.objects.filter(case_id=case.id, step="supervise").exists()


def test_the_order_prints_for_the_office_and_not_for_the_stranger(people: dict[str, Any]) -> None:
    case = office.assigned(people, days=9)
    event = office.go(case, "supervise", actor(people["supervisor"]), words="今天之内签收 <b>")
    path = f"/desk/{case.code}/order/{event.n}/"
    page = office.signed_in(people["handler"]).get(path).content.decode()
    for words in ("督办〔", "签收：", "今天之内签收 &lt;b&gt;", "固安县路灯管理所", "固安县群众服务中心", case.title):
        assert words in page
    assert office.signed_in(people["stranger"]).get(path).status_code == 404
    assert office.signed_in(people["handler"]).get(f"/desk/{case.code}/order/1/").status_code == 404


def test_what_waits_for_my_ruling_stands_on_my_page_and_not_on_the_neighbours(people: dict[str, Any]) -> None:
    case = office.judged(people, days=0, solved=False)
    assert (case.state, case.ruler) == ("reopened", "131022-centre")
    mine = office.signed_in(people["supervisor"]).get(PAGE).context["decide"]
    assert [row["code"] for row in mine] == [case.code]
    city = office.signed_in(people["city.super"]).get(PAGE).context["decide"]
    assert city == []


def test_a_plea_for_more_time_waits_for_the_department_above_by_its_line(people: dict[str, Any]) -> None:
    case = office.assigned(people)
    handler = actor(people["handler"])
    ground = next(g.code for g in directory.city().grounds.values() if g.list == "extend")
    office.go(case, "ask_extension", handler, ground=ground, words="缺配件")
    line = next(u for u in (directory.office("131022-lighting"),) if u).line
    assert line == "131022-urban"
    chief = office.signed_in(people["gx.urban"]).get(PAGE)
    assert [(r["code"], str(r["what"])) for r in chief.context["decide"]] == [(case.code, "申请延期")]
    assert office.signed_in(people["supervisor"]).get(PAGE).context["decide"] == []


def test_the_two_ways_of_asking_stand_side_by_side_and_a_few_are_no_rate(people: dict[str, Any]) -> None:
    for number in range(11):
        office.judged(people, days=0, solved=number > 0)
    office.settled()
    answer = office.signed_in(people["supervisor"]).get(PAGE)
    page, rates = answer.content.decode(), answer.context["rates"]
    assert (rates["rated_solved"].n, rates["rated_solved"].d) == (10, 11)
    assert (rates["visited_solved"].n, rates["visited_solved"].d) == (0, 0)
    assert "10 ÷ 11 件本人评过的" in page
    assert "0 件回访问到的" in page
    assert "没有回应的 0 件单列" in page
    assert "截至" in page


def test_nine_judgements_are_shown_as_nine_and_not_as_a_percentage() -> None:
    assert not numbers.Rate(8, 9).enough
    assert numbers.Rate(8, 10).enough


def test_every_count_leads_to_its_list(people: dict[str, Any]) -> None:
    late, fresh = office.assigned(people, days=9), office.assigned(people)
    office.settled()
    client = office.signed_in(people["supervisor"])
    rows = {row["name"]: row for row in client.get(PAGE).context["rows"]}
    row = rows["固安县路灯管理所"]
    assert row["sums"]["open"] == 2
    assert {r["code"] for r in client.get(row["open_url"]).context["rows"]} == {late.code, fresh.code}
    assert [r["code"] for r in client.get(row["late_url"]).context["rows"]] == [late.code]
    for by in ("place", "kind"):
        lines = client.get(f"{PAGE}?by={by}").context["rows"]
        assert lines
        assert client.get(lines[0]["open_url"]).status_code == 200


def test_a_number_from_elsewhere_lists_only_what_she_may_see(people: dict[str, Any]) -> None:
    case = office.assigned(people, days=9)
    listed = office.signed_in(people["yq.super"]).get("/supervise/cases/?lead=131022-lighting").context["rows"]
    assert case.code not in [row["code"] for row in listed]


def test_the_page_asks_twelve_times_at_most_however_much_there_is(
    people: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    client = office.signed_in(people["supervisor"])
    client.get(PAGE)
    for count in (1, 6):
        for _ in range(count):
            case = office.assigned(people, days=9)
            office.go(case, "supervise", actor(people["supervisor"]), words="快办")
        office.settled()
        with django_assert_max_num_queries(12):
            assert client.get(PAGE).status_code == 200
    with django_assert_max_num_queries(12):
        assert client.get("/supervise/cases/?light=red").status_code == 200


def test_a_supervisor_whose_post_ended_sees_nothing_any_more(people: dict[str, Any]) -> None:
    client = office.signed_in(people["supervisor"])
    assert client.get(PAGE).status_code == 200
    Post.objects.filter(user=people["supervisor"]).update(until=date(2020, 1, 1))
    directory.touch()
    assert client.get(PAGE).status_code == 404


def test_the_map_is_read_out_and_has_no_person_on_it(people: dict[str, Any]) -> None:
    office.assigned(people, days=9)
    office.settled()
    page = office.signed_in(people["supervisor"]).get(PAGE).content.decode()
    assert "固安镇：在办 1 件，超时" in page
    assert "示意位置" in page
    city = office.signed_in(people["city.super"]).get(PAGE).context["map"]
    assert {a.short for a in city.areas} >= {"固安", "大厂", "三河"}
    assert all(a.path for a in city.areas)


def test_the_english_reader_meets_no_chinese_beside_names(people: dict[str, Any]) -> None:
    client = office.signed_in(people["supervisor"])
    client.cookies["django_language"] = "en"
    page = client.get(PAGE).content.decode()
    assert "What I must decide" in page
    assert "三率" not in page


def test_a_small_stop_does_not_look_worse_than_a_large_one() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    line = numbers.stops({"said": (2, 2), "assigned": (40, 8)})
    found = numbers.jam([("accept", "a", 2, at), ("sign", "b", 8, at)], line)
    assert found is not None
    assert (found.clock, found.stop, found.units) == ("sign", "assigned", [("b", 8, at)])
    assert numbers.jam([], numbers.stops({"said": (9, 0)})) is None


def test_what_stands_at_none_of_the_six_steps_is_told_so_that_the_parts_are_the_whole(people: dict[str, Any]) -> None:
    leader, joined = office.assigned(people), office.said(days=9)
    office.go(joined, "merge", actor(people["clerk"]), into=leader.code)
    joined.refresh_from_db()
    assert joined.state == "joined"
    client = office.signed_in(people["supervisor"])
    seen = client.get(PAGE).context
    stops = [row["stop"] for row in seen["stops"]]
    assert (sum(stop.count for stop in stops), seen["beside"].count, seen["open"]) == (1, 1, 2)
    assert sum(stop.late for stop in stops) + seen["beside"].late == seen["late"]
    told = client.get(PAGE).content.decode()
    assert "另有 1 件不在这六步里" in told
    rows = client.get(str(seen["beside_url"])).context["rows"]
    assert [row["code"] for row in rows] == [joined.code]


def test_every_state_of_a_matter_is_at_one_of_the_six_steps_or_joined_to_another() -> None:
    states = {state.name for state in registry.procedures()["matter"].states if not state.final}
    assert states - numbers.AT_STOPS == {"joined"}
    every = dict.fromkeys([*states, "asked", "registered"], (2, 1))
    parts = [*numbers.stops(every), numbers.beside(every)]
    assert (sum(p.count for p in parts), sum(p.late for p in parts)) == (2 * len(every), len(every))


def test_the_english_reader_reads_the_number_of_a_paper(people: dict[str, Any]) -> None:
    case = office.assigned(people, days=9)
    event = office.go(case, "supervise", actor(people["supervisor"]), words="今天之内签收")
    client = office.signed_in(people["handler"])
    client.cookies["django_language"] = "en"
    year = datetime.now(UTC).astimezone(directory.LOCAL).year
    for path in (f"/desk/{case.code}/", f"/desk/{case.code}/order/{event.n}/"):
        page = client.get(path).content.decode()
        assert f"Order No. 1 of {year}" in page, path
        assert "督办〔" not in page, path
    with translation.override("en"):
        assert labels.numbered("催办单〔2026〕2号") == "Reminder No. 2 of 2026"
        assert labels.numbered("信访告知〔2026〕12号") == "Notice of another way No. 12 of 2026"
        assert labels.numbered("REF-7") == "REF-7"
    with translation.override("zh-hans"):
        assert labels.numbered("催办单〔2026〕2号") == "催办单〔2026〕2号"


def test_twelve_weeks_cross_the_new_year_in_order() -> None:
    weeks = numbers.weeks(date(2027, 1, 6))
    assert weeks[-2:] == ["2026-W53", "2027-W01"]
    assert len(weeks) == len(set(weeks)) == 12
    assert numbers.monday("2026-W53") == date(2026, 12, 28)


def test_a_map_keeps_north_up_and_inside_its_sheet() -> None:
    square = {
        "type": "Polygon",
        "coordinates": [[[116.0, 39.0], [117.0, 39.0], [117.0, 40.0], [116.0, 40.0], [116.0, 39.0]]],
    }
    drawn = charts.outlined({"a": ("甲", square)})
    assert drawn is not None
    assert charts.middle(square) == pytest.approx((116.5, 39.5))
    assert 0 < drawn.areas[0].x < drawn.width
    dots = charts.dotted(square, {"n": ("北", (116.5, 39.9)), "s": ("南", (116.5, 39.1))})
    assert dots is not None
    north, south = dots.areas
    assert north.y < south.y
    assert charts.outlined({}) is None


def test_the_sums_of_a_department_are_those_of_its_own_line(people: dict[str, Any]) -> None:
    office.assigned(people)
    office.settled()
    scope = scopes(people["gx.urban"])[0]
    assert "131022-lighting" in scope.units
    assert Overview(scope).all["open"] == 1
    assert scopes(people["resident"]) == []
    assert access.has_role(people["gx.urban"], "supervisor")
