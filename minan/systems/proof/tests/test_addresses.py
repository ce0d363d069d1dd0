"""What anybody reads under /proof/: the log's numbers and proofs, nothing that was not published, and nobody's words."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from minan.kernel import merkle, notes, worker
from minan.lib import throttle
from minan.systems.proof import asked, keys, views
from minan.systems.proof.models import Leaf
from minan.systems.proof.tests.test_life import AT, NEXT, receipt, say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unhurried() -> None:
    throttle.forget()


def get(path: str) -> Any:
    return Client().get(f"/proof/{path}")


def test_before_the_first_checkpoint_there_is_a_key_and_nothing_else(city: None) -> None:
    assert notes.Key.parse(get("key").content.decode()) == keys.signer().key
    for path in ("checkpoint", "checkpoint?log=131022", "consistency?from=0&to=0", "leaves?from=0&to=0"):
        answer = get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json"), path
    assert get("checkpoints").json() == {"items": [], "next": None}


def test_what_is_not_yet_published_is_not_given_out(city: None) -> None:
    say(0)
    worker.settle(AT)
    say(1)
    worker.settle(AT)  # sequenced, and the minute is not over
    assert Leaf.objects.count() == 2
    assert len(get("leaves?from=0&to=1").content) == merkle.HASH
    assert get("leaves?from=0&to=2").status_code == 400
    assert get("leaves?log=131022&from=0&to=2").status_code == 400
    assert get("consistency?from=1&to=2").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "",
        "from=1",
        "to=1",
        "from=1&to=0",
        "from=-1&to=1",
        "from=a&to=1",
        "from=0&to=1e3",
        "from=0&to=٣",
        f"from=0&to={10**30}",
    ],
)
def test_numbers_that_are_none_are_refused_in_words(city: None, query: str) -> None:
    say()
    worker.settle(AT)
    for path in ("leaves", "consistency"):
        answer = get(f"{path}?{query}")
        assert answer.status_code == 400
        assert answer.json()["detail"]


def test_leaves_come_in_pieces_that_fit_together(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "LEAVES", 100)
    for n in range(300):
        say(n)
    worker.settle(AT)
    whole, size = b"", int(get("checkpoint").content.decode().splitlines()[1])
    while len(whole) < size * merkle.HASH:
        piece = get(f"leaves?from={len(whole) // merkle.HASH}&to={size}").content
        assert 0 < len(piece) <= 100 * merkle.HASH
        whole += piece
    said, _ = notes.open_checkpoint(get("checkpoint").content, keys.signer().key)
    assert merkle.root(merkle.split(whole)) == said.root
    assert [h.hex() for h in merkle.split(whole)] == list(
        Leaf.objects.order_by("city_index").values_list("hash", flat=True)
    )


def test_the_history_is_read_on_from_where_one_was(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "HISTORY", 2)
    for n in range(3):
        say(n)
        worker.settle(AT + n * NEXT)
    first = get("checkpoints").json()
    assert ([one["size"] for one in first["items"]], first["next"]) == ([1, 2], 2)
    rest = get("checkpoints?since=2").json()
    assert ([one["size"] for one in rest["items"]], rest["next"]) == ([3], None)
    for one in first["items"] + rest["items"]:
        said, _ = notes.open_checkpoint(one["note"], keys.signer().key)
        assert (said.size, said.root.hex()) == (one["size"], one["root"])


def test_nobody_reads_the_log_faster_than_it_bears(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "A_MINUTE", 3)
    say()
    worker.settle(AT)
    monkeypatch.setattr(asked.calmly, "__defaults__", (3,))
    assert [get("checkpoint").status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.bar("A3")
def test_who_guesses_secrets_is_stopped_after_ten_misses(city: None) -> None:
    opened = say()
    statuses = [receipt(opened.case.code, f"{n:026d}").status_code for n in range(14)]
    assert statuses[:10] == [404] * 10
    assert set(statuses[10:]) == {429}
    throttle.forget()
    assert receipt(opened.case.code, opened.secret).status_code == 200


def test_a_receipt_is_asked_for_by_post_and_header_only(city: None) -> None:
    opened = say()
    path = f"/proof/receipt/{opened.case.code}"
    assert Client().get(path, headers={"Authorization": f"Receipt {opened.secret}"}).status_code == 405
    assert Client().post(f"{path}?secret={opened.secret}", {"secret": opened.secret}).status_code == 404
    assert (
        Client(enforce_csrf_checks=True).post(path, headers={"Authorization": f"Receipt {opened.secret}"}).status_code
        == 200
    )


def test_every_address_asks_the_database_little(city: None, django_assert_max_num_queries: Any) -> None:
    opened = say()
    worker.settle(AT)
    for path in (
        "checkpoint",
        "checkpoint?log=131022",
        "checkpoints",
        "key",
        "consistency?from=1&to=1",
        "leaves?from=0&to=1",
    ):
        with django_assert_max_num_queries(4):
            assert get(path).status_code == 200, path
    with django_assert_max_num_queries(9):
        assert receipt(opened.case.code, opened.secret).status_code == 200
