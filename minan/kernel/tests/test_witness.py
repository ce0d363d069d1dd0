"""A witness cosigns what goes on from all it saw, and refuses with evidence whatever does not; killed at any moment, it goes on."""

from __future__ import annotations

import os
import pathlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from minan.kernel import merkle, notes
from minan.kernel.tests.fake_log import ORIGIN, FakeLog, served
from minan.kernel.witness import command, watch
from minan.kernel.witness.log import Away, Log
from minan.kernel.witness.state import Broken, State

ROOT = pathlib.Path(__file__).resolve().parents[3]
WITNESS = notes.Signer("university.example", bytes(range(32, 64)), notes.COSIGNATURE)


@pytest.fixture
def city() -> Iterator[tuple[FakeLog, Log]]:
    shown = FakeLog(300)
    with served(shown) as url:
        yield shown, Log(url, pause=lambda _: None)


@pytest.fixture
def state(tmp_path: pathlib.Path) -> Iterator[State]:
    held = State(tmp_path / "state")
    yield held
    held.close()


def evidence(state: State) -> list[pathlib.Path]:
    return sorted(state.folder.glob("split-view-*.txt"))


def test_a_university_cosigns_what_goes_on(city: tuple[FakeLog, Log], state: State) -> None:
    shown, log = city
    first = watch.look(log, state, WITNESS)
    assert first is not None
    assert (first.said.size, first.fresh) == (300, 300)
    assert watch.look(log, state, WITNESS) is None
    shown.grow(2500)  # more than a page
    second = watch.look(log, state, WITNESS)
    assert second is not None
    assert (second.said.size, second.fresh, second.said.root) == (2800, 2500, merkle.root(shown.leaves))
    said, opened = notes.open_checkpoint(second.note, shown.signer.key, [WITNESS.key])
    assert said == second.said
    assert opened.by(WITNESS.key)
    assert abs(opened.signed[1].at - time.time()) < 60
    assert state.leaves_file.read_bytes() == b"".join(shown.leaves)
    assert sum(len(path.read_text().splitlines()) for path in state.folder.glob("checkpoints-*.jsonl")) == 2
    assert evidence(state) == []


def test_an_empty_log_is_one_too(state: State) -> None:
    with served(FakeLog()) as url:
        seen = watch.look(Log(url), state, WITNESS)
    assert seen is not None
    assert (seen.said.size, seen.said.root) == (0, merkle.EMPTY)


def rewritten(shown: FakeLog) -> None:
    shown.leaves[7] = merkle.leaf(b"another history")


def rewritten_and_grown(shown: FakeLog) -> None:
    rewritten(shown)
    shown.grow(50)


def cut_off(shown: FakeLog) -> None:
    del shown.leaves[290:]


def cut_off_and_regrown(shown: FakeLog) -> None:
    del shown.leaves[290:]
    shown.grow(100, "other ")


def swapped(shown: FakeLog) -> None:
    shown.leaves[3], shown.leaves[4] = shown.leaves[4], shown.leaves[3]


def inserted(shown: FakeLog) -> None:
    shown.leaves.insert(100, merkle.leaf(b"said later, dated back"))


def county_shrank(shown: FakeLog) -> None:
    shown.counties = ("131022 199 " + "A" * 43 + "=", "131002 100 " + "B" * 43 + "=")


def county_vanished(shown: FakeLog) -> None:
    shown.counties = ("131022 200 " + "A" * 43 + "=",)


def county_rewritten(shown: FakeLog) -> None:
    shown.counties = ("131022 200 " + "C" * 43 + "=", "131002 100 " + "B" * 43 + "=")


LIES: list[Callable[[FakeLog], None]] = [
    rewritten, rewritten_and_grown, cut_off, cut_off_and_regrown, swapped, inserted, county_shrank, county_vanished,
    county_rewritten,
]  # fmt: skip


@pytest.mark.bar("L4")
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_second_history_is_refused_with_both_signed_notes_as_evidence(
    city: tuple[FakeLog, Log], state: State, lie: Callable[[FakeLog], None]
) -> None:
    shown, log = city
    shown.counties = ("131022 200 " + "A" * 43 + "=", "131002 100 " + "B" * 43 + "=")
    first = watch.look(log, state, WITNESS)
    assert first is not None
    lie(shown)
    for _ in range(2):
        with pytest.raises(watch.Refused) as refused:
            watch.look(log, state, WITNESS)
    (paper,) = evidence(state)
    assert refused.value.evidence == paper
    _, before, after = (
        paper.read_text("utf-8").split("========\n")[0],
        *paper.read_text("utf-8").split(" ========\n")[1:],
    )
    before = before.split("========")[0]
    for note in (before.strip() + "\n", after):
        assert notes.open_checkpoint(note, shown.signer.key)[0].origin == ORIGIN
    assert state.leaves_file.stat().st_size == 300 * 32
    standing = state.load()
    assert standing is not None
    assert standing.note == first.note


