"""P3: whatever names something inside a request (a matter, unit, picture, key, proposal) is looked at as if it stood in the address."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from minan.channels.web.tests import phone
from minan.kernel import access, directory, registry, worker
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Attachment, Case, Event, Message, Post, Proposal, User
from minan.lib import throttle
from tests import house as houses
from tests.house import House

pytestmark = [pytest.mark.bar("P3"), pytest.mark.django_db]
FAR = "131024"  # another county
NOWHERE = "01a20606-b8cc-76ec-9a25-a10dc10e851c"
# Types of fields that name something of somebody's. The others are values.
PLAIN = {"text", "long", "phone", "email", "choice", "yesno", "date", "moment", "number", "answers", "openid", "push", "drawn", "digest"}
PLAIN |= {"voice"}
# Rules that look at the unit somebody names: who works at the place; insurers and other seats that are invited by name.
CHECKED = {"works_there", "doer_works_there", "is_insurer", "way_fits", "is_somebody"}
REFERENCES = {"case", "unit", "staff", "place", "kind", "ground", "photos", "fragments", "units"}


@pytest.fixture
def house(people: dict[str, Any]) -> House:
    return houses.build(people)


@pytest.fixture
def theirs(people: dict[str, Any]) -> Case:
    """A matter of the next township, which 周敏 holds and 陈静 does not see."""
    opened = open_case(
        "matter", by=access.SPEAKER, facts={"text": "邻镇的事", "place": "131022101202", "kind": "lamp.out"}
    )
    assert isinstance(opened, Opened)
    worker.settle()
    assert not access.roles_of(access.actor(people["clerk"]), opened.case.as_view())
    return opened.case


def mine(text: str = "再说一件路灯") -> Case:
    opened = open_case("matter", by=access.SPEAKER, facts={"text": text, "place": houses.VILLAGE, "kind": "lamp.out"})
    assert isinstance(opened, Opened)
    return opened.case


def far_unit() -> str:
    return next(u.id for u in directory.city().units.values() if u.id.startswith(FAR) and u.lead)


# ---- steps of a matter, at the one door


def test_every_field_that_names_something_is_known_to_these_tests() -> None:
    """A new kind of reference needs its line here, and the unit that gets a matter its rule."""
    found = {f.type for p in registry.procedures().values() for s in p.steps for f in s.fields}
    assert found - REFERENCES == found & PLAIN
    handed = [
        (p.name, s.name)
        for p in registry.procedures().values()
        for s in p.steps
        for f in s.fields
        if f.type == "unit" and f.source != "about" and set(s.who) != {"clock"} and not CHECKED & {r.__name__ for r in s.rules}
    ]
    assert handed == []


def foreign(theirs: Case) -> list[tuple[str, dict[str, Any]]]:
    """(step of the desk, facts that name what is not theirs, is not there, or is of another list)."""
    merges = [("merge", {"into": code}) for code in (theirs.code, "GA" + "0" * 13)]
    units = [("assign", {"unit": unit}) for unit in (far_unit(), "131022-none", f"{FAR}-none", "")]
    kinds = [
        ("accept", {"kind": kind, "place": houses.VILLAGE, "urgency": "usual", "size": "small"})
        for kind in ("no.such", theirs.code)
    ]
    grounds = [
        ("ask_refusal", {"ground": ground, "words": "x"}) for ground in (_ground("extend"), _ground("look"), "no.such")
    ]
    places = [("locate", {"place": place}) for place in ("999999999999", theirs.code)]
    walls = [("wall", {"whom": whom, "words": "x"}) for whom in ("999999", "-1", "clerk")]
    return [*merges, *units, *kinds, *grounds, *places, *walls]


def _ground(name: str) -> str:
    return next((g.code for g in directory.city().grounds.values() if g.list == name), "none")


def taken(people: dict[str, Any], theirs: Case) -> list[str]:
    """Foreign references that were taken."""
    out, clerk = [], access.actor(people["clerk"])
    for step, facts in foreign(theirs):
        case = mine()
        if step in ("assign", "merge"):
            act(case, "accept", by=clerk)
        if not isinstance(act(case, step, by=clerk, facts=facts), Refused):
            out.append(f"{step} {facts}")
    return out


def test_no_step_takes_what_is_somebody_else_s_or_not_there(people: dict[str, Any], theirs: Case) -> None:
    assert taken(people, theirs) == []
    assert Event.objects.filter(case_id=theirs.id).count() == 1


def test_a_foreign_matter_and_one_that_is_not_there_are_refused_in_the_same_words(
    people: dict[str, Any], theirs: Case
) -> None:
    case, clerk = mine(), access.actor(people["clerk"])
    act(case, "accept", by=clerk)
    words = {str(act(case, "merge", by=clerk, facts={"into": code})) for code in (theirs.code, houses.codes.new("GA"))}
    assert len(words) == 1


def test_were_the_rule_gone_the_foreign_unit_would_get_the_matter(
    people: dict[str, Any], theirs: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minan.kernel.family.broken", lambda step, ask: None)
    found = taken(people, theirs)
    assert any("assign" in one for one in found)
    assert any(theirs.code in one for one in found)


# ---- keys: the same key gives the same event, and never somebody else's


def test_the_key_of_another_matter_s_event_gives_nothing_of_it(people: dict[str, Any], theirs: Case) -> None:
    first = Event.objects.get(case_id=theirs.id)
    case, clerk = mine(), access.actor(people["clerk"])
    done = act(case, "accept", by=clerk, key=first.key)
    assert isinstance(done, Refused)
    assert Case.objects.get(id=case.id).state == "said"
    refused = act(case, "assign", by=clerk, facts={"unit": "none"}, key=first.key)
    assert isinstance(refused, Refused), "not their event either"


def test_the_key_of_another_desk_s_form_gives_nobody_their_matter(people: dict[str, Any]) -> None:
    key = str(uuid4())
    facts = {"key": key, "text": "邻镇说的事", "place": "131022101202", "kind": "lamp.out"}
    receipt = houses.browser(people["stranger"]).post("/desk/new/", facts)
    code = receipt.context["case"].code
    other = houses.browser(people["clerk"]).post("/desk/new/", facts | {"text": "我们镇的事", "place": houses.VILLAGE})
    assert other.context["case"].code != code
    assert code not in other.content.decode()
    again = houses.browser(people["stranger"]).post("/desk/new/", facts)
    assert again.context["case"].code == code, "their own second press is one matter"


def test_an_idempotency_key_of_another_person_repeats_nothing(house: House) -> None:
    def opens(who: str) -> Any:
        headers = {"Authorization": f"Bearer {house.tokens[who]}", "Idempotency-Key": "the-same"}
        body = '{"procedure": "matter", "place": "131022100010", "facts": {"text": "路灯不亮"}}'
        return Client().post("/api/v1/cases", body, content_type="application/json", headers=headers).json()

    one, other = opens("resident"), opens("speaker" if "speaker" in house.tokens else "worker")
    assert one["case"]["code"] != other["case"]["code"]
    assert one["secret"] != other["secret"]


# ---- pictures


def test_a_picture_is_sent_and_never_named(house: House, people: dict[str, Any]) -> None:
    """No hash, id or address of somebody's picture brings it into another matter."""
    other = mine()
    act(other, "accept", by=access.actor(people["clerk"]))
    names = [
        house.photo,
        base64.b64encode(house.photo.encode()).decode(),
        f"/m/{house.case.code}/photo/{house.photo}",
        "file:///etc/passwd",
    ]
    for n, name in enumerate(names):
        got = house.ask(
            "clerk", f"/api/v1/cases/{other.code}/steps/note", "post", data=f'{{"facts": {{"words": "x", "photos": ["{name}"]}}}}',
            headers={"Idempotency-Key": f"p{n}"},
        )  # fmt: skip
        assert got.status == 422, name
    for kept in (house.photo, "x:y:z", house.secret):
        case, _ = phone.said(Client(), kept=kept)
        assert not Attachment.objects.filter(case_id=case.id).exists()


