"""The page of a dispute: who finds it, who reads which paper, what each may press; nothing typed is lost; twelve queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from minan.kernel import family, speakers
from minan.kernel.access import SPEAKER
from minan.kernel.models import Case, Event, Message
from minan.systems.disputes import papers
from minan.systems.disputes.tests.cast import (
    COURT,
    ELSEWHERE,
    HEAD,
    JUDICIAL,
    MEDIATOR,
    SECOND,
    VILLAGE,
    agreed,
    applied,
    does,
    drafted,
    go,
    mediating,
    settle,
    side,
    signs,
)

pytestmark = pytest.mark.django_db
SECRETS = {"talk": "他私下说愿意出五千", "whisper": "我儿子住院急用钱", "own": "男方脾气急，先单独谈"}


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> Iterator[None]:
    """No second factor to set up, and the language of one page is not that of the next test."""
    settings.MFA_REQUIRED_FOR_STAFF = False
    with translation.override("zh-hans"):
        yield


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def by_link(case: Case, ref: str) -> Client:
    """A browser that has opened the side's link."""
    client, mine = Client(), side(case, ref)
    secret = family.link_of(mine)
    assert secret
    assert client.post(f"/m/{mine.code}/", {"secret": secret}).status_code == 302
    return client


def text(client: Client, path: str) -> str:
    answer = client.get(path, follow=True)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.content.decode())


def spoken(people: dict[str, Any]) -> Case:
    """Every kind of paper is there."""
    case = mediating(people)
    go(case, "record", people[MEDIATOR], words="双方都说墙是前年垒的")
    go(case, "own_note", people[MEDIATOR], words=SECRETS["own"])
    go(side(case, "b"), "talk", people[MEDIATOR], words=SECRETS["talk"])
    does(case, "a", "whisper", words=SECRETS["whisper"])
    does(case, "a", "speak", words="我先说，去年雨水灌了三回")
    go(case, "speak", people[MEDIATOR], words="一个一个说")
    return case


def test_each_reads_the_joint_papers_and_their_own_and_no_more(people: dict[str, Any]) -> None:
    case = spoken(people)
    pages = {ref: text(by_link(case, ref), f"/m/{side(case, ref).code}/") for ref in "ab"}
    pages["m"] = text(signed_in(people[MEDIATOR]), f"/disputes/{case.code}/")
    pages["colleague"] = text(signed_in(people[SECOND]), f"/disputes/{case.code}/")
    for who in "abm":
        for joint in ("双方都说墙是前年垒的", "我先说，去年雨水灌了三回", "一个一个说"):
            assert joint in pages[who], (who, joint)
    seen = {who: {name for name, words in SECRETS.items() if words in page} for who, page in pages.items()}
    assert seen == {"a": {"whisper"}, "b": {"talk"}, "m": {"talk", "whisper", "own"}, "colleague": set()}
    assert "邻居在滴水下面垒了墙" in pages["a"]
    assert "邻居在滴水下面垒了墙" not in pages["b"]
    assert "前年垒的" not in pages["colleague"]


def test_who_inspects_reads_for_ten_minutes_but_not_the_mediators_own_note(people: dict[str, Any]) -> None:
    case = spoken(people)
    for name in (HEAD, JUDICIAL):
        client = signed_in(people[name])
        assert SECRETS["talk"] not in text(client, f"/disputes/{case.code}/")
        client.post(f"/disputes/{case.code}/inspect/", {"words": "抽查"})
        page = text(client, f"/disputes/{case.code}/")
        assert SECRETS["talk"] in page
        assert SECRETS["own"] not in page
    case.refresh_from_db()
    now = datetime.now(UTC)
    assert papers.inspecting(case, str(people[HEAD].pk), now)
    assert not papers.inspecting(case, str(people[HEAD].pk), now + timedelta(minutes=11))


def test_papers_are_in_no_event_and_no_list_of_the_desk(people: dict[str, Any]) -> None:
    from minan.kernel.models import Body

    case = spoken(people)
    said = "".join(Body.objects.values_list("text", flat=True))
    for words in (*SECRETS.values(), "前年垒的", "邻居在滴水", "王秀兰", "孙长河"):
        assert words not in said, words
    desk = text(signed_in(people[SECOND]), f"/desk/{case.code}/")
    assert "邻里纠纷" in desk
    for words in (*SECRETS.values(), "前年垒的"):
        assert words not in desk


def test_a_data_file_of_the_applicant_holds_no_note_of_the_mediators(people: dict[str, Any]) -> None:
    case = spoken(people)
    found = speakers.known(case, who="speaker", why="own")
    assert SECRETS["own"] not in "".join(map(str, found.values()))
    mine = by_link(case, "a").get(f"/m/{side(case, 'a').code}/rights/file.json").content.decode()
    assert SECRETS["whisper"] in mine
    assert SECRETS["talk"] not in mine


