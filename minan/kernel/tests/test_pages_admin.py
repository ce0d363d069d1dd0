"""Gao Yuan changes the city's rules: each change an edition with before and after, open matters keep theirs, nonsense is refused."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from minan.kernel import access, config, directory, labels
from minan.kernel.access import actor
from minan.kernel.models import (
    Clock,
    Delivery,
    Duty,
    Edition,
    Kind,
    LimitRule,
    OfficeHours,
    Post,
    Proposal,
    Question,
    RestDay,
    StandardAnswer,
    Unit,
    User,
)
from minan.kernel.pages.admin_forms import hours_text, hours_value, options_value
from minan.kernel.pages.admin_tables import TABLES
from minan.kernel.tests import office
from minan.lib.uuid7 import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False


@pytest.fixture
def gao(people: dict[str, Any]) -> Client:
    return office.signed_in(people["admin"])


@pytest.fixture
def lu(people: dict[str, Any]) -> Client:
    return office.signed_in(people["security"])


@pytest.fixture
def keeper_of(gao: Client, lu: Client) -> Any:
    """Whose table it is: people and posts are the security administrator's."""
    return lambda table: lu if table in ("people", "posts") else gao


def limit(clock: str = "accept", urgency: str = "", size: str = "", group: str = "") -> LimitRule:
    return LimitRule.objects.get(until=None, clock=clock, urgency=urgency, size=size, group=group)


def sent(client: Client, table: str, row: Any, **values: Any) -> Any:
    """The row's form as the page shows it, with these values changed, posted."""
    path = f"/admin/{table}/{row}/"
    form = client.get(path).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {n: v for n, v in data.items() if v not in (None, False)} | {"why": "文〔2026〕1 号"}
    return client.post(path, {n: v for n, v in (data | values).items() if v is not None})


def accept_clock(case: Any) -> Clock:
    return Clock.objects.get(case_id=case.id, name="accept")


@pytest.mark.parametrize("who", ["resident", "clerk", "handler", "supervisor", "stranger"])
def test_who_is_no_administrator_finds_no_such_page(people: dict[str, Any], who: str) -> None:
    client = office.signed_in(people[who])
    for path in (
        "/admin/",
        "/admin/limits/",
        f"/admin/limits/{limit().pk}/",
        "/admin/calendar/2026/",
        "/admin/people/?format=csv",
    ):
        assert client.get(path).status_code == 404, path
    assert client.post(f"/admin/people/{people['clerk'].pk}/password/").status_code == 404
    assert client.post(f"/admin/limits/{limit().pk}/", {"limit": "1h"}).status_code == 404
    assert limit().limit == "2wh"


def test_a_matter_keeps_the_limit_it_began_under(gao: Client) -> None:
    before = office.said()
    assert sent(gao, "limits", limit().pk, limit="4wh").status_code == 302
    after = office.said()
    assert (accept_clock(before).limit, accept_clock(after).limit) == ("2wh", "4wh")
    assert after.edition == before.edition + 1
    assert directory.limit("accept", "ordinary", "ordinary", "lamp.out", before.edition).limit == "2wh"  # type: ignore[union-attr]
    old = LimitRule.objects.get(clock="accept", urgency="", group="", limit="2wh")
    assert old.until == after.edition


def test_the_preview_says_how_many_keep_the_old_edition_and_changes_nothing(gao: Client) -> None:
    office.said()
    office.said()
    office.settled()
    answer = sent(gao, "limits", limit().pk, limit="4wh", preview="1")
    assert "正在办的 2 件仍按旧版" in answer.content.decode()
    assert limit().limit == "2wh"
    assert Edition.objects.count() == 1


@pytest.mark.parametrize("nonsense", ["soon", "2 hours", "0wd", "-3d", "9999999wd", ""])
def test_a_limit_that_is_none_is_refused_in_words(gao: Client, nonsense: str) -> None:
    answer = sent(gao, "limits", limit().pk, limit=nonsense or None)
    assert answer.status_code == 422
    assert answer.context["form"]["limit"].errors
    assert limit().limit == "2wh"


def test_two_limits_for_the_same_case_are_refused(gao: Client) -> None:
    row = limit("accept", "urgent")
    answer = sent(gao, "limits", row.pk, urgency="emergency")
    assert answer.status_code == 422
    assert "已经有了" in answer.content.decode()


