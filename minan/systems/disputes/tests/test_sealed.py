"""Sealed offers: two sums that nobody sees are compared once; who may, how often, what is forgotten and when."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from minan.kernel import family, onetime_code, vault
from minan.kernel.access import SPEAKER
from minan.kernel.keeper import client as keeper
from minan.kernel.keeper import envelope, offers, protocol
from minan.kernel.models import Body, Case, Event
from minan.kernel.procedure import Ask
from minan.systems.disputes import sealed, sealing
from minan.systems.disputes.tests.cast import (
    HEAD,
    MEDIATOR,
    MONDAY,
    SECOND,
    go,
    mediating,
    refused,
    settle,
    side,
    signs,
    tried,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _plain(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.MFA_REQUIRED_FOR_STAFF = False
    monkeypatch.setattr(sealing, "EVERY", 0.0)
    monkeypatch.setattr(onetime_code, "APART", timedelta(0))  # what takes them minutes takes a test none
    with translation.override("zh-hans"):
        yield


def by_link(case: Case, ref: str) -> Client:
    client, mine = Client(), side(case, ref)
    assert client.post(f"/m/{mine.code}/", {"secret": family.link_of(mine)}).status_code == 302
    return client


def begun(people: dict[str, Any], payer: str = "b") -> Case:
    """孙长河 would pay, 王秀兰 would take; a round is open."""
    case = mediating(people)
    go(case, "offers_begin", people[MEDIATOR], timezone.now(), payer=payer)
    return case


def digits(case: Case, ref: str) -> str:
    """The code from their own phone."""
    mine = side(case, ref)
    asked = go(mine, "ask_offer_code", SPEAKER, timezone.now())
    return onetime_code.of(mine.id, asked.n)


def hands_in(case: Case, ref: str, amount: str, **more: str) -> Any:
    """Their page takes it, by a plain post."""
    client, said = by_link(case, ref), {"amount": amount, "code": digits(case, ref), "key": ""} | more
    answer = client.post(f"/disputes/{side(case, ref).code}/seal_offer/", said)
    case.refresh_from_db()
    return answer


def receipt(answer: Any) -> tuple[str, str]:
    """(nonce, commitment) as the receipt says them."""
    page = answer.content.decode()
    found = re.findall(r'class="hash small">([0-9a-f]{64})<', page)
    assert answer.status_code == 200, page
    assert len(found) == 2, page
    return found[0], found[1]


def steps(case: Case) -> list[str]:
    return list(Event.objects.filter(case_id=case.id).order_by("n").values_list("step", flat=True))


def page(client: Client, case: Case, ref: str = "") -> str:
    return str(client.get(f"/disputes/{(side(case, ref) if ref else case).code}/").content.decode())


def staff(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_two_sums_that_overlap_become_a_midpoint_that_is_the_newest_proposal(people: dict[str, Any]) -> None:
    case = begun(people)
    first = hands_in(case, "b", "52000")
    nonce, mark = receipt(first)
    assert "no-store" in first.headers["Cache-Control"]
    assert case.facts["sealed"]["in"]["b"]["c"] == mark
    assert "还没交" in page(by_link(case, "a"), case, "a")
    hands_in(case, "a", "￥48,000.50")
    assert steps(case)[-1] == "offers_met"
    assert case.facts["sealed"]["result"] == "overlap"
    for ref in "ab":
        assert "50000.25" in page(by_link(case, ref), case, ref)
    assert "50000.25" in page(staff(people[MEDIATOR]), case)
    assert "50000.25" not in page(staff(people[SECOND]), case)
    for ref in "ab":
        go(side(case, ref), "accept", SPEAKER, timezone.now(), k=case.facts["offer"]["k"])
    case.refresh_from_db()
    assert set(case.facts["offer"]["ok"]) == {"a", "b"}
    bodies = "".join(Body.objects.values_list("text", flat=True))
    assert mark in bodies
    for secret in ("52000", "5200000", "48000.5", "4800050", "50000.25", "5000025", nonce):
        assert secret not in bodies, secret
    # a second program comes to the same commitment from the receipt alone
    said = subprocess.run(["sh", "-c", f"(echo {nonce} | xxd -r -p; printf 5200000) | sha256sum"], capture_output=True, text=True, check=False)
    if "not found" not in said.stderr:
        assert said.stdout.split()[0] == mark
    assert hashlib.sha256(bytes.fromhex(nonce) + b"5200000").hexdigest() == mark


def test_without_an_overlap_nobody_learns_anything_and_after_three_rounds_it_is_over(people: dict[str, Any]) -> None:
    case = begun(people)
    for n in range(sealed.ROUNDS):
        if n:
            go(case, "offers_begin", people[MEDIATOR], timezone.now(), payer="b")
        hands_in(case, "b", "20000")
        hands_in(case, "a", "40000")
        assert (case.facts["sealed"]["result"], case.facts["sealed"]["open"]) == ("none", False)
        assert "offer" not in case.facts
        for ref in "ab":
            assert "没有合上" in page(by_link(case, ref), case, ref)
    assert refused(case, "offers_begin", people[MEDIATOR], timezone.now(), payer="a") == "rounds_left"
    assert "还可以比 0 轮" in page(staff(people[MEDIATOR]), case)
    settle(timezone.now())
    told = Event.objects.filter(case_id=side(case, "a").id, step="offers_told").count()
    assert told == sealed.ROUNDS


def test_only_the_mediator_opens_a_round_and_only_a_side_itself_hands_in(people: dict[str, Any]) -> None:
    case = mediating(people)
    assert refused(case, "offers_begin", people[SECOND], payer="a") == "is_mediator"
    assert refused(case, "offers_begin", people[MEDIATOR], payer="a", claimant="a") == "rounds_left"
    go(case, "offers_begin", people[MEDIATOR], timezone.now(), payer="b")
    assert refused(case, "offers_begin", people[MEDIATOR], timezone.now(), payer="b") == "none_open"
    for name in (MEDIATOR, HEAD):
        client, mark = staff(people[name]), "0" * 64
        said = {"amount": "1", "commitment": mark, "code": "1", "k": "1", "on": "b"}
        assert client.post(f"/disputes/{case.code}/seal_offer/", said).status_code == 404
        assert tried(side(case, "b"), "seal_offer", people[name], timezone.now(), k=1, commitment=mark, code=1).status == 403  # type: ignore[union-attr]
    assert case.facts["sealed"]["in"] == {}


def test_it_needs_the_code_from_the_sides_own_phone_and_that_code_signs_nothing(people: dict[str, Any]) -> None:
    case = begun(people)
    client, code = by_link(case, "b"), side(case, "b").code
    none = client.post(f"/disputes/{code}/seal_offer/", {"amount": "12345.67", "code": "111111"})
    assert none.status_code == 422
    assert "12345.67" in none.content.decode(), "nothing typed is lost"
    digits(case, "b")
    wrong = client.post(f"/disputes/{code}/seal_offer/", {"amount": "12345.67", "code": "0"})
    assert "验证码不对" in wrong.content.decode()
    assert Event.objects.filter(case_id=side(case, "b").id, step="code_missed").exists()
    bad = client.post(f"/disputes/{code}/seal_offer/", {"amount": "五万", "code": "0"})
    assert (bad.status_code, "五万" in bad.content.decode(), "写一个数" in bad.content.decode()) == (422, True, True)
    assert vault.offer("held", code=case.code, names=[])["held"] == []
    go(case, "draft", people[MEDIATOR], timezone.now(), facts="a", duty="b", terms="c", manner="d")
    mine = side(case, "b")
    assert refused(mine, "sign", SPEAKER, timezone.now(), k=1, code=onetime_code.of(mine.id, mine.facts["code"]["n"])) == "code_fits"


def test_a_side_changes_its_sum_and_the_old_one_counts_no_more(people: dict[str, Any]) -> None:
    case = begun(people)
    old = receipt(hands_in(case, "b", "10000"))[1]
    new = receipt(hands_in(case, "b", "60000"))[1]
    marks = [row for row in Body.objects.filter(case_id=side(case, "b").id).values_list("text", flat=True) if "commitment" in row]
    assert len(marks) == 2, "both commitments stand in the events"
    settle(timezone.now())
    assert vault.offer("held", code=case.code, names=[old, new])["held"] == [new]
    hands_in(case, "a", "50000")
    assert case.facts["sealed"]["result"] == "overlap"
    assert "55000.00" in page(by_link(case, "a"), case, "a")


def test_who_took_it_back_is_not_compared_and_what_was_pressed_twice_counts_once(people: dict[str, Any]) -> None:
    case = begun(people)
    key, code = "ab" * 16, digits(case, "b")
    client, path = by_link(case, "b"), f"/disputes/{side(case, 'b').code}/seal_offer/"
    mark = receipt(client.post(path, {"amount": "50000", "code": code, "key": key}))[1]
    again = client.post(path, {"amount": "50000", "code": code, "key": key})
    assert again.status_code == 302, "the receipt is shown once"
    assert vault.offer("held", code=case.code, names=[mark])["held"] == [mark]
    case.refresh_from_db()
    assert case.facts["sealed"]["in"]["b"]["c"] == mark
    go(side(case, "b"), "unseal_offer", SPEAKER, timezone.now())
    settle(timezone.now())
    assert vault.offer("held", code=case.code, names=[mark])["held"] == []
    hands_in(case, "a", "40000")
    assert (case.facts["sealed"]["open"], list(case.facts["sealed"]["in"])) == (True, ["a"])


def test_after_an_agreement_none_is_taken(people: dict[str, Any]) -> None:
    case = begun(people)
    go(case, "draft", people[MEDIATOR], timezone.now(), facts="a", duty="b", terms="c", manner="d")
    for ref in "ab":
        signs(case, ref, timezone.now())
    go(case, "countersign", people[MEDIATOR], timezone.now())
    go(case, "seal", people[HEAD], timezone.now())
    assert refused(case, "offers_begin", people[MEDIATOR], timezone.now(), payer="b") == "state"
    digits_of = tried(side(case, "b"), "seal_offer", SPEAKER, timezone.now(), k=1, commitment="0" * 64, code=1)
    assert not isinstance(digits_of, Event)
    assert by_link(case, "b").post(f"/disputes/{side(case, 'b').code}/seal_offer/", {"amount": "1", "code": "1"}).status_code == 404


def test_a_phone_that_was_changed_after_the_round_began_hands_in_nothing(people: dict[str, Any]) -> None:
    """A mediator who turns a side's number to their own cannot play that side against the other."""
    case = begun(people)
    go(side(case, "b"), "contact", people[MEDIATOR], timezone.now(), phone="13900000009")
    answer = hands_in(case, "b", "1")
    assert answer.status_code == 422
    assert "手机是这一轮开始以后才改的" in answer.content.decode()
    go(case, "offers_stop", people[MEDIATOR], timezone.now())
    assert case.facts["sealed_past"][-1]["result"] == "stopped"


