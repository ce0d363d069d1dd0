"""The door of the city's own broker: what is read of a stranger, and who is read later while there is too much to do."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from minan.channels.mqtt.broker import doorman
from minan.channels.mqtt.broker.doorman import Reader, TooMuch, first_packet, may_enter, read
from minan.kernel.bus.accounts import Account, hashed

AREA = "131022100010"
HELD = {"smoke-aaaaaa": Account(AREA, hashed("secret-one"))}


def connect(name: str, secret: str, will: tuple[str, str] | None = None) -> bytes:
    """A CONNECT packet as a device's own library writes it, by its own name."""

    def text(words: str) -> bytes:
        return len(words.encode()).to_bytes(2, "big") + words.encode()

    body = text("MQTT") + bytes([4, 0xC6 if will else 0xC2, 0, 60]) + text(name)
    body += (text(will[0]) + text(will[1])) if will else b""
    body += text(name) + text(secret)
    size = bytes([len(body)]) if len(body) < 128 else bytes([len(body) % 128 | 128, len(body) // 128])
    return b"\x10" + size + body


def fed(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    return reader


def run(work: Any) -> Any:
    """In a thread of its own: Playwright keeps a loop in this one, where a browser's test ran before."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(asyncio.run, work).result()


def test_who_talks_a_lot_is_read_later_and_who_seldom_says_a_word_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorman, "LATER_SECONDS", 0.0)
    asked: list[int] = []

    def busy() -> bool:
        asked.append(1)
        return len(asked) < 5

    async def read_all() -> list[int]:
        reader = Reader(fed(b"x" * 40), None, b"", busy)  # type: ignore[arg-type]
        out = []
        for _ in range(20):
            await reader.read(1)
            out.append(len(asked))
        return out

    seen = run(read_all())
    assert seen[: doorman.FEW_READS] == [0] * doorman.FEW_READS, "a few words are read whatever there is to do"
    assert seen[doorman.FEW_READS] == 5, "then it waits until the broker is through"


def test_the_first_packet_is_whole_small_and_a_hello() -> None:
    async def tried(data: bytes) -> bytes:
        return await asyncio.wait_for(first_packet(fed(data)), 1)

    hello = connect("smoke-aaaaaa", "secret-one")
    assert run(tried(hello + b"\xc0\x00")) == hello
    for wrong in (b"GET / HTTP/1.1\r\n\r\n" + b"x" * 64, b"\x10\xff\xff\xff\xff\xff", b"\x10\xff\x7f" + b"x" * 20_000, b"\x30\x05hello"):
        with pytest.raises((TooMuch, asyncio.IncompleteReadError, TimeoutError)):
            run(tried(wrong))


class Line:
    """What a connection is told, and whether it was shut."""

    def __init__(self) -> None:
        self.said, self.shut = b"", False

    def write(self, data: bytes) -> None:
        self.said += data

    async def drain(self) -> None:
        raise ConnectionResetError("gone")

    def close(self) -> None:
        self.shut = True


def test_a_fault_while_judging_is_logged_and_lets_nobody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[str] = []
    monkeypatch.setattr(doorman.log, "exception", lambda words, **_more: logged.append(words))

    def come(data: bytes) -> tuple[Any, Line]:
        line = Line()

        async def entered() -> Any:  # the stream belongs to the loop that reads it
            return await doorman.entered(fed(data), line, HELD, hashed("of the program"), lambda: False)  # type: ignore[arg-type]

        return run(entered()), line

    known, line = come(connect("smoke-aaaaaa", "secret-one"))
    assert known is not None
    assert not line.shut
    known, line = come(b"GET / HTTP/1.1\r\n\r\n" + b"x" * 64)
    assert (known, line.said, line.shut) == (None, b"", True)
    known, line = come(connect("smoke-aaaaaa", "secret-two"))
    assert (known, line.said, line.shut) == (None, doorman.REFUSED, True), "also where it hangs up meanwhile"
    assert logged == []
    monkeypatch.setattr(doorman, "fits", lambda *_a: 1 / 0)
    known, line = come(connect("smoke-aaaaaa", "secret-one"))
    assert (known, line.said, line.shut) == (None, doorman.REFUSED, True)
    assert logged == ["a device could not be judged"]


def test_a_hello_is_judged_by_name_secret_client_and_will() -> None:
    program = hashed("of the program")

    def enters(name: str, secret: str, will: tuple[str, str] | None = None) -> bool:
        return may_enter(run(read(connect(name, secret, will))), HELD, program)

    own = f"minan/{AREA}/smoke-aaaaaa/"
    assert enters("smoke-aaaaaa", "secret-one")
    assert enters("smoke-aaaaaa", "secret-one", (own + "state", "offline"))
    assert not enters("smoke-aaaaaa", "secret-two")
    assert not enters("smoke-bbbbbb", "secret-one")
    assert not enters("minan", "of the program"), "its client id says that it is one of ours"
    for topic in ("minan/131022100010/water-bbbbbb/state", "minan/131022100011/smoke-aaaaaa/state", own + "#", own + "UPPER", "x"):
        assert not enters("smoke-aaaaaa", "secret-one", (topic, "offline")), topic
