"""The life of a project: the station of 固安镇 begins it from what 王秀兰 said, counts before, acts, counts after, and tells her once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import came_of, registry, worker
from minan.kernel.access import CLOCK, SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.listen import Told
from minan.kernel.models import Case, Event, Message
from minan.kernel.procedure import Ask, Change, Child, Field, Procedure, State, Step, Words
from minan.systems.improvements import measure, page
from minan.systems.improvements.handlers import tell_who_spoke
from minan.systems.improvements.measure import Count

pytestmark = pytest.mark.django_db
BESIDE_MATTERS = pytest.mark.skipif(registry.get("matter") is None, reason="not run: beside a matter (no matters)")
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
VILLAGE, TOWN, LIGHTING = "131022100010", "131022100000", "131022-lighting"
PLACE = Field("place", Words("地点", "Place"), "place", required=True)
BEFORE = {"num": 12, "den": 40, "since": "2026-08-01", "until": "2026-08-31"}
AFTER = {"num": 2, "den": 42, "since": "2026-10-01", "until": "2026-10-31"}


def said(text: str = "老人一个人在家，没人照看", **more: Any) -> Case:
    opened = open_case("matter", by=SPEAKER, facts={"text": text, "place": VILLAGE, "phone": "13800000001"}, at=AT, **more)
    assert isinstance(opened, Opened), opened
    return opened.case


def begun(clerk: Any, **facts: Any) -> Case:
    given = {"title": "独居老人没人照看", "text": "八月以来，家里没人照看的老人老是出事。", "place": TOWN} | facts
    opened = open_case("improvement", by=actor(clerk), facts=given, at=AT, channel="desk")
    assert isinstance(opened, Opened), (opened, getattr(opened, "errors", ""))
    worker.settle(AT)
    return opened.case


def done(case: Case, step: str, who: Any, /, at: datetime = AT, **facts: Any) -> Event | Refused:
    case.refresh_from_db()
    result = act(case, step, by=who if isinstance(who, Actor) else actor(who), facts=facts, at=max(at, case.changed_at))
    worker.settle(max(at, case.changed_at))
    case.refresh_from_db()
    return result


def must(case: Case, step: str, who: Any, /, at: datetime = AT, **facts: Any) -> Event:
    result = done(case, step, who, at, **facts)
    assert isinstance(result, Event), (step, result)
    return result


def counted(case: Case, clerk: Any) -> None:
    must(case, "measure", clerk, what="独居老人一周内没人看过的户数", better="less", goal="少于 5%")
    must(case, "before", clerk, **BEFORE)
    must(case, "act", clerk, what="十四个社区办托养中心", by="2026-12-20")


@BESIDE_MATTERS
def test_it_runs_from_what_was_said_to_a_count_after(people: dict[str, Any]) -> None:
    clerk, matter = people["clerk"], said()
    worker.settle(AT)
    case = begun(clerk, from_case=matter.code)
    assert (case.state, case.unit, case.facts["links"]) == ("planned", "131022100-station", [matter.code])
    counted(case, clerk)
    assert (case.state, case.light) == ("running", "milestone")
    must(case, "act_done", clerk, n=1, words="都开了，床 210 张")
    must(case, "cost", clerk, yuan=860000, source="街道民生实事资金")
    must(case, "after", clerk, **AFTER)
    must(case, "close", clerk, words="托养中心归街道管")
    assert (case.state, case.open) == ("closed", False)
    assert page.figures(case.facts)["verdict"] == "better"


def test_without_a_count_after_it_cannot_be_closed(people: dict[str, Any]) -> None:
    clerk = people["clerk"]
    case = begun(clerk)
    assert isinstance(done(case, "before", clerk, **BEFORE), Refused)  # first say how it is counted
    counted(case, clerk)
    must(case, "act_done", clerk, n=1, words="开了")
    refused = done(case, "close", clerk, words="挺好")
    assert isinstance(refused, Refused)
    assert refused.rule == "after_first"
    must(case, "after", clerk, **AFTER)
    must(case, "act", clerk, what="再培训一次护理员", by="2026-12-20")
    left = done(case, "close", clerk, words="挺好")
    assert isinstance(left, Refused)
    assert left.rule == "nothing_open"
    must(case, "act_off", clerk, n=2, words="不用再培训")
    must(case, "close", clerk, words="挺好")


@pytest.mark.parametrize(
    "wrong",
    [
        {"num": 43}, {"num": -1}, {"until": "2026-09-30"}, {"until": "2026-12-01"}, {"since": "2026-08-31"}, {"num": 2, "den": 0},
    ],
)  # fmt: skip
def test_numbers_that_cannot_be_are_refused(people: dict[str, Any], wrong: dict[str, Any]) -> None:
    case = begun(people["clerk"])
    counted(case, people["clerk"])
    assert isinstance(done(case, "after", people["clerk"], **AFTER | wrong), Refused)


@BESIDE_MATTERS
def test_who_spoke_is_told_once_each_by_their_own_channel(people: dict[str, Any]) -> None:
    clerk, first, second = people["clerk"], said(), said("我娘摔在家里半天没人知道")
    worker.settle(AT)
    case = begun(clerk, from_case=first.code)
    must(case, "link", clerk, code=second.code)
    assert isinstance(done(case, "link", clerk, code=second.code), Refused)
    assert isinstance(done(case, "tell", clerk), Refused), "publish first"
    must(case, "publish", clerk, headline="十四个社区办了托养中心", words="八月有老人在家出事，街道在十四个社区办了托养中心，有两百多张床。")
    must(case, "tell", clerk)
    told = Message.objects.filter(case_id__in=[first.id, second.id], to="speaker", words__contains="带来了改进")
    assert {(m.case_id, m.channel) for m in told} == {(c.id, way) for c in (first, second) for way in ("page", "sms")}
    assert case.facts["told"] == 2
    must(case, "tell", clerk)  # pressed again, and delivered again
    tell_who_spoke([Told(case.id, case.county, case.id, case.n, "improvement.tell", AT)])
    assert (told.count(), case.facts["told"]) == (4, 2)
    for one in (first, second):
        assert Event.objects.filter(case_id=one.id, step=came_of.NAME).count() == 1
    third = said("楼道灯不亮")
    worker.settle(AT)
    must(case, "link", clerk, code=third.code)
    must(case, "tell", clerk)
    assert case.facts["told"] == 3


@BESIDE_MATTERS
def test_only_what_its_reader_may_see_is_linked(people: dict[str, Any]) -> None:
    clerk = people["clerk"]
    case = begun(clerk)
    private = open_case("matter", by=SPEAKER, facts={"text": "不想让人知道", "place": VILLAGE, "confidential": True, "kind": "lamp.out"}, at=AT)
    elsewhere = open_case("matter", by=SPEAKER, facts={"text": "别的县的路灯", "place": "131081001003"}, at=AT)
    assert isinstance(private, Opened)
    assert isinstance(elsewhere, Opened)
    for code in (private.case.code, elsewhere.case.code, "GA0000000000000"):
        assert isinstance(done(case, "link", clerk, code=code), Refused)
    refused = open_case("improvement", by=actor(clerk), facts={"title": "x", "text": "y", "place": TOWN,
        "from_case": elsewhere.case.code}, at=AT)
    assert isinstance(refused, Refused)


def test_another_unit_enters_its_own_action_and_no_other(people: dict[str, Any]) -> None:
    clerk, handler = people["clerk"], people["handler"]
    case = begun(clerk)
    counted(case, clerk)
    with pytest.raises(Case.DoesNotExist):
        done(case, "act_done", handler, n=1, words="不是我们的")
    must(case, "act", clerk, what="托养中心门口装灯", who=LIGHTING, by="2026-12-01")
    assert isinstance(done(case, "act_done", handler, n=1, words="不是我们的"), Refused)
    must(case, "act_done", handler, n=2, words="装了六盏")
    assert [a["state"] for a in case.facts["actions"]] == ["open", "done"]


def test_an_action_past_its_day_reminds_and_goes_up(people: dict[str, Any]) -> None:
    case = begun(people["clerk"])
    counted(case, people["clerk"])
    worker.settle(datetime(2026, 12, 21, 1, 0, tzinfo=UTC))
    assert "remind" in Event.objects.filter(case_id=case.id).values_list("step", flat=True)
    case.refresh_from_db()
    must(case, "act_done", people["clerk"], datetime(2026, 12, 21, 2, 0, tzinfo=UTC), n=1, words="晚了一天，做完了")
    assert case.light != "milestone"


def test_a_call_for_help_begins_it_as_its_child_by_name(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A procedure that knows only the name: the project lies with the same desk, tells its speaker, and outlives it."""
    W = Words

    def improve(ask: Ask) -> Change:
        return Change(children=(Child("improvement", {"title": "老人在家没人照看", "text": "八月里三次呼救，都是独居老人。"}, "improvement"),))

    every = ("there", "over")
    call = Procedure(
        "august", 1, W("呼救", "Call"), (State("there", W("在", "On"), holder="desk"), State("over", W("完", "Over"), final=True, keep_days=9)),
        (
            Step("improve", W("立改进项目", "Improve"), ("desk",), every, effect=improve, done=W("立了", "Begun")),
            Step("end", W("结束", "End"), ("desk", "clock"), ("there",), "over", stops=("*",), done=W("完了", "Over")), came_of.step(every),
        ),
        (), opening=Step("press", W("按", "Press"), ("speaker",), to="there", effect=lambda ask: Change(set={"title": "呼救"}),
        done=W("按了", "Pressed"),
                         fields=(PLACE,)), first="there", privacy="confidential",
    )  # fmt: skip
    known = dict(registry.procedures()) | {"august": call}
    monkeypatch.setattr(registry, "procedures", lambda: known)
    pressed = open_case("august", by=SPEAKER, facts={"place": VILLAGE}, at=AT)
    assert isinstance(pressed, Opened)
    must(pressed.case, "improve", people["clerk"])
    must(pressed.case, "end", people["clerk"])
    project = Case.objects.get(procedure="improvement", parent=pressed.case.id)
    assert (project.desk, project.title, project.open, project.privacy) == ("131022100-station", "老人在家没人照看", True, "")
    must(project, "publish", people["clerk"], headline="办了托养中心", words="十四个社区办了托养中心。")
    must(project, "tell", people["clerk"])
    assert Message.objects.filter(case_id=pressed.case.id, to="speaker", words__contains="带来了改进").count() == 1