# ---- what stands in the body or the query of a page


def test_no_page_does_to_somebody_else_s_what_a_body_names(house: House, people: dict[str, Any], theirs: Case) -> None:
    stranger = Message.objects.filter(to="131022101-station").first() or Message.objects.create(
        county="131022",
        case_id=theirs.id,
        n=9,
        to="131022101-station",
        channel="board",
        words="x",
        made_at=datetime.now(UTC),
    )
    now = datetime.now(UTC)
    proposal = Proposal.objects.create(
        what="export", by=people["stranger"], why="x", values={"filters": ""}, at=now, until=now + timedelta(days=1), state="done",
        second=people["supervisor"], second_at=now,
    )  # fmt: skip
    far = _far_post()
    before = houses.records()
    tried = {
        "read": ("clerk", "/board/read/", {"id": str(stranger.id)}),
        "end": ("supervisor", f"/house/people/{far.pk}/end/", {"why": "x"}),
        "export": ("clerk", f"/house/export/{proposal.pk}/", {}),
        "decide": ("clerk", f"/house/waiting/{proposal.pk}/", {"do": "confirm"}),
        "give": (
            "supervisor",
            "/house/people/",
            {"username": "clerk", "unit": far_unit(), "role": "clerk", "why": "x"},
        ),
        "password": ("clerk", f"/admin/people/{people['supervisor'].pk}/password/", {"why": "x"}),
        "row": ("admin", f"/admin/people/{people['clerk'].pk}/", {"is_active": ""}),
        "forget": ("nobody", f"/m/{house.case.code}/forget/", {}),
    }
    statuses = {name: house.ask(who, path, "post", data=data).status for name, (who, path, data) in tried.items()}
    after = houses.records()
    assert [name for name in before if before[name] != after[name]] == []
    assert statuses["export"] == statuses["decide"] == statuses["password"] == statuses["row"] == statuses["end"] == 404
    assert statuses["give"] == 422


