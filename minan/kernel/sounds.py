"""Recordings that people send: known by their bytes and not by their names, bounded in length and size, kept like a picture.

A voice tells who speaks. Nothing here knows whose it is: there is no recognition of a speaker, and no scoring of how it sounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

from minan.kernel import ballast
from minan.kernel.procedure import Words
from minan.lib import audio

SECONDS_MOST, BYTES_MOST = 120, 4 << 20  # of a matter; who keeps less of it says so
GRACE = 2  # seconds: a recorder stops a moment late
KIND = "audio/"
PLAYED = frozenset({"audio/webm", "audio/ogg", "audio/mp4", "audio/mpeg", "audio/aac", "audio/wav"})  # by every browser on a desk
W = Words
NO_SOUND = W(
    "这不是录音，或者放不出来。换一个，或者写字", "This is no recording that can be played. Choose another, or write"
)
NO_ROOM = W("现在存不下录音，请写字或者打电话", "There is no room for recordings just now: please write or call")


class Unfit(Exception):
    """Why a recording is not taken, in words for who sent it."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.zh)
        self.words = words


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as the one door takes it: a file like a picture's, which nobody sees and which looks like no other."""

    data: bytes
    mime: str
    seconds: int
    sha256: str
    width: ClassVar[int] = 0
    height: ClassVar[int] = 0
    thumb: ClassVar[bytes] = b""
    dhash: ClassVar[str] = ""


def is_sound(mime: str) -> bool:
    return mime.startswith(KIND)


def taken(file: Any, *, seconds: int = SECONDS_MOST, size: int = BYTES_MOST) -> audio.Sound | None:
    """The sound in an uploaded file; None where none was sent. Raises Unfit."""
    if file is None or not file.size:
        return None
    if file.size > size:
        raise Unfit(_too_large(size >> 20))
    if ballast.low():
        raise Unfit(NO_ROOM)
    try:
        sound = audio.read(file.read(size + 1))
    except audio.Unfit:
        raise Unfit(NO_SOUND) from None
    if sound.seconds > seconds + GRACE:
        raise Unfit(_too_long(seconds))
    return sound


def recording(file: Any) -> Recording | None:
    """What was recorded for a matter; None where nothing was sent. Raises Unfit, also where a desk could not play it."""
    sound = taken(file)
    if sound is None:
        return None
    if sound.mime not in PLAYED:
        raise Unfit(NO_SOUND)
    length = min(max(1, round(sound.seconds)), SECONDS_MOST)
    return Recording(sound.data, sound.mime, length, sha256(sound.data).hexdigest())


def _too_large(most: int) -> Words:
    return W(
        f"录音太大了，最多 {most} 兆。录短一点，或者写字", f"The recording is too large: at most {most} MB. Record less, or write"
    )


def _too_long(most: int) -> Words:
    return W(
        f"录音最长 {most} 秒。录短一点，或者分几次", f"A recording lasts {most} seconds at most. Record less, or in parts"
    )
