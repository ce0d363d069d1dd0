"""A witness's word is taken once, from witnesses the city names, under checkpoints the city signed; nobody else's, nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from minan.kernel import notes, worker
from minan.lib import throttle
from minan.systems.proof import keys
from minan.systems.proof.models import Checkpoint, Cosignature
from minan.systems.proof.tests.test_life import say

pytestmark = pytest.mark.django_db
UNIVERSITY = notes.Signer("witness.university.example", bytes(range(32)), notes.COSIGNATURE)
PAPER = notes.Signer("paper.example", bytes(range(1, 33)), notes.COSIGNATURE)


@pytest.fixture(autouse=True)
def named(settings: Any, tmp_path: Path) -> None:
    """The city names two witnesses."""
    throttle.forget()
    file = tmp_path / "witnesses.txt"
    file.write_text(f"# the witnesses\n{UNIVERSITY.key.text()}\n\n{PAPER.key.text()}\n", "utf-8")
    settings.WITNESSES = file


@pytest.fixture
def standing(city: None) -> str:
    """The checkpoint as a witness fetches it."""
    say()
    worker.settle()
    return Client().get("/proof/checkpoint").content.decode()


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def post(note: str) -> Any:
    return Client().post("/proof/cosign", note.encode(), content_type="text/plain; charset=utf-8")


def text_of(note: str) -> str:
    return notes.parts(note)[0]


def test_two_witnesses_sign_and_everybody_sees_it(standing: str) -> None:
    for witness in (UNIVERSITY, PAPER):
        got = post(standing + witness.line(text_of(standing), now()))
        assert (got.status_code, got.json()) == (200, {"taken": 1})
    shown = Client().get("/proof/checkpoint").content.decode()
    _, opened = notes.open_checkpoint(shown, keys.signer().key, [UNIVERSITY.key, PAPER.key])
    assert opened.by(UNIVERSITY.key)
    assert opened.by(PAPER.key)
    (item,) = Client().get("/proof/checkpoints?since=0").json()["items"]
    assert item["witnesses"] == ["paper.example", "witness.university.example"]


def test_a_witness_signs_a_checkpoint_once_however_often_it_is_sent(standing: str) -> None:
    first, later = UNIVERSITY.line(text_of(standing), now()), UNIVERSITY.line(text_of(standing), now() + 1)
    assert post(standing + first).json() == {"taken": 1}
    assert post(standing + first).json() == {"taken": 0}
    assert post(standing + later).json() == {"taken": 0}
    assert Cosignature.objects.count() == 1


def test_a_stranger_s_signature_is_not_taken(standing: str) -> None:
    nobody = notes.Signer("nobody.example", bytes(32), notes.COSIGNATURE)
    impostor = notes.Signer(UNIVERSITY.name, bytes(32), notes.COSIGNATURE)
    for signer in (nobody, impostor):
        assert post(standing + signer.line(text_of(standing), now())).status_code == 403
    assert post(standing).status_code == 403, "the log's own signature is no witness's"
    assert not Cosignature.objects.exists()


def test_nothing_is_signed_that_the_city_did_not_say(standing: str) -> None:
    said = notes.Checkpoint.parse(text_of(standing))
    for other in (
        notes.Checkpoint(said.origin, said.size, bytes(32), said.more), notes.Checkpoint(said.origin, 99, said.root, said.more),
        notes.Checkpoint(said.origin, said.size, said.root, ()),
    ):  # fmt: skip
        note = notes.sign(other.text(), UNIVERSITY, at=now())
        assert post(note).status_code == 404
    assert not Cosignature.objects.exists()


def test_a_broken_signature_and_what_is_no_note_are_refused(standing: str) -> None:
    line = UNIVERSITY.line(text_of(standing), now())
    for bad in (
        standing + line.replace(line[-10:-6], "AAAA"),
        "",
        "hello",
        "\n\n",
        standing[:-1],
        standing + "— x\n",
        "\udcff",
    ):
        assert (
            Client()
            .post("/proof/cosign", bad.encode("utf-8", "surrogateescape"), content_type="text/plain")
            .status_code
            == 400
        ), bad
    assert Client().post("/proof/cosign", b"x" * 100_000, content_type="text/plain").status_code == 413
    assert not Cosignature.objects.exists()


@pytest.mark.parametrize("off", [-86_400, 86_400, 2**62])
def test_a_time_far_from_ours_is_not_taken(standing: str, off: int) -> None:
    assert post(standing + UNIVERSITY.line(text_of(standing), now() + off)).status_code == 400


def test_a_witness_that_signs_late_signs_what_it_saw(standing: str) -> None:
    """It was away for an hour, and two checkpoints are newer."""
    for n in range(2):
        say(n + 1)
        worker.settle(datetime.now(UTC) + timedelta(minutes=2 + 2 * n))
    assert Checkpoint.objects.count() == 3
    assert post(standing + PAPER.line(text_of(standing), now())).json() == {"taken": 1}
    assert Cosignature.objects.get().checkpoint.size == notes.Checkpoint.parse(text_of(standing)).size
    assert "paper.example" not in Client().get("/proof/checkpoint").content.decode()


def test_the_database_keeps_what_was_signed(standing: str) -> None:
    post(standing + PAPER.line(text_of(standing), now()))
    for change in (
        lambda: Checkpoint.objects.update(root="0" * 64), lambda: Cosignature.objects.update(witness="x"), Cosignature.objects.all().delete,
        lambda: Checkpoint.objects.all()._raw_delete("default"),
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_folder_of_keys_is_read_like_a_file_and_none_is_none(settings: Any, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "a.txt").write_text(UNIVERSITY.key.text(), "utf-8")
    (folder / "b.txt").write_text(f"# two\n{PAPER.key.text()}\n{UNIVERSITY.key.text()}", "utf-8")
    settings.WITNESSES = folder
    assert keys.witnesses() == (UNIVERSITY.key, PAPER.key)
    settings.WITNESSES = tmp_path / "missing"
    assert keys.witnesses() == ()