def test_no_matter_is_left_without_a_limit(people: dict[str, Any]) -> None:
    with pytest.raises(config.Wrong) as wrong:
        config.end(LimitRule, limit().pk, "admin", "不要了")
    assert "accept, ordinary" in wrong.value.errors[""].zh
    with pytest.raises(config.Wrong):
        config.change(LimitRule, limit().pk, {"urgency": "urgent", "size": "simple"}, "admin", "改窄")
    assert limit().until is None


def test_an_unknown_word_is_refused_at_its_field(people: dict[str, Any]) -> None:
    for model, pk, values, field in (
        (LimitRule, limit().pk, {"clock": "lunch"}, "clock"),
        (Duty, Duty.objects.filter(until=None).first().pk, {"word": "wizards"}, "word"),  # type: ignore[union-attr]
        (Kind, "lamp.out", {"urgency": "whenever"}, "urgency"),
        (StandardAnswer, "accept_any", {"text": "{phone}"}, "text"),
        (Unit, "131022-lighting", {"hours": "moonlight"}, "hours"),
    ):
        with pytest.raises(config.Wrong) as wrong:
            config.change(model, pk, values, "admin", "试", second="security")
        assert list(wrong.value.errors) == [field], model
    assert Edition.objects.count() == 1


def test_the_log_says_who_changed_what_before_and_after(gao: Client) -> None:
    sent(gao, "kinds", "lamp.out", name="灯不亮")
    made = Edition.objects.latest("number")
    assert (made.by, made.before, made.after) == ("admin", {"name": "路灯不亮"}, {"name": "灯不亮"})
    assert "文〔2026〕1 号" in made.what
    page = gao.get(f"/admin/editions/{made.number}/").content.decode()
    assert "路灯不亮" in page
    assert "灯不亮" in page
    assert directory.city().kinds["lamp.out"].name == "灯不亮"
    assert gao.post(f"/admin/editions/{made.number}/", {"what": "x"}).status_code == 404


def test_a_change_without_a_reason_is_none(people: dict[str, Any]) -> None:
    with pytest.raises(config.Wrong) as wrong:
        config.change(Kind, "lamp.out", {"name": "灯"}, "admin", " ")
    assert "why" in wrong.value.errors


def test_who_looked_before_somebody_changed_it_is_told_so(gao: Client) -> None:
    seen = config.mark(Kind.objects.get(pk="lamp.out"))
    config.change(Kind, "lamp.out", {"name": "灯灭了"}, "admin", "改")
    with pytest.raises(config.Wrong) as wrong:
        config.change(Kind, "lamp.out", {"name": "灯坏了"}, "other", "改", seen=seen)
    assert wrong.value.errors[""] == config.FASTER
    row = limit()
    config.change(LimitRule, row.pk, {"limit": "4wh"}, "admin", "改")
    with pytest.raises(config.Wrong):
        config.change(LimitRule, row.pk, {"limit": "6wh"}, "other", "改")
    assert limit().limit == "4wh"


def test_a_duty_changes_in_its_place_and_only_for_later_matters(people: dict[str, Any]) -> None:
    before = office.said()
    row = Duty.objects.filter(until=None, kind="lamp.out").order_by("id").first()
    assert row is not None
    order = list(Duty.objects.filter(until=None, kind="lamp.out").order_by("id").values_list("level", flat=True))
    config.change(Duty, row.pk, {"word": "works"}, "admin", "机构改革")
    from minan.kernel import routing  # only this test asks

    assert routing.for_kind("lamp.out", office.VILLAGE, before.edition).unit == "131022-lighting"  # type: ignore[union-attr]
    assert routing.for_kind("lamp.out", office.VILLAGE, office.said().edition).unit == "131022-works"  # type: ignore[union-attr]
    assert (
        list(Duty.objects.filter(until=None, kind="lamp.out").order_by("id").values_list("level", flat=True)) == order
    )


def test_a_kind_is_never_left_to_nobody(people: dict[str, Any]) -> None:
    row = Duty.objects.filter(until=None, kind="lamp.out").exclude(level="village").first()
    assert row is not None
    with pytest.raises(config.Wrong):
        config.end(Duty, row.pk, "admin", "不管了")
    assert Duty.objects.filter(pk=row.pk, until=None).exists()


def test_a_new_clerk_gets_a_password_once_and_a_post_and_sees_her_inbox(lu: Client) -> None:
    answer = sent(lu, "people", "new", username="gu.new", name="新来的")
    someone = User.objects.get(username="gu.new")
    assert answer["Location"] == f"/admin/people/{someone.pk}/"
    assert not someone.has_usable_password()
    page = lu.post(f"/admin/people/{someone.pk}/password/")
    text = page.context["text"]
    someone.refresh_from_db()
    assert someone.check_password(text)
    assert "no-store" in page["Cache-Control"]
    assert not Edition.objects.filter(after__icontains=text).exists()
    assert text not in lu.get(f"/admin/people/{someone.pk}/").content.decode()
    sent(lu, "posts", "new", user_id="gu.new", unit_id="131022100-station", role="clerk")
    assert access.units_of(someone) == ["131022100-station"]


