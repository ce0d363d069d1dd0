"""Notices at night, several at once, to a number that had enough, after a restart, and when nobody can be reached."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from minan.kernel import doctor, notice_checks, outgoing, quiet, sparing, speakers, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event, Message, ProviderState, Sparing, Speaker
from minan.kernel.outcomes import ENDED, REASONS, WAITING, Failed, Gone, Never, Provider, Unsure

DAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)  # ten in the morning in Langfang
NIGHT = datetime(2026, 11, 16, 14, 30, tzinfo=UTC)  # half past ten at night
NUMBER, MAIL = "13812345678", "wang@example.cn"
SUBSCRIPTION = json.dumps(
    {
        "endpoint": "https://fcm.googleapis.com/fcm/send/x",
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    }
)


class Post:
    """What left, by channel; each channel refuses as told."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.refuses: dict[str, Exception] = {}

    def of(self, channel: str) -> Any:
        def send(key: str, address: str, words: str) -> None:
            if channel in self.refuses:
                raise self.refuses[channel]
            self.sent.append((channel, address, words))

        return [Provider(channel, send)]

    def words(self, channel: str = "sms") -> list[str]:
        return [words for name, _, words in self.sent if name == channel]


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    here = Post()
    found = {name: here.of(name) for name in ("sms", "mail", "push")}
    monkeypatch.setattr(outgoing, "gateways", lambda: found)
    return here


def said(at: datetime = DAY, **more: Any) -> Case:
    facts = {"text": "东门路灯不亮", "place": "131022100010", "kind": "lamp.out", "phone": NUMBER} | more
    opened = open_case("matter", by=SPEAKER, facts=facts, at=at)
    assert isinstance(opened, Opened), opened
    return opened.case


def accept(case: Case, people: dict[str, Any], at: datetime) -> None:
    assert act(case, "accept", by=actor(people["clerk"]), at=at)


def progress(case: Case, people: dict[str, Any], at: datetime, words: str = "在修了") -> None:
    assert act(case, "progress", by=actor(people["clerk"]), facts={"words": words}, at=at)


# ---- the night


@pytest.mark.parametrize(
    ("at", "hours", "is_quiet"),
    [("20:59", "21:00-08:00", False), ("21:00", "21:00-08:00", True), ("07:59", "21:00-08:00", True), ("08:00", "21:00-08:00", False),
     ("13:00", "12:00-14:00", True), ("14:00", "12:00-14:00", False), ("23:00", "none", False), ("23:00", "25:00-08:00", False),
     ("23:00", "08:00-08:00", False)],
)  # fmt: skip
def test_when_it_is_night(at: str, hours: str, is_quiet: bool) -> None:
    moment = datetime.fromisoformat(f"2026-11-16T{at}:00+08:00")
    assert quiet.is_quiet(moment, hours) is is_quiet
    morning = quiet.morning(moment, UUID(int=7), hours)
    assert (morning is not None) is is_quiet
    if morning is not None:
        assert moment < morning <= moment + timedelta(hours=11, minutes=31)
        assert not quiet.is_quiet(morning, hours)


def test_a_morning_s_burst_is_spread_over_half_an_hour_and_each_message_keeps_its_minute() -> None:
    at = datetime.fromisoformat("2026-11-16T23:00:00+08:00")
    ids = [UUID(int=n * 2_654_435_761 % 2**128) for n in range(600)]
    mornings = [quiet.morning(at, one, "21:00-08:00") for one in ids]
    minutes = {m.minute for m in mornings if m}
    assert len(minutes) >= 25
    assert {m.hour for m in mornings if m} == {8}
    assert mornings == [quiet.morning(at + timedelta(hours=2), one, "21:00-08:00") for one in ids]


def test_what_is_not_urgent_waits_for_the_morning_and_what_is_urgent_goes_at_night(
    people: dict[str, Any], post: Post, settings: Any
) -> None:
    settings.QUIET = "21:00-08:00"
    lamp, gas = said(NIGHT), said(NIGHT, kind="supply.gas_smell", text="楼道里有煤气味", phone="13900000001")
    assert (lamp.urgency, gas.urgency != "ordinary") == ("ordinary", True)
    accept(lamp, people, NIGHT)
    accept(gas, people, NIGHT)
    worker.settle(NIGHT)
    assert {address for _, address, _ in post.sent} == {"13900000001"}
    waiting = Message.objects.get(case_id=lamp.id, channel="sms")
    assert (waiting.reason, waiting.tries) == ("quiet", 0)
    worker.settle(NIGHT + timedelta(hours=9))
    assert {address for _, address, _ in post.sent} == {"13900000001"}, "half past seven is night"
    worker.settle(NIGHT + timedelta(hours=10, minutes=1))
    assert {address for _, address, _ in post.sent} == {"13900000001", NUMBER}


# ---- folding