@pytest.mark.parametrize(
    "name", [ELSEWHERE, "gong.medhead", "gu.med", "stranger", "clerk", "handler", "resident", COURT]
)
def test_strangers_find_no_page(people: dict[str, Any], name: str) -> None:
    case = spoken(people)
    client = signed_in(people[name])
    for one in (case, side(case, "a"), side(case, "b")):
        answers = {
            client.get(f"/disputes/{one.code}/").status_code,
            client.post(f"/disputes/{one.code}/speak/", {"words": "x"}).status_code,
        }
        answers.add(client.post(f"/disputes/{one.code}/link/").status_code)
        if name == "clerk":  # the desk above sees that there is one, and no word of it
            assert SECRETS["talk"] not in client.get(f"/disputes/{one.code}/").content.decode()
            assert client.post(f"/disputes/{one.code}/speak/", {"words": "x"}).status_code == 404
        else:
            assert answers == {404}, (name, one.procedure)


def test_nobody_without_a_link_gets_in_and_one_side_never_the_other(people: dict[str, Any]) -> None:
    case = spoken(people)
    mine, nobody = by_link(case, "a"), Client()
    for client in (nobody, mine):
        for one in (case, side(case, "b")):
            answers = [client.get(f"/disputes/{one.code}/"), client.post(f"/disputes/{one.code}/stop/")]
            assert {(a.status_code, a.headers["Location"].split("?")[0]) for a in answers} == {(302, "/login/")}
    case.refresh_from_db()
    assert case.state == "mediating"
    assert signed_in(people["resident"]).get(f"/disputes/{case.code}/").status_code == 404


def test_the_room_works_by_plain_posts_and_keeps_what_was_typed(people: dict[str, Any]) -> None:
    case = mediating(people)
    mine, code = by_link(case, "b"), side(case, "b").code
    assert (
        mine.post(f"/disputes/{code}/speak/", {"words": "墙是我垒的，可他家先占的地", "key": "ab" * 16}).status_code
        == 302
    )
    assert (
        mine.post(f"/disputes/{code}/speak/", {"words": "墙是我垒的，可他家先占的地", "key": "ab" * 16}).status_code
        == 302
    )
    assert text(mine, f"/disputes/{code}/").count("墙是我垒的，可他家先占的地") == 1
    go(case, "record", people[MEDIATOR], words="第一份")
    page = mine.get(f"/disputes/{code}/?step=read_record").content.decode()
    k = re.search(r'name="k" value="(\d+)"', page)
    assert k
    go(case, "record", people[MEDIATOR], words="第二份")
    late = mine.post(f"/disputes/{code}/read_record/", {"k": k[1], "right": "false", "words": "年份不对，是大前年"})
    assert late.status_code == 422
    assert "年份不对，是大前年" in late.content.decode()
    assert "又有了新的一份记录" in late.content.decode()


def test_a_resident_applies_on_the_page_and_follows_by_their_own_link(people: dict[str, Any]) -> None:
    client = Client()
    said = {
        "text": "楼上漏水不修",
        "sort": "neighbour",
        "name": "李桂英",
        "phone": "13800000009",
        "other_name": "楼上孙家",
    }
    again = client.post("/disputes/apply/place/", said | {"find": "朝阳社区"})
    assert "楼上漏水不修" in again.content.decode()
    assert VILLAGE in again.content.decode()
    assert "选在哪个村" in client.post("/disputes/apply/", said).content.decode()
    done = client.post("/disputes/apply/", said | {"place": VILLAGE, "key": "cd" * 16}).content.decode()
    link = re.search(r"/m/([0-9A-Z]{15})/#([0-9A-Z]{26})", done)
    assert link
    twice = client.post("/disputes/apply/", said | {"place": VILLAGE, "key": "cd" * 16}).content.decode()
    assert link[0] in twice
    assert Case.objects.filter(procedure="dispute").count() == 1
    other = Client()
    other.post(f"/m/{link[1]}/", {"secret": link[2]})
    assert "楼上漏水不修" in text(other, f"/m/{link[1]}/")


def test_the_village_desk_applies_for_who_sits_there_and_the_committee_comes_by_itself(people: dict[str, Any]) -> None:
    said = {"text": "两家为地边吵起来了", "place": VILLAGE, "other_name": "赵家"}
    signed_in(people["gu.point"]).post("/disputes/apply/", said | {"key": "11" * 16})
    signed_in(people[MEDIATOR]).post("/disputes/apply/", said | {"key": "22" * 16, "came": "true"})
    first, second = Case.objects.filter(procedure="dispute").order_by("id")
    assert (first.channel, side(first, "a").state) == ("walkin", "taking_part")
    assert side(second, "a").state == "waiting"
    resident = Client().post("/disputes/apply/", said | {"key": "33" * 16, "came": "true"})
    assert resident.status_code == 200
    assert not Case.objects.filter(procedure="dispute").order_by("-id").first().facts["came"]  # type: ignore[union-attr]


