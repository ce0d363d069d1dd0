"""Each answer a provider may give, replayed from the loopback: sent, later, handed over to the next, or ended with a name; never twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from minan.channels.sms import aliyun, outgoing, own, tencent
from minan.kernel import outgoing as kernel_outgoing
from minan.kernel import outward, providers, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.models import Case, Message, ProviderState
from minan.kernel.outcomes import Failed, Later, Never, Outcome, Unsure
from minan.kernel.tests.loopback import Asked, Loopback, Reply, serving

AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
NUMBER = "13812345678"
SENDS = {"aliyun": aliyun.send, "tencent": tencent.send, "own": own.send}


def ali(code: str) -> dict[str, Any]:
    return {
        "Code": code,
        "Message": "…",
        "RequestId": "F655A8D5-B967-440B-8683-DAD6FF8DE990",
        "BizId": "900619746936498440^0",
    }


def ten(code: str) -> dict[str, Any]:
    status = {
        "SerialNo": "5000:104",
        "PhoneNumber": f"+86{NUMBER}",
        "Fee": 1,
        "SessionContext": "k",
        "Code": code,
        "Message": "…",
    }
    return {"Response": {"SendStatusSet": [status], "RequestId": "a0aabda6-cf91-4f3e-a81f-9198114a2279"}}


def ten_error(code: str) -> dict[str, Any]:
    return {"Response": {"Error": {"Code": code, "Message": "…"}, "RequestId": "x"}}


# provider, answer, what becomes of it (None: taken), reason
TABLE: list[tuple[str, Reply, type[Outcome] | None, str]] = [
    ("aliyun", Reply(200, ali("OK")), None, ""),
    ("aliyun", Reply(200, ali("isv.BUSINESS_LIMIT_CONTROL")), Later, "limit"),
    ("aliyun", Reply(200, ali("isv.MOBILE_NUMBER_ILLEGAL")), Never, "number"),
    ("aliyun", Reply(200, ali("isv.AMOUNT_NOT_ENOUGH")), Failed, "setup"),
    ("aliyun", Reply(200, ali("isv.SMS_TEMPLATE_ILLEGAL")), Failed, "setup"),
    ("aliyun", Reply(200, ali("isv.NEVER_HEARD_OF")), Failed, "refused"),
    ("aliyun", Reply(400, ali("Throttling.User")), Failed, "rate"),
    ("aliyun", Reply(400, ali("SignatureDoesNotMatch")), Failed, "setup"),
    ("aliyun", Reply(500, ali("InternalError")), Failed, "down"),
    ("tencent", Reply(200, ten("Ok")), None, ""),
    ("tencent", Reply(200, ten("LimitExceeded.PhoneNumberDailyLimit")), Later, "limit"),
    ("tencent", Reply(200, ten("FailedOperation.PhoneNumberInBlacklist")), Never, "number"),
    ("tencent", Reply(200, ten("InvalidParameterValue.IncorrectPhoneNumber")), Never, "number"),
    ("tencent", Reply(200, ten("FailedOperation.InsufficientBalanceInSmsPackage")), Failed, "setup"),
    ("tencent", Reply(200, ten_error("AuthFailure.SignatureFailure")), Failed, "setup"),
    ("tencent", Reply(200, ten_error("RequestLimitExceeded")), Failed, "rate"),
    ("tencent", Reply(200, ten_error("InternalError.Timeout")), Failed, "down"),
    ("tencent", Reply(200, {"Response": {"SendStatusSet": []}}), Unsure, "unsure"),
    ("own", Reply(200, {"ok": True}), None, ""),
    ("own", Reply(422, {"error": "number"}), Never, "number"),
    *[
        (name, reply, kind, reason)
        for name in SENDS
        for reply, kind, reason in (
            (Reply(429, b"slow down"), Failed, "rate"),
            (Reply(503, b"<html>maintenance"), Failed, "down"),
            (Reply(403, b""), Failed, "refused"),
            (Reply(500, b"<html>Internal"), Unsure, "unsure"),
            (Reply(502, b"<html>Bad gateway"), Unsure, "unsure"),
            (Reply(504, b"<html>Gateway timeout"), Unsure, "unsure"),
            (Reply(200, b"<html>a login page of the hotel"), Unsure, "unsure"),
            (Reply(200, b""), Unsure, "unsure"),
            (Reply(200, b"[]"), Unsure, "unsure"),
            (Reply(200, {"hello": 1}), Unsure, "unsure"),
            (Reply(200, b"x" * 70_000), Unsure, "unsure"),
            (Reply(302, b""), Unsure, "unsure"),
            (Reply(200, {"ok": True, "Code": "OK"}, cut=True), Unsure, "unsure"),
            (Reply(200, b"", deaf=True), Unsure, "unsure"),
            (Reply(200, {"ok": True, "Code": "OK"}, slow=1.0), Unsure, "unsure"),
        )
    ],
]  # fmt: skip


@pytest.fixture(autouse=True)
def keys(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "key_of", lambda name: {})
    given = {"id": "AK", "secret": "SK"}
    for adapter in (aliyun, tencent, own):
        monkeypatch.setattr(adapter, "key_of", lambda name: given)
    monkeypatch.setattr(outward.post, "__defaults__", (b"", 0.4))
    settings.SMS_ALIYUN, settings.SMS_TENCENT = "SMS_1", ["1400", "1110"]
    settings.DATA = tmp_path


@pytest.fixture
def provider(settings: Any) -> Iterator[Loopback]:
    with serving(lambda asked: Reply(200, {})) as here:
        settings.SMS_ALIYUN_URL = settings.SMS_TENCENT_URL = settings.SMS_OWN_URL = here.url
        yield here


def became(name: str) -> Outcome | None:
    try:
        SENDS[name]("k" * 32, NUMBER, "【民安】GA3K9-00000-00001 受理。固安镇说事站")
    except Outcome as outcome:
        return outcome
    return None


def test_each_answer_of_each_provider_becomes_what_the_table_says(provider: Loopback) -> None:
    wrong = []
    for name, reply, kind, reason in TABLE:
        provider.say = lambda asked, reply=reply: reply
        got = became(name)
        if (type(got) if got else None, got.reason if got else "") != (kind, reason):
            wrong.append(f"{name} {reply}: {got!r}")
        if got is not None and (NUMBER in got.detail or NUMBER[:7] in got.detail):
            wrong.append(f"{name} {reply}: the number stands in {got.detail}")
    assert wrong == []
    assert len(provider.asked) == len(TABLE), "each was asked once, and nobody followed the redirect"


def test_nobody_there_is_certainly_not_sent(provider: Loopback, settings: Any) -> None:
    settings.SMS_ALIYUN_URL = settings.SMS_TENCENT_URL = settings.SMS_OWN_URL = "http://127.0.0.1:9"
    assert [(type(got), got.reason) for name in SENDS if (got := became(name))] == [(Failed, "down")] * 3


def test_an_own_platform_gets_the_message_s_id_as_its_key_and_a_signature(provider: Loopback) -> None:
    provider.say = lambda asked: Reply(200, {"ok": True})
    assert became("own") is None
    assert provider.asked[0].headers["Idempotency-Key"] == "k" * 32 == provider.asked[0].json()["id"]
    assert len(provider.asked[0].headers["X-Minan-Signature"]) == 64


# ---- the worker with two providers


class Town:
    """王秀兰's lamp, and a first and a second provider that answer as they are told."""

    def __init__(self, people: dict[str, Any], settings: Any) -> None:
        self.people, self.first, self.second = people, Reply(200, ali("OK")), Reply(200, ten("Ok"))
        self.asked: list[str] = []
        settings.SMS = ["aliyun", "tencent"]

    def say(self, asked: Asked) -> Reply:
        name = "tencent" if "X-TC-Action" in asked.headers else "aliyun"
        self.asked.append(name)
        return self.second if name == "tencent" else self.first

    def told(self) -> Message:
        """A matter is accepted, and the worker tells her by text."""
        facts = {"text": "东门路灯不亮", "place": "131022100010", "kind": "lamp.out", "phone": NUMBER}
        opened = open_case("matter", by=SPEAKER, facts=facts, at=AT)
        assert isinstance(opened, Opened)
        assert act(opened.case, "accept", by=actor(self.people["clerk"]), at=AT)
        worker.settle(AT)
        return Message.objects.get(channel="sms", case_id=opened.case.id)

    def later(self, **more: int) -> None:
        worker.settle(AT + timedelta(**more))