def test_the_first_leaf_that_was_rewritten_is_named(city: tuple[FakeLog, Log], state: State) -> None:
    shown, log = city
    watch.look(log, state, WITNESS)
    was = shown.leaves[7].hex()
    rewritten_and_grown(shown)
    with pytest.raises(watch.Refused, match=f"leaf 7 was {was}"):
        watch.look(log, state, WITNESS)


def test_leaves_that_do_not_give_the_signed_root_are_refused_at_the_first_look(
    city: tuple[FakeLog, Log], state: State
) -> None:
    shown, log = city
    shown.note = shown.checkpoint()
    shown.leaves[5] = merkle.leaf(b"other")
    with pytest.raises(watch.Refused, match="does not give the signed root"):
        watch.look(log, state, WITNESS)
    standing = state.load()
    assert standing is not None
    assert (standing.note, standing.tree.size, state.leaves_file.stat().st_size) == ("", 0, 0)


def test_another_key_another_origin_and_no_signature_are_refused(city: tuple[FakeLog, Log], state: State) -> None:
    shown, log = city
    watch.look(log, state, WITNESS)
    shown.grow(1)
    true = shown.checkpoint()
    county = notes.Checkpoint(ORIGIN + "/131022", 301, merkle.root(shown.leaves))
    for note in (
        notes.sign(notes.parts(true)[0], notes.Signer(ORIGIN, bytes(32))),
        notes.sign(county.text(), shown.signer),
        true.replace("301", "302"),
        "<html>maintenance</html>",
    ):
        shown.note = note
        with pytest.raises(watch.Refused, match="not the log's"):
            watch.look(log, state, WITNESS)
    shown.note = ""
    assert watch.look(log, state, WITNESS) is not None


def test_a_witness_signs_nothing_while_a_clock_is_far_off(city: tuple[FakeLog, Log], state: State) -> None:
    shown, log = city
    shown.date = "Mon, 01 Jan 2024 00:00:00 GMT"
    with pytest.raises(watch.Refused, match="clock"):
        watch.look(log, state, WITNESS)
    standing = state.load()
    assert standing is not None
    assert standing.note == ""


def test_the_key_that_is_printed_counts_not_the_one_the_server_names(city: tuple[FakeLog, Log], state: State) -> None:
    shown, log = city
    printed = notes.Signer(ORIGIN, bytes(32)).key
    with pytest.raises(watch.Refused):
        watch.look(log, state, WITNESS, pinned=printed)
    with pytest.raises(watch.Refused, match="watches"):
        watch.look(log, state, WITNESS, pinned=shown.signer.key)


def test_a_server_that_is_away_accuses_nobody(city: tuple[FakeLog, Log], state: State) -> None:
    shown, log = city
    watch.look(log, state, WITNESS)
    shown.redirect = "http://127.0.0.1:9/"
    with pytest.raises(Away):
        watch.look(log, state, WITNESS)
    shown.redirect = ""
    shown.grow(5)
    shown.note = shown.checkpoint()
    del shown.leaves[302:]  # the rest is not served yet
    with pytest.raises(Away):
        watch.look(log, state, WITNESS)
    shown.note = ""
    shown.grow(9)
    assert watch.look(log, state, WITNESS) is not None
    with pytest.raises(Away):
        watch.look(Log("http://127.0.0.1:9"), state, WITNESS)
    with pytest.raises(ValueError):
        Log("file:///etc/passwd")


def test_a_log_that_asks_for_patience_is_waited_for_in_the_middle_of_its_leaves(state: State) -> None:
    shown, waited = FakeLog(3000), list[float]()
    with served(shown) as url:
        shown.busy = 3
        seen = watch.look(Log(url, pause=waited.append), state, WITNESS)
        assert seen is not None
        assert waited == [60.0] * 3
        shown.grow(10)
        shown.busy = 4
        with pytest.raises(Away, match="429"):
            watch.look(Log(url, pause=waited.append), state, WITNESS)


def test_a_size_no_disk_can_hold_is_not_begun(city: tuple[FakeLog, Log], state: State) -> None:
    shown, log = city
    said = notes.Checkpoint(ORIGIN, 10**17, merkle.EMPTY)
    shown.note = notes.sign(said.text(), shown.signer)
    with pytest.raises(Away, match="no room"):
        watch.look(log, state, WITNESS)


@pytest.mark.bar("L4")
def test_two_residents_who_were_shown_two_histories_are_told_apart_by_the_witness(
    city: tuple[FakeLog, Log], state: State, tmp_path: pathlib.Path
) -> None:
    shown, log = city
    receipt_of_wang = shown.checkpoint()
    other = FakeLog(300)
    rewritten(other)
    receipt_of_zhou = other.checkpoint()
    shown.grow(40)
    watch.look(log, state, WITNESS)
    assert watch.compare(state, receipt_of_wang.encode()).size == 300
    with pytest.raises(watch.Refused, match="another history"):
        watch.compare(state, receipt_of_zhou.encode())
    assert len(evidence(state)) == 1
    shown.grow(1)
    newer = shown.checkpoint().encode()
    with pytest.raises(Away):
        watch.compare(state, newer)


