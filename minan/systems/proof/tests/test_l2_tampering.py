"""Bar L2: with the database's password and the log's key 500 edits are made, each covered up; every one is found."""

from __future__ import annotations

import argparse
import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from conftest import without_triggers
from minan.kernel import merkle, notes, verify, worker
from minan.kernel.commands import verify as command
from minan.kernel.models import Body, Case
from minan.kernel.witness import watch
from minan.kernel.witness.state import State
from minan.systems.proof import keys
from minan.systems.proof.models import Cosignature, Leaf
from minan.systems.proof.tests import attacked, edits
from minan.systems.proof.tests.attacked import Town

pytestmark = pytest.mark.django_db
DEEP = bool(os.environ.get("MINAN_DEEP"))
CASES = 150 if DEEP else 40
TRIES = 100 if connection.vendor == "postgresql" and not DEEP else 500
EVERY = [(kind, edit) for kind, some in edits.EDITS.items() for edit in some]


def built(people: dict[str, Any], folder: Path, cases: int, young: int) -> Iterator[Town]:
    town = Town(people, folder, cases, young)
    assert verify.check(pages=False, held=town.held(promised=True)).faults == []
    with without_triggers(connection):
        yield town


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    settings.DATA, settings.WITNESSES = tmp_path, tmp_path / "witnesses.txt"
    settings.WITNESSES.write_text(attacked.UNIVERSITY.key.text() + "\n")
    return tmp_path


@pytest.fixture
def town(people: dict[str, Any], home: Path) -> Iterator[Town]:
    yield from built(people, home, CASES, 10)


@pytest.fixture
def village(people: dict[str, Any], home: Path) -> Iterator[Town]:
    yield from built(people, home, 12, 6)


class Undone(Exception):
    """The edit is taken back."""


def tampered(
    town: Town, edit: edits.Edit, cover: int, chance: random.Random, held: verify.Held
) -> verify.Report | None:
    """What the verifier says after one edit, covered up so far (0 not, 1 its case, 2 everything); all is undone."""
    report = None
    try:
        with transaction.atomic():
            touched = edit(town, chance)
            if touched is edits.NOTHING:
                raise Undone
            if cover and touched not in (None, "unkept"):
                attacked.chain(touched)
            if cover == 2 and touched != "unkept":
                attacked.republish(town.now)
                attacked.recount()
            report = verify.check(pages=False, held=held)
            raise Undone
    except Undone:
        return report