def test_a_matter_becomes_a_dispute_with_its_history_under_the_same_secret(people: dict[str, Any]) -> None:
    from minan.kernel.access import actor
    from minan.kernel.act import Opened, open_case

    opened = open_case(
        "matter", by=SPEAKER, facts={"text": "邻居半夜装修", "place": VILLAGE, "kind": "dispute.neighbour"}
    )
    assert isinstance(opened, Opened)
    go(opened.case, "accept", people["clerk"])
    go(opened.case, "mediate", people["clerk"], words="说了两回，对方不听")
    case = Case.objects.get(procedure="dispute")
    assert (case.parent, case.desk) == (opened.case.id, "131022100010-mediation")
    assert actor(people["clerk"]) is not None
    client = Client()
    client.post(f"/m/{opened.case.code}/", {"secret": opened.secret})
    assert side(case, "a").code in text(client, f"/m/{opened.case.code}/").replace("-", "")
    assert "邻居半夜装修" in text(client, f"/m/{side(case, 'a').code}/")
    go(case, "inspect", people[HEAD], words="看看再受理")
    assert "说了两回，对方不听" in text(signed_in(people[HEAD]), f"/disputes/{case.code}/")


def test_the_code_is_in_the_text_message_alone(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from minan.kernel import onetime_code, outgoing
    from minan.kernel.access import SPEAKER as BY

    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(outgoing, "gateways", lambda: {"sms": lambda key, to, words: sent.append((to, words))})
    case = drafted(people)
    asked = go(side(case, "a"), "ask_code", BY, datetime.now(UTC))
    settle(datetime.now(UTC))
    outgoing.send_waiting(datetime.now(UTC))
    code = onetime_code.of(asked.case_id, asked.n)
    mine = [words for to, words in sent if to == "13800000001" and code in words]
    assert len(mine) == 1
    assert not [words for words in Message.objects.values_list("words", flat=True) if code in words]
    assert code not in text(signed_in(people[MEDIATOR]), f"/desk/{side(case, 'a').code}/")


def test_the_court_reads_the_agreement_and_nothing_else(people: dict[str, Any]) -> None:
    case = spoken(people)
    go(
        case,
        "draft",
        people[MEDIATOR],
        facts="墙的事",
        duty="各半",
        terms="拆墙，赔三千",
        manner="转账",
        plan="",
        payer="",
    )
    signs(case, "a")
    signs(case, "b")
    go(case, "countersign", people[MEDIATOR])
    go(case, "seal", people[HEAD])
    does(case, "a", "want_court")
    does(case, "b", "want_court")
    go(case, "file_court", people[MEDIATOR])
    child = Case.objects.get(procedure="confirmation")
    page = text(signed_in(people[COURT]), f"/disputes/{child.code}/")
    assert "拆墙，赔三千" in page
    for words in (*SECRETS.values(), "前年垒的", "一个一个说"):
        assert words not in page
    assert signed_in(people[COURT]).get(f"/disputes/{case.code}/").status_code == 404


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_pages_ask_at_most_twelve_times_and_stand_in_both_languages(
    people: dict[str, Any], lang: str, django_assert_max_num_queries: Any
) -> None:
    case = agreed(people)
    readers = [
        (by_link(case, "a"), side(case, "a").code),
        (signed_in(people[MEDIATOR]), case.code),
        (signed_in(people[HEAD]), case.code),
    ]
    for client, code in readers:
        client.cookies["django_language"] = lang
        client.get(f"/disputes/{code}/")
        with django_assert_max_num_queries(12):
            page = client.get(f"/disputes/{code}/").content.decode()
        assert ("Who has signed" in page) == (lang == "en")
    assert applied().state == "applied"


def test_a_link_is_handed_over_by_the_mediator_alone_and_the_side_reads_that_it_was(people: dict[str, Any]) -> None:
    case = mediating(people)
    theirs = side(case, "b")
    secret = family.link_of(theirs)
    assert secret in signed_in(people[MEDIATOR]).post(f"/disputes/{theirs.code}/link/").content.decode().replace(
        "-", ""
    )
    for name in (SECOND, HEAD, JUDICIAL):
        answer = signed_in(people[name]).post(f"/disputes/{theirs.code}/link/")
        assert secret not in answer.content.decode().replace("-", ""), name
        assert answer.status_code in (302, 404)
    assert Event.objects.filter(case_id=theirs.id, step="hand_link").count() == 1
    assert signed_in(people[MEDIATOR]).get(f"/disputes/{theirs.code}/link/").status_code == 405