@BESIDE_MATTERS
def test_a_matter_begins_it_and_its_speaker_is_told(people: dict[str, Any]) -> None:
    matter, clerk = said(), people["clerk"]
    must(matter, "improve", clerk, title="老人在家没人照看", words="一个月里说了五回")
    assert isinstance(done(matter, "improve", clerk, title="再来", words="一回"), Refused)
    project = Case.objects.get(procedure="improvement", parent=matter.id)
    must(project, "publish", clerk, headline="办了托养中心", words="十四个社区办了托养中心。")
    must(project, "tell", clerk)
    assert Event.objects.filter(case_id=matter.id, step=came_of.NAME).count() == 1


def test_before_and_after_say_how_sure_one_can_be() -> None:
    few, many = Count(3, 10, AT.date(), AT.date()), Count(300, 1000, AT.date(), AT.date())
    assert measure.verdict(few, Count(1, 10, AT.date(), AT.date()), "less") == "unclear"
    assert measure.verdict(many, Count(100, 1000, AT.date(), AT.date()), "less") == "better"
    assert measure.verdict(many, Count(100, 1000, AT.date(), AT.date()), "more") == "worse"
    low, high = measure.wilson(0, 20)
    assert (low, round(high, 3)) == (0.0, 0.161)  # the textbook's own numbers
    low, high = measure.poisson(0)
    assert low == 0.0
    assert 1 < high < 4
    week = Count(0, 0, AT.date() - timedelta(days=6), AT.date())
    assert (week.days, week.value) == (7, 0.0)


def test_the_public_page_knows_no_code_and_no_village(people: dict[str, Any]) -> None:
    case = begun(people["clerk"], place=VILLAGE)
    assert page.public() == []
    must(case, "publish", people["clerk"], headline="办了托养中心", words="十四个社区办了托养中心。")
    (row,) = page.public()
    assert "朝阳" not in str(row)
    assert case.code not in str(row)
    assert row["place"].endswith("固安镇")
    must(case, "unpublish", people["clerk"])
    assert page.public() == []
    assert isinstance(done(case, "told", people["clerk"], n=99), Refused)
    assert isinstance(act(case, "told", by=CLOCK, facts={"n": 1}), Event)
