"""Gao Yuan sees what a change of rules does before he publishes it; what then really happens is exactly what he saw."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minan.kernel import config, directory, planned, routing, verify, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, open_case
from minan.kernel.models import (
    Body,
    Case,
    Clock,
    Duty,
    Edition,
    Event,
    LimitRule,
    Message,
    Planned,
    RestDay,
    RoutingRule,
)
from minan.kernel.tests import office
from minan.kernel.tests.test_pages_admin import limit, sent

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
RULE = {
    "rank": 5, "kind": "lamp.out", "place": "131022100000", "words": "小区", "level": "county", "word": "works",
    "rule": "固办〔2026〕9 号", "article": "小区里的路灯归市政",
}  # fmt: skip
PLAIN = RULE | {"words": ""}
NAMED = "小区东门高玉梅家门口的灯不亮。"


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False


@pytest.fixture
def gao(people: dict[str, Any]) -> Client:
    return office.signed_in(people["admin"])


def as_set(seen: planned.Preview) -> set[tuple[str, str, datetime]]:
    return {(m.code, m.name, m.due) for m in seen.moves}


def ends() -> dict[Any, datetime]:
    return dict(Clock.objects.filter(done_at=None).values_list("id", "due_at"))


def really(before: dict[Any, datetime]) -> set[tuple[str, str, datetime]]:
    """(code, clock, date) of every end that is another one now."""
    codes = dict(Case.objects.values_list("id", "code"))
    rows = Clock.objects.filter(id__in=before).values_list("id", "case_id", "name", "due_at")
    return {(codes[case], name, due) for pk, case, name, due in rows if due != before[pk]}


def carried() -> None:
    while planned.carry(datetime.now(UTC)):
        pass


def open_ones(people: dict[str, Any]) -> None:
    """Matters at several stops: just said, assigned yesterday, one that waits for its speaker."""
    office.said()
    office.said(days=3)
    office.assigned(people, 1)
    waiting = office.assigned(people, 2)
    office.go(waiting, "ask_more", actor(people["clerk"]), words="哪一盏")


@pytest.mark.parametrize("also", [planned.NEARER, planned.ALL])
@pytest.mark.parametrize("term", ["1wh", "4wd"])
def test_what_is_moved_is_what_was_shown(people: dict[str, Any], also: str, term: str) -> None:
    open_ones(people)
    row, before = LimitRule.objects.filter(until=None, clock="answer", size__in=("", "ordinary"), urgency="", group="").first(), ends()
    assert row is not None
    seen = config.moves(LimitRule, row.pk, {"limit": term}, also)
    config.change(LimitRule, row.pk, {"limit": term}, "admin", "改", also=also, base=seen.mark)
    assert ends() == before, "nothing moves in the request itself"
    carried()
    assert really(before) == as_set(seen)
    assert verify.check(pages=False).faults == []


def test_by_default_a_limit_moves_nothing_that_is_open(people: dict[str, Any]) -> None:
    open_ones(people)
    before = ends()
    config.change(LimitRule, limit().pk, {"limit": "1wh"}, "admin", "改")
    carried()
    assert (really(before), Planned.objects.count()) == (set(), 0)


def test_a_promise_is_not_taken_back_unless_a_person_says_so_and_then_the_speaker_is_told(people: dict[str, Any]) -> None:
    case = office.said()
    row = limit()
    assert config.moves(LimitRule, row.pk, {"limit": "3wd"}, planned.NEARER).moves == []
    seen = config.moves(LimitRule, row.pk, {"limit": "3wd"}, planned.ALL)
    assert (seen.cases, seen.later) == (1, 1)
    config.change(LimitRule, row.pk, {"limit": "3wd"}, "admin", "改", also=planned.ALL, base=seen.mark)
    office.settled()
    event = Event.objects.get(case_id=case.id, step="recounted")
    assert Message.objects.filter(case_id=case.id, n=event.n, to="speaker").exists()
    clock = Clock.objects.get(case_id=case.id, name="accept")
    assert (clock.limit, clock.due_at) == ("3wd", seen.moves[0].due)


def test_a_rest_day_pushes_ends_on_and_never_forward(people: dict[str, Any]) -> None:
    office.assigned(people, 0)
    day = next(d for n in range(1, 9) if directory.calendar("default").is_workday(d := (NOW + timedelta(days=n)).date()))
    before, values = ends(), {"date": day, "working": False, "name": "停办一天"}
    seen = config.moves(RestDay, None, values)
    assert seen.moves
    assert all(m.due > m.was for m in seen.moves)
    config.change(RestDay, None, values, "admin", "停电", second="security", base=seen.mark)
    carried()
    assert really(before) == as_set(seen)
    row = RestDay.objects.get(date=day)
    assert config.moves(RestDay, row.pk, {"working": True}).moves == []


def test_who_published_on_an_old_look_is_asked_to_look_again(people: dict[str, Any]) -> None:
    office.said()
    seen = config.moves(LimitRule, limit().pk, {"limit": "1wh"}, planned.NEARER)
    office.said()
    with pytest.raises(config.Wrong) as wrong:
        config.change(LimitRule, limit().pk, {"limit": "1wh"}, "admin", "改", also=planned.NEARER, base=seen.mark)
    assert wrong.value.errors[""] == planned.LOOK_AGAIN
    assert (limit().limit, Planned.objects.count()) == ("2wh", 0)


def test_a_worker_killed_half_way_goes_on_where_it_was(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        office.said()
    before, row = ends(), limit()
    seen = config.moves(LimitRule, row.pk, {"limit": "1wh"}, planned.NEARER)
    config.change(LimitRule, row.pk, {"limit": "1wh"}, "admin", "改", also=planned.NEARER, base=seen.mark)
    monkeypatch.setattr(planned, "BATCH", 1)
    real, calls = planned._case, []

    def killed(*args: Any) -> bool:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(planned, "_case", killed)
    with pytest.raises(KeyboardInterrupt):
        carried()
    assert 0 < len(really(before)) < len(seen.moves)
    carried()
    assert really(before) == as_set(seen)
    assert Event.objects.filter(step="recounted").count() == len(seen.moves)


def test_what_ended_meanwhile_is_passed_over_and_said_so(people: dict[str, Any]) -> None:
    case, row = office.said(), limit()
    config.change(LimitRule, row.pk, {"limit": "1wh"}, "admin", "改", also=planned.NEARER)
    office.go(case, "accept", actor(people["clerk"]))
    carried()
    assert [p.done for p in Planned.objects.all()] == ["passed"]
    assert not Event.objects.filter(step="recounted").exists()


@given(
    term=st.sampled_from(["30wm", "1wh", "3h", "1wd", "2wd", "9wd", "3d", "20d"]), also=st.sampled_from([planned.NEARER, planned.ALL]),
    clock=st.sampled_from(["accept", "answer", "sign", "contact"]), days=st.lists(st.integers(0, 12), min_size=1, max_size=2),
)  # fmt: skip
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_changed_the_preview_is_what_happens(people: dict[str, Any], term: str, also: str, clock: str, days: list[int]) -> None:
    for back in days:
        office.said(back)
        office.assigned(people, back)
    for row in LimitRule.objects.filter(until=None, clock=clock, urgency="", group=""):
        if row.limit == term:
            continue
        before, seen = ends(), config.moves(LimitRule, row.pk, {"limit": term}, also)
        config.change(LimitRule, row.pk, {"limit": term}, "admin", "改", also=also, base=seen.mark)
        carried()
        assert really(before) == as_set(seen)


@given(ahead=st.integers(1, 20), working=st.booleans())
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_day_is_changed_the_preview_is_what_happens(people: dict[str, Any], ahead: int, working: bool) -> None:
    office.assigned(people, ahead % 4)
    day: date = (NOW + timedelta(days=ahead)).date()
    held = RestDay.objects.filter(date=day).first()
    if held is not None and held.working == working:
        return
    pk, values = (held.pk, {"working": working}) if held else (None, {"date": day, "working": working, "name": "试"})
    before, seen = ends(), config.moves(RestDay, pk, values)
    config.change(RestDay, pk, values, "admin", "试", second="security", base=seen.mark)
    carried()
    assert really(before) == as_set(seen)


# ---- routing


def test_a_rule_comes_before_the_duty_list_and_says_why(people: dict[str, Any]) -> None:
    before = office.said()
    config.change(RoutingRule, None, RULE, "admin", "定的")
    after = office.said()
    why = routing.for_case(after.as_view())
    assert why is not None
    assert (why.unit, why.rule, why.by) == ("131022-works", RULE["rule"], "rule")
    assert "小区" in why.words.zh
    assert "it says “小区”" in why.words.en
    held = routing.for_case(before.as_view())
    assert held is not None
    assert (held.unit, held.by) == ("131022-lighting", "duty"), "pinned to the edition it began under"
    other = routing.for_case(office.said(text="大街上的灯不亮").as_view())
    assert other is not None
    assert other.unit == "131022-lighting"


def test_the_first_line_by_rank_wins_and_an_ended_one_no_more(people: dict[str, Any]) -> None:
    config.change(RoutingRule, None, RULE, "admin", "定的")
    config.change(RoutingRule, None, RULE | {"rank": 1, "word": "", "level": "", "unit": "131022-urban", "rule": "R1"}, "admin", "定的")
    case = office.said()
    assert routing.for_case(case.as_view()).unit == "131022-urban"  # type: ignore[union-attr]
    config.end(RoutingRule, RoutingRule.objects.get(rule="R1", until=None).pk, "admin", "停")
    assert routing.for_case(office.said().as_view()).unit == "131022-works"  # type: ignore[union-attr]
    assert routing.for_case(case.as_view()).unit == "131022-urban"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"word": "", "level": ""}, "unit"), ({"unit": "131022-works"}, "unit"), ({"kind": "x.y"}, "kind"), ({"place": "9"}, "place"),
        ({"kind": "", "place": "", "words": ""}, "kind"), ({"level": "village", "word": "point"}, "kind"), ({"article": ""}, "article"),
    ],
)  # fmt: skip
def test_a_line_that_makes_no_sense_is_refused_at_its_field(people: dict[str, Any], change: dict[str, str], field: str) -> None:
    with pytest.raises(config.Wrong) as wrong:
        config.change(RoutingRule, None, RULE | change, "admin", "定的")
    assert field in wrong.value.errors
    assert Edition.objects.count() == 1


def test_the_last_30_days_are_tried_before_a_rule_is_published(people: dict[str, Any]) -> None:
    office.judged(people, 2)
    office.assigned(people, 1)
    office.assigned(people, 45)
    office.said()
    seen = config.dry(RoutingRule, None, PLAIN, "admin")
    assert (seen.seen, seen.elsewhere) == (2, 2), "two handed to a unit within 30 days"
    assert (seen.answered, seen.right_before, seen.right_after) == (1, 1, 0)
    assert {u: (a, b) for u, a, b in seen.units()} == {"131022-lighting": (2, 0), "131022-works": (0, 2)}
    assert not RoutingRule.objects.filter(rule=RULE["rule"]).exists()
    row = Duty.objects.filter(until=None, kind="lamp.out").exclude(level="village").first()
    assert row is not None
    assert config.dry(Duty, row.pk, {"word": "works"}, "admin").elsewhere == 2
    assert not Event.objects.filter(step="try").exists(), "only what asks for words is written down"


def test_he_looks_first_and_publishes_with_a_second_press(gao: Client, people: dict[str, Any]) -> None:
    case = office.judged(people, 2)
    first = sent(gao, "routing", "new", **PLAIN)
    page = first.content.decode()
    assert first.status_code == 200
    assert "有 1 件会换一个单位" in page
    assert f"{case.code[:5]}" in page
    assert case.text not in page, "administrators read no matter"
    assert not RoutingRule.objects.filter(rule=RULE["rule"]).exists()
    assert sent(gao, "routing", "new", **PLAIN, base=first.context["ahead"]["base"]).status_code == 302
    row = RoutingRule.objects.get(rule=RULE["rule"], until=None)
    ended = gao.post(f"/admin/routing/{row.pk}/", {"end": "1", "preview": "1"})
    assert "有 1 件会换一个单位" in ended.content.decode()
    blind = gao.post(f"/admin/routing/{row.pk}/", {"end": "1", "why": "停"})
    assert blind.status_code == 200, "not ended before it was looked at"
    assert 'value="停"' in blind.content.decode(), "nothing typed is lost"
    done = {"end": "1", "why": "停", "base": ended.context["ahead"]["base"]}
    assert gao.post(f"/admin/routing/{row.pk}/", done).status_code == 302
    assert not RoutingRule.objects.filter(until=None, rule=RULE["rule"]).exists()


def test_a_duty_is_looked_at_before_it_is_published_or_ended(gao: Client, people: dict[str, Any]) -> None:
    office.judged(people, 2)
    row = Duty.objects.filter(until=None, kind="lamp.out").exclude(level="village").first()
    assert row is not None
    first = sent(gao, "duties", row.pk, word="works")
    assert first.status_code == 200
    assert "有 1 件会换一个单位" in first.content.decode()
    other = sent(gao, "duties", row.pk, word="urban", base=first.context["ahead"]["base"])
    assert other.status_code == 200, "what was looked at is not what is published"
    assert Duty.objects.filter(pk=row.pk, until=None, word=row.word).exists()
    assert sent(gao, "duties", row.pk, word="works", base=first.context["ahead"]["base"]).status_code == 302
    held = Duty.objects.get(until=None, kind="lamp.out", word="works")
    new = {"kind": "lamp.out", "level": "city", "word": "urban", "rule": "廊办 3", "article": "兜底"}
    looked = sent(gao, "duties", "new", **new)
    assert looked.status_code == 200
    assert sent(gao, "duties", "new", **new, base=looked.context["ahead"]["base"]).status_code == 302
    assert gao.post(f"/admin/duties/{held.pk}/", {"end": "1", "why": "停"}).status_code == 200
    assert Duty.objects.filter(pk=held.pk, until=None).exists(), "nobody ends it unseen"


@pytest.mark.parametrize("how_many", [0, 1, 4, 6])
def test_nobody_tries_out_whether_a_name_stands_in_somebodys_matter(gao: Client, people: dict[str, Any], how_many: int) -> None:
    """A rule whose words are a name tells no code and no small number, and the register has it with who asked."""
    named = [office.assigned(people, 1, NAMED) for _ in range(how_many)]
    office.assigned(people, 1)
    answer = sent(gao, "routing", "new", **(RULE | {"words": "高玉梅"}))
    ahead = answer.context["ahead"]
    assert (ahead["dry"].elsewhere, ahead["examples"]) == (5 if how_many == 6 else 0, [])
    assert [row["change"] for row in ahead["dry_units"]] == (["-5", "+5"] if how_many == 6 else [])
    page = answer.content.decode()
    assert "少于 5 件" in page
    assert not any(case.code[:5] in page for case in named)
    event = Event.objects.get(step="try")
    told = json.loads(Body.objects.get(case_id=event.case_id, n=event.n).text)["facts"]["what"]
    assert json.loads(told)["words"] == ["高玉梅"]
    assert event.by.endswith("admin")


def test_a_published_line_with_words_gives_no_example_of_its_own(people: dict[str, Any]) -> None:
    config.change(RoutingRule, None, RULE | {"words": "高玉梅"}, "admin", "定的")
    _named, other = office.assigned(people, 1, NAMED), office.assigned(people, 1)
    seen = config.dry(RoutingRule, None, PLAIN | {"rank": 1, "word": "", "level": "", "unit": "131022-urban", "rule": "R1"}, "admin")
    assert [code for code, *_ in seen.examples] == [other.code]
    row = RoutingRule.objects.get(words="高玉梅", until=None)
    assert config.dry(RoutingRule, row.pk, None, "admin").coarse, "so does ending it"
    assert Event.objects.filter(step="try").count() == 1


def test_a_limit_for_what_is_open_shows_the_dates_before_it_is_done(gao: Client, people: dict[str, Any]) -> None:
    case = office.said()
    first = sent(gao, "limits", limit().pk, limit="1wh", also=planned.NEARER)
    assert first.status_code == 200
    assert "会移动 1 件在办的事的 1 个到期日" in first.content.decode()
    office.said()
    stale = sent(gao, "limits", limit().pk, limit="1wh", also=planned.NEARER, base=first.context["ahead"]["base"])
    assert stale.status_code == 422
    assert "会移动 2 件" in stale.content.decode()
    assert sent(gao, "limits", limit().pk, limit="1wh", also=planned.NEARER, base=stale.context["ahead"]["base"]).status_code == 302
    worker.settle(datetime.now(UTC))
    assert Clock.objects.get(case_id=case.id, name="accept").limit == "1wh"


def test_what_is_said_in_confidence_moves_with_the_rest_and_no_page_names_it(gao: Client, people: dict[str, Any]) -> None:
    plain = office.said()
    kept = open_case("matter", by=SPEAKER, facts={"text": "主任打人", "place": office.VILLAGE, "kind": "lamp.out"}, privacy="confidential")
    assert isinstance(kept, Opened)
    values = {"limit": "1wh", "also": planned.NEARER}
    answer = sent(gao, "limits", limit().pk, **values)
    ahead, page = answer.context["ahead"], answer.content.decode()
    assert "会移动 2 件在办的事的 2 个到期日" in page
    assert [row["code"] for row in ahead["moves"]] == [plain.code]
    assert (sum(row["near"] for row in ahead["move_units"]), ahead["rest"]) == (1, 1)
    assert kept.case.code[:5] not in page
    before, seen = ends(), config.moves(LimitRule, limit().pk, {"limit": "1wh"}, planned.NEARER)
    assert sent(gao, "limits", limit().pk, **values, base=ahead["base"]).status_code == 302
    carried()
    assert really(before) == as_set(seen), "what moves is all of what was counted"
    assert len(really(before)) == 2


@pytest.mark.parametrize("who", ["resident", "clerk", "handler", "supervisor", "stranger"])
def test_nobody_else_finds_the_routing_table(people: dict[str, Any], who: str) -> None:
    client = office.signed_in(people[who])
    assert client.get("/admin/routing/").status_code == 404
    assert client.post("/admin/routing/new/", RULE | {"why": "x", "preview": "1"}).status_code == 404