@pytest.mark.bar("L4")
def test_without_the_comparison_of_roots_a_split_view_would_pass(
    city: tuple[FakeLog, Log], state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar bites: a witness that signs whatever the log signed lets the second history through."""
    shown, log = city
    watch.look(log, state, WITNESS)
    rewritten_and_grown(shown)

    def trusting(log: Log, state: State, standing: Any, now: notes.Checkpoint, note: str) -> merkle.Compact:
        tree = merkle.Compact()
        state.cut(0)
        state.add(tree, log.leaves(0, now.size))
        return tree

    monkeypatch.setattr(watch, "_continues", trusting)
    assert watch.look(log, state, WITNESS) is not None
    assert evidence(state) == []


# ---- the command


def test_the_command_looks_once_posts_and_ends_with_two_after_a_split_view(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = FakeLog(20)
    with served(shown) as url:
        words = [
            url,
            "--key",
            str(tmp_path / "key"),
            "--state",
            str(tmp_path / "s"),
            "--name",
            "court.example",
            "--once",
        ]
        assert command.main([*words, "--post"]) == 0
        (given,) = shown.given
        witness = notes.Key.parse(capsys.readouterr().out.split("witness key: ")[1].splitlines()[0])
        assert (witness.name, witness.kind) == ("court.example", notes.COSIGNATURE)
        assert notes.open_checkpoint(given, shown.signer.key, [witness])[1].by(witness)
        shown.stranger = True
        shown.grow(1)
        assert command.main([*words, "--post"]) == 1
        assert "hand it the witness key" in capsys.readouterr().err
        receipt = tmp_path / "receipt.txt"
        receipt.write_text(shown.checkpoint())
        assert command.main([*words, "--check", str(receipt)]) == 0
        rewritten(shown)
        assert command.main(words) == 2
        assert "拒签" in capsys.readouterr().err
        receipt.write_text(shown.checkpoint())
        assert command.main([*words, "--check", str(receipt)]) == 2
    assert command.main(words) == 1
    assert command.main(["ftp://x", *words[1:]]) == 1


def test_a_witness_goes_on_looking_and_remembers_that_it_saw_a_split_view(tmp_path: pathlib.Path) -> None:
    shown, turns = FakeLog(20), iter(range(5))

    def wait(_: float) -> None:
        turn = next(turns)
        if turn == 1:
            rewritten(shown)
        if turn == 3:
            raise KeyboardInterrupt
        shown.grow(1)

    with served(shown) as url:
        parser = command.argparse.ArgumentParser()
        command.add_arguments(parser)
        args = parser.parse_args([url, "--key", str(tmp_path / "key"), "--state", str(tmp_path / "s"), "--post"])
        assert command.run(args, wait) == 2
    assert len(shown.given) == 2


def test_two_witnesses_do_not_share_a_folder(state: State) -> None:
    with pytest.raises(Broken):
        State(state.folder)


def test_a_folder_somebody_meddled_with_is_not_gone_on_with(city: tuple[FakeLog, Log], state: State) -> None:
    _, log = city
    watch.look(log, state, WITNESS)
    os.truncate(state.leaves_file, 100)
    with pytest.raises(Broken):
        watch.look(log, state, WITNESS)


def test_a_witness_needs_no_django(tmp_path: pathlib.Path) -> None:
    code = (
        "import sys; sys.modules['django'] = None\n"
        "from minan.cli import main\n"
        "sys.exit(main(['witness', 'http://127.0.0.1:9', '--once', '--key', sys.argv[1] + '/k', '--state', sys.argv[1]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "refused" in done.stderr.lower()) == (1, True), done.stderr


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_and_signs_the_true_root(tmp_path: pathlib.Path) -> None:
    shown, chance = FakeLog(20_000), random.Random(9)
    shown.page, shown.wait = 500, 0.004
    words = ["--key", str(tmp_path / "key"), "--state", str(tmp_path / "s"), "--every", "0.02"]
    with served(shown) as url:
        for _ in range(8):
            child = subprocess.Popen(
                [sys.executable, "-m", "minan.witness", url, *words], cwd=ROOT, stdout=subprocess.DEVNULL
            )
            time.sleep(0.3 + chance.random() * 0.4)
            shown.grow(1_000)
            child.send_signal(signal.SIGKILL)
            child.wait()
        assert command.main([url, *words, "--once"]) == 0
    held = State(tmp_path / "s")
    standing = held.load()
    assert standing is not None
    assert (standing.tree.size, standing.tree.root()) == (28_000, merkle.root(shown.leaves))
    assert held.root(28_000) == standing.tree.root()
    assert not list((tmp_path / "s").glob("*.txt"))
    held.close()
