"""What a voice note is, told by its bytes and not by its name: a kind browsers play, how long, without a picture track.

Pure. Containers: WebM/Matroska, Ogg, MP4/M4A (3GP), MP3, AAC (ADTS), AMR, WAV, as their public specifications lay them out. Lengths are
read from the frames or clocks of the container; where a container tells none, `seconds` is 0. Marks of place and device are taken out
where the container keeps them apart (ID3, MP4 `udta` and `meta`, WAV chunks).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

EBML, OGG, RIFF, AMR = b"\x1a\x45\xdf\xa3", b"OggS", b"RIFF", b"#!AMR\n"
MASTERS = {
    0x18538067,
    0x1F43B675,
    0xA0,
    0x1549A966,
    0x1654AE6B,
    0xAE,
}  # Segment, Cluster, BlockGroup, Info, Tracks, TrackEntry
AMR_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6)
RATES_MP3 = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
BITS_MP3 = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1, layer 3
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5
)
RATES_AAC = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
PARTS_MOST = 200_000


class Unfit(ValueError):
    """The bytes are no sound that is taken here."""


class Sound(NamedTuple):
    data: bytes
    mime: str
    seconds: float


def read(data: bytes) -> Sound:
    """The sound in these bytes. Raises Unfit where they are none, are cut off within a header, or carry pictures."""
    try:
        return _read(data)
    except (struct.error, IndexError, ZeroDivisionError, OverflowError):
        raise Unfit from None


def _read(data: bytes) -> Sound:
    if data[:4] == EBML:
        return Sound(data, "audio/webm", _webm(data))
    if data[:4] == OGG:
        return Sound(data, "audio/ogg", _ogg(data))
    if data[4:8] == b"ftyp":
        return Sound(*_mp4(data))
    if data[:4] == RIFF and data[8:12] == b"WAVE":
        return Sound(*_wav(data))
    if data[: len(AMR)] == AMR:
        return Sound(data, "audio/amr", _amr(data))
    data = _without_id3(data)
    if data[:1] == b"\xff" and data[1] & 0xF6 == 0xF0:
        return Sound(data, "audio/aac", _adts(data))
    if data[:1] == b"\xff" and data[1] & 0xE6 == 0xE2:
        return Sound(data, "audio/mpeg", _mp3(data))
    raise Unfit


# ---- WebM


def _number(data: bytes, at: int, *, mark: bool) -> tuple[int, int]:
    """(value, next): an EBML number; `mark`: with its length bits, as ids are written. -1: a size nobody knows."""
    first = data[at]
    length = 9 - first.bit_length()
    if not 1 <= length <= 8:
        raise Unfit
    value = int.from_bytes(data[at : at + length], "big")
    if len(data) < at + length:
        raise Unfit
    if not mark:
        value &= (1 << (7 * length)) - 1
        value = -1 if value == (1 << (7 * length)) - 1 else value
    return value, at + length


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(id, content) of every element that holds no others, in order."""
    at = 0
    for _ in range(PARTS_MOST):
        if at >= len(data):
            return
        name, at = _number(data, at, mark=True)
        size, at = _number(data, at, mark=False)
        if name in MASTERS:
            continue  # its parts follow
        if size < 0:
            raise Unfit
        yield name, data[at : at + size]
        at += size


def _webm(data: bytes) -> float:
    scale, cluster, last, heard = 1_000_000, 0, 0, False
    for name, content in _elements(data):
        if name == 0x83:  # TrackType: 2 is sound
            if content[-1:] != b"\x02":
                raise Unfit
            heard = True
        elif name == 0x2AD7B1:
            scale = int.from_bytes(content, "big") or scale
        elif name == 0xE7:
            cluster = int.from_bytes(content, "big")
        elif name in (0xA3, 0xA1):
            _track, at = _number(content, 0, mark=False)
            last = max(last, cluster + struct.unpack(">h", content[at : at + 2])[0])
    if not heard:
        raise Unfit
    return last * scale / 1e9


# ---- Ogg


def _ogg(data: bytes) -> float:
    first = data[28:36]
    if data[28:36] == b"OpusHead":
        rate, skip = 48000, struct.unpack("<H", data[38:40])[0]
    elif first[:7] == b"\x01vorbis":
        rate, skip = struct.unpack("<I", data[40:44])[0], 0
    elif first == b"Speex   ":
        rate, skip = struct.unpack("<I", data[64:68])[0], 0
    else:
        raise Unfit
    at = data.rfind(OGG)
    granule = struct.unpack("<q", data[at + 6 : at + 14])[0]
    return float(max(0, granule - skip) / rate)


