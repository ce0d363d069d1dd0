"""An answer goes back once, in the partner's own form; a refusal is seen on the case, on the list and by a clock; nothing is said twice."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from minan.channels.exchange import acks, answers, folders, health, known, places_on_disk, sending, taking
from minan.channels.exchange.models import Foreign, Hand, Sent
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tests import partner as made
from minan.channels.exchange.tests.partner import row, steps
from minan.channels.exchange.tests.simulator import Platform, certificate
from minan.kernel import access, act, worker
from minan.kernel.models import Body, Case, Clock, Delivery, Message

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)  # Monday, 09:20 in Langfang
WORDS = "换了三只灯泡，当晚亮了。"


def came(partner: Partner, number: int = 1, **more: str) -> Case:
    plan = taking.take(partner, row(number, **more), NOW, "file")
    assert plan.foreign is not None, plan.why
    return taking.case_of(plan.foreign)


def go(case: Case, step: str, who: Any, at: datetime, **facts: Any) -> None:
    done = act.act(case, step, by=who, facts=facts, at=at)
    assert done, (step, done)
    case.refresh_from_db()


def answered(partner: Partner, people: dict[str, Any], number: int = 1, words: str = WORDS) -> Case:
    """赵强's office takes it on and answers; the listeners have heard of it, nothing has left yet."""
    case, clerk, handler = came(partner, number), access.actor(people["clerk"]), access.actor(people["handler"])
    go(case, "accept", clerk, NOW + timedelta(minutes=5))
    go(case, "assign", clerk, NOW + timedelta(minutes=6), unit="131022-lighting")
    go(case, "sign", handler, NOW + timedelta(minutes=7))
    go(case, "answer", handler, NOW + timedelta(hours=1), outcome="explained", words=words, article="照明办法第 3 条")
    worker.fan_out(1000)
    return case


def out(partner: Partner) -> list[Path]:
    return sorted(p for p in places_on_disk.folder(partner.code, "out").iterdir() if p.name.endswith(".csv"))


def hour(n: float) -> datetime:
    return NOW + timedelta(hours=n)


# ---- files