def test_an_ended_post_holds_nowhere_at_once(lu: Client, people: dict[str, Any]) -> None:
    case = office.said()
    clerk = office.signed_in(people["clerk"])
    assert clerk.get(f"/desk/{case.code}/").status_code == 200
    post = Post.objects.get(user=people["clerk"])
    assert lu.post(f"/admin/posts/{post.pk}/", {"end": "1", "why": "调走"}).status_code == 302
    assert actor(people["clerk"]).posts == ()
    assert clerk.get(f"/desk/{case.code}/").status_code == 404
    assert Post.objects.filter(pk=post.pk).exists()


def test_another_process_notices_an_ended_post_within_its_time(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert actor(people["clerk"]).posts
    monkeypatch.setattr(directory, "forget", lambda: None)  # another process: only the stamp tells it
    config.end(Post, Post.objects.get(user=people["clerk"]).pk, "admin", "调走")
    monkeypatch.setattr(directory, "_looked", directory._looked - directory.TTL - 0.1)
    assert actor(people["clerk"]).posts == ()


def test_the_last_administrator_cannot_lock_everybody_out(people: dict[str, Any]) -> None:
    post = Post.objects.get(user=people["admin"])
    for change in (
        lambda: config.end(Post, post.pk, "admin", "走了"),
        lambda: config.change(Post, post.pk, {"until": date(2020, 1, 1)}, "admin", "走了"),
        lambda: config.change(User, people["admin"].pk, {"is_active": False}, "admin", "走了"),
    ):
        with pytest.raises(config.Wrong):
            change()
    assert access.has_role(people["admin"], "admin")


def test_a_person_is_switched_off_and_never_deleted(lu: Client, people: dict[str, Any]) -> None:
    clerk = office.signed_in(people["clerk"])
    assert sent(lu, "people", people["clerk"].pk, is_active=None).status_code == 302
    assert User.objects.filter(username="clerk", is_active=False).exists()
    assert clerk.get("/desk/").status_code == 302
    with pytest.raises(config.Wrong):
        config.end(User, people["clerk"].pk, "admin", "删")


def test_a_unit_that_still_holds_matters_does_not_end(people: dict[str, Any]) -> None:
    office.assigned(people)
    today = timezone.localdate()
    for day in (today, today + timedelta(days=30)):
        with pytest.raises(config.Wrong):
            config.change(Unit, "131022-lighting", {"until": day}, "admin", "撤了")
    config.change(Unit, "131022-works", {"until": today}, "admin", "撤了")
    assert directory.office("131022-works") is None
    with pytest.raises(config.Wrong):
        config.change(Unit, None, {"name": "新单位"}, "admin", "设立")


def test_office_hours_are_written_as_lines_and_read_back_and_a_second_person_confirms_them(
    gao: Client, lu: Client
) -> None:
    text = "01-01 08:30-12:00 13:30-17:30\n05-01 08:00-12:00\n夜间有人"
    held = hours_value(text, {"label_en": "Hours"})
    assert hours_text(held) == text
    assert held["label_en"] == "Hours"
    answer = sent(gao, "hours", "default", seasons="01-01 12:00-08:30")
    assert answer.status_code == 422
    assert sent(gao, "hours", "default", seasons="never").status_code == 422
    assert sent(gao, "hours", "default", seasons=text)["Location"] == "/house/waiting/"
    assert not (OfficeHours.objects.get(pk="default").seasons or {}).get("night")
    put = Proposal.objects.get(state="waits")
    assert lu.post(f"/house/waiting/{put.pk}/", {"do": "confirm"}).status_code == 302
    assert OfficeHours.objects.get(pk="default").seasons["night"] is True


def test_a_question_and_its_options_are_lines(gao: Client) -> None:
    assert options_value("a | 甲 | A\nb | 乙 | B")[1] == {"value": "b", "zh": "乙", "en": "B"}
    new = {"kind_id": "lamp.hours", "code": "when", "label": "几点", "label_en": "When", "type": "choice", "rank": 0}
    assert sent(gao, "questions", "new", **new, options="a | 甲 | A").status_code == 422
    assert sent(gao, "questions", "new", **new, options="a | 甲").status_code == 422
    assert sent(gao, "questions", "new", **new, options="a | 早 | Early\nb | 晚 | Late").status_code == 302
    row = Question.objects.get(kind_id="lamp.hours", code="when")
    assert gao.post(f"/admin/questions/{row.pk}/", {"end": "1", "why": "不问了"}).status_code == 302
    assert not Question.objects.filter(pk=row.pk, until=None).exists()


def test_a_local_rest_day_moves_later_dates(people: dict[str, Any]) -> None:
    day = date(2026, 11, 25)
    assert directory.calendar("default").is_workday(day)
    config.change(RestDay, None, {"date": day, "working": False, "name": "停电"}, "admin", "通知", second="security")
    assert not directory.calendar("default").is_workday(day)


def test_the_calendar_shows_make_up_days_and_an_unpublished_year_alarms(gao: Client) -> None:
    page = gao.get("/admin/calendar/2026/").content.decode()
    assert "国庆节" in page
    assert "10 月 10 日（周六）" in page
    late = gao.get("/admin/calendar/2099/")
    assert late.context["known"] is False
    assert "还没公布" in late.content.decode()


def test_the_first_page_names_what_is_parked_and_what_nobody_does(gao: Client) -> None:
    assert "次投递停住了" not in gao.get("/admin/").content.decode()
    now = datetime.now(UTC)
    parked = {"listener": "kernel.tallies.count", "n": 1, "name": "x", "at": now, "next_at": None}
    Delivery.objects.create(county="131022", event=uuid7(), case_id=uuid7(), **parked)
    Kind.objects.create(
        code="sky.falls", group="sky", group_name="天", group_name_en="Sky", name="天塌", name_en="Sky falls"
    )
    directory.touch()
    page = gao.get("/admin/").content.decode()
    assert "1 次投递停住了" in page
    assert "1 类事没有单位管" in page
    holes = gao.get("/admin/kinds/?hole=duty").context["rows"]
    assert [row["cells"][0] for row in holes] == ["sky.falls"]


def test_four_thousand_units_come_in_pages_and_are_found_by_name(
    gao: Client, django_assert_max_num_queries: Any
) -> None:
    assert Unit.objects.count() > 4000
    gao.get("/admin/")
    for path in (
        "/admin/units/",
        "/admin/units/?page=50",
        "/admin/",
        "/admin/kinds/lamp.out/",
        "/admin/calendar/2026/",
    ):
        with django_assert_max_num_queries(12):
            assert gao.get(path).status_code == 200
    assert len(gao.get("/admin/units/").context["rows"]) == 50
    assert [r["cells"][0] for r in gao.get("/admin/units/?q=固安县路灯管理所").context["rows"]] == ["131022-lighting"]
    for path in (
        "/admin/units/?page=x",
        "/admin/secrets/",
        "/admin/limits/x/",
        "/admin/units/new/",
        "/admin/calendar/99999/",
    ):
        assert gao.get(path).status_code == 404, path


def test_a_table_leaves_as_a_file_without_formulas_or_passwords(lu: Client, people: dict[str, Any]) -> None:
    config.change(User, people["clerk"].pk, {"name": "=1+1"}, "admin", "试")
    text = b"".join(lu.get("/admin/people/?format=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:2] == ["username", "name"]
    assert "'=1+1" in text
    assert "password" not in rows[0]
    assert "argon2" not in text


@pytest.mark.parametrize("name", list(TABLES))
def test_every_table_and_its_form_open_in_both_languages(keeper_of: Any, name: str) -> None:
    gao = keeper_of(name)
    for lang in ("zh-hans", "en"):
        gao.cookies["django_language"] = lang
        answer = gao.get(f"/admin/{name}/?all=1")
        assert answer.status_code == 200
        if answer.context["rows"]:
            assert gao.get(answer.context["rows"][0]["url"]).status_code == 200
        if TABLES[name].new:
            assert gao.get(f"/admin/{name}/new/").status_code == 200


@pytest.mark.parametrize(
    ("lang", "gas", "point"),
    [("zh-hans", "燃气管理中心（gas）", "说事点（point）"), ("en", "Gas Supply Centre (gas)", "Speaking Point (point)")],
)
def test_a_department_is_chosen_by_what_people_call_it(gao: Client, lang: str, gas: str, point: str) -> None:
    with translation.override(lang):
        known = labels.departments()
    assert known["gas"] == gas
    assert known["point"].endswith(point)
    assert known["insurer"] == "insurer", "two of one place have no name in common"
    page = gao.get("/admin/routing/new/", headers={"accept-language": lang})
    assert gas in page.content.decode()
