"""A matter of another system's: one number, one case; changed is added, cancelled is told, and who spoke lies in the vault alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.channels.exchange import intake, taking
from minan.channels.exchange.models import Foreign
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tests.partner import row, steps
from minan.kernel import access, act, speakers, worker
from minan.kernel.models import Body, Case, Clock, Message

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)  # Monday, 09:20 in Langfang


def take(partner: Partner, now: datetime = NOW, **more: Any) -> taking.Plan:
    return taking.take(partner, row(**more), now, "file")


def case_of(plan: taking.Plan) -> Case:
    assert plan.foreign is not None, plan.why
    return taking.case_of(plan.foreign)


def test_a_row_becomes_one_case_that_knows_its_number_there(hotline: Partner) -> None:
    plan = take(hotline)
    case = case_of(plan)
    assert plan.what == "opened"
    assert (case.kind, case.place, case.desk, case.channel) == (
        "lamp.out",
        "131022100010",
        "131022100-station",
        "exchange",
    )
    assert case.facts["foreign"] == {"sender": "12345热线", "number": "LF-2026-000001"}
    assert steps(case) == ["say", "came_in"]


def test_the_same_number_again_changes_nothing(hotline: Partner) -> None:
    first = case_of(take(hotline))
    again = take(hotline, NOW + timedelta(hours=1))
    assert again.what == "same"
    assert case_of(again).id == first.id
    assert Case.objects.count() == 1
    assert steps(first) == ["say", "came_in"]


def test_who_spoke_lies_in_the_vault_alone(hotline: Partner) -> None:
    case = case_of(take(hotline, 诉求内容="我是王秀兰，电话13812345678，东门路灯不亮"))
    known = speakers.known(case, who="speaker", why="own")
    assert (known["name"], known["phone"]) == ("王秀兰", "13812345678")
    foreign = Foreign.objects.values().get()
    written = json.dumps([foreign, *Body.objects.values_list("text", flat=True)], default=str, ensure_ascii=False)
    assert "13812345678" not in written
    assert "诉求人" not in written


def test_changed_content_is_added_to_the_case_and_its_desk_hears(hotline: Partner) -> None:
    case = case_of(take(hotline))
    plan = take(
        hotline, NOW + timedelta(hours=1), 诉求内容="东门路灯还是不亮，又摔了一个人，电话13900001111", 诉求人="李建民"
    )
    assert plan.what == "more"
    assert steps(case) == ["say", "came_in", "more_in"]
    text = Body.objects.get(case_id=case.id, n=3).text
    assert "又摔了一个人" in text
    assert "13900001111" not in text
    assert "李建民" not in text
    assert speakers.known(case_of(plan), who="speaker", why="own")["name"] == "李建民"
    worker.settle(NOW + timedelta(hours=1))
    assert Message.objects.filter(case_id=case.id, n=3, to="131022100-station", channel="board").exists()


def test_an_old_file_brought_again_after_a_newer_one_changes_nothing(hotline: Partner) -> None:
    case = case_of(take(hotline))
    assert take(hotline, 诉求内容="新的话").what == "more"
    assert take(hotline).what == "same"
    assert steps(case) == ["say", "came_in", "more_in"]


def test_what_is_cancelled_there_is_told_to_the_desk_which_ends_it(hotline: Partner, people: dict[str, Any]) -> None:
    case = case_of(take(hotline, 办理时限="2026-11-20 17:30"))
    assert take(hotline, 工单状态="已撤单").what == "cancelled"
    assert take(hotline, 工单状态="已撤单").what == "same"
    case.refresh_from_db()
    assert case.marks["foreign_cancelled"]
    assert Clock.objects.get(case_id=case.id, name="foreign").done_at is not None
    assert act.act(case, "end_cancelled", by=access.actor(people["clerk"]), at=NOW + timedelta(hours=2))
    assert case.state == "withdrawn"
    assert take(hotline, 工单状态="已撤单", number=9).what == "rejected"


def test_bad_rows_say_why_and_hold_up_nobody(hotline: Partner) -> None:
    rows = [
        row(1), row(2, 联系电话="12"), row(3, 办理时限="明天"), row(4, 区划代码="110000"), row(""), row(6, 标题="", 诉求内容=""),
        row(7, 受理时间="2031-01-01 08:00"), row(8, 办理时限="2199-12-31"), row(9, 是否保密="是", 区划代码="", 事发地址=""), row(10),
    ]  # fmt: skip
    done = intake.bring(hotline, rows, "file", NOW)
    assert done.counts == {"opened": 2, "rejected": 8}
    reasons = [plan.why.zh for plan in done.rejected if plan.why]
    for word in (
        "联系电话",
        "时限读不出来",
        "本市没有这个区划代码",
        "编号",
        "没有写是什么事",
        "将来",
        "太远",
        "区划代码",
    ):
        assert any(word in reason for reason in reasons), word
    assert Case.objects.count() == 2
    assert Foreign.objects.count() == 2, "a rejected row leaves nothing behind"


def test_the_rejected_rows_come_out_as_a_file_that_can_be_mended_and_given_again(hotline: Partner) -> None:
    from minan.channels.exchange.tables import rows_of

    done = intake.bring(hotline, [row(1, 联系电话="12", 标题="=1+1")], "file", NOW)
    left = rows_of(intake.rejected_file(done.rejected))
    assert left[0]["标题"] == "=1+1", "a formula is marked on the way out and read back as it was"
    assert "联系电话" in left[0]["原因"]
    mended = intake.bring(hotline, [left[0] | {"联系电话": "13812345678"}], "file", NOW)
    assert mended.counts == {"opened": 1}


def test_the_preview_says_what_the_import_then_does(hotline: Partner) -> None:
    take(hotline)
    rows = [
        row(1),
        row(2),
        row(2),
        row(2, 诉求内容="又坏了一盏"),
        row(3, 联系电话="1"),
        row(1, 工单状态="已撤单"),
        row(4, 诉求分类="新分类"),
    ]
    before = Case.objects.count()
    seen = intake.preview(hotline, rows, NOW)
    assert Case.objects.count() == before
    assert seen.plans[-1].hints[0].zh.startswith("分类“新分类”")
    done = intake.bring(hotline, rows, "file", NOW)
    assert (
        [p.what for p in done.plans]
        == [p.what for p in seen.plans]
        == ["same", "opened", "same", "more", "rejected", "cancelled", "opened"]
    )


def test_the_speaker_is_texted_where_the_partner_allows_it_and_never_where_it_tells_them_itself(
    hotline: Partner, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    loud, silent = case_of(take(hotline)), case_of(take(replace(hotline, tells_speaker=False), number=2))
    for case in (loud, silent):
        assert act.act(case, "accept", by=access.actor(people["clerk"]), facts={"kind": "lamp.out"}, at=NOW)
    worker.settle(NOW)
    told = Message.objects.filter(to="speaker", channel="sms")
    assert set(told.filter(case_id=loud.id).values_list("n", flat=True)) == {2, 3}, (
        "the receipt, and that it was accepted"
    )
    assert loud.code[:5] in told.filter(case_id=loud.id, n=2).get().words
    assert not told.filter(case_id=silent.id).exists()
    assert Message.objects.filter(case_id=silent.id, to="speaker", channel="page").exists(), (
        "the page still knows everything"
    )


def test_a_row_is_read_once(hotline: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    read, calls = taking.read, []

    def counted(*given: Any) -> Any:
        calls.append(1)
        return read(*given)

    monkeypatch.setattr(taking, "read", counted)
    done = intake.bring(hotline, [row(1), row(1), row(1, 诉求内容="又坏了一盏"), row(2, 联系电话="1")], "file", NOW, "131022")
    assert [plan.what for plan in done.plans] == ["opened", "same", "more", "rejected"]
    assert len(calls) == 4