def test_an_answer_goes_once_as_a_file_in_the_partners_own_columns(hotline: Partner, people: dict[str, Any]) -> None:
    case = answered(hotline, people, words=WORDS + "电话13812345678，另见 GA234-56789-ABCDE")
    assert sending.turn(hour(2)) == 1
    assert sending.turn(hour(3)) == 0
    file = out(hotline)[0]
    rows = made.read_back(file.read_bytes())
    sent = Sent.objects.get()
    assert list(rows[0]) == [column for column, _ in hotline.answer]
    assert (rows[0]["messageId"], rows[0]["orderNo"], rows[0]["result"]) == (sent.id.hex, "LF-2026-000001", "解释说明")
    assert rows[0]["replyContent"].startswith(WORDS)
    assert "13812345678" not in file.read_text("utf-8")
    manifest = json.loads(file.with_name(file.name.replace(".csv", ".manifest.json")).read_text())
    assert manifest["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert manifest["messages"] == [sent.id.hex]
    assert (sent.state, steps(case)[-1]) == ("sent", "sent_out")
    assert [p.name for p in file.parent.iterdir() if p.name.startswith(".")] == [], "nothing half written lies about"


def test_nothing_of_the_speaker_and_no_other_case_leaves(hotline: Partner, people: dict[str, Any]) -> None:
    other = came(hotline, 2)
    pretty = f"{other.code[:5]}-{other.code[5:10]}-{other.code[10:]}"
    case = answered(hotline, people, words=f"同 {pretty} 一起办的，身份证 110101199003074514")
    row_ = answers.row(hotline, Sent.objects.get(foreign__case_id=case.id))
    said = json.dumps(row_, ensure_ascii=False)
    assert "［另一件］" in said
    for word in (pretty, other.code, "110101199003074514", "王秀兰", "13812345678"):
        assert word not in said


def test_a_worker_killed_after_writing_the_file_writes_the_same_file_and_no_second_one(
    hotline: Partner, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        answered(hotline, people, number)
    with monkeypatch.context() as broken:
        broken.setattr(acks, "take", _dies)
        with pytest.raises(KeyboardInterrupt):
            sending.turn(hour(2))
    before = {p.name: p.read_bytes() for p in out(hotline)}
    assert len(before) == 1
    assert set(Sent.objects.values_list("state", flat=True)) == {"waiting"}
    answered(hotline, people, 3)
    assert sending.turn(hour(3)) == 2, "the batch that was begun, as it was"
    assert {p.name: p.read_bytes() for p in out(hotline)} == before
    assert sending.turn(hour(3)) == 1
    assert len(out(hotline)) == 2


def _dies(*args: Any, **more: Any) -> None:
    raise KeyboardInterrupt


def test_a_full_disk_is_waited_for(hotline: Partner, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    answered(hotline, people)
    with monkeypatch.context() as full:
        full.setattr(places_on_disk, "put", _full)
        assert sending.turn(hour(2)) == 0
    assert "No space" in Sent.objects.get().error
    assert sending.turn(hour(2)) == 0, "the partner rests for half a minute"
    assert sending.turn(hour(3)) == 1
    assert Sent.objects.get().state == "sent"


def _full(*args: Any) -> None:
    raise OSError(28, "No space left on device")


def test_receipts_in_a_folder_are_read_and_a_refusal_is_seen_everywhere(
    hotline: Partner, people: dict[str, Any]
) -> None:
    good, bad = answered(hotline, people), answered(hotline, people, 2)
    sending.turn(hour(2))
    ids = {s.foreign.case_id: s.id.hex for s in Sent.objects.all()}
    lines = f"message_id,result,reason\n{ids[good.id]},accepted,\n{ids[bad.id]},refused,没写谁去办的 13800001111\n{'0' * 32},accepted,\n"
    acked = places_on_disk.folder(hotline.code, "acks") / "1.csv"
    acked.write_text(lines, "utf-8")
    assert folders.look(hotline, hour(3), still=0) == 1
    assert steps(good)[-1] == "taken_out"
    assert steps(bad)[-1] == "refused_out"
    bad.refresh_from_db()
    assert bad.marks["foreign_refused"]
    clock = Clock.objects.get(case_id=bad.id, name="resend")
    assert (clock.unit, clock.limit, clock.done_at) == ("131022100-station", "1wd", None)
    assert "13800001111" not in Sent.objects.get(foreign__case_id=bad.id).reason
    assert Hand.objects.get().where == "acks/hand/1.csv", "the row nobody knows is looked at by a person"
    worker.settle(hour(4))
    last = {s: n for n, s in enumerate(steps(bad), 1)}["refused_out"]
    assert set(Message.objects.filter(case_id=bad.id, n=last).values_list("to", flat=True)) == {"131022100-station"}, (
        "the speaker hears nothing"
    )


def test_a_refused_answer_is_sent_anew_and_then_stands_alone(hotline: Partner, people: dict[str, Any]) -> None:
    case = answered(hotline, people)
    sending.turn(hour(2))
    first = Sent.objects.get()
    assert acks.take(hotline, first, "refused", "写清楚", hour(3))
    assert not acks.take(hotline, first, "refused", "写清楚", hour(3)), "said twice, heard once"
    case.refresh_from_db()
    go(case, "resend", access.actor(people["clerk"]), hour(4), words="路灯所赵强 16 日换了三只灯泡。")
    worker.fan_out(100)
    sending.turn(hour(5))
    first.refresh_from_db()
    second = Sent.objects.exclude(id=first.id).get()
    assert (first.state, second.state, second.replaces) == ("replaced", "sent", first.id)
    assert answers.row(hotline, second)["replyContent"] == "路灯所赵强 16 日换了三只灯泡。"
    assert Clock.objects.get(case_id=case.id, name="resend").done_at is not None
    assert not acks.take(hotline, first, "accepted", "", hour(6)), "the old one counts no more"


def test_a_refusal_after_the_matter_was_closed_still_has_its_clock(hotline: Partner, people: dict[str, Any]) -> None:
    case = answered(hotline, people)
    sending.turn(hour(2))
    go(case, "rate", access.SPEAKER, hour(3), solved=True, satisfied=True, contacted=True)
    if case.state != "closed":
        go(case, "visit", access.actor(people["clerk"]), hour(3), reached=True, solved=True, satisfied=True)
    assert case.state == "closed"
    assert acks.take(hotline, Sent.objects.get(), "refused", "", hour(4))
    clock = Clock.objects.get(case_id=case.id, name="resend")
    assert clock.done_at is None
    worker.ring(clock.due_at + timedelta(minutes=1))
    assert steps(case)[-1] == "resend_due"


def test_a_reopened_matter_is_answered_anew_only_where_the_partner_takes_it(
    hotline: Partner, people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = made.settle_in(tmp_path, monkeypatch, code="once", second="false")
    monkeypatch.setattr(known, "partners", lambda: {"hotline": hotline, "once": once})
    cases = [answered(hotline, people), answered(once, people)]
    sending.turn(hour(2))
    for case in cases:
        go(case, "rate", access.SPEAKER, hour(3), solved=False, satisfied=False, contacted=True)
        if case.state == "under_review":
            go(case, "rule_reopen", access.actor(people["supervisor"]), hour(4), unit="131022-lighting", words="再去")
        go(case, "sign", access.actor(people["handler"]), hour(5))
        go(
            case,
            "answer",
            access.actor(people["handler"]),
            hour(6),
            outcome="explained",
            words="第二次答复",
            article="第 3 条",
        )
    worker.fan_out(1000)
    assert [Sent.objects.filter(foreign__case_id=c.id).count() for c in cases] == [2, 1]


# ---- the other ends


def test_what_is_not_ours_is_returned_once_with_its_ground_and_cannot_be_returned_again(
    hotline: Partner, people: dict[str, Any]
) -> None:
    case, clerk = came(hotline, 办理时限="2026-11-25 17:30"), access.actor(people["clerk"])
    go(case, "return_out", clerk, hour(1), ground="other_area", words="地点在北京大兴")
    assert (case.state, case.open) == ("returned", False)
    worker.fan_out(100)
    sending.turn(hour(2))
    assert made.read_back(out(hotline)[0].read_bytes())[0]["result"] == "退单"
    assert made.read_back(out(hotline)[0].read_bytes())[0]["ground"] == "地点不在本单位的管辖范围"
    again = taking.take(hotline, row(1, 办理时限="2026-11-25 17:30"), hour(3), "file")
    assert again.what == "again"
    case.refresh_from_db()
    assert case.state == "said"
    assert Clock.objects.get(case_id=case.id, name="foreign", done_at=None).due_at == datetime(
        2026, 11, 25, 9, 30, tzinfo=UTC
    )
    refused = act.act(case, "return_out", by=clerk, facts={"ground": "other_area", "words": "还是不归我们"}, at=hour(4))
    assert isinstance(refused, act.Refused)
    assert refused.rule == "returns_once"
    assert Case.objects.count() == 1


def test_a_return_that_the_partner_refuses_comes_back_to_the_desk(hotline: Partner, people: dict[str, Any]) -> None:
    case = came(hotline)
    go(case, "return_out", access.actor(people["clerk"]), hour(1), ground="other_area", words="不归我们")
    worker.fan_out(100)
    sending.turn(hour(2))
    assert acks.take(hotline, Sent.objects.get(), "refused", "就在固安", hour(3))
    case.refresh_from_db()
    assert (case.state, steps(case)[-1]) == ("said", "in_again")
    assert Foreign.objects.get().state == "open"


@pytest.mark.parametrize(
    ("step", "who", "facts", "result"),
    [
        ("refuse", "supervisor", {}, "不属受理范围"),
        ("withdraw", "", {"words": "好了"}, "其他"),
    ],
)
def test_every_other_end_is_told_as_well(
    hotline: Partner, people: dict[str, Any], step: str, who: str, facts: Any, result: str
) -> None:
    case = came(hotline)
    if step == "refuse":
        go(case, "ask_refusal", access.actor(people["clerk"]), hour(1), ground="court", words="去法院")
        worker.fan_out(100)
        assert not Sent.objects.exists(), "a proposal is nothing to tell"
    go(case, step, access.actor(people[who]) if who else access.SPEAKER, hour(1), **facts)
    worker.fan_out(100)
    sending.turn(hour(2))
    told = made.read_back(out(hotline)[0].read_bytes())[0]
    assert told["result"] == result
    assert step != "refuse" or "去法院" in told.values(), told
    assert Foreign.objects.get().state == "ended"


def test_a_joined_one_is_answered_when_the_one_that_leads_is_and_names_no_other(
    hotline: Partner, people: dict[str, Any]
) -> None:
    into, case = came(hotline, 1), came(hotline, 2, 办理时限="2026-11-20 17:30")
    clerk, handler = access.actor(people["clerk"]), access.actor(people["handler"])
    go(case, "merge", clerk, hour(1), into=into.code)
    worker.fan_out(100)
    assert sending.turn(hour(2)) == 0, "it is not over: the partner hears nothing yet"
    assert not Sent.objects.exists()
    assert Foreign.objects.get(case_id=case.id).state == "open"
    assert Clock.objects.get(case_id=case.id, name="foreign").done_at is None, "its deadline runs on"
    go(into, "accept", clerk, hour(3))
    go(into, "assign", clerk, hour(3), unit="131022-lighting")
    go(into, "sign", handler, hour(4))
    go(into, "answer", handler, hour(5), outcome="explained", words=f"同 {case.code} 一起换了灯泡", article="第 3 条")
    for _ in range(3):
        worker.fan_out(100)
    assert sending.turn(hour(6)) == 2
    told = {one["orderNo"]: one for one in made.read_back(out(hotline)[0].read_bytes())}
    assert {one["result"] for one in told.values()} == {"解释说明"}
    assert "一起换了灯泡" in told["LF-2026-000002"]["replyContent"]
    assert into.code not in str(told["LF-2026-000002"]).replace("-", "")
    assert Foreign.objects.get(case_id=case.id).state == "answered"
    assert Clock.objects.get(case_id=case.id, name="foreign").done_at is not None
    assert sending.turn(hour(7)) == 0


@pytest.mark.parametrize(("given", "told"), [({"merged": "并案办理"}, "并案办理"), ({}, "解释说明")])
def test_a_joined_one_is_told_by_the_partners_own_word_for_it_where_there_is_one(
    hotline: Partner, people: dict[str, Any], given: dict[str, str], told: str
) -> None:
    into, case = came(hotline, 1), came(hotline, 2)
    clerk, handler = access.actor(people["clerk"]), access.actor(people["handler"])
    go(case, "merge", clerk, hour(1), into=into.code)
    worker.fan_out(100)
    go(into, "accept", clerk, hour(3))
    go(into, "assign", clerk, hour(3), unit="131022-lighting")
    go(into, "sign", handler, hour(4))
    go(into, "answer", handler, hour(5), outcome="explained", words="一起换了灯泡", article="第 3 条")
    for _ in range(3):
        worker.fan_out(100)
    partner = replace(hotline, outcomes=hotline.outcomes | given)
    rows = {sent.foreign.case_id: answers.row(partner, sent) for sent in Sent.objects.select_related("foreign")}
    assert (rows[into.id]["result"], rows[case.id]["result"]) == ("解释说明", told)


def test_a_joined_one_whose_leader_is_withdrawn_goes_on_by_itself(hotline: Partner, people: dict[str, Any]) -> None:
    into, case = came(hotline, 1), came(hotline, 2)
    go(case, "merge", access.actor(people["clerk"]), hour(1), into=into.code)
    go(into, "withdraw", access.SPEAKER, hour(2))
    for _ in range(3):
        worker.fan_out(100)
    case.refresh_from_db()
    assert case.state == "said"
    assert list(Sent.objects.values_list("foreign__case_id", flat=True)) == [into.id]


def test_what_was_cancelled_there_is_answered_to_nobody(hotline: Partner, people: dict[str, Any]) -> None:
    case = came(hotline)
    assert taking.take(hotline, row(1, 工单状态="已撤单"), hour(1), "file").what == "cancelled"
    case.refresh_from_db()
    go(case, "end_cancelled", access.actor(people["clerk"]), hour(2))
    worker.fan_out(100)
    assert Sent.objects.count() == 0


def test_an_event_heard_twice_makes_one_message(hotline: Partner, people: dict[str, Any]) -> None:
    case = answered(hotline, people)
    from minan.kernel.listen import Told
    from minan.lib.uuid7 import uuid7

    n = steps(case).index("answer") + 1
    told = Told(uuid7(), case.county, case.id, n, "matter.answer", hour(1))
    assert answers.heard([told], known.partners()) == 0
    assert Sent.objects.count() == 1


def test_a_wrong_partners_file_loses_no_answer(
    hotline: Partner, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = came(hotline)
    file = known.path()
    sound = file.read_text("utf-8")
    file.write_text("partner = 7", "utf-8")
    monkeypatch.setitem(known._held, "mark", None)
    go(case, "withdraw", access.SPEAKER, hour(1))
    worker.fan_out(100)
    assert (
        Delivery.objects.filter(listener="channels.exchange.handlers.tell_partners", name="matter.withdraw").count()
        == 1
    )
    file.write_text(sound, "utf-8")
    monkeypatch.setitem(known._held, "mark", None)
    worker.deliver(hour(2))
    assert Sent.objects.count() == 1


def test_words_whose_time_is_over_are_not_sent_and_somebody_sees_it(hotline: Partner, people: dict[str, Any]) -> None:
    case = answered(hotline, people)
    Body.objects.filter(case_id=case.id, n=steps(case).index("answer") + 1).delete()
    sending.turn(hour(2))
    assert Sent.objects.get().state == "parked"
    assert out(hotline) == []
    assert steps(case)[-1] == "refused_out"


# ---- calls


def until_quiet(now: datetime, turns: int = 40) -> datetime:
    """Let the worker turn until nothing waits, time passing as its pauses want."""
    for _ in range(turns):
        sending.turn(now)
        if not Sent.objects.filter(state="waiting").exists():
            return now
        now += timedelta(hours=1)
    return now


def test_a_signed_call_is_taken_and_seen_on_the_case(
    platform: tuple[Platform, Partner], people: dict[str, Any]
) -> None:
    running, partner = platform
    case = answered(partner, people)
    assert sending.turn(hour(2)) == 1
    assert (Sent.objects.get().state, steps(case)[-1]) == ("accepted", "taken_out")
    assert running.unsigned == 0
    assert next(iter(running.messages.values()))["replyContent"] == WORDS


@pytest.mark.parametrize("mood", ["down", "odd", "slow", "cut", "mixed", "redirect"])
def test_whatever_the_partner_does_there_is_one_accepted_answer_in_the_end(
    platform: tuple[Platform, Partner], people: dict[str, Any], mood: str
) -> None:
    running, partner = platform
    case = answered(partner, people)
    running.moods["LF-2026-000001"] = [mood]
    sending.turn(hour(2))
    assert Sent.objects.get().state == "waiting", "it does not count as taken"
    until_quiet(hour(3))
    assert running.accepted() == {"LF-2026-000001": 1}
    assert Sent.objects.get().state == "accepted"
    assert steps(case).count("taken_out") == 1


def test_a_partner_that_stays_away_is_given_up_after_a_day_and_a_person_sees_it(
    platform: tuple[Platform, Partner], people: dict[str, Any]
) -> None:
    running, partner = platform
    case = answered(partner, people)
    running.moods["LF-2026-000001"] = ["down"] * 50
    end = until_quiet(hour(2), 60)
    sent = Sent.objects.get()
    assert (sent.state, sent.tries) == ("parked", sending.TRIES)
    assert end - hour(2) < timedelta(days=3)
    assert steps(case)[-1] == "refused_out"
    running.moods.clear()
    sending.forget()
    assert acks.again(sent, end)
    sending.turn(end)
    sent.refresh_from_db()
    assert (sent.state, len(running.messages)) == ("accepted", 1)
    case.refresh_from_db()
    assert "foreign_refused" not in case.marks


def test_a_partner_that_is_down_does_not_hold_up_the_worker(
    platform: tuple[Platform, Partner], people: dict[str, Any]
) -> None:
    running, partner = platform
    for number in range(1, 6):
        answered(partner, people, number)
        running.moods[f"LF-2026-{number:06d}"] = ["down"]
    assert sending.turn(hour(2)) == 1, "one call tells enough"
    assert sending.turn(hour(2)) == 0
    until_quiet(hour(3))
    assert set(running.accepted().values()) == {1}


def test_a_certificate_of_somebody_else_is_not_talked_to(
    platform: tuple[Platform, Partner], people: dict[str, Any], tmp_path: Path
) -> None:
    running, partner = platform
    answered(partner, people)
    (tmp_path / "other").mkdir()
    other, _ = certificate(tmp_path / "other")
    known.key_file(partner.code).with_suffix(".pem").write_bytes(other.read_bytes())
    sending.turn(hour(2))
    assert running.messages == {}
    assert "CERTIFICATE_VERIFY_FAILED" in Sent.objects.get().error
    assert Sent.objects.get().state == "waiting"


def test_without_a_key_nothing_is_called(platform: tuple[Platform, Partner], people: dict[str, Any]) -> None:
    running, partner = platform
    answered(partner, people)
    known.key_file(partner.code).unlink()
    sending.turn(hour(2))
    assert not running.calls
    assert (Sent.objects.get().state, Sent.objects.get().tries) == ("waiting", 0), "no try is used up"
    assert any("key" in one.what.en for one in health.left_behind(hour(2)))