def test_three_steps_within_minutes_are_one_message_and_a_fourth_an_hour_later_is_another(
    people: dict[str, Any], post: Post, settings: Any
) -> None:
    settings.FOLD_SECONDS = 180
    case = said()
    accept(case, people, DAY)
    for minute in (1, 2):
        progress(case, people, DAY + timedelta(minutes=minute))
        worker.settle(DAY + timedelta(minutes=minute))
    assert post.sent == [], "it gathers"
    worker.settle(DAY + timedelta(minutes=3, seconds=1))
    (words,) = post.words()
    assert "共 3 步" in words
    assert "进展" in words, "the newest step"
    assert sorted(Message.objects.filter(channel="sms").values_list("reason", flat=True)) == ["", "folded", "folded"]
    progress(case, people, DAY + timedelta(hours=1))
    worker.settle(DAY + timedelta(hours=2))
    assert len(post.sent) == 2
    assert "共" not in post.words()[1]
    assert Message.objects.filter(case_id=case.id, channel="page").count() >= 4, (
        "on the page each step stands by itself"
    )


def test_what_is_urgent_does_not_gather(people: dict[str, Any], post: Post, settings: Any) -> None:
    settings.FOLD_SECONDS = 180
    gas = said(kind="supply.gas_smell", text="楼道里有煤气味")
    accept(gas, people, DAY)
    worker.settle(DAY)
    assert len(post.sent) == 1


def test_in_english_for_who_reads_english(people: dict[str, Any], post: Post) -> None:
    case = said()
    Speaker.objects.filter(case_id=case.id).update(lang="en")
    accept(case, people, DAY)
    progress(case, people, DAY)
    worker.settle(DAY)
    (words,) = post.words()
    assert words.startswith("Minan:")
    assert words.endswith("(2 steps)")


# ---- one number


def test_the_turns_of_a_number_keep_every_limit_whatever_the_pattern() -> None:
    taken: list[float] = []
    now = 1_000_000.0
    for n in range(400):
        now += (0.0, 3.0, 61.0, 900.0)[n % 4]
        at = sparing.turn([one for one in taken if one > now - sparing.DAY], now)
        if at is not None:
            taken.append(at)
    for seconds, most in sparing.PER_NUMBER:
        assert all(sum(at <= one < at + seconds for one in taken) <= most for at in taken), seconds
    assert len(taken) >= 10


def test_what_a_number_got_is_remembered_by_every_process_and_after_a_restart(
    people: dict[str, Any], post: Post
) -> None:
    """Nothing of it is in memory: rows by a keyed mark, and none tells a digit of the number."""
    case = said()
    accept(case, people, DAY)
    worker.settle(DAY)
    progress(case, people, DAY)
    worker.settle(DAY)
    assert len(post.sent) == 1
    waiting = Message.objects.get(channel="sms", sent_at=None)
    assert (waiting.reason, waiting.next_at) == ("turn", DAY + timedelta(minutes=1))
    assert not any(NUMBER[-4:] in one for one in Sparing.objects.values_list("mark", flat=True))
    assert {name for name in vars(outgoing) if name.startswith("_later")} == set()
    worker.settle(DAY + timedelta(seconds=61))
    assert len(post.sent) == 2
    assert sparing.sweep(DAY + timedelta(days=2)) == 2
    assert not Sparing.objects.exists()


def test_what_was_not_taken_rang_nowhere_and_uses_up_no_turn(people: dict[str, Any], post: Post) -> None:
    post.refuses["sms"] = Failed("down")
    case = said()
    accept(case, people, DAY)
    worker.settle(DAY)
    assert not Sparing.objects.exists()
    post.refuses["sms"] = Unsure("timeout")
    worker.settle(DAY + timedelta(minutes=2))
    assert Sparing.objects.count() == 1, "perhaps it rang"


# ---- the ways


def test_she_adds_a_letter_box_and_a_device_and_takes_one_back(people: dict[str, Any], post: Post) -> None:
    case = said()
    assert act(case, "tell_me", by=SPEAKER, facts={"way": "mail", "email": MAIL}, at=DAY)
    assert act(case, "tell_me", by=SPEAKER, facts={"way": "push", "push": SUBSCRIPTION}, at=DAY)
    assert Speaker.objects.get(case_id=case.id).ways == "mail push"
    assert MAIL not in json.dumps(list(Event.objects.values_list("step", "by"))) + str(
        Case.objects.get(id=case.id).facts
    )
    accept(case, people, DAY)
    worker.settle(DAY)
    assert {(channel, address[:8]) for channel, address, _ in post.sent} == {
        ("sms", NUMBER[:8]),
        ("mail", MAIL[:8]),
        ("push", '{"endpoi'),
    }
    assert act(case, "consent", by=SPEAKER, facts={"mail": False}, at=DAY)
    assert Speaker.objects.get(case_id=case.id).ways == "push"
    assert "email" not in speakers.known(case, who="speaker", why="own"), "with the consent goes the address"
    post.sent.clear()
    progress(case, people, DAY + timedelta(hours=1))
    worker.settle(DAY + timedelta(hours=1))
    assert {channel for channel, _, _ in post.sent} == {"sms", "push"}


