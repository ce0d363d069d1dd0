"""The pages: one big button for her, a helper's link, codes and lines for the village, counts for the street; 404 for strangers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from minan.kernel import family, worker
from minan.kernel.models import Case
from minan.kernel.tests.desks import desk_of
from minan.systems.care import page, watching
from minan.systems.care.models import Watch
from minan.systems.care.tests.cast import SECRETS, STREET, VILLAGE, agreed, stay, street

pytestmark = pytest.mark.django_db
QUERIES = 12
STAMP = '"kernel_serial"."series" = \'stamp\''


def let_in(case: Case, secret: str = "") -> Client:
    """A browser that entered this case with its secret."""
    browser = Client()
    found = browser.post(f"/m/{case.code}/", {"code": case.code, "secret": secret or SECRETS[case.code]})
    assert found.status_code == 302
    return browser


def got(browser: Client, path: str, status: int = 200, **more: Any) -> str:
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(path, **more)
    queries = [q for q in asked.captured_queries if STAMP not in q["sql"]]
    assert answer.status_code == status, (path, answer.status_code)
    assert len(queries) <= QUERIES, "\n".join(q["sql"][:160] for q in queries)
    return answer.content.decode()


def test_she_sees_one_big_button_taps_it_and_ends_it_with_one_tap(city: None) -> None:
    case, watch = agreed()
    her = let_in(case)
    shown = got(her, f"/care/{case.code}/")
    assert "我很好" in shown
    assert shown.count("fine-go") == 1
    assert her.post(f"/care/{case.code}/fine/").status_code == 302
    assert "今天报过平安了" in got(her, f"/care/{case.code}/")
    her.cookies["django_language"] = "en"
    assert "Today's sign is given" in got(her, f"/care/{case.code}/")
    del her.cookies["django_language"]
    her.post(f"/care/{case.code}/pause/", {"days": "3"})
    watch.refresh_from_db()
    assert watch.paused_until is not None
    her.post(f"/care/{case.code}/pause/", {"days": "0"})
    her.post(f"/care/{case.code}/end/")
    assert Watch.objects.count() == 0
    ended = got(her, f"/care/{case.code}/")
    assert "都擦掉了" in ended
    assert VILLAGE not in ended


def test_she_reads_who_was_told_today(people: dict[str, Any]) -> None:
    case, watch = agreed()
    now = timezone.now()
    watching.raise_visit(watch, now)
    worker.settle(now)
    assert "提醒了您" in got(let_in(case), f"/care/{case.code}/")
    li = desk_of("worker")
    listed = got(li, "/care/visits/")
    visit = Case.objects.get(procedure="visit_care")
    assert visit.code in listed.replace("-", "")
    assert "王秀兰" not in listed.split("<main")[1]
    stranger = got(desk_of("stranger"), "/care/visits/")
    assert visit.code not in stranger.replace("-", "")
    assert desk_of("stranger").get(f"/desk/{visit.code}/").status_code == 404


def test_a_helpers_link_taps_and_nothing_else(people: dict[str, Any]) -> None:
    case, _watch = agreed()
    her = let_in(case)
    form = her.get(f"/m/{case.code}/add_hand/").content.decode()
    hidden = dict(re.findall(r'name="(key|moves)" value="([^"]*)"', form))
    assert her.post(f"/m/{case.code}/add_hand/", hidden | {"who": "neighbour"}).status_code == 302
    (hand,) = page.hands(case)
    links = got(her, f"/care/{case.code}/hands/")
    assert hand.code in links.replace("-", "")
    neighbour = let_in(hand, family.link_of(hand))
    shown = got(neighbour, f"/care/{hand.code}/")
    assert "看到了，人很好" in shown
    for hers in ("提醒了您", "停掉约定", "怎么约的", case.code):
        assert hers not in shown.replace("-", "")
    assert neighbour.post(f"/care/{hand.code}/fine/").status_code == 302
    assert Watch.objects.get().given
    assert neighbour.post(f"/care/{hand.code}/pause/", {"days": "3"}).status_code == 404
    assert neighbour.get(f"/care/{case.code}/").status_code == 302  # to sign in: it is not theirs
    assert neighbour.get(f"/care/{hand.code}/hands/").status_code == 404
    her.post(f"/care/{case.code}/hands/", {"hand": hand.code})
    assert neighbour.post(f"/care/{hand.code}/fine/").status_code == 404


def test_the_point_sees_the_agreement_and_the_paper_plan_without_a_name(people: dict[str, Any]) -> None:
    case, watch = agreed(way="paper")
    li = desk_of("worker")
    shown = got(li, f"/care/{case.code}/")
    assert "纸上第 1 号" in shown
    listed = got(li, "/care/visits/")
    assert "第 1 号" in listed
    assert "王秀兰" not in listed.split("<main")[1]
    assert desk_of("stranger").post(f"/care/visits/{watch.pk}/seen/").status_code == 404
    assert li.post(f"/care/visits/{watch.pk}/seen/").status_code == 302
    assert Watch.objects.get().given
    for who in ("stranger", "handler", "resident", "admin"):
        assert desk_of(who).get(f"/care/{case.code}/").status_code == 404, who


def test_asking_on_the_page_keeps_what_was_typed_and_opens_her_page(city: None) -> None:
    browser = Client()
    assert "监护人" in got(browser, "/care/ask/")
    typed = {"asked_by": "self", "name": "王秀兰", "address": "3 号楼 101", "hour": "09:00", "way": "page", "agreed": "false", "place": VILLAGE}
    refused = browser.post("/care/ask/", typed)
    assert refused.status_code == 422
    assert "3 号楼 101" in refused.content.decode()
    made = browser.post("/care/ask/", typed | {"agreed": "true"})
    assert made.status_code == 200
    assert "约好了" in made.content.decode()
    assert Watch.objects.count() == 1


def test_applying_without_an_account_and_the_board_of_the_street(people: dict[str, Any]) -> None:
    street()
    browser = Client()
    public = got(browser, "/care/")
    assert "隆泰社区托养中心" in public
    assert "空 2 张" in public
    day = timezone.localdate().isoformat()
    typed = {"centre": "131081001003/3", "start": day, "nights": "2", "need": "arm", "name": "王秀兰", "phone": "13800000001"}
    refused = browser.post("/care/stays/apply/", typed | {"centre": "131081001003/99"})
    assert refused.status_code == 422
    made = browser.post("/care/stays/apply/", typed)
    assert "申请收到了" in made.content.decode()
    case = Case.objects.get(procedure="stay")
    worker.settle(timezone.now())
    yin = desk_of("bz.clerk")
    board = got(yin, "/care/beds/")
    assert case.code in board.replace("-", "")
    for name in ("王秀兰", "13800000001", "扶着走"):
        assert name not in board
    assert "隆泰" not in got(desk_of("clerk"), "/care/beds/")
    open_page = got(yin, f"/care/stays/{case.code}/")
    assert "王秀兰" not in open_page
    assert desk_of("clerk").get(f"/care/stays/{case.code}/").status_code == 404


def test_the_desk_reads_name_and_care_only_after_a_step_that_says_so(people: dict[str, Any]) -> None:
    street()
    case = stay(timezone.now(), timezone.localdate().isoformat(), 2)
    worker.settle(timezone.now())
    yin = desk_of("bz.clerk")
    form = yin.get(f"/desk/{case.code}/call/").content.decode()
    hidden = dict(re.findall(r'name="(key|moves|kept)" value="([^"]*)"', form))
    assert yin.post(f"/desk/{case.code}/call/", hidden).status_code in (200, 302)
    shown = got(yin, f"/care/stays/{case.code}/")
    assert "要人扶着走" in shown
    assert "王秀兰" in shown
    family_page = got(let_in(case), f"/care/stays/{case.code}/")
    assert "要人扶着走" in family_page
    assert not re.search(r">[^<]*\d{4}-\d\d-\d\d", family_page), "the family reads the days in words"
    assert STREET not in family_page