@pytest.mark.bar("L2")
@pytest.mark.slow
def test_each_of_500_edits_of_rows_older_than_the_witnessed_checkpoint_is_found(town: Town) -> None:
    chance, missed, made = random.Random(2026), Counter[str](), Counter[str]()
    for turn in range(TRIES):
        kind, edit = EVERY[turn % len(EVERY)]
        cover = chance.randrange(3)
        held = town.held(witness=bool(turn // len(EVERY) % 2))
        report = tampered(town, edit, cover, chance, held)
        if report is None:
            continue
        made[kind] += 1
        missed[f"{edit.__name__}, cover {cover}"] += not report.wrong
    assert +missed == Counter(), f"{sum(made.values())} edits: {dict(made)}"
    assert sum(made.values()) >= TRIES - 10
    assert verify.check(pages=False, held=town.held(promised=True)).faults == []


# ---- younger than the last witnessed checkpoint: whoever was promised something holds it against the city


def young_edits(town: Town, chance: random.Random) -> Iterator[edits.Edit]:
    """The same edits, aimed at cases nobody has witnessed yet."""
    aimed = Town.__new__(Town)
    aimed.__dict__ |= town.__dict__ | {"old": town.young}
    for edit in (
        edits.another_step, edits.another_hand, edits.dated_back, edits.other_words, edits.another_salt, edits.words_of_another,
        edits.a_leaf_taken_out, edits.the_tail_cut_off, edits.another_code, edits.a_later_end, edits.another_column,
    ):  # fmt: skip
        for _ in range(3):
            yield lambda _town, chance, edit=edit: edit(aimed, chance)


@pytest.mark.bar("L2")
def test_what_is_younger_is_found_by_a_promise_although_everything_was_covered_up(village: Town) -> None:
    chance = random.Random(7)
    promised = verify.Held(promises=(village.folder / "promises.txt",))
    tried = 0
    for edit in young_edits(village, chance):
        report = tampered(village, edit, 2, chance, promised)
        if report is not None:
            tried += 1
            assert report.wrong, edit.__defaults__
    assert tried > 25


@pytest.mark.bar("L2")
def test_an_event_entered_later_with_an_old_date_is_found(village: Town) -> None:
    report = tampered(village, edits.a_case_made_up, 2, random.Random(1), verify.Held())
    assert report is not None
    assert report.faults == [], "it agrees with itself"
    aside = verify.Held(witness=village.folder / "witness")
    said = attacked.said(99, village.now - timedelta(hours=5))
    worker.settle(village.now + 3 * attacked.NEXT)
    faults = verify.check(pages=False, held=aside).faults
    assert [what for _, what in faults if f"event 1 of case {said.case.code} is dated" in what], faults


# ---- naming


@pytest.mark.bar("L2")
def test_with_a_witness_the_first_row_touched_is_named_and_without_one_the_stretch_it_lies_in(village: Town) -> None:
    row = edits.event(village, random.Random(3), step="accept", county="131022")
    case = Case.objects.get(id=row.case_id)
    leaf = Leaf.objects.get(case_id=case.id, n=row.n)
    body = Body.objects.get(case_id=row.case_id, n=row.n)
    edits.rewords(body, lambda words: words.update(person=999))
    attacked.everything(case.id, village.now)
    ((_, exactly),) = verify.check(pages=False, held=village.held()).faults[-1:]
    for part in (
        f"leaf {leaf.index} of 131022",
        f"case {case.code} event {row.n}",
        "accept by",
        f"leaf {leaf.city_index} of the city",
    ):
        assert part in exactly
    ((_, roughly),) = verify.check(pages=False, held=village.held(witness=False)).faults
    assert f"leaf 0 to {village.witnessed.size - 1} holds the first change" in roughly
    out = ran(["--quiet", "--witness", str(village.folder / "witness")])
    assert out == 1


def ran(words: list[str]) -> int:
    """`minan verify` without a process of its own."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(words))


def test_the_command_says_who_cosigned_and_that_all_leaves_are_there(village: Town, capsys: Any) -> None:
    folder = village.folder
    words = ["--witness", str(folder / "witness"), "--checkpoint", str(folder / "checkpoint.txt")]
    assert ran([*words, "--promises", str(folder / "promises.txt")]) == 0
    said = capsys.readouterr().out
    for part in (
        f"all {village.witnessed.size} leaves are those the witness saw",
        "cosigned by university.example",
        "6 promises looked up",
    ):
        assert part in said
    assert ran(["--checkpoint", str(folder / "nowhere")]) == 1


def test_a_resident_s_whole_receipt_may_be_handed_in_as_it_is(village: Town, capsys: Any) -> None:
    opened = attacked.said(3, village.now)
    worker.settle(village.now + 3 * attacked.NEXT)
    headers = {"Authorization": f"Receipt {opened.secret}"}
    receipt = village.folder / "receipt.json"
    receipt.write_bytes(Client().post(f"/proof/receipt/{opened.case.code}", headers=headers).content)
    assert ran(["--checkpoint", str(receipt), "--promises", str(receipt)]) == 0
    assert "1 promises looked up" in capsys.readouterr().out
    edits.rewords(Body.objects.get(case_id=opened.case.id), lambda words: words["facts"].update(text="没有这回事"))
    attacked.everything(opened.case.id, village.now + 4 * attacked.NEXT)
    assert ran(["--checkpoint", str(receipt)]) == 1
    assert "do not give the root" in capsys.readouterr().err
    assert ran(["--promises", str(receipt)]) == 1
    assert "what was promised" in capsys.readouterr().err


# ---- the bars bite: each defence taken out, the edit it guards against goes unseen


@pytest.mark.bar("L2")
def test_without_what_is_held_outside_a_full_cover_up_is_seen_by_nobody(village: Town) -> None:
    chance = random.Random(5)
    for edit in (
        edits.other_words,
        edits.another_hand,
        edits.closed_by_hand,
        edits.satisfied_after_all,
        edits.a_leaf_taken_out,
    ):
        report = tampered(village, edit, 2, chance, verify.Held())
        assert report is not None
        assert report.faults == [], edit.__name__
        report = tampered(village, edit, 2, chance, village.held())
        assert report is not None
        assert report.wrong, edit.__name__


GUARDS: list[tuple[str, Any, edits.Edit, int]] = [
    ("minan.kernel.verify_rows.vouched", lambda *_: (), edits.another_limit, 0),
    ("minan.kernel.verify_rows.looks_next", lambda *_: (), edits.never_looked_at, 0),
    ("minan.kernel.verify_rows.walls", lambda *_: (), edits.walled_off, 0),
    ("minan.kernel.verify_rows.speaker", lambda *_: (), edits.another_capability, 0),
    ("minan.kernel.verify_rows.pictures", lambda *_: (), edits.a_picture_taken_out, 0),
    ("minan.kernel.verify_rows.judged", lambda *_: (), edits.another_unit_judged, 0),
    ("minan.kernel.verify.counts", lambda *_: None, edits.counted_otherwise, 0),
    ("minan.systems.proof.log_checks.everything", lambda: (), edits.a_tile_flipped, 0),
]


@pytest.mark.bar("L2")
@pytest.mark.parametrize(("guard", "nothing", "edit", "cover"), GUARDS, ids=[g[0].split(".")[-1] for g in GUARDS])
def test_without_its_check_an_edit_goes_unseen(
    village: Town, monkeypatch: pytest.MonkeyPatch, guard: str, nothing: Any, edit: edits.Edit, cover: int
) -> None:
    seen = tampered(village, edit, cover, random.Random(4), verify.Held())
    assert seen is not None
    assert seen.wrong
    monkeypatch.setattr(guard, nothing)
    unseen = tampered(village, edit, cover, random.Random(4), verify.Held())
    assert unseen is not None
    assert unseen.faults == []


# ---- split views (L4), with the city's real addresses


@pytest.mark.bar("L4")
def test_a_rewritten_history_is_refused_by_the_witness_and_exposed_by_a_resident_s_saved_checkpoint(
    village: Town,
) -> None:
    saved = village.witnessed
    row = edits.event(village, random.Random(3), n=1)
    edits.rewords(Body.objects.get(case_id=row.case_id, n=1), lambda words: words["facts"].update(text="没有这回事"))
    attacked.everything(row.case_id, village.now + 4 * attacked.NEXT)
    state = State(village.folder / "witness")
    with pytest.raises(watch.Refused) as refused:
        watch.look(attacked.Inside(), state, attacked.UNIVERSITY)
    assert refused.value.evidence is not None
    state.close()
    now = notes.open_checkpoint(Client().get("/proof/checkpoint").content, keys.signer().key)[0]
    assert not merkle.verify_consistency(saved.size, saved.root, now.size, now.root, proof_of(saved.size, now.size))


@pytest.mark.bar("L4")
def test_an_honest_log_goes_on_under_the_same_eyes(village: Town) -> None:
    state, log = State(village.folder / "witness"), attacked.Inside()
    seen = watch.look(log, state, attacked.UNIVERSITY)
    state.close()
    assert seen is not None
    saved, now = village.witnessed, seen.said
    assert now.size > saved.size
    assert merkle.verify_consistency(saved.size, saved.root, now.size, now.root, proof_of(saved.size, now.size))
    log.give(seen.note)
    log.give(seen.note)
    (line,) = Cosignature.objects.all()
    assert line.witness == attacked.UNIVERSITY.key.text()
    shown = Client().get("/proof/checkpoint").content
    assert notes.open_checkpoint(shown, keys.signer().key, [attacked.UNIVERSITY.key])[1].by(attacked.UNIVERSITY.key)


def proof_of(begin: int, end: int) -> list[bytes]:
    answer = Client().get(f"/proof/consistency?from={begin}&to={end}")
    return [bytes.fromhex(one) for one in answer.json()["proof"]]
