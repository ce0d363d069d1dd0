"""A city plays its partner before the real one comes: `minan exchange simulate trial`, by signed calls and by files."""

from __future__ import annotations

import argparse
import http.client
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from minan.channels.exchange import folders, known, played, sending
from minan.channels.exchange.commands import exchange_simulate as command
from minan.channels.exchange.models import Foreign, Sent
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tests import partner as made
from minan.channels.exchange.tests.partner import IN_KEY
from minan.kernel import access, worker
from minan.kernel.act import act
from minan.kernel.models import Case
from tools import ports

pytestmark = pytest.mark.django_db


class City:
    """The city's side of the play: its staff answer what waits, its worker turns."""

    def __init__(self, people: dict[str, Any], partner: Partner) -> None:
        self.clerk, self.handler = access.actor(people["clerk"]), access.actor(people["handler"])
        self.partner, self.turns = partner, 0

    def answer(self, case: Case) -> None:
        for step, who, facts in (
            ("accept", self.clerk, {"kind": "lamp.out"}), ("assign", self.clerk, {"unit": "131022-lighting"}), ("sign", self.handler, {}),
            ("answer", self.handler, {"outcome": "explained", "words": "换了灯泡", "article": "第 3 条"}),
        ):  # fmt: skip
            assert act(case, step, by=who, facts=facts)

    def turn(self) -> None:
        self.turns += 1
        now = timezone.now()
        folders.look(self.partner, now, still=0)
        for case in Case.objects.exclude(state="withdrawn"):
            if case.marks.get("foreign_cancelled") and case.state == "said":
                assert act(case, "end_cancelled", by=self.clerk)
            elif case.state == "said":
                self.answer(case)
            elif case.marks.get("foreign_refused"):
                assert act(case, "resend", by=self.clerk, facts={"words": "路灯所赵强换了灯泡"})
        for _ in range(2):
            worker.fan_out(1000)
        sending.turn(timezone.now())
        assert self.turns < 30, "the play has an end"


def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> Partner:
    return made.settle_in(tmp_path, monkeypatch, code="trial", **more)


def everything_came(done: played.Played) -> None:
    assert done.done(), done.table()
    numbers = list(done.lines)
    first, *_, last = done.lines.values()
    assert set(Foreign.objects.values_list("number", flat=True)) == set(numbers)
    assert Case.objects.count() == len(numbers), "the reminder is no matter of its own"
    assert last.answers == [], "what was cancelled is answered to nobody"
    assert sum("refused" in told for line in done.lines.values() for told in line.answers) == 1
    assert set(Sent.objects.exclude(state="replaced").values_list("state", flat=True)) == {"accepted"}
    assert first.number in done.table()


def test_by_signed_calls_matters_go_in_and_answers_come_back(
    people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = trial(tmp_path, monkeypatch, out="call", format="json", url=f"https://127.0.0.1:{ports.free()}/answers")
    played.playable(partner)

    class Link:
        """A connection to the city that is this very process."""

        def __init__(self, host: str, port: int, timeout: float) -> None:
            assert (host, port) == ("127.0.0.1", 8000)

        def request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
            self.got = Client().post(path, body, content_type=headers.pop("Content-Type"), headers=headers)

        def getresponse(self) -> Any:
            got = self.got

            class Answer:
                status = got.status_code

                def read(self, _most: int) -> bytes:
                    return bytes(got.content)

            return Answer()

        def close(self) -> None:
            return

    with monkeypatch.context() as here:
        send = played.by_call(partner, "http://127.0.0.1:8000")
        real = http.client.HTTPConnection
        here.setattr(played.http.client, "HTTPConnection", Link)
        sent: list[str] = []

        def sends(rows: list[dict[str, str]]) -> str:
            here.setattr(http.client, "HTTPConnection", Link)
            sent.append(send(rows))
            here.setattr(http.client, "HTTPConnection", real)  # ours to the partner is the real one, over TLS
            return sent[-1]

        done = command.play(partner, sends, City(people, partner).turn, 3, 60, "131022100010")
    assert sent == ["opened", "opened", "opened", "more", "cancelled"]
    everything_came(done)
    assert not known.key_file("trial").with_suffix(".pem").exists(), "its certificate goes with it"


def test_by_files_too(people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    partner = trial(tmp_path, monkeypatch)
    city = City(people, partner)
    done = command.play(partner, played.by_folder(partner), city.turn, 3, 60, "131022100010")
    city.turn()  # the last receipt lies in the folder
    everything_came(done)


def test_nobody_elses_answer_is_taken_and_nothing_unsigned(
    people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = trial(tmp_path, monkeypatch, out="call", format="json", url=f"https://127.0.0.1:{ports.free()}/answers")
    one = played.Played(partner, 1)
    number = next(iter(one.lines))
    assert one.told({"messageId": "a" * 32, "orderNo": "LF-2026-000001"}) is None
    row = {"messageId": "b" * 32, "orderNo": number, "replyContent": "x"}
    assert one.told(row) == one.told(row) == {"message_id": "b" * 32, "result": "refused", "reason": played.REASON}
    with played.Listening(one):
        cert = known.key_file("trial").with_suffix(".pem")
        context = played.ssl.create_default_context(cafile=str(cert))
        link = http.client.HTTPSConnection("127.0.0.1", int(partner.url.split(":")[2].split("/")[0]), context=context, timeout=5)
        link.request("POST", "/answers", json.dumps({"messageId": "c" * 32, "orderNo": number}))
        assert link.getresponse().status == 401
        link.close()
    assert list(one.said) == ["b" * 32]


def test_a_real_partner_is_not_played_nor_a_city_elsewhere(
    people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = trial(tmp_path, monkeypatch)
    for wrong in (
        replace(ours, code="hotline"), replace(ours, ways_in=("file", "mail")), replace(ours, format="xml"), replace(ours, answer=()),
        replace(ours, way_out="call", url="https://12345.example:443/x"), replace(ours, way_out="call", url="https://127.0.0.1/x"),
    ):  # fmt: skip
        with pytest.raises(played.NotPlayed):
            played.playable(wrong)
    for city in ("http://10.0.0.7:8000", "https://127.0.0.1", "file:///etc"):
        with pytest.raises(played.NotPlayed):
            played.by_call(ours, city)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    for words in ("nobody", "trial --matters 0", "trial --place 1", "trial --matters 9999", "trial --city http://example.org"):
        assert command.run(parser.parse_args(words.split())) == 2
    assert "no such partner" in capsys.readouterr().err
    assert Case.objects.count() == 0
    assert IN_KEY not in capsys.readouterr().err


def test_what_does_not_come_in_time_is_in_the_table(
    people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trial(tmp_path, monkeypatch)
    monkeypatch.setattr(played, "by_call", lambda partner, city: lambda rows: "opened")
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(["trial", "--matters", "2", "--wait", "0"])) == 1
    table = capsys.readouterr().out
    assert table.count("DRILL-") == 2
    assert "new: opened; reminder: opened | — | —" in table