def test_twenty_four_hours_and_not_a_minute_more(people: dict[str, Any]) -> None:
    case = mediating(people)
    go(case, "offers_begin", people[MEDIATOR], MONDAY, payer="b")
    k, at = case.facts["sealed"]["k"], MONDAY + 24 * HOUR
    settle(at - timedelta(minutes=1))
    case.refresh_from_db()
    assert case.facts["sealed"]["open"]
    mark = "c" * 64
    late = tried(side(case, "b"), "seal_offer", SPEAKER, at, k=k, commitment=mark, code=1)
    assert not isinstance(late, Event)
    settle(at)
    case.refresh_from_db()
    assert (case.facts["sealed"]["open"], case.facts["sealed"]["result"]) == (False, "lapsed")
    assert sealed.past(case.facts, "a", "b") == 0, "nothing was compared: it does not count"
    go(case, "offers_begin", people[MEDIATOR], at, payer="b")


def test_the_keeper_itself_forgets_after_twenty_four_hours_whatever_it_was_told() -> None:
    box, now = offers.Offers(), 1_000_000.0
    mark = put(box, "payer", 100, now, until=now + 90 * 3600)
    box.purge(now + 24 * 3600 - 1)
    assert box.here([mark]) == [mark]
    assert box.busy
    box.purge(now + 24 * 3600)
    assert (box.here([mark]), box.busy) == ([], False)
    assert box.meet("GA1", 1, mark, mark) == {"missing": ["payer", "claimant"]}


