"""Signed notes read and written as the rest of the world does (C2SP); nothing that was touched opens."""

from __future__ import annotations

import base64
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minan.kernel import merkle, notes

# The example of golang.org/x/mod/sumdb/note, where the form comes from.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
BY_PETER = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
BY_ENOCH = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
ORIGIN = "minan.local/131000"
LOG = notes.Signer(ORIGIN, bytes(range(32)))
UNIVERSITY = notes.Signer("witness.university.example", bytes(range(32, 64)), notes.COSIGNATURE)
SAID = notes.Checkpoint(ORIGIN, 5, merkle.leaf(b"x"), ("131022 5 abc=",))


def test_the_published_note_opens_under_its_published_keys() -> None:
    peter, enoch = notes.Key.parse(PETER), notes.Key.parse(ENOCH)
    opened = notes.open_note(TEXT + "\n" + BY_PETER + BY_ENOCH, [peter, enoch])
    assert (opened.text, [one.key for one in opened.signed], opened.unknown) == (TEXT, [peter, enoch], ())
    assert peter.text() == PETER


def test_the_published_private_key_gives_the_published_signature() -> None:
    signer = notes.Signer("PeterNeumann", PETER_SEED)
    assert notes.sign(TEXT, signer) == TEXT + "\n" + BY_PETER
    assert signer.key.text() == PETER
    assert PETER_SEED.hex() not in repr(signer)
    assert str(PETER_SEED) not in repr(signer)


def test_a_stranger_s_signature_is_set_aside_and_proves_nothing() -> None:
    opened = notes.open_note(TEXT + "\n" + BY_PETER + BY_ENOCH, [notes.Key.parse(PETER)])
    assert (len(opened.signed), opened.unknown) == (1, (BY_ENOCH.rstrip("\n"),))
    nobody = notes.open_note(TEXT + "\n" + BY_PETER, [LOG.key])
    assert not nobody.signed
    assert not nobody.by(LOG.key)


def test_a_known_key_s_false_signature_is_refused_loudly() -> None:
    with pytest.raises(notes.Wrong):
        notes.open_note("Another text\n\n" + BY_PETER, [notes.Key.parse(PETER)])


def test_a_checkpoint_is_origin_size_root_and_what_the_counties_say() -> None:
    note = notes.sign(SAID.text(), LOG)
    assert note.startswith(f"{ORIGIN}\n5\n{base64.b64encode(SAID.root).decode()}\n131022 5 abc=\n\n— {ORIGIN} ")
    said, opened = notes.open_checkpoint(note, LOG.key)
    assert said == SAID
    assert opened.signed[0].at == 0


def test_a_witness_signs_with_its_time_and_only_that_time_holds() -> None:
    note = notes.sign(SAID.text(), LOG) + UNIVERSITY.line(SAID.text(), 1_795_000_000)
    said, opened = notes.open_checkpoint(note, LOG.key, [UNIVERSITY.key])
    assert said == SAID
    assert [one.at for one in opened.signed] == [0, 1_795_000_000]
    blob = base64.b64decode(opened.signed[1].line.rsplit(" ", 1)[1])[4:]
    assert blob[:8] == (1_795_000_000).to_bytes(8, "big")
    assert UNIVERSITY.key.holds(SAID.text(), (1).to_bytes(8, "big") + blob[8:]) is None
    assert notes.cosigned("a\n", 7) == b"cosignature/v1\ntime 7\na\n"


def test_a_witness_s_key_does_not_pass_for_a_log_s_nor_the_other_way() -> None:
    same = notes.Signer(UNIVERSITY.name, UNIVERSITY.seed)
    assert same.key.id != UNIVERSITY.key.id
    with pytest.raises(notes.Wrong):
        notes.open_checkpoint(UNIVERSITY.line(SAID.text()), LOG.key)
    with pytest.raises(notes.Wrong):
        notes.open_checkpoint(notes.sign(SAID.text(), UNIVERSITY), LOG.key, [UNIVERSITY.key])


def test_another_log_s_checkpoint_is_not_taken_for_ours() -> None:
    county = notes.Checkpoint(ORIGIN + "/131022", 5, SAID.root)
    note = notes.sign(county.text(), LOG)
    with pytest.raises(notes.Wrong):
        notes.open_checkpoint(note, LOG.key)
    assert notes.open_checkpoint(note, LOG.key, origin=ORIGIN + "/131022")[0] == county


@given(st.integers(0, 400), st.integers(1, 255))
def test_one_changed_byte_anywhere_opens_nothing(at: int, by: int) -> None:
    note = notes.sign(SAID.text(), LOG).encode()
    at %= len(note)
    touched = note[:at] + bytes([note[at] ^ by]) + note[at + 1 :]
    with pytest.raises(notes.Wrong):
        notes.open_checkpoint(touched, LOG.key)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_comes_over_the_wire_is_refused_not_crashed_on(blob: bytes) -> None:
    for whole in (blob, TEXT.encode() + b"\n" + blob, TEXT.encode() + b"\n" + notes.DASH.encode() + blob + b"\n"):
        try:
            opened = notes.open_note(whole, [LOG.key])
        except notes.Wrong:
            continue
        assert not opened.signed


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\nAAAA\n", "a\n１\n" + "A" * 43 + "=\n",
        "a\n1\n" + "A" * 43 + "=\n\nmore\n", "a\n1\n" + "A" * 42 + "B=\n", "a\n" + "9" * 30 + "\n" + "A" * 43 + "=\n",
    ],
)  # fmt: skip
def test_what_is_not_a_checkpoint_is_said_to_be_none(text: str) -> None:
    with pytest.raises(notes.Wrong):
        notes.Checkpoint.parse(text)


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", PETER.replace("c74f20a3", "c74f20a4"), "a b" + PETER])
def test_what_is_not_a_key_is_said_to_be_none(text: str) -> None:
    with pytest.raises(notes.Wrong):
        notes.Key.parse(text)


def test_twenty_threads_that_make_the_key_at_once_get_the_same_and_leave_nothing_lying(tmp_path: Path) -> None:
    for n in range(20):
        path, together = tmp_path / f"{n}.key", threading.Barrier(20)
        with ThreadPoolExecutor(20) as pool:
            made = list(pool.map(lambda _, path=path, together=together: (together.wait(), notes.seed(path))[1], range(20)))
        assert set(made) == {path.read_bytes()}
    assert len(list(tmp_path.iterdir())) == 20


def test_a_key_file_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    first = notes.seed(path)
    assert len(first) == 32
    assert notes.seed(path) == first
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    path.write_bytes(b"short")
    with pytest.raises(notes.Wrong):
        notes.seed(path)