@pytest.mark.parametrize(
    "bad", [{"way": "mail", "email": "x@y\r\nBcc: z@z.cn"}, {"way": "push", "push": '{"endpoint":"http://127.0.0.1/"}'}]
)
def test_what_is_no_address_is_refused_in_words(city: None, bad: dict[str, str]) -> None:
    refused = act(said(), "tell_me", by=SPEAKER, facts=bad, at=DAY)
    assert isinstance(refused, Refused)
    assert refused.status == 422
    assert all(words.en for words in refused.errors.values())


def test_who_spoke_without_a_name_has_no_address_here(city: None) -> None:
    opened = open_case("matter", by=SPEAKER, facts={"text": "灯不亮", "place": "131022100010"}, anonymous=True, at=DAY)
    assert isinstance(opened, Opened)
    done = act(opened.case, "tell_me", by=SPEAKER, facts={"way": "mail", "email": MAIL}, at=DAY)
    assert isinstance(done, Refused)


def test_a_device_that_unsubscribed_is_forgotten(people: dict[str, Any], post: Post) -> None:
    case = said()
    assert act(case, "tell_me", by=SPEAKER, facts={"way": "push", "push": SUBSCRIPTION}, at=DAY)
    post.refuses["push"] = Gone("gone", "410")
    accept(case, people, DAY)
    worker.settle(DAY)
    assert Speaker.objects.get(case_id=case.id).ways == ""
    assert "push" not in speakers.known(case, who="speaker", why="own")
    assert Message.objects.get(channel="push").reason == "gone"
    assert "untold" not in Case.objects.get(id=case.id).marks, "the text arrived"


def test_where_every_way_fails_the_desk_is_asked_to_call_once(people: dict[str, Any], post: Post) -> None:
    case = said()
    assert act(case, "tell_me", by=SPEAKER, facts={"way": "mail", "email": MAIL}, at=DAY)
    post.refuses = {"sms": Never("number", "550"), "mail": Never("number", "550")}
    accept(case, people, DAY)
    progress(case, people, DAY + timedelta(hours=1))
    for hours in (0, 1, 2):
        worker.settle(DAY + timedelta(hours=hours))
    marked = Case.objects.get(id=case.id)
    assert marked.marks["untold"] is True
    assert Event.objects.filter(case_id=case.id, step="untold").count() == 1
    with pytest.raises(Case.DoesNotExist):
        act(marked, "reached", by=actor(people["stranger"]), at=DAY)
    assert isinstance(act(marked, "untold", by=SPEAKER, at=DAY), Refused)
    assert act(marked, "reached", by=actor(people["clerk"]), at=DAY + timedelta(hours=3))
    assert "untold" not in Case.objects.get(id=case.id).marks
    found = "\n".join(one.what.zh for one in notice_checks.notices(DAY + timedelta(hours=4)))
    assert "没有发成" in found
    assert NUMBER not in found


def test_the_doctor_tells_of_providers_that_rest_and_names_nobody_knows(city: None, settings: Any) -> None:
    settings.SMS = ["aliyum", "file"]
    ProviderState.objects.create(
        name="sms.aliyun", failures=6, rests_until=DAY + timedelta(minutes=5), reason="setup", detail="isv.X"
    )
    found = [one.into("zh") for one in notice_checks.notices(DAY)]
    assert any("aliyum" in one for one in found)
    assert any("sms.aliyun" in one and "余额" in one for one in found)
    assert any("aliyum" in one.what.zh for one in doctor.look(DAY)), "it is one of its checks"


def test_every_reason_has_its_words_and_a_waiting_one_is_no_ended_one() -> None:
    assert set(WAITING) & set(ENDED) == set()
    assert all(words.zh and words.en for words in REASONS.values())
    assert set(REASONS) >= outgoing.NOT_TOLD


# ---- the administrator's page


def test_the_administrator_reads_counts_and_reasons_and_never_whom(
    people: dict[str, Any], post: Post, settings: Any
) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    at = datetime.now(UTC)
    case = said(at)
    post.refuses["sms"] = Never("number", "550")
    accept(case, people, at)
    worker.settle(at)
    browser = Client()
    browser.force_login(people["admin"])
    page = browser.get("/admin/notices/").content.decode()
    assert "号码或地址是错的" in page
    for secret in (NUMBER, NUMBER[-4:], case.code, case.code[:5], "路灯"):
        assert secret not in page, secret
    stranger = Client()
    stranger.force_login(people["clerk"])
    assert stranger.get("/admin/notices/").status_code == 404


def test_the_limits_of_a_day_hold_for_ten_thousand_asks(city: None) -> None:
    got = [sparing.reserve("13900000009", DAY) for _ in range(300)]
    turns = [one for one in got if one is not None]
    assert len(turns) == 10
    assert all(b - a >= timedelta(minutes=1) for a, b in itertools.pairwise(sorted(turns)))
    assert sparing.reserve("+86 139 0000 0009", DAY) is None, "however it is written"
