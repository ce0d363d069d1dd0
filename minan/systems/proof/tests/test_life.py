"""The life of a leaf as the six people live it: said, promised, sequenced once, published, proved; read this first."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from minan.kernel import ledger, merkle, notes, promises, registry, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.models import Body, Case, Event, Outbox
from minan.systems.proof import keys, publication, sequencer
from minan.systems.proof.models import CITY, Checkpoint, Leaf, Log

pytestmark = pytest.mark.django_db
SAID = next(name for name, p in registry.procedures().items() if p.step("assign"))  # matters, or a copy of them
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
NEXT = timedelta(seconds=61)


def say(n: int = 0, place: str = "131022100010", **more: Any) -> Opened:
    facts = {"text": f"第 {n} 盏路灯不亮", "place": place, "kind": "lamp.out", "phone": "13812345678"}
    opened = open_case(SAID, by=SPEAKER, facts=facts, at=AT + timedelta(seconds=n), **more)
    assert isinstance(opened, Opened), opened
    return opened


def receipt(code: str, secret: str) -> Any:
    return Client().post(f"/proof/receipt/{code}", headers={"Authorization": f"Receipt {secret}"})


def test_what_wang_xiulan_says_is_promised_in_the_answer_and_stands_in_the_city_s_log_a_minute_later(
    city: None,
) -> None:
    opened = say()
    promise = promises.of(opened.event, opened.case.code)
    told = notes.open_note(promise, [keys.signer().key])
    assert told.by(keys.signer().key)
    leaf = base64.b64encode(bytes.fromhex(opened.event.hash)).decode()
    assert told.text.splitlines() == [keys.origin(), "promise", opened.case.code, leaf, ledger.stamp(opened.event.at)]
    assert promises.of(opened.event, opened.case.code) == promise, "the same bytes each time"
    worker.settle(AT)
    whole = receipt(opened.case.code, opened.secret).json()
    (one,) = whole["events"]
    said, _ = notes.open_checkpoint(whole["checkpoint"], keys.signer().key)
    proof = [bytes.fromhex(h) for h in one["proof"]]
    assert merkle.verify_inclusion(bytes.fromhex(opened.event.hash), one["index"], said.size, proof, said.root)
    assert (
        ledger.canonical(one["event"])
        == ledger.Link(
            opened.case.county, opened.case.code, 1, ledger.ZERO, "say", opened.event.at, "resident", opened.event.body
        ).canonical()
    )
    opening = one["opening"]
    assert ledger.commit(bytes.fromhex(opening["salt"]), opening["body"]) == one["event"]["body"]
    assert opening["body"]["facts"]["text"] == "第 0 盏路灯不亮"
    assert one["promise"] == promise


def test_every_event_becomes_exactly_one_leaf_although_news_come_twice(people: dict[str, Any]) -> None:
    opened = say()
    clerk = actor(people["clerk"])
    for step, facts in (("accept", {}), ("assign", {"unit": "131022-lighting"}), ("note", {"words": "一"})):
        assert act(opened.case, step, by=clerk, facts=facts, at=AT)
    told = [worker.Told(o.id, o.county, o.case_id, o.n, o.name, o.at) for o in Outbox.objects.order_by("id")]
    sequencer.sequence(told)
    sequencer.sequence(told)
    worker.settle(AT)
    rows = list(Leaf.objects.order_by("index").values_list("index", "n", "hash", "city_index"))
    assert rows == [(n - 1, n, h, n - 1) for n, h in Event.objects.order_by("n").values_list("n", "hash")]


def test_events_heard_in_the_wrong_order_stand_in_the_right_one(people: dict[str, Any]) -> None:
    opened, clerk = say(), actor(people["clerk"])
    assert act(opened.case, "accept", by=clerk, at=AT)
    assert act(opened.case, "note", by=clerk, facts={"words": "一"}, at=AT)
    rows = list(Outbox.objects.order_by("-n"))
    for row in rows:  # the last first, each alone
        sequencer.sequence([worker.Told(row.id, row.county, row.case_id, row.n, row.name, row.at)])
    assert list(Leaf.objects.order_by("index").values_list("n", flat=True)) == [1, 2, 3]


def test_counties_have_logs_of_their_own_and_the_city_s_checkpoint_says_how_far_each_is(city: None) -> None:
    for n in range(3):
        say(n)
    say(9, place="131002000000")
    worker.settle(AT)
    whole = Client().get("/proof/checkpoint").content.decode()
    said, _ = notes.open_checkpoint(whole, keys.signer().key)
    assert said.size == 4
    sizes = {line.split(" ")[0]: int(line.split(" ")[1]) for line in said.more}
    assert sizes == {"131002": 1, "131022": 3}
    for line in said.more:
        county, size, root = line.split(" ")
        note = Client().get(f"/proof/checkpoint?log={county}").content.decode()
        own, _ = notes.open_checkpoint(note, keys.signer().key, origin=f"{keys.origin()}/{county}")
        assert (own.size, base64.b64encode(own.root).decode()) == (int(size), root)
        hashes = Client().get(f"/proof/leaves?log={county}&from=0&to={size}").content
        assert merkle.root(merkle.split(hashes)) == own.root
    hashes = Client().get("/proof/leaves?from=0&to=4").content
    assert merkle.root(merkle.split(hashes)) == said.root
    order = list(Leaf.objects.order_by("city_index").values_list("log", "index"))
    assert order == [("131002", 0), ("131022", 0), ("131022", 1), ("131022", 2)]


def test_a_checkpoint_is_signed_at_most_once_a_minute_and_only_where_something_is_new(
    city: None, settings: Any
) -> None:
    say(0)
    worker.settle(AT)
    say(1)
    worker.settle(AT + timedelta(seconds=settings.CHECKPOINT_SECONDS - 1))
    assert Checkpoint.objects.count() == 1
    worker.settle(AT + timedelta(seconds=settings.CHECKPOINT_SECONDS))
    worker.settle(AT + 3 * NEXT)
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [1, 2]


def test_a_clock_that_was_set_back_does_not_stop_the_log(city: None) -> None:
    say(0)
    worker.settle(AT + timedelta(days=3))
    say(1)
    worker.settle(AT)
    assert Checkpoint.objects.count() == 2


def test_every_checkpoint_goes_on_from_every_one_before(city: None) -> None:
    signed = []
    for turn in range(9):
        for n in range(turn * turn):
            say(n)
        say(turn)
        worker.settle(AT + turn * NEXT)
        signed.append(notes.Checkpoint.parse(notes.parts(Checkpoint.objects.latest("size").note)[0]))
    for old in signed:
        for new in signed[signed.index(old) :]:
            got = Client().get(f"/proof/consistency?from={old.size}&to={new.size}").json()["proof"]
            assert merkle.verify_consistency(old.size, old.root, new.size, new.root, [bytes.fromhex(h) for h in got])
    assert signed[-1].size == Log.objects.get(name=CITY).size == Event.objects.count()


def test_what_happened_before_the_log_was_there_is_found_by_the_patrol(city: None) -> None:
    for n in range(5):
        say(n)
    Outbox.objects.all().delete()  # nobody will ever tell
    sequencer.again()
    worker.settle(AT)
    assert Leaf.objects.filter(city_index__isnull=False).count() == 5
    assert publication.publish(AT + NEXT) == 0


def test_a_receipt_shows_the_speaker_what_they_said_and_were_told_and_hides_the_house_s_own(
    people: dict[str, Any],
) -> None:
    opened, clerk, handler = say(), actor(people["clerk"]), actor(people["handler"])
    for who, step, facts in (
        (clerk, "accept", {"urgency": "urgent"}),
        (clerk, "note", {"words": "备注里的话"}),
        (clerk, "assign", {"unit": "131022-lighting"}),
        (SPEAKER, "add", {"words": "东边也有一盏"}),
        (handler, "sign", {}),
        (handler, "progress", {"words": "明天去看"}),
    ):
        assert act(opened.case, step, by=who, facts=facts, at=AT), step
    worker.settle(AT)
    whole = receipt(opened.case.code, opened.secret).json()
    openings = {e["event"]["step"]: e["opening"] for e in whole["events"]}
    assert openings["add"]["body"]["facts"]["words"] == "东边也有一盏"
    assert openings["progress"]["body"]["facts"]["words"] == "明天去看"
    assert openings["note"] is None
    assert openings["accept"] is None, "urgency is the staff's own answer"
    assert "备注里的话" not in json.dumps(whole, ensure_ascii=False)
    assert {e["event"]["step"] for e in whole["events"] if e["promise"]} == {"say", "add"}


def test_an_event_not_yet_published_comes_with_its_promise_and_without_a_place(city: None) -> None:
    opened = say()
    before = receipt(opened.case.code, opened.secret).json()
    assert before["checkpoint"] is None
    assert (before["events"][0]["index"], before["events"][0]["proof"]) == (None, None)
    assert before["events"][0]["promise"]
    worker.settle(AT)
    assert act(opened.case, "add", by=SPEAKER, facts={"words": "还有一盏"}, at=AT)
    first, second = receipt(opened.case.code, opened.secret).json()["events"]
    assert (first["index"], second["index"]) == (0, None)
    assert second["promise"]


def test_after_erasure_nothing_opens_and_every_proof_still_holds(city: None) -> None:
    from minan.kernel import erasures  # beside the one test that erases

    opened = say()
    worker.settle(AT)
    erasures.erase([(opened.case.code, "body", 1)])
    whole = receipt(opened.case.code, opened.secret).json()
    (one,) = whole["events"]
    said, _ = notes.open_checkpoint(whole["checkpoint"], keys.signer().key)
    assert one["opening"] is None
    assert merkle.verify_inclusion(merkle.leaf(ledger.canonical(one["event"])), 0, 1, [], said.root)


def test_a_wrong_code_and_a_wrong_secret_are_one_and_the_same_to_a_stranger(
    city: None, django_assert_num_queries: Any
) -> None:
    opened, other = say(), say(1)
    answers = []
    for code, secret in (
        (opened.case.code, other.secret), (opened.case.code, ""), ("131NOTHING", opened.secret), ("0" * 15, opened.secret),
    ):  # fmt: skip
        with django_assert_num_queries(2):
            got = receipt(code, secret)
        answers.append((got.status_code, got.content, sorted(got.headers.items())))
    assert answers[0][0] == 404
    assert answers.count(answers[0]) == 4


def test_no_key_lies_in_the_data_and_the_key_is_closed_to_others(city: None, settings: Any) -> None:
    say()
    worker.settle(AT)
    path = settings.KEYS / keys.FILE
    assert path.stat().st_mode & 0o077 == 0
    assert not list(settings.DATA.glob(keys.FILE))
    case = Case.objects.get()
    assert keys.signer().seed.hex() not in repr(keys.signer()) + case.head


def test_words_that_were_hidden_since_open_from_the_vault_as_they_were_committed_to(people: dict[str, Any]) -> None:
    facts = {"text": "王骁骅家门口的路灯坏了", "place": "131022100010", "kind": "lamp.out"}
    opened = open_case(SAID, by=SPEAKER, facts=facts, at=AT)
    assert isinstance(opened, Opened)
    assert act(opened.case, "hide", by=actor(people["clerk"]), facts={"another": "王骁骅"}, at=AT)
    worker.settle(AT)
    assert not Body.objects.filter(case_id=opened.case.id, n=1).exists(), "the open table has it no more"
    first = receipt(opened.case.code, opened.secret).json()["events"][0]
    assert first["opening"]["body"]["facts"]["text"] == facts["text"]
    assert ledger.commit(bytes.fromhex(first["opening"]["salt"]), first["opening"]["body"]) == first["event"]["body"]