# ---- MP4


def _boxes(data: bytes | bytearray, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, begin, end) of the content of each box."""
    for _ in range(PARTS_MOST):
        if at + 8 > end:
            return
        size, name = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", data[at + 8 : at + 16])[0], 16
        size = size or end - at
        if size < head or at + size > end:
            raise Unfit
        yield name, at + head, at + size
        at += size


def _clock(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """(ticks a second, length) of `mvhd` or `mdhd`."""
    if data[at] == 1:
        return struct.unpack(">IQ", data[at + 20 : at + 32])
    return struct.unpack(">II", data[at + 12 : at + 20])


def _mp4(given: bytes) -> tuple[bytes, str, float]:
    data, found = bytearray(given), {"sound": False}
    longest = [0.0]
    ticks = [0]

    def walk(begin: int, end: int, depth: int) -> None:
        for name, at, till in _boxes(data, begin, end):
            if name in (b"udta", b"meta"):  # where it was made, with what
                data[at - 4 : at] = b"free"
                data[at:till] = bytes(till - at)
            elif name in (b"moov", b"trak", b"mdia", b"moof", b"traf") and depth < 6:
                walk(at, till, depth + 1)
            elif name in (b"mvhd", b"mdhd"):
                rate, length = _clock(data, at)
                ticks[0] = rate if name == b"mdhd" else ticks[0] or rate
                longest[0] = max(longest[0], length / rate if rate and length < 1 << 31 else 0.0)
            elif name == b"hdlr":
                kind = bytes(data[at + 8 : at + 12])
                if kind == b"vide":
                    raise Unfit
                found["sound"] |= kind == b"soun"
            elif name == b"tfdt" and ticks[0]:
                form = ">Q" if data[at] == 1 else ">I"
                begun = struct.unpack(form, data[at + 4 : at + 4 + struct.calcsize(form)])[0]
                longest[0] = max(longest[0], begun / ticks[0])

    walk(0, len(data), 0)
    if not found["sound"]:
        raise Unfit
    return bytes(data), "audio/mp4", longest[0]


# ---- the plain ones


def _wav(data: bytes) -> tuple[bytes, str, float]:
    at, kept, pace, length = 12, b"", 0, 0
    while at + 8 <= len(data) and len(kept) < len(data):
        name, size = struct.unpack("<4sI", data[at : at + 8])
        size = min(size, len(data) - at - 8)
        if name in (b"fmt ", b"data"):
            kept += struct.pack("<4sI", name, size) + data[at + 8 : at + 8 + size] + b"\0" * (size % 2)
        if name == b"fmt ":
            pace = struct.unpack("<I", data[at + 16 : at + 20])[0]
        length += size if name == b"data" else 0
        at += 8 + size + size % 2
    return RIFF + struct.pack("<I", 4 + len(kept)) + b"WAVE" + kept, "audio/wav", length / pace


def _amr(data: bytes) -> float:
    at, frames = len(AMR), 0
    while at < len(data):
        kind = data[at] >> 3 & 15
        if kind > 8 and kind != 15:
            raise Unfit
        at += AMR_BYTES[kind] if kind <= 8 else 1
        frames += 1
    return frames * 0.02


def _without_id3(data: bytes) -> bytes:
    if data[:3] == b"ID3":
        size = sum((byte & 127) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
        data = data[10 + size :]
    return data[:-128] if data[-128:-125] == b"TAG" else data


def _adts(data: bytes) -> float:
    at, seconds = 0, 0.0
    while at + 7 <= len(data):
        size = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0 or size < 7:
            raise Unfit
        seconds += 1024 / RATES_AAC[data[at + 2] >> 2 & 15]
        at += size
    return seconds


def _mp3(data: bytes) -> float:
    at, seconds = 0, 0.0
    while at + 4 <= len(data):
        version, layer = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3
        if data[at] != 0xFF or version == 1 or layer != 1:
            raise Unfit
        rate = RATES_MP3[version][data[at + 2] >> 2 & 3]
        bits = BITS_MP3[version != 3][data[at + 2] >> 4] * 1000
        samples = 1152 if version == 3 else 576
        size = samples // 8 * bits // rate + (data[at + 2] >> 1 & 1)
        if not size:
            raise Unfit
        seconds += samples / rate
        at += size
    return seconds
