"""A voice note is told by its bytes: every kind a phone makes, how long it is; pictures, scripts and cut-off files are none."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minan.lib import audio


def wav(seconds: int = 2, extra: bytes = b"") -> bytes:
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    sound = b"\x80" * (8000 * seconds)
    body = b"WAVE" + fmt + extra + struct.pack("<4sI", b"data", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", len(body)) + body


def element(name: str, content: bytes, size: bytes = b"") -> bytes:
    return bytes.fromhex(name) + (size or struct.pack(">I", len(content) | 0x10000000)) + content


def webm(kind: bytes = b"\x02", last: int = 1500) -> bytes:
    """As a browser's recorder makes it: segment and cluster of a size nobody knows."""
    unknown = b"\x01" + b"\xff" * 7
    head = element("1a45dfa3", element("4282", b"webm"))
    tracks = element("1654ae6b", element("ae", element("83", kind) + element("86", b"A_OPUS")))
    block = element("a3", b"\x81" + struct.pack(">h", last) + b"\x80" + b"opus")
    cluster = element("1f43b675", element("e7", b"\x27\x10") + block, unknown)
    return head + element("18538067", tracks + cluster, unknown)


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def mp4(kind: bytes = b"soun") -> bytes:
    mvhd = box(b"mvhd", bytes(12) + struct.pack(">II", 1000, 4000) + bytes(80))
    trak = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + kind + bytes(12))))
    where = box(b"udta", b"\xa9xyz+39.43+116.29/")
    return box(b"ftyp", b"M4A isom") + box(b"moov", mvhd + trak + where) + box(b"mdat", b"sound")


def ogg() -> bytes:
    def page(granule: int, packet: bytes) -> bytes:
        return b"OggS\0\0" + struct.pack("<qIII", granule, 1, 0, 0) + b"\x01" + bytes([len(packet)]) + packet

    return page(0, b"OpusHead\x01\x01" + struct.pack("<H", 312) + bytes(7)) + page(312 + 96000, b"sound")


def mp3() -> bytes:
    frame = b"\xff\xfb\x90\x00" + bytes(413)  # MPEG 1, layer 3, 128 kbit/s, 44.1 kHz
    return b"ID3\x04\0\0\0\0\0\x05place" + frame * 40


@pytest.mark.parametrize(
    ("data", "mime", "seconds"),
    [
        (wav(), "audio/wav", 2.0), (webm(), "audio/webm", 11.5), (mp4(), "audio/mp4", 4.0), (ogg(), "audio/ogg", 2.0),
        (mp3(), "audio/mpeg", 40 * 1152 / 44100), (b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50, "audio/amr", 1.0),
        (b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9), "audio/aac", 1024 / 44100),
    ],
    ids=["wav", "webm", "mp4", "ogg", "mp3", "amr", "aac"],
)  # fmt: skip
def test_what_a_phone_records_is_known_by_its_bytes_with_its_length(data: bytes, mime: str, seconds: float) -> None:
    found = audio.read(data)
    assert (found.mime, round(found.seconds, 3)) == (mime, round(seconds, 3))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<script>",
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        b"MZ" + bytes(90),
        webm(b"\x01"),
        mp4(b"vide"),
        b"OggS" + bytes(60),
        wav()[:30],
    ],
    ids=["nothing", "script", "png", "exe", "webm with pictures", "mp4 with pictures", "ogg of what", "cut off"],
)
def test_what_is_no_sound_or_shows_pictures_is_not_taken(data: bytes) -> None:
    with pytest.raises(audio.Unfit):
        audio.read(data)


def test_where_it_was_recorded_is_taken_out() -> None:
    note = struct.pack("<4sI", b"LIST", 8) + b"INFOhome"
    assert b"home" not in audio.read(wav(extra=note)).data
    assert b"116.29" not in audio.read(mp4()).data
    assert b"place" not in audio.read(mp3()).data
    assert audio.read(mp4()).mime == audio.read(audio.read(mp4()).data).mime, "what is left is a sound still"


@given(st.sampled_from([wav(1), webm(), mp4(), ogg(), mp3()]), st.integers(0, 400), st.binary(max_size=6))
def test_broken_bytes_are_refused_and_never_crash(data: bytes, at: int, junk: bytes) -> None:
    broken = data[:at] + junk + data[at + len(junk) :]
    try:
        found = audio.read(broken)
    except audio.Unfit:
        found = None
    assert found is None or found.mime.startswith("audio/")
