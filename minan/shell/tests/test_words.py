"""How times, dates, rates and names read, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation

from minan.kernel.procedure import State, Words
from minan.shell import words

NOW = datetime(2026, 11, 19, 2, 24, tzinfo=UTC)  # Thursday, 10:24 in Langfang


def drawn(source: str, **values: object) -> str:
    return Template("{% load minan_tags %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("minutes", "staff", "resident"),
    [
        (34, "余 34 分", "还有 34 分钟"),
        (0.5, "余 不到 1 分", "还有 1 分钟"),
        (70, "余 1 时 10 分", "还有 1 小时"),
        (120, "余 2 时", "还有 2 小时"),
        (4 * 1440 + 200, "余 4 天", "还有 4 天"),
        (-65, "超 1 时 5 分", "已超 1 小时"),
        (-1560, "超 1 天 2 时", "已超 1 天"),
        (-11 * 1440 - 300, "超 11 天", "已超 11 天"),
    ],
)
def test_the_clerk_reads_minutes_and_the_resident_reads_plain_words(minutes: float, staff: str, resident: str) -> None:
    due = NOW + timedelta(minutes=minutes)
    assert words.left(due, NOW) == staff
    assert words.left(due, NOW, resident=True) == resident


def test_the_english_reader_gets_singular_and_plural() -> None:
    with translation.override("en"):
        assert words.left(NOW + timedelta(days=1), NOW, resident=True) == "1 day left"
        assert words.left(NOW + timedelta(days=3), NOW, resident=True) == "3 days left"
        assert words.left(NOW - timedelta(minutes=1560), NOW) == "1 d 2 h over"


def test_a_date_names_its_weekday_and_its_year_only_when_it_is_another() -> None:
    moment = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert words.when(moment, now=NOW) == "11 月 20 日（周五）17:30"
    assert words.when(moment, "desk", NOW) == "11-20 17:30"
    assert words.when(datetime(2026, 11, 19, 0, 52, tzinfo=UTC), "short", NOW) == "今天 08:52"
    assert words.when(date(2027, 1, 17), "desk", NOW) == "2027-01-17"
    assert words.when(moment, "full", NOW).startswith("2026 年")
    with translation.override("en"):
        assert words.when(moment, now=NOW) == "Fri 20 Nov, 17:30"


def test_a_day_kept_in_the_facts_of_a_case_reads_like_any_other() -> None:
    assert words.when("2026-11-20", "day", NOW) == "11 月 20 日（周五）"
    assert words.when("2026-11-20", "short", NOW) == "明天"
    assert words.when("not a day", "day", NOW) == "not a day"
    assert drawn("{% when day 'day' now %}", day="2026-11-20", now=NOW) == '<time datetime="2026-11-20">11 月 20 日（周五）</time>'
    assert drawn("{% when day 'day' %}", day="<b>") == '<time datetime="&lt;b&gt;">&lt;b&gt;</time>'
    assert drawn("{% when day %}", day="") == ""


def test_a_rate_refuses_to_stand_without_what_it_was_counted_from() -> None:
    assert words.rate(5342, 6390, "件评过的") == "83.6%：5,342 ÷ 6,390 件评过的"
    assert words.rate(0, 0, "件评过的") == "还算不出：0 件评过的"
    with pytest.raises(ValueError, match="denominator"):
        words.rate(5342, None, "件评过的")
    with pytest.raises(ValueError, match="denominator"):
        words.rate(5342, 6390, "")


def test_a_light_is_a_shape_and_words() -> None:
    clock = {"label": Words("交办", "Assign"), "light": "yellow", "due_at": NOW + timedelta(minutes=34), "now": NOW}
    assert drawn("{% light c named=True %}", c=clock) == '<span class="light is-amber">交办 余 34 分</span>'
    assert "is-done" in drawn("{% light c %}", c=clock | {"light": "met", "used": timedelta(minutes=38)})
    assert "用了 38 分" in drawn("{% light c %}", c=SimpleNamespace(light="met", used=timedelta(minutes=38)))
    assert "未起算" in drawn("{% light c %}", c={"light": ""})


def test_a_name_is_said_in_the_language_of_the_page() -> None:
    unit = SimpleNamespace(name="固安镇说事站", name_en="Gu'an Town station")
    state = State("said", Words("待受理", "Said"))
    assert [words.say(unit), words.say(state), words.say({"zh": "催", "en": "Urged"})] == [
        "固安镇说事站",
        "待受理",
        "催",
    ]
    with translation.override("en"):
        assert [words.say(unit), words.say(state), words.say({"zh": "催"})] == ["Gu'an Town station", "Said", "催"]


def test_what_a_resident_wrote_is_shown_letter_by_letter_and_never_as_markup() -> None:
    page = drawn('{% include "shell/parts/said.html" with words=w %}', w="<script>x()</script>\n第二行")
    assert "<script>" not in page
    assert "&lt;script&gt;x()&lt;/script&gt;" in page
    assert page.count("<p>") == 2


def test_the_days_of_a_long_count_keep_their_two_ends() -> None:
    days = [
        SimpleNamespace(date=date(2026, 11, 1) + timedelta(n), kind="counted", n=n, makeup=False, holiday="")
        for n in range(28)
    ]
    shown = words.day_strip(days)
    assert [day["day"] for day in shown] == [1, 2, 3, "…", 24, 25, 26, 27, 28]
    holiday = SimpleNamespace(date=date(2026, 10, 1), kind="rest", n=None, makeup=False, holiday="国庆节")
    assert words.day_strip([holiday])[0]["words"] == "国庆节"


def test_a_code_reads_in_three_groups() -> None:
    assert words.code_groups("GAH4K2M7QX0TW5J") == "GAH4K-2M7QX-0TW5J"
    assert words.code_groups("short") == "short"