@pytest.fixture
def town(people: dict[str, Any], settings: Any, provider: Loopback) -> Town:
    here = Town(people, settings)
    provider.say = here.say
    return here


def test_the_first_provider_of_the_operator_s_list_is_asked_and_nobody_else(town: Town) -> None:
    message = town.told()
    assert (message.provider, bool(message.sent_at), message.reason, town.asked) == ("aliyun", True, "", ["aliyun"])


@pytest.mark.parametrize("reply", [Reply(503, b""), Reply(429, b""), Reply(200, ali("isv.AMOUNT_NOT_ENOUGH"))], ids=str)
def test_a_provider_that_certainly_did_not_take_it_hands_over_to_the_next(town: Town, reply: Reply) -> None:
    town.first = reply
    message = town.told()
    assert (message.provider, bool(message.sent_at), town.asked) == ("tencent", True, ["aliyun", "tencent"])


@pytest.mark.parametrize(
    "reply", [Reply(200, b"", deaf=True), Reply(502, b"<html>"), Reply(200, ali("OK"), slow=1.0)], ids=str
)
def test_where_the_first_may_have_taken_it_nobody_is_asked_again_ever(town: Town, reply: Reply) -> None:
    town.first = reply
    message = town.told()
    for hours in range(1, 30):
        town.later(hours=hours)
    message.refresh_from_db()
    assert (message.reason, message.sent_at, message.next_at, town.asked) == ("unsure", None, None, ["aliyun"])
    assert not Case.objects.get().marks.get("untold"), "perhaps she was told"


