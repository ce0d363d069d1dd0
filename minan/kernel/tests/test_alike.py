"""陈静 looks through what may be one matter on her own desk: she merges or holds apart, the machine does neither."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minan.kernel import directory, duplicates
from minan.kernel.models import Case, Event, Wall
from minan.kernel.tests.desks import desk_of, done, matter, person, text_of

pytest.importorskip("minan.systems.matters.procedure", reason="not run: groups of likely duplicates (no matters to show)")
pytestmark = pytest.mark.django_db
AGAIN = "东门外路灯三盏都不亮了，天黑看不见"
OTHER = {"text": "锦绣华庭楼上漏水，把天花板泡了", "kind": "housing.leak", "place_words": ""}


def groups(name: str) -> list[set[str]]:
    return [{row["case"].code for row in group["rows"]} for group in desk_of(name).get("/desk/alike/").context["groups"]]


def test_two_tellings_of_one_lamp_stand_in_one_group_with_what_they_share_and_another_thing_does_not(city: None) -> None:
    first, second = matter(), matter(text=AGAIN)
    matter(**OTHER)
    page = desk_of("clerk").get("/desk/alike/")
    (group,) = page.context["groups"]
    assert [row["case"].code for row in group["rows"]] == [first.code, second.code]
    assert "路灯" in group["why"]
    assert "同一天" in group["why"]
    assert [bool(row["into"]) for row in group["rows"]] == [False, True]
    assert f'value="{first.code}"' in text_of(desk_of("clerk").get(group["rows"][1]["into"]))


def test_looking_changes_nothing(city: None) -> None:
    matter()
    matter(text=AGAIN)
    before = Event.objects.count(), list(Case.objects.order_by("id").values_list("state", "version", "marks"))
    assert len(groups("clerk")) == 1
    assert (Event.objects.count(), list(Case.objects.order_by("id").values_list("state", "version", "marks"))) == before


def test_what_chen_jing_says_is_another_matter_is_never_grouped_again_with_it(city: None) -> None:
    first, second = matter(), matter(text=AGAIN)
    chen = desk_of("clerk")
    (group,) = chen.get("/desk/alike/").context["groups"]
    later = group["rows"][1]
    assert chen.post(later["note"], {"words": later["apart"]}).status_code == 302
    assert groups("clerk") == []
    third = matter(text="小区东门外路灯坏了三盏，老人摔了")
    for group_ in groups("clerk"):
        assert not {first.code, second.code} <= group_
    assert any(third.code in group_ for group_ in groups("clerk"))


def test_a_speaker_who_writes_the_words_of_that_note_holds_nothing_apart(city: None) -> None:
    first = matter()
    second = matter(text=AGAIN + "。" + duplicates.APART + first.code)
    assert groups("clerk") == [{first.code, second.code}]


def test_a_merged_one_is_no_longer_in_any_group(city: None) -> None:
    first, second = done(matter(), "accept", "clerk"), matter(text=AGAIN)
    done(second, "merge", "clerk", into=first.code)
    assert groups("clerk") == []


def test_zhou_min_of_the_next_township_sees_none_of_it(city: None) -> None:
    matter()
    matter(text=AGAIN)
    page = desk_of("stranger").get("/desk/alike/")
    assert page.context["groups"] == []
    assert "路灯" not in text_of(page)
    assert desk_of("resident").get("/desk/alike/").status_code == 404


def test_the_handler_and_the_county_group_nothing_that_lies_with_another_desk(city: None) -> None:
    matter()
    matter(text=AGAIN)
    assert groups("handler") == []
    assert groups("supervisor") == []


def test_what_is_confidential_is_in_no_group(city: None) -> None:
    matter()
    matter(text=AGAIN, confidential="on")
    assert groups("clerk") == []


def test_a_wall_keeps_its_matter_out_of_the_groups_of_whom_it_names(city: None) -> None:
    matter()
    second = matter(text=AGAIN)
    assert len(groups("clerk")) == 1
    Wall.objects.create(county=second.county, case_id=second.id, n=second.n, who=f"user:{person('clerk').pk}")
    assert groups("clerk") == []


def test_the_page_asks_twelve_times_at_most_and_says_when_it_has_not_read_all(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in (AGAIN, "东门外的路灯又不亮了", "小区东门外三盏灯黑着"):
        matter(text=text)
    chen = desk_of("clerk")
    directory.city()
    chen.get("/desk/alike/")
    with CaptureQueriesContext(connection) as made:
        whole = chen.get("/desk/alike/")
    assert len(made) <= 12
    assert not whole.context["cut"]
    monkeypatch.setattr(duplicates, "ALIKE_MOST", 2)
    cut: Any = chen.get("/desk/alike/")
    assert cut.context["read"] == 2
    assert "没有全看" in text_of(cut)
