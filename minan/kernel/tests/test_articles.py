"""Articles of law by kind: beside the matter, for everybody to look up, and marked where nobody checked them in time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from minan.kernel import articles, config, rulebook
from minan.kernel.models import Article, Case, Edition, Event, User
from minan.kernel.tests import office
from tests.house import browser

pytestmark = pytest.mark.django_db
MANHOLE = "第一千二百五十八条"


def codes(found: list[articles.Cited]) -> list[str]:
    return [one.code for one in found]


def checked(code: str, days_ago: int) -> None:
    config.change(
        Article, code, {"checked": timezone.localdate() - timedelta(days=days_ago)}, "admin", "对过公布的文本"
    )


def test_a_kind_has_its_own_articles_first_then_its_groups_and_no_other(city: None) -> None:
    assert codes(articles.of_kind("housing.fees")) == ["property_fees", "falling"]
    assert codes(articles.of_kind("road.manhole")) == ["manhole", "manhole_repair"]
    assert articles.of_kind("lamp.out") == []
    assert articles.of_kind("no.such") == []


def test_what_nobody_checked_or_too_long_ago_says_so(city: None) -> None:
    one = articles.of_kind("dispute.neighbour")[0]
    assert (one.checked, one.stale) == (None, True)
    checked("neighbours", 365)
    assert not articles.of_kind("dispute.neighbour")[0].stale
    checked("neighbours", 366)
    assert articles.of_kind("dispute.neighbour")[0].stale


def test_words_are_looked_for_all_together_in_both_languages(city: None) -> None:
    assert codes(articles.found("停水 催")) == ["property_fees"]
    assert codes(articles.found("NEIGHBOUR", "dispute.neighbour")) == ["neighbours"]
    assert articles.found("停水 井盖") == []
    assert len(articles.found()) == Article.objects.count() == 12
    with translation.override("en"):
        assert articles.of_kind("labor.wages")[0].title.startswith("Wages")


def test_the_clerk_reads_it_beside_the_matter(people: dict[str, User]) -> None:
    case: Case = office.said(kind="road.manhole", text="井盖没了")
    page = browser(people["clerk"]).get(f"/desk/{case.code}/").content.decode()
    assert MANHOLE in page
    assert "还没核对" in page
    assert "/articles/?kind=road.manhole" in page
    other = office.said(kind="lamp.out", text="灯不亮")
    assert 'id="h-law"' not in browser(people["clerk"]).get(f"/desk/{other.code}/").content.decode()


def test_anybody_looks_it_up_and_is_told_where_there_is_nothing(city: None, django_assert_max_num_queries: Any) -> None:
    somebody = Client()
    page = somebody.get("/articles/", {"kind": "road.manhole"}).content.decode()
    assert MANHOLE in page
    assert "第二百八十八条" not in page
    with django_assert_max_num_queries(1):  # at most whether the city has changed
        assert MANHOLE in somebody.get("/articles/", {"kind": "road.manhole"}).content.decode()
    nothing = somebody.get("/articles/", {"kind": "lamp.out"}).content.decode()
    assert "“路灯不亮”还没有收进哪一条" in nothing
    strange = somebody.get("/articles/", {"q": "<b>\x00zzz", "kind": "no.such"}).content.decode()
    assert "没有找到" in strange
    assert "&lt;b&gt;zzz" in strange


def test_the_administrator_changes_checks_and_ends_one(people: dict[str, User]) -> None:
    before = Event.objects.filter(step="rule").count()
    checked("manhole", 0)
    assert Event.objects.filter(step="rule").count() == before + 1
    assert Edition.objects.latest("number").after == {"checked": timezone.localdate().isoformat()}
    hole = browser(people["admin"]).get("/admin/articles/", {"hole": "stale"}).content.decode()
    assert "/admin/articles/manhole_repair/" in hole
    assert "/admin/articles/manhole/" not in hole
    config.change(Article, "manhole", {"active": False}, "admin", "废止")
    assert codes(articles.of_kind("road.manhole")) == ["manhole_repair"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "road.moon"}, "kind"),
        ({"kind": "road.manhole", "group": "lamp"}, "kind"),
        ({"text": ""}, "text"),
        ({"checked": timezone.localdate() + timedelta(days=1)}, "checked"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(people: dict[str, User], values: dict[str, Any], field: str) -> None:
    with pytest.raises(config.Wrong) as wrong:
        config.change(Article, "neighbours", values, "admin", "试")
    assert list(wrong.value.errors) == [field]


def test_the_rulebook_carries_them_with_the_day_they_were_checked(people: dict[str, User]) -> None:
    checked("wages", 3)
    taken = rulebook.take_out()
    checked("wages", 1)
    rulebook.bring(taken, "admin", "带回来", second="security")
    assert Article.objects.get(code="wages").checked == timezone.localdate() - timedelta(days=3)
    assert {row["code"] for row in json.loads(taken)["tables"]["article"]} == set(
        Article.objects.values_list("code", flat=True)
    )