def test_a_number_the_provider_holds_back_waits_and_is_not_pushed_through_another(town: Town) -> None:
    town.first = Reply(200, ali("isv.BUSINESS_LIMIT_CONTROL"))
    assert town.told().reason == "limit"
    town.first = Reply(200, ali("OK"))
    town.later(minutes=2)
    assert (town.asked, Message.objects.get(channel="sms").provider) == (["aliyun", "aliyun"], "aliyun")


def test_all_away_it_is_tried_a_few_times_over_hours_then_ends_with_its_reason_and_the_desk_is_told(town: Town) -> None:
    town.first = town.second = Reply(503, b"")
    message = town.told()
    for minutes in range(1, 12 * 60, 7):
        town.later(minutes=minutes)
    message.refresh_from_db()
    assert (message.reason, message.tries, message.next_at) == ("down", kernel_outgoing.TRIES, None)
    assert town.asked.count("aliyun") == kernel_outgoing.TRIES
    case = Case.objects.get()
    assert case.marks["untold"] is True
    assert Message.objects.filter(to=case.desk, channel="board", words__contains="没有收到通知").exists()
    assert act(case, "reached", by=actor(town.people["clerk"]), at=AT + timedelta(days=1))
    assert "untold" not in Case.objects.get().marks


def test_a_provider_that_failed_five_times_in_a_row_rests_and_then_is_tried_again(town: Town) -> None:
    town.first = Reply(503, b"")
    for _ in range(providers.IN_A_ROW):
        providers.failed("sms.aliyun", Failed("down"), AT)
    message = town.told()
    assert (message.provider, town.asked) == ("tencent", ["tencent"]), "nobody waits for one that is known to be away"
    state = ProviderState.objects.get(name="sms.aliyun")
    assert state.rests_until == AT + providers.REST[0]
    providers.failed("sms.aliyun", Failed("down"), AT)
    state.refresh_from_db()
    assert state.rests_until == AT + providers.REST[1], "longer each time"
    town.first = Reply(200, ali("OK"))
    later = AT + timedelta(minutes=10)
    assert (
        act(Case.objects.get(), "assign", by=actor(town.people["clerk"]), facts={"unit": "gu.lamp"}, at=later)
        is not None
    )
    providers.worked("sms.aliyun", later)
    assert ProviderState.objects.get(name="sms.aliyun").failures == 0


def test_the_operator_s_list_decides_and_an_unknown_name_is_nobody(settings: Any) -> None:
    settings.SMS = ["tencent", "nobody", "file"]
    assert [one.name for one in outgoing.providers()] == ["tencent", "file"]
    assert json.dumps([one.idempotent for one in outgoing.providers()]) == "[false, false]"