def put(box: offers.Offers, role: str, fen: int, now: float, until: float = 2_000_000.0, k: int = 1) -> str:
    key, nonce = b"k" * 32, hashlib.sha256(f"{role}{fen}{k}".encode()).digest()
    opening = {"k": k, "role": role, "fen": fen, "nonce": protocol.text(nonce)}
    return box.put("GA1", envelope.wrap(box.public, "GA1", key), envelope.shut(key, "GA1", opening), until, now)


@pytest.mark.parametrize(("most", "least", "result"), [
    (100, 100, {"result": "overlap", "mid": 100}), (101, 100, {"result": "overlap", "mid": 100}), (99, 100, {"result": "none"}),
    (0, 0, {"result": "overlap", "mid": 0}), (10**11, 1, {"result": "overlap", "mid": 50000000000}),
])  # fmt: skip
def test_an_opening_is_compared_once_and_then_gone(most: int, least: int, result: dict[str, Any]) -> None:
    box, now = offers.Offers(), 1_000_000.0
    payer, claimant = put(box, "payer", most, now), put(box, "claimant", least, now)
    assert box.meet("GA1", 2, payer, claimant) == {"missing": ["payer", "claimant"]}, "of this round alone"
    assert box.meet("GA2", 1, payer, claimant) == {"missing": ["payer", "claimant"]}, "of this dispute alone"
    assert box.meet("GA1", 1, claimant, payer) == {"missing": ["payer", "claimant"]}, "each in its own part"
    assert box.meet("GA1", 1, payer, claimant) == result
    assert box.held == {}
    assert box.meet("GA1", 1, payer, claimant) == result, "asked again it is the same"
    probe = put(box, "claimant", 50, now)
    assert box.meet("GA1", 1, payer, probe) == {"missing": ["payer"]}, "nobody feels for it with a second sum"
    assert "50" not in repr(box.held.values())


