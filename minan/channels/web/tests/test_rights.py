"""B7: 王秀兰 reads all that is held of her, takes it along, corrects it, erases what is optional, takes consents back, ends her account."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from minan.channels.web import rights as held_of
from minan.channels.web.tests.phone import picture, said
from minan.kernel import (
    access,
    act,
    attachments,
    callers,
    datamap,
    outgoing,
    retention,
    rights,
    sparing,
    speakers,
    vault,
    verify,
    worker,
)
from minan.kernel.act import Refused
from minan.kernel.models import Case, Event, Message, Speaker, User
from minan.lib import throttle

pytestmark = [pytest.mark.django_db, pytest.mark.bar("B7")]
CANARY = {
    "text": "金丝雀甲：东门外三盏路灯不亮，打 13812340001 找我", "place_words": "金丝雀乙大柳树底下", "name": "金丝雀丙", "phone": "13812340002",
}  # fmt: skip
MORE = "金丝雀丁：还有一盏也灭了，联系 13812340003"


@pytest.fixture
def hers(client: Client, city: None) -> Case:
    """A lamp with canaries in every field, a photo, words added, and a call by the handler's desk."""
    case, _ = said(client, **CANARY, photos=[picture()])
    key = client.get(f"/m/{case.code}/add/").context["taking"].key
    assert client.post(f"/m/{case.code}/add/", {"key": key, "words": MORE}).status_code == 302
    clerk = access.actor(User.objects.get(username="clerk"))
    assert act.act(Case.objects.get(id=case.id), "call", by=clerk)
    assert act.act(Case.objects.get(id=case.id), "progress", by=clerk, facts={"words": "派人去看了"})
    worker.settle()
    return Case.objects.get(id=case.id)


def ask(client: Client, case: Case, do: str, **facts: str) -> Any:
    page = client.get(f"/m/{case.code}/rights/")
    return client.post(f"/m/{case.code}/rights/", {"key": page.context["key"], "do": do} | facts)


def exported(client: Client, case: Case) -> dict[str, Any]:
    answer = client.get(f"/m/{case.code}/rights/file.json")
    assert "attachment" in answer["Content-Disposition"]
    return dict(json.loads(answer.content)["matters"][0])


def missing(text: str, case: Case) -> list[str]:
    """The canaries that are not in a file about the case."""
    planted = [*CANARY.values(), MORE, *Event.objects.filter(case_id=case.id).values_list("hash", flat=True)]
    planted += list(Message.objects.filter(case_id=case.id, to="speaker").values_list("words", flat=True))
    sha256 = attachments.of(case, staff=False)[0].sha256
    planted += [sha256, base64.b64encode(attachments.path_of(sha256).read_bytes()).decode(), "固安镇说事站"]
    return [one for one in planted if one not in text]


def test_what_she_takes_along_is_complete_in_both_forms(client: Client, hers: Case) -> None:
    read = client.get(f"/m/{hers.code}/rights/file.json").content.decode()
    assert missing(json.dumps(json.loads(read), ensure_ascii=False), hers) == []
    page = client.get(f"/m/{hers.code}/rights/file.html").content.decode()
    assert missing(page, hers) == []
    rows = exported(client, hers)
    assert rows["looks"][0]["by"] == "固安镇说事站"
    for row in (*rows["vault"], *rows["order"], *rows["photos"]):
        assert row["class"]
        assert row["purpose"]
        assert row["basis"]
        assert row["until"] or row["until_words"]


