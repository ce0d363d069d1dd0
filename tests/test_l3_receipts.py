"""L3: ten thousand receipts hold before a stranger's verifier, and of ten thousand that somebody touched not one does."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import ledger, merkle, notes
from minan.lib import codes
from minan.systems.proof import keys, promising
from tests import third_verifier
from tests.third_verifier import False_

pytestmark = pytest.mark.bar("L3")
MANY, SEED = 10_000, 20261123
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
WORDS = ("路灯不亮", "楼道堆着纸箱", "井盖松了", "𠀀 rare", 'quote " and \\ slash', "tab\tline\n", "")
Receipt = dict[str, Any]


class Written:
    """A log of receipts made by the house's own modules, without a database: cases of one to four events."""

    def __init__(self, many: int, seed: int = SEED) -> None:
        self.rng, self.nodes, tree = random.Random(seed), dict[tuple[int, int], bytes](), merkle.Compact()
        self.receipts: list[Receipt] = []
        for number in range(many):
            receipt: Receipt = {"code": codes.new("GA"), "events": [], "checkpoint": None}
            prev = ledger.ZERO
            for n in range(1, self.rng.randint(1, 4) + 1):
                one = self._event(receipt["code"], n, prev, AT + timedelta(seconds=number))
                prev = ledger.commit(b"", {})  # replaced below by the event's own leaf
                leaf = merkle.leaf(ledger.canonical(one["event"]))
                prev, one["index"] = leaf.hex(), tree.size
                for level, index, value in tree.add(leaf):
                    self.nodes[level, index] = value
                receipt["events"].append(one)
            self.receipts.append(receipt)
        said = notes.Checkpoint(keys.origin(), tree.size, tree.root(), ("131022 1 x",))
        self.checkpoint = notes.sign(said.text(), keys.signer())
        for receipt in self.receipts:
            receipt["checkpoint"] = self.checkpoint
            for one in receipt["events"]:
                path = merkle.inclusion(one["index"], tree.size, lambda level, index: self.nodes[level, index])
                one["proof"] = [h.hex() for h in path]

    def _event(self, code: str, n: int, prev: str, at: datetime) -> dict[str, Any]:
        body = {
            "facts": {"text": self.rng.choice(WORDS), "solved": self.rng.random() < 0.5, "n": n},
            "kept": self.rng.randbytes(32).hex(),
        }
        salt = self.rng.randbytes(32)
        step, by = (
            ("say", "resident") if n == 1 else ("add", "resident") if n == 2 else ("note", "131022100-station:clerk")
        )
        link = ledger.Link("131022", code, n, prev, step, at, by, ledger.commit(salt, body))
        mine = by == "resident"
        return {
            "event": json.loads(link.canonical()), "opening": {"salt": salt.hex(), "body": body} if mine else None, "index": None,
            "proof": None, "promise": promising.promise(code, link.leaf(), at) if mine else None,
        }  # fmt: skip


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to every text, number and truth in a receipt."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from leaves(inner, (*path, at))
    elif value is not None:
        yield path


def _other(value: Any, rng: random.Random) -> Any:
    """The value with one thing changed."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + rng.choice((-1, 1, 256, 1 << 40))
    at = rng.randrange(len(value) + 1)
    if at == len(value) or rng.random() < 0.2:
        return value[:at] + rng.choice("0aA+/= \n—亮") + value[at:]
    fresh = rng.choice([c for c in "0123456789abcdefXYZ+/=\n亮" if c != value[at]])
    return value[:at] + rng.choice((fresh, "")) + value[at + 1 :]


def touched(receipt: Receipt, rng: random.Random) -> Receipt:
    """The receipt with one thing in it changed, dropped, doubled or swapped."""
    out = copy.deepcopy(receipt)
    events = out["events"]
    how = rng.randrange(8)
    if how == 0 and len(events) > 1:
        del events[rng.randrange(len(events) - 1)]  # not the last: an older receipt is not a false one
    elif how == 1 and len(events) > 1:
        a, b = rng.sample(range(len(events)), 2)
        events[a], events[b] = events[b], events[a]
    elif how == 2:
        events.append(copy.deepcopy(rng.choice(events)))
    elif how == 3:
        proof = rng.choice(events)["proof"]
        del proof[rng.randrange(len(proof))]
    elif how == 4:
        rng.choice(events)["proof"].insert(0, rng.randbytes(32).hex())
    else:
        path = rng.choice(list(leaves(out)))
        held = out
        for name in path[:-1]:
            held = held[name]
        held[path[-1]] = _other(held[path[-1]], rng)
    return out


def holds(receipt: Receipt, key: str) -> bool:
    try:
        return third_verifier.check(receipt, key) == "true"
    except (False_, KeyError, TypeError, ValueError, IndexError):
        return False


@pytest.fixture(scope="module")
def written(django_db_setup: None) -> Written:
    return Written(MANY)


def test_ten_thousand_receipts_hold(written: Written, record_property: Any) -> None:
    key = keys.signer().key.text()
    true = sum(holds(json.loads(json.dumps(receipt)), key) for receipt in written.receipts)
    record_property("receipts_true", true)
    assert true == MANY


def test_of_ten_thousand_that_were_touched_none_holds(written: Written, record_property: Any) -> None:
    key, rng = keys.signer().key.text(), random.Random(SEED)
    fooled = [change for receipt in written.receipts if holds(change := touched(receipt, rng), key)]
    record_property("mutated_true", len(fooled))
    assert fooled == []


def test_a_receipt_of_another_city_s_key_does_not_hold(written: Written) -> None:
    other = notes.Signer(keys.origin(), bytes(32)).key.text()
    assert not any(holds(receipt, other) for receipt in written.receipts[:100])


@pytest.mark.parametrize("defence", ["inclusion", "note"])
def test_with_a_defence_taken_out_touched_receipts_pass(
    written: Written, monkeypatch: pytest.MonkeyPatch, defence: str
) -> None:
    """A thousand tries find each hole: so the none of the test above means something."""
    key, rng = keys.signer().key.text(), random.Random(SEED)
    root = notes.Checkpoint.parse(notes.parts(written.checkpoint)[0]).root
    holes: dict[str, Any] = {
        "inclusion": lambda *_: root,
        "note": lambda text, _: str(text).rpartition("\n\n")[0].split("\n"),
    }
    monkeypatch.setattr(third_verifier, defence, holes[defence])
    assert any(holds(touched(receipt, rng), key) for receipt in written.receipts[:1_000])
