"""Who sees a matter: those with a role to it, those whose unit it lies with, those who find it in their list: always the same people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minan.kernel import access, directory, inbox, routing, search, sheet
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.directory import PostRow
from minan.kernel.inbox import Wanted
from minan.kernel.models import Case, Event, Inbox

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
STATION, NEXT, CENTRE, CITY, LIGHTING = (
    "131022100-station",
    "131022101-station",
    "131022-centre",
    "1310-centre",
    "131022-lighting",
)
ROLES = ("worker", "clerk", "handler", "supervisor", "mediator", "signer", "admin")
FORCED = settings(suppress_health_check=list(HealthCheck))  # the cases are only read


def staff(unit: str, role: str, seat: str = "", user: int = 900_001) -> Actor:
    return Actor("staff", user, (PostRow(unit, role, "", seat),))


def say(place: str = "131022100010", **facts: Any) -> Case:
    opened = open_case(
        "matter", by=SPEAKER, facts={"text": "路灯不亮", "place": place, "kind": "lamp.out"} | facts, at=AT
    )
    assert isinstance(opened, Opened), opened
    return opened.case


def go(case: Case, step: str, who: Actor, **facts: Any) -> Case:
    event = act(case, step, by=who, facts=facts, at=AT + timedelta(minutes=case.n))
    assert isinstance(event, Event), (step, event)
    return Case.objects.get(id=case.id)


def lives() -> list[Case]:
    """Matters at every bend of their life, in two townships, one nobody has placed and one in another county."""
    clerk, handler, centre = staff(STATION, "clerk"), staff(LIGHTING, "handler"), staff(CENTRE, "supervisor")
    assigned = go(go(say(), "accept", clerk), "assign", clerk, unit=LIGHTING)
    back = go(
        go(go(say(), "accept", clerk), "assign", clerk, unit=LIGHTING),
        "send_back",
        handler,
        article="示例第 1 条",
        words="不归这里",
    )
    ruled = (
        go(back, "rule_return", staff(back.ruler, "supervisor"), unit=CENTRE, words="由中心办")
        if back.ruler == CENTRE
        else back
    )
    own = go(go(say(), "accept", clerk), "handle_myself", clerk)
    danger = go(say(), "danger", clerk, to="police", words="有人要动手")
    unplaced = open_case("matter", by=SPEAKER, facts={"text": "不知道在哪"}, at=AT)
    assert isinstance(unplaced, Opened)
    gone = go(say(), "withdraw", SPEAKER)
    moved = go(go(say(), "accept", clerk), "locate", clerk, place="131022101000")
    beside = say("131022101000")
    far = say(
        next(s.code for s in directory.city().places.values() if s.level == "town" and s.code.startswith("131082"))
    )
    return [
        say(),
        assigned,
        ruled,
        own,
        danger,
        unplaced.case,
        gone,
        moved,
        beside,
        far,
        go(assigned, "supervise", centre, words="快办"),
    ]


def seen_by_query(units: list[str], case: Case) -> bool:
    return Inbox.objects.filter(case_id=case.id, unit__in=units).exists()


class Somebody:
    """A signed-in person of whom only the number is known; the directory knows the posts."""

    is_authenticated = True
    pk = 900_001


@FORCED
@given(data=st.data())
def test_role_unit_and_list_always_agree_on_who_sees_a_matter(
    city: None, matters: list[Case], monkeypatch: Any, data: st.DataObject
) -> None:
    everyone = sorted(directory.city().units)
    near = sorted({u for case in matters for u in access.audience(case.as_view())})
    unit = st.one_of(st.sampled_from(near), st.sampled_from(everyone))
    seat = st.one_of(st.just(""), unit)
    posts = data.draw(st.lists(st.builds(PostRow, unit, st.sampled_from(ROLES), st.just(""), seat), max_size=3))
    monkeypatch.setattr(directory, "posts_of", lambda _user: tuple(posts))
    who = Actor("staff", Somebody.pk, tuple(posts))
    visible = set(Case.objects.visible_to(Somebody()).values_list("id", flat=True))
    listed = {c.id for c in inbox.listed(Somebody(), Wanted(limit=100)).items}
    for case in matters:
        view = case.as_view()
        roles, unit_there = access.roles_of(who, view), bool(set(who.units) & set(access.audience(view)))
        assert bool(roles) == unit_there == (case.id in visible) == (case.id in listed), (case.code, posts)
        assert not roles or "staff" in roles
        assert all(post in posts for post in roles.values())
        found = [c.id for c in [case] if _seen(Somebody(), case.code)]
        assert bool(found) == bool(roles)


def _seen(user: Any, code: str) -> bool:
    try:
        return bool(Case.objects.seen_by(user, code))
    except Case.DoesNotExist:
        return False


@pytest.fixture
def matters(city: None) -> list[Case]:
    return lives()


@FORCED
@given(unit=st.integers(0, 5_000), role=st.sampled_from(ROLES))
def test_who_sees_nothing_is_told_of_no_step_and_gets_no_refusal(
    city: None, matters: list[Case], unit: int, role: str
) -> None:
    everyone = sorted(directory.city().units)
    who = staff(everyone[unit % len(everyone)], role)
    for case in matters[:4]:
        if access.roles_of(who, case.as_view()):
            continue
        for step in ("accept", "note", "no such step"):
            with pytest.raises(Case.DoesNotExist):
                act(case, step, by=who, facts={"words": "x"})
        with pytest.raises(Case.DoesNotExist):
            sheet.of(case, who)


def test_the_inbox_holds_exactly_the_audience_of_every_matter(matters: list[Case]) -> None:
    for case in matters:
        fresh = Case.objects.get(id=case.id)
        rows = set(Inbox.objects.filter(case_id=case.id).values_list("unit", flat=True))
        assert rows == set(access.audience(fresh.as_view())), fresh.state


def test_the_lighting_office_loses_sight_the_moment_the_matter_goes_to_another(people: dict[str, Any]) -> None:
    clerk, handler = staff(STATION, "clerk"), access.actor(people["handler"])
    case = go(go(say(), "accept", clerk), "assign", clerk, unit=LIGHTING)
    search.index([case])
    assert Case.objects.visible_to(people["handler"]).filter(id=case.id).exists()
    case = go(case, "send_back", handler, article="示例第 1 条", words="不归这里")
    ruler = staff(case.ruler, "supervisor")
    other = next(
        o.id
        for o in routing.candidates(case.place)
        if o.id not in (LIGHTING, case.ruler, STATION) and o.kind != "point"
    )
    case = go(case, "rule_return", ruler, unit=other, words="归它")
    assert case.unit == other
    assert not Case.objects.visible_to(people["handler"]).filter(id=case.id).exists()
    assert inbox.listed(people["handler"], Wanted()).items == []
    assert search.ids("路灯", [LIGHTING], ["131022"]) == []
    with pytest.raises(Case.DoesNotExist):
        act(case, "note", by=handler, facts={"words": "我还在"})
    with pytest.raises(Case.DoesNotExist):
        sheet.of(case, handler)


def test_a_matter_placed_in_the_next_township_is_seen_by_its_station_from_then_on(people: dict[str, Any]) -> None:
    clerk, stranger = staff(STATION, "clerk"), people["stranger"]
    case = go(say(), "accept", clerk)
    assert not Case.objects.visible_to(stranger).exists()
    case = go(case, "locate", clerk, place="131022101000")
    assert list(Case.objects.visible_to(stranger)) == [case]


def test_the_block_above_supervises_and_the_line_above_grants_time(people: dict[str, Any]) -> None:
    """块 above is the centre over the desk's place; 条 above is the lead's own department."""
    clerk, handler = staff(STATION, "clerk"), staff(LIGHTING, "handler")
    case = go(go(say(), "accept", clerk), "assign", clerk, unit=LIGHTING)
    line, block = routing.above(LIGHTING, "line"), routing.above(STATION, "block")
    assert line != block
    assert {"above", "staff"} <= set(access.roles_of(staff(block, "supervisor"), case.as_view()))
    assert "line" not in access.roles_of(staff(block, "supervisor"), case.as_view())
    assert "line" in access.roles_of(staff(line, "supervisor"), case.as_view())
    assert "above" not in access.roles_of(staff(line, "supervisor"), case.as_view())
    ground = next(g.code for g in directory.city().grounds.values() if g.list == "extend")
    case = go(case, "ask_extension", handler, ground=ground, words="要等备件")
    refused = act(case, "extend", by=staff(block, "supervisor"), facts={"words": "可以"}, at=AT)
    assert isinstance(refused, Refused)
    assert refused.status == 403
    assert go(case, "extend", staff(line, "supervisor"), words="等备件，多给几天").marks.get("extended")


def test_a_role_counts_only_in_the_unit_where_it_is_held(people: dict[str, Any]) -> None:
    """A handler at the station is no clerk there, a supervisor of the next township supervises nothing here."""
    view = say().as_view()
    assert set(access.roles_of(staff(STATION, "handler"), view)) == {"staff"}
    assert access.roles_of(staff(NEXT, "supervisor"), view) == {}
    two = Actor("staff", 1, (PostRow(NEXT, "supervisor", "", ""), PostRow(STATION, "mediator", "", "")))
    assert set(access.roles_of(two, view)) == {"staff"}


def test_who_sits_in_the_centre_works_as_one_of_the_centre(people: dict[str, Any]) -> None:
    view = say().as_view()
    assert access.roles_of(staff(LIGHTING, "supervisor"), view) == {}
    assert "above" in access.roles_of(staff(LIGHTING, "supervisor", seat=CENTRE), view)


def test_a_person_without_a_post_is_nobody(people: dict[str, Any]) -> None:
    case = say()
    assert access.roles_of(access.actor(people["resident"]), case.as_view()) == {}
    assert not Case.objects.visible_to(people["resident"]).exists()
    assert access.intake_post(access.actor(people["resident"])) is None