def test_what_was_caught_on_the_way_opens_with_no_key_on_the_disk() -> None:
    from minan.kernel.keeper import keys
    from minan.kernel.vault import folder

    vault.status()
    public, key = protocol.data(vault.offer("key")["public"]), b"k" * 32
    caught = envelope.wrap(public, "GA1", key)
    assert public != vault.public()
    for private in keys.load(folder()).private.values():
        with pytest.raises(envelope.Shut):
            envelope.unwrap(private, "GA1", caught)


def test_after_a_restart_of_the_keeper_both_are_told_and_nothing_is_pretended(people: dict[str, Any]) -> None:
    case = begun(people)
    hands_in(case, "b", "50000")
    keeper.dismiss(vault.folder())
    assert "请再交一次" in page(by_link(case, "b"), case, "b"), "the page says what is true, before anybody wrote it down"
    assert "要再交一次" in page(staff(people[MEDIATOR]), case)
    settle(timezone.now())
    case.refresh_from_db()
    assert (steps(case)[-1], case.facts["sealed"]["lost"], case.facts["sealed"]["in"]) == ("offers_lost", ["b"], {})
    for ref in "ab":
        assert Event.objects.filter(case_id=side(case, ref).id, step="offers_again").exists()
    hands_in(case, "a", "40000")
    assert case.facts["sealed"]["open"], "one alone is compared with nothing"
    hands_in(case, "b", "50000")
    assert case.facts["sealed"]["result"] == "overlap"


def test_a_commitment_without_an_opening_is_compared_with_nothing(people: dict[str, Any]) -> None:
    """A side that writes a digest of its own past the page gets no answer, and the other's sum stays where it is."""
    case = begun(people)
    mark = receipt(hands_in(case, "b", "50000"))[1]
    go(side(case, "a"), "seal_offer", SPEAKER, timezone.now(), k=1, commitment="d" * 64, code=int(digits(case, "a")))
    settle(timezone.now())
    case.refresh_from_db()
    assert (case.facts["sealed"]["lost"], case.facts["sealed"]["result"] if not case.facts["sealed"]["open"] else "") == (["a"], "")
    assert vault.offer("held", code=case.code, names=[mark])["held"] == [mark]


def test_where_the_vault_is_away_nothing_is_taken(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    case = begun(people)
    code = digits(case, "b")

    def away(*_: Any, **__: Any) -> str:
        raise vault.Away

    monkeypatch.setattr(vault, "offer_put", away)
    answer = by_link(case, "b").post(f"/disputes/{side(case, 'b').code}/seal_offer/", {"amount": "50000", "code": code})
    assert (answer.status_code, "50000" in answer.content.decode()) == (503, True)
    case.refresh_from_db()
    assert case.facts["sealed"]["in"] == {}


def test_where_the_page_dies_before_it_asked_the_worker_compares(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    case = begun(people)
    hands_in(case, "b", "50000")
    with monkeypatch.context() as patch:
        patch.setattr(sealing, "settle", lambda *_args, **_more: None)
        hands_in(case, "a", "40000")
    assert case.facts["sealed"]["open"]
    settle(timezone.now())
    case.refresh_from_db()
    assert case.facts["sealed"]["result"] == "overlap"


def test_the_page_of_a_round_costs_no_query_more(people: dict[str, Any], django_assert_max_num_queries: Any) -> None:
    case = begun(people)
    hands_in(case, "b", "50000")
    client = by_link(case, "a")
    page(client, case, "a")
    with django_assert_max_num_queries(12):
        assert "第 1 轮" in client.get(f"/disputes/{side(case, 'a').code}/?step=seal_offer").content.decode()


def asked(facts: dict[str, Any], **said: Any) -> Any:
    return Ask("offers_begin", "mediating", said, {"facts": facts}, frozenset({"lead"}), "", "", MONDAY)


def test_with_more_than_two_sides_both_are_named_and_each_pair_has_its_own_rounds() -> None:
    three: dict[str, Any] = {"sides": ["a", "b", "c"]}
    assert sealed.rounds_left(asked(three, payer="c", claimant="a")) is None
    for wrong in ({"payer": "c"}, {"payer": "c", "claimant": "c"}, {"payer": "c", "claimant": "d"}):
        assert sealed.rounds_left(asked(three, **wrong)) is not None, wrong
    three["sealed_past"] = [{"payer": "c", "claimant": "a", "result": "none"}] * 3
    assert sealed.rounds_left(asked(three, payer="a", claimant="c")) is not None, "whoever of the two pays"
    assert sealed.rounds_left(asked(three, payer="c", claimant="b")) is None
    row = {"payer": "c", "claimant": "b", "in": {}, "open": True}
    assert [sealed.fits("seal_offer", ref, {"sealed": row}) for ref in "abc"] == [False, True, True]
