"""陈静's desk: the list with its lights, one matter with all that is needed to decide; 周敏 next door sees nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from minan.kernel import directory
from minan.kernel.models import Inbox
from minan.kernel.pages import listing
from minan.kernel.tests.desks import LAMP, assigned, desk_of, done, handling, matter, text_of

pytest.importorskip("minan.systems.matters.procedure", reason="not run: desk pages (no matters to show)")
pytestmark = pytest.mark.django_db
QUERIES_MOST = 12


def test_who_has_not_signed_in_is_led_to_the_sign_in_page(city: None) -> None:
    case = matter()
    for path in ("/desk/", "/desk/new/", "/tasks/", "/board/", f"/desk/{case.code}/", f"/tasks/{case.code}/"):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/?next=")


def test_wang_xiulan_is_no_member_of_staff_and_finds_no_case_at_the_desk(city: None) -> None:
    case = matter()
    wang = desk_of("resident")
    assert wang.get("/desk/").status_code == 404
    assert wang.get(f"/desk/{case.code}/").status_code == 404


def test_zhou_min_of_the_next_township_gets_the_page_of_what_does_not_exist(city: None) -> None:
    case, zhou = matter(), desk_of("stranger")
    missing = case.code[:-1] + ("0" if case.code[-1] != "0" else "1")
    for path in ("/desk/{}/", "/tasks/{}/", "/desk/{}/?step=accept"):
        hers, none = zhou.get(path.format(case.code)), zhou.get(path.format(missing))
        assert (hers.status_code, none.status_code) == (404, 404)
        assert bare(hers, case.code) == bare(none, missing)
    assert LAMP["text"][:8] not in text_of(zhou.get("/desk/"))
    assert zhou.post(f"/desk/{case.code}/accept/", {}).status_code == 404
    assert zhou.post(f"/desk/{case.code}/straight/", {}).status_code == 404
    assert zhou.get("/desk/", {"q": "路灯"}).context["list"].rows == []
    assert zhou.get("/desk/", {"q": case.code}).status_code == 200


def bare(response: Any, code: str) -> str:
    """A page without its own address and tokens."""
    lines = [line for line in text_of(response).replace(code, "CODE").splitlines() if "csrfmiddlewaretoken" not in line]
    return "\n".join(lines)


def test_chen_jing_sees_her_matters_with_counts_by_light_and_state(city: None) -> None:
    matter()
    matter(text="小区东门的井盖松了", kind="")
    assigned()
    page = desk_of("clerk").get("/desk/")
    shown = {row["label"]: row["count"] for group in page.context["list"].filters for row in group["rows"]}
    assert shown["在办全部"] == 3
    assert shown["待受理"] == 2
    assert shown["等我办"] == 2
    assert shown["正常"] + shown["快到期"] + shown["超时"] == 3
    assert len(page.context["list"].rows) == 3


def test_a_filter_stays_when_she_opens_a_matter_and_goes_on_a_page(city: None) -> None:
    for n in range(23):
        matter(text=f"第 {n} 盏路灯不亮")
    chen = desk_of("clerk")
    first = chen.get("/desk/", {"state": "said"})
    rows = first.context["list"]
    assert len(rows.rows) == 20
    assert rows.rows[0]["url"].endswith("?state=said")
    assert "state=said&amp;cursor=" in text_of(first)
    second = chen.get("/desk/", {"state": "said", "cursor": rows.next}).context["list"]
    assert len(second.rows) == 3
    assert not {r["code"] for r in second.rows} & {r["code"] for r in rows.rows}
    assert second.back == "/desk/?state=said"
    assert chen.get("/desk/", {"cursor": "nonsense"}).context["list"].rows


def test_what_is_counted_under_a_filter_is_listed_there_though_no_clock_of_it_runs(city: None) -> None:
    running, resting = matter(), matter()
    Inbox.objects.filter(case_id=resting.id).update(due_at=None, warn_at=None)
    page = desk_of("clerk").get("/desk/", {"state": "said"})
    assert [r["code"] for r in page.context["list"].rows] == [running.code, resting.code]
    assert page.context["list"].total == 2


def test_a_flag_is_counted_apart_from_the_light_of_the_same_name(city: None) -> None:
    resting = matter()
    Inbox.objects.filter(case_id=resting.id).update(due_at=None, warn_at=None)  # nothing runs, and nobody put it off
    shown = {row["label"]: row["count"] for group in desk_of("clerk").get("/desk/").context["list"].filters for row in group["rows"]}
    assert shown["暂停"] == 1
    assert shown.get("挂起", 0) == 0


def test_a_state_that_is_open_in_one_procedure_and_final_in_another_is_looked_for_among_the_open() -> None:
    asked = listing.wanted(QueryDict("state=confirmed"))  # an insurer's open, the court's final
    assert (asked.open, asked.order) == (True, "due")
    assert listing.wanted(QueryDict("state=closed")).open is False


def test_the_nearest_end_stands_first(city: None) -> None:
    ordinary, urgent = matter(), matter(text="灯杆倒了，电线漏电麻手", kind="lamp.pole")
    rows = desk_of("clerk").get("/desk/").context["list"].rows
    assert [r["code"] for r in rows] == [urgent.code, ordinary.code]


def test_a_code_typed_into_the_search_opens_the_matter_and_a_word_finds_it(city: None) -> None:
    case, chen = matter(), desk_of("clerk")
    assert chen.get("/desk/", {"q": case.code.lower()})["Location"] == f"/desk/{case.code}/"
    from minan.kernel import search  # what the worker writes after each step

    search.index([case])
    assert [r["code"] for r in chen.get("/desk/", {"q": "路灯"}).context["list"].rows] == [case.code]


def test_one_page_says_all_that_is_needed_to_decide(city: None) -> None:
    case = matter(phone="13812345678", name="王秀兰")
    page = text_of(desk_of("clerk").get(f"/desk/{case.code}/"))
    assert LAMP["text"] in page
    assert "固安县路灯管理所" in page  # whose duty, by the list
    assert "LF-DUTY-2026" in page  # … and why
    assert "LF-LIMIT-2026" in page  # by which rule the clock runs
    assert "受理为什么到那一天" in page
    assert "示意位置" in page  # no measured point: said to be so
    assert "说事人已隐去" in page
    assert "13812345678" not in page
    assert "王秀兰" not in page


def test_a_page_costs_the_same_however_many_rows_it_has(city: None, django_assert_num_queries: Any) -> None:
    case, chen = handling(), desk_of("clerk")
    costs = []
    for more in (0, 30):
        for n in range(more):
            matter(text=f"第 {n} 盏路灯不亮，东门外")
        for path in (
            "/desk/",
            f"/desk/{case.code}/",
            "/desk/?q=路灯",
            f"/desk/{case.code}/?q=路灯&step=note",
            "/tasks/",
            "/board/",
        ):
            directory.city()
            chen.get(path)
            costs.append((path, queries(chen, path)))
    assert costs[: len(costs) // 2] == costs[len(costs) // 2 :]
    assert max(n for _, n in costs) <= QUERIES_MOST


def queries(client: Client, path: str) -> int:
    from django.db import connection  # measured here alone
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as made:
        assert client.get(path).status_code == 200
    return len(made)


def test_a_matter_just_said_with_likely_duplicates_stays_within_twelve_queries(city: None) -> None:
    case = matter()
    matter(text="东门外的路灯又不亮了")
    chen = desk_of("clerk")
    directory.city()
    chen.get(f"/desk/{case.code}/?q=路灯&step=accept")
    assert queries(chen, f"/desk/{case.code}/?q=路灯&step=accept") <= QUERIES_MOST


def test_a_likely_duplicate_is_shown_and_can_be_merged_or_put_aside(city: None) -> None:
    first = done(matter(), "accept", "clerk")
    second, chen = matter(text="东门外路灯三盏都不亮了，天黑看不见"), desk_of("clerk")
    page = chen.get(f"/desk/{second.code}/")
    assert [one["case"].code for one in page.context["likely"]] == [first.code]
    form = text_of(chen.get(f"/desk/{second.code}/?step=merge&into={first.code}"))
    assert f'value="{first.code}"' in form
    chen.post(f"/desk/{second.code}/note/", {"words": page.context["likely"][0]["apart"]})
    assert chen.get(f"/desk/{second.code}/").context["likely"] == []


def test_a_duplicate_that_only_another_township_sees_is_not_proposed(city: None) -> None:
    matter(place="131022101000", text="东门外路灯三盏都不亮了")
    mine = matter()
    assert desk_of("clerk").get(f"/desk/{mine.code}/").context["likely"] == []


def test_the_pages_speak_english_to_who_asks_for_it(city: None) -> None:
    case, chen = matter(), desk_of("clerk")
    chen.post("/language/", {"language": "en", "next": "/desk/"})
    page = text_of(chen.get(f"/desk/{case.code}/"))
    assert "Accept and assign to" in page
    assert "The speaker is hidden" in page


def test_steps_without_a_letter_wait_behind_one_word_and_the_chosen_one_stands_in_sight(city: None) -> None:
    case, chen = matter(), desk_of("clerk")
    tabs = chen.get(f"/desk/{case.code}/").context["tabs"]
    folded = {tab["name"] for tab in tabs if tab["folded"]}
    assert {"reclassify", "recuse"} <= folded
    assert not [tab for tab in tabs if tab["folded"] and (tab["key"] or tab["main"] or not tab["plain"])]
    page = text_of(chen.get(f"/desk/{case.code}/?step=reclassify"))
    fold = page[page.index('<details class="step__more">') :]
    assert "改种类、急缓" not in fold[: fold.index("</details>")]
    assert "我要回避" in fold[: fold.index("</details>")]


def test_of_each_sort_of_work_one_line_and_of_the_chosen_one_its_states(people: dict[str, Any]) -> None:
    matter()
    assigned()
    out = matter()
    Inbox.objects.filter(case_id=out.id).update(procedure="bulletin", state="published", due_at=None, warn_at=None, mine=False)
    chen = desk_of("clerk")
    rows = {g["title"]: [(r["label"], r["count"], r["level"]) for r in g["rows"]] for g in chen.get("/desk/").context["list"].filters}
    assert rows["到哪一步"] == [("说事", 2, "open"), ("待受理", 1, "in"), ("已交办，待签收", 1, "in"), ("公告", 1, "shut")]
    page = chen.get("/desk/", {"procedure": "bulletin"}).context["list"]
    rows = {g["title"]: [(r["label"], r["level"], r["here"]) for r in g["rows"]] for g in page.filters}
    assert rows["到哪一步"] == [("说事", "shut", False), ("公告", "open", True), ("已发布", "in", False)]
    assert (page.title, page.total, [r["code"] for r in page.rows]) == ("公告", 1, [out.code])
    page = chen.get("/desk/", {"procedure": "bulletin", "state": "published"}).context["list"]
    assert (page.title, page.total, [r["code"] for r in page.rows]) == ("公告·已发布", 1, [out.code])
    assert all("procedure=bulletin" in r["url"] for r in page.rows)
    assert chen.get("/desk/", {"procedure": "matter", "state": "published"}).context["list"].rows == []


def test_what_is_out_and_waits_for_nobody_is_not_in_hand_until_somebody_has_to_act(people: dict[str, Any]) -> None:
    matter()
    out = matter()
    held = Inbox.objects.filter(case_id=out.id)
    held.update(procedure="bulletin", state="published", flags=",escalated,", due_at=None, warn_at=None, mine=False)
    chen = desk_of("clerk")

    def shown() -> tuple[int, int, int]:
        page = chen.get("/desk/").context["list"]
        count = {row["label"]: row["count"] for group in page.filters for row in group["rows"]}
        return count["在办全部"], count["暂停"], page.paused

    assert shown() == (1, 0, 0)
    assert chen.get("/desk/", {"light": "paused"}).context["list"].rows == []
    held.update(flags=",urged,")
    assert shown() == (2, 1, 1), "somebody asks"
    assert [r["code"] for r in chen.get("/desk/", {"light": "paused"}).context["list"].rows] == [out.code]
    held.update(flags=",,", state="unchecked")
    assert shown() == (2, 1, 1), "a second person has to check it"
    held.update(state="published", due_at=directory.datetime.now(directory.LOCAL), warn_at=directory.datetime.now(directory.LOCAL))
    assert shown() == (2, 0, 0), "a clock runs"