def test_a_file_that_leaves_a_fact_out_is_noticed(client: Client, hers: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar bites."""
    monkeypatch.setattr(held_of, "vaulted", lambda case: ([], {}, True))
    assert CANARY["phone"] in missing(client.get(f"/m/{hers.code}/rights/file.json").content.decode(), hers)


def test_every_class_of_her_data_on_the_map_is_in_the_file(client: Client, hers: Case) -> None:
    rows = exported(client, hers)
    assert all(rows[part] for part in ("vault", "order", "photos", "events", "messages", "technical"))
    of_speakers = {k.table for k in datamap.read().values() if k.personal == "speaker"}
    passing = {"hotline.Call", "hotline.Draft", "box.Sheet"}  # ciphertext of a call, the photograph of a slip: gone within their days
    # Read and ended on their own pages: whose they are is drawn with KEYS, or one bit of today, or shut with the case's own key.
    passing |= {"doors.Home", "doors.Member", "doors.Phone", "care.Watch", "care.Night", "emergencies.Voice"}
    assert of_speakers - passing == {"kernel.Speaker", "kernel.Reply", "kernel.Session", "account.EmailAddress"}


def test_the_day_on_the_page_is_the_day_it_goes(client: Client, hers: Case) -> None:
    assert act.act(hers, "withdraw", by=access.SPEAKER)
    vaulted = {row["name"]: row["until"] for row in exported(client, hers)["vault"]}
    assert hers.closed_at is not None
    day = datetime.fromisoformat(vaulted["phone"]).date()
    midnight = datetime.combine(day, datetime.min.time(), rights.BEIJING).astimezone(UTC)
    retention.sweep(midnight - timedelta(minutes=1))
    assert speakers.known(hers, who="speaker", why="own")["phone"] == CANARY["phone"]
    retention.sweep(midnight + timedelta(minutes=1))
    assert speakers.known(hers, who="speaker", why="own") == {}


def test_she_corrects_her_number_and_the_old_one_is_gone(client: Client, hers: Case) -> None:
    assert ask(client, hers, "correct", phone="13900000009", address="南关新村 5 号楼").status_code == 302
    known = speakers.known(hers, who="speaker", why="own")
    assert (known["phone"], known["name"], known["address"]) == ("13900000009", CANARY["name"], "南关新村 5 号楼")
    assert CANARY["phone"] not in client.get(f"/m/{hers.code}/rights/file.json").content.decode()
    assert "13900000009" not in str(Event.objects.filter(case_id=hers.id).values_list("key", "by"))
    assert ask(client, hers, "correct", phone="12").status_code == 422
    assert ask(client, hers, "correct").status_code == 422


def test_what_is_optional_is_erased_at_once_and_her_matter_goes_on(client: Client, hers: Case) -> None:
    assert ask(client, hers, "erase", what="contact").status_code == 302
    known = speakers.known(hers, who="speaker", why="own")
    assert {"name", "phone", "address"}.isdisjoint(known)
    assert known["say.text"] == CANARY["text"]
    assert Speaker.objects.get(case_id=hers.id).phone is False
    hers.refresh_from_db()
    assert hers.open
    assert verify.check().faults == []
    assert ask(client, hers, "correct", phone="13900000009").status_code == 302  # and she may leave one again
    assert speakers.known(hers, who="speaker", why="own")["phone"] == "13900000009"


def test_erasing_the_only_fact_of_the_vault_leaves_room_for_a_new_one(client: Client, city: None) -> None:
    case, _ = said(client, text="东门外路灯不亮", phone="13812340002")
    assert ask(client, case, "erase", what="contact").status_code == 302
    assert Speaker.objects.get(case_id=case.id).wrapped is None
    assert ask(client, case, "correct", phone="13900000009").status_code == 302
    assert speakers.known(case, who="speaker", why="own") == {"phone": "13900000009"}


def test_everything_is_refused_with_rule_and_day_and_locked_meanwhile(client: Client, hers: Case) -> None:
    assert act.act(hers, "withdraw", by=access.SPEAKER)
    assert ask(client, hers, "erase", what="everything").status_code == 302
    hers.refresh_from_db()
    page = client.get(f"/m/{hers.code}/rights/").content.decode()
    day = retention.gone_on(hers, "")
    assert day is not None
    assert f"{day.year}年{day.month}月{day.day}日 擦除" in page
    assert "第四十七条" in page
    held = speakers.known(hers, who="speaker", why="own")
    assert "phone" not in held
    assert held["say.text"] == CANARY["text"]
    with pytest.raises(vault.Held):
        speakers.known(hers, who="user:1", why="call", event="0" * 64)
    assert isinstance(act.act(hers, "ask_erase", by=access.SPEAKER, facts={"what": "everything"}), Refused)
    midnight = datetime.combine(day, datetime.min.time(), rights.BEIJING).astimezone(UTC)
    retention.sweep(midnight + timedelta(minutes=1))
    hers.refresh_from_db()
    assert (hers.text, hers.marks.get("locked")) == ("", None)
    assert verify.check().faults == []


def test_without_the_lock_her_words_would_still_be_opened(hers: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar bites."""
    assert act.act(hers, "ask_erase", by=access.SPEAKER, facts={"what": "everything"})
    monkeypatch.setattr(rights, "LAWFUL", rights.LAWFUL | {"call"})
    assert speakers.known(hers, who="user:1", why="call", event="0" * 64)["say.text"] == CANARY["text"]


def test_no_message_goes_out_after_she_took_the_consent_back(
    client: Client, hers: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(sparing, "reserve", lambda number, now, *_: now)
    monkeypatch.setattr(outgoing, "gateways", lambda: {"sms": lambda key, number, words: sent.append(number)})
    waiting = Message.objects.filter(case_id=hers.id, channel="sms")
    at = datetime.now(UTC)
    Message.objects.create(county=hers.county, case_id=hers.id, n=1, to="speaker", channel="sms", words="x", made_at=at, next_at=at)
    assert ask(client, hers, "consent", sms="false").status_code == 302
    sent.clear()
    outgoing.send_waiting()
    assert sent == []  # not even what was waiting
    many = waiting.count()
    clerk = access.actor(User.objects.get(username="clerk"))
    assert act.act(Case.objects.get(id=hers.id), "progress", by=clerk, facts={"words": "在修了"})
    worker.settle()
    assert waiting.count() == many
    assert Message.objects.filter(case_id=hers.id, channel="page", words__contains="进展").exists()  # the service works without
    assert ask(client, hers, "consent", sms="true").status_code == 302
    monkeypatch.setattr(sparing, "reserve", lambda number, now, *_: now)  # the second within a minute
    assert act.act(Case.objects.get(id=hers.id), "progress", by=clerk, facts={"words": "修好了"})
    worker.settle()
    assert len(sent) == 1


def test_without_the_check_a_waiting_message_would_still_go(client: Client, hers: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar bites."""
    sent: list[str] = []
    monkeypatch.setattr(sparing, "reserve", lambda number, now, *_: now)
    monkeypatch.setattr(outgoing, "gateways", lambda: {"sms": lambda key, number, words: sent.append(number)})
    at = datetime.now(UTC)
    Message.objects.create(county=hers.county, case_id=hers.id, n=1, to="speaker", channel="sms", words="x", made_at=at, next_at=at)
    assert ask(client, hers, "consent", sms="false").status_code == 302
    monkeypatch.setattr(rights, "agreed", lambda facts, to: True)
    monkeypatch.setattr(sparing, "reserve", lambda number, now, *_: now)  # the second within a minute
    outgoing.send_waiting()
    assert sent


def test_who_wants_no_calls_is_not_called(client: Client, hers: Case) -> None:
    assert ask(client, hers, "consent", calls="false").status_code == 302
    hers.refresh_from_db()
    assert "visit" not in hers.marks
    with pytest.raises(vault.Held):
        speakers.known(hers, who="user:1", why="call", event="0" * 64)


def test_nobody_else_reads_or_asks(hers: Case, people: dict[str, User]) -> None:
    for name in (None, "clerk", "handler", "stranger", "security"):
        browser = Client()
        if name:
            browser.force_login(people[name])
        for path in ("", "file.json", "file.html"):
            answer = browser.get(f"/m/{hers.code}/rights/{path}")
            assert answer.status_code == 302
            assert not any(canary.encode() in answer.content for canary in CANARY.values())
        assert browser.post(f"/m/{hers.code}/rights/", {"do": "erase", "what": "everything"}).status_code == 302
    hers.refresh_from_db()
    assert "locked" not in hers.marks


def test_she_ends_her_account_and_reads_her_matter_by_its_secret(client: Client, city: None) -> None:
    user = User.objects.create_user("xiulan", password="a long enough word", name="金丝雀戊", email="canary@example.org")
    client.force_login(user)
    case, secret = said(client, **CANARY)
    everything = client.get("/mine/rights/file.json").content.decode()
    assert all(one in everything for one in ("金丝雀戊", "canary@example.org", "xiulan", *CANARY.values()))
    assert client.post("/mine/rights/", {"name": "王秀兰"}).status_code == 302
    assert User.objects.get(pk=user.pk).name == "王秀兰"
    client.post("/mine/rights/close/", {"sure": "yes", "password": "wrong"})
    assert User.objects.filter(pk=user.pk).exists()
    assert client.post("/mine/rights/close/", {"sure": "yes", "password": "a long enough word"}).status_code == 302
    assert not User.objects.filter(username="xiulan").exists()
    assert Speaker.objects.get(case_id=case.id).owner == ""
    assert client.get("/mine/rights/").status_code == 302
    fresh = Client()
    assert fresh.post(f"/m/{case.code}/", {"secret": secret}).status_code == 302
    assert CANARY["phone"] in fresh.get(f"/m/{case.code}/rights/").content.decode()
    assert verify.check().faults == []


def test_nobody_tries_passwords_at_a_session_left_open(client: Client, city: None) -> None:
    throttle.forget()
    user = User.objects.create_user("xiulan", password="a long enough word")
    client.force_login(user)
    for n in range(callers.MISSES):
        client.post("/mine/rights/close/", {"sure": "yes", "password": f"guess {n}"})
    client.post("/mine/rights/close/", {"sure": "yes", "password": "a long enough word"})
    assert User.objects.filter(pk=user.pk).exists(), "the eleventh try of a minute is not even looked at"
    throttle.forget()
    client.post("/mine/rights/close/", {"sure": "yes", "password": "a long enough word"})
    assert not User.objects.filter(pk=user.pk).exists()


def test_who_works_here_cannot_end_the_houses_account(people: dict[str, User]) -> None:
    browser = Client()
    browser.force_login(people["clerk"])
    browser.post("/mine/rights/close/", {"sure": "yes", "password": ""})
    assert User.objects.filter(username="clerk", is_active=True).exists()


def test_everybody_may_read_what_is_kept_and_why(client: Client, city: None, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        page = client.get("/rights/").content.decode()
    for kept in datamap.read().values():
        assert kept.table in page
    assert client.get("/rights/", headers={"accept-language": "en"}).status_code == 200
