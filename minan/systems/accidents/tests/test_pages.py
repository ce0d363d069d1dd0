"""The page of an accident for each: the rider and the driver by their links, the mediator, police, insurer, fund; nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from minan.kernel import family
from minan.kernel.access import CLOCK, SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.models import Body, Case
from minan.systems.accidents.tests.cast import (
    CLAIMS,
    COURT,
    FUND,
    HEAD,
    MEDIATOR,
    POLICE,
    SECOND,
    SECRETS,
    STRANGERS,
    VILLAGE,
    child,
    gathered,
    go,
    reported,
)

pytestmark = pytest.mark.django_db
TOLD = "断了六根肋骨"


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> Iterator[None]:
    settings.MFA_REQUIRED_FOR_STAFF = False
    with translation.override("zh-hans"):
        yield


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def by_link(case: Case) -> Client:
    client, secret = Client(), family.link_of(case)
    assert client.post(f"/m/{case.code}/", {"secret": secret}).status_code == 302
    return client


def text(client: Client, path: str) -> str:
    answer = client.get(path, follow=True)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.content.decode())


def reckoned(people: dict[str, Any]) -> Case:
    case = gathered(people)
    go(case, "ask_rescue", people[MEDIATOR], way="fund", who="a", amount=9000, ground="over", words="县医院，住院号 77")
    go(case, "mediator", CLOCK, mediator=str(people[MEDIATOR].pk))
    go(case, "reckon", people[MEDIATOR], advances="off_debt")
    return case


def test_each_reads_what_is_theirs(people: dict[str, Any]) -> None:
    case = reckoned(people)
    pages = {
        "driver": text(by_link(child(case, "road_party")), f"/m/{child(case, 'road_party').code}/"),
        "mediator": text(signed_in(people[MEDIATOR]), f"/accidents/{case.code}/"),
        "colleague": text(signed_in(people[SECOND]), f"/accidents/{case.code}/"),
        "police": text(signed_in(people[POLICE]), f"/accidents/{child(case, 'finding').code}/"),
        "insurer": text(signed_in(people[CLAIMS]), f"/accidents/{child(case, 'cover').code}/"),
        "fund": text(signed_in(people[FUND]), f"/accidents/{child(case, 'rescue').code}/"),
    }
    seen = {
        TOLD: {"mediator"},
        "76000.00": {"driver", "mediator", "insurer"},
        "主要责任": {"driver", "mediator", "police", "insurer", "fund"},
        "县医院，住院号 77": {"mediator", "fund"},
        "孙长河": {"mediator", "insurer", "fund"},
        "王秀兰": {"driver", "mediator", "insurer", "fund"},
    }
    assert {words: {who for who, page in pages.items() if words in page} for words in seen} == seen


def test_strangers_find_no_page_of_any_case_of_it(people: dict[str, Any]) -> None:
    case = reckoned(people)
    every = [case, *Case.objects.filter(parent=case.id).exclude(procedure="dispute")]
    for name in (*STRANGERS, COURT):
        client = signed_in(people[name])
        for one in every:
            for path in (f"/accidents/{one.code}/", f"/accidents/{one.code}/print/reckoning/"):
                assert client.get(path).status_code == 404, (name, path)
            assert client.post(f"/accidents/{one.code}/reckon/").status_code == 404
            assert client.post(f"/accidents/{one.code}/link/").status_code == 404
    for name in (POLICE, CLAIMS, FUND):
        assert signed_in(people[name]).get(f"/accidents/{case.code}/").status_code == 404, name
    nobody = Client().get(f"/accidents/{case.code}/")
    assert (nobody.status_code, nobody.headers["Location"].split("?")[0]) == (302, "/login/")


def test_no_name_and_no_word_told_stands_in_an_event(people: dict[str, Any]) -> None:
    reckoned(people)
    said = "".join(Body.objects.values_list("text", flat=True))
    for words in (TOLD, "王秀兰", "孙长河", "13800000002", "住院号 77"):
        assert words not in said, words


def test_a_resident_files_it_on_the_page_and_one_secret_opens_file_and_dispute(people: dict[str, Any]) -> None:
    client = Client()
    said = {"text": "被车撞了，腿断了", "no_money": "true", "name": "李桂英", "phone": "13800000009", "other_name": "司机小张"}
    assert "选在哪个村" in client.post("/accidents/report/", said).content.decode()
    again = client.post("/accidents/report/place/", said | {"find": "朝阳社区"}).content.decode()
    assert "腿断了" in again
    done = client.post("/accidents/report/", said | {"place": VILLAGE, "key": "cd" * 16}).content.decode()
    link = re.search(r"/m/([0-9A-Z]{15})/#([0-9A-Z]{26})", done)
    assert link
    other = Client()
    other.post(f"/m/{link[1]}/", {"secret": link[2]})
    page = text(other, f"/m/{link[1]}/")
    assert "腿断了" in page
    assert "没有认定" not in page
    assert other.post(f"/accidents/{link[1]}/no_money/", {"words": "还差两万", "key": "ef" * 16}).status_code == 302
    assert Case.objects.get(code=link[1]).facts["no_money"]


def test_a_matter_becomes_an_accident_under_the_same_secret(people: dict[str, Any]) -> None:
    opened = open_case("matter", by=SPEAKER, facts={"text": "我被车撞了没钱住院", "place": VILLAGE, "kind": "dispute.neighbour"})
    assert isinstance(opened, Opened)
    go(opened.case, "accept", people["clerk"])
    go(opened.case, "accident", people["clerk"], words="孙长河开车撞了她", no_money=True)
    case = Case.objects.get(procedure="accident")
    assert (case.parent, case.desk, case.facts["no_money"]) == (opened.case.id, "131022100010-mediation", True)
    client = Client()
    client.post(f"/m/{opened.case.code}/", {"secret": opened.secret})
    assert case.code in text(client, f"/m/{opened.case.code}/").replace("-", "")
    assert "我被车撞了没钱住院" in text(client, f"/m/{case.code}/")


def test_what_was_typed_comes_again_with_the_reason(people: dict[str, Any]) -> None:
    case = reported()
    client = signed_in(people[MEDIATOR])
    answer = client.post(f"/accidents/{case.code}/advance/", {"by": "b", "who": "a", "amount": "两万", "on": "2026-11-16"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "两万" in page
    assert "不是金额" in page


def test_the_papers_print_with_selectable_words(people: dict[str, Any]) -> None:
    import pypdfium2  # heavy: only where papers are read

    case = reckoned(people)
    papers = [
        (MEDIATOR, case, "reckoning", ("76000.00", "44400.00", "2120.00")),
        (MEDIATOR, case, "finding", ("1107", "主要责任")),
        (FUND, child(case, "rescue"), "rescue", ("9000", "三个工作日")),
        (MEDIATOR, child(case, "road_party"), "advance", ("20000.00",)),
    ]
    for name, one, what, words in papers:
        answer = signed_in(people[name]).get(f"/accidents/{one.code}/print/{what}/")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf"), what
        told = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content))
        for word in words:
            assert word in told, (what, word)
    assert signed_in(people[FUND]).get(f"/accidents/{child(case, 'rescue').code}/print/reckoning/").status_code == 404


ROW = "number,happened_on,made_on,place,duty_a,duty_b,words,name_a,name_b\n"
GOOD = f"冀认〔2026〕9号,2026-11-07,2026-11-14,{VILLAGE},次要责任,主要,路口相撞,李四,张三\n"


def test_findings_come_from_a_file_once_by_their_number_and_faults_are_told_by_line(people: dict[str, Any]) -> None:
    client = signed_in(people[POLICE])
    bad = f",2026-11-07,2026-11-14,{VILLAGE},次要,主要,,,\n冀认〔2026〕10号,昨天,2026-11-14,{VILLAGE},次要,主要,,,\n"
    page = client.post("/accidents/findings/", {"text": ROW + GOOD + bad})
    assert page.status_code == 422
    told = page.content.decode()
    assert "录进去了" in told
    assert "没有认定书编号" in told
    assert "2026-12-15 这样" in told
    case = Case.objects.get(procedure="accident", facts__finding__number="冀认〔2026〕9号")
    assert case.facts["finding"]["duty"] == {"a": "secondary", "b": "main"}
    again = client.post("/accidents/findings/", {"text": ROW + GOOD}).content.decode()
    assert "以前录过，没有变" in again
    other = client.post("/accidents/findings/", {"text": ROW + GOOD.replace("2026-11-14", "2026-11-13")}).content.decode()
    assert "内容不一样" in other
    assert "不认识的列" in client.post("/accidents/findings/", {"text": "名字,年龄\n王,3\n"}).content.decode()


def test_a_program_of_the_police_hands_in_json_for_the_case_that_waits(people: dict[str, Any]) -> None:
    case = reported()
    waiting, client = child(case, "finding"), signed_in(people[POLICE])
    row = {"case": waiting.code, "number": "冀认〔2026〕11号", "happened_on": "2026-11-07", "made_on": "2026-11-14",
           "duty_a": "secondary", "duty_b": "main"}  # fmt: skip
    answer = client.post("/accidents/findings/", json.dumps([row]), content_type="application/json")
    assert (answer.status_code, answer.json()["lines"][0]["what"]) == (200, "new")
    case.refresh_from_db()
    assert case.facts["finding"]["number"] == "冀认〔2026〕11号"
    assert Case.objects.filter(procedure="accident").count() == 1
    assert client.post("/accidents/findings/", "[", content_type="application/json").status_code == 422
    for name in (MEDIATOR, CLAIMS, "clerk", "handler"):
        assert signed_in(people[name]).get("/accidents/findings/").status_code == 404, name


def test_the_link_of_the_driver_is_handed_over_by_the_mediator_and_he_reads_that_it_was(people: dict[str, Any]) -> None:
    case = reported()
    theirs = child(case, "road_party")
    secret = family.link_of(theirs)
    page = signed_in(people[MEDIATOR]).post(f"/accidents/{theirs.code}/link/").content.decode()
    assert secret in page.replace("-", "")
    assert signed_in(people[CLAIMS]).post(f"/accidents/{theirs.code}/link/").status_code == 404


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_pages_ask_at_most_twelve_times_in_both_languages(
    people: dict[str, Any], lang: str, django_assert_max_num_queries: Any
) -> None:
    case = reckoned(people)
    rider = Client()
    rider.post(f"/m/{case.code}/", {"secret": SECRETS[case.code]})
    rider.get(f"/m/{case.code}/")
    readers = [
        (rider, case),
        (by_link(child(case, "road_party")), child(case, "road_party")),
        (signed_in(people[MEDIATOR]), case),
        (signed_in(people[POLICE]), child(case, "finding")),
        (signed_in(people[CLAIMS]), child(case, "cover")),
        (signed_in(people[FUND]), child(case, "rescue")),
        (signed_in(people[HEAD]), case),
    ]
    for client, one in readers:
        client.cookies["django_language"] = lang
        client.get(f"/accidents/{one.code}/")
        with django_assert_max_num_queries(12):
            page = client.get(f"/accidents/{one.code}/").content.decode()
        assert ("The finding" in page) == (lang == "en")