def _far_post() -> Post:
    someone = User.objects.create(username="far", name="邻县人")
    return Post.objects.create(user=someone, unit_id=far_unit(), role="handler")


def test_a_foreign_name_in_a_query_shows_nothing_of_it(house: House, theirs: Case) -> None:
    asked = (
        ("clerk", f"/desk/?place={theirs.place}"), ("clerk", f"/desk/?q={theirs.code}"),
        ("clerk", f"/desk/{house.case.code}/?next={theirs.code}"),
        ("handler", f"/desk/?cursor={theirs.id}"), ("clerk", f"/api/v1/cases?place={theirs.place}"),
        ("clerk", f"/api/v1/cases?cursor={theirs.id}"),
        ("worker", "/desk/?unit=131022101-station"), ("clerk", "/desk/?unit=131022101-station&mine=1"),
    )  # fmt: skip
    for who, path in asked:
        got = house.ask(who, path)
        assert b"\xe9\x82\xbb\xe9\x95\x87\xe7\x9a\x84\xe4\xba\x8b" not in got.body, path  # 邻镇的事
    throttle.forget()
    assert house.ask("clerk", f"/api/v1/counts?place={FAR}000000").status in (403, 404)
    far, own = (
        re.sub(rb"<time[^>]*>[^<]*</time>", b"", house.ask("supervisor", path).bare())
        for path in (f"/supervise/?unit={far_unit()}", "/supervise/")
    )
    assert far == own, "another county's unit is as if none had been named"
    assert house.ask("clerk", f"/desk/{theirs.code}/order/1/").status == 404
    assert house.ask("clerk", f"/desk/{house.case.code}/order/9/").status == 404
