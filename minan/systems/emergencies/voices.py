"""Voice notes: taken in as a file, known by their bytes, shut with a key of their own, opened for one listener at a time.

A voice is identity. Nothing here knows whose it is or what it says: there is no recognition and no transcription.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from minan.kernel import sounds, speakers
from minan.kernel.access import CLOCK
from minan.kernel.act import Refused, act
from minan.kernel.models import Case, Event
from minan.lib import audio
from minan.systems.emergencies.models import Voice

BYTES_MOST, SECONDS_MOST = 1 << 20, 60
NONCE, KEPT = 12, "note_kept"


@dataclass(frozen=True, slots=True)
class Note:
    """A recording that is taken: its sound, and the key with which it is shut."""

    sound: audio.Sound
    key: bytes

    @property
    def facts(self) -> dict[str, Any]:
        """What the step is told: the key goes to the vault, under its event."""
        return {"voice_key": self.key.hex(), "seconds": round(self.sound.seconds)}

    def keep(self, case: Case, said: Event) -> None:
        """By an event of its own right after `said`, in its transaction: the key goes to the vault. Pressed twice it is kept once."""
        if Voice.objects.filter(county=case.county, case_id=case.id, n=said.n + 1).exists():
            return
        kept = act(case, KEPT, by=CLOCK, facts=self.facts, at=case.changed_at, key=f"{said.id.hex}:{KEPT}")
        if isinstance(kept, Refused):
            raise ValueError(kept.reason.en)
        nonce = os.urandom(NONCE)
        shut = nonce + AESGCM(self.key).encrypt(nonce, self.sound.data, _bound(case, kept.n))
        row = {"mime": self.sound.mime, "seconds": round(self.sound.seconds), "shut": shut}
        Voice.objects.create(county=case.county, case_id=case.id, n=kept.n, **row)


def _bound(case: Case, n: int) -> bytes:
    return f"minan.voice:{case.code}:{n}".encode()


def taken(file: Any) -> Note | None:
    """The recording in an uploaded file; None where none was sent. Raises sounds.Unfit."""
    sound = sounds.taken(file, seconds=SECONDS_MOST, size=BYTES_MOST)
    return Note(sound, AESGCM.generate_key(256)) if sound is not None else None


def of(case: Case) -> dict[int, Voice]:
    """The recordings of a case by event, without their sound. One query."""
    return {row.n: row for row in Voice.objects.filter(county=case.county, case_id=case.id).defer("shut")}


def opened(case: Case, n: int, *, who: str, why: str, event: str = "") -> tuple[bytes, str] | None:
    """(sound, mime) of the recording of event `n`; None where there is none. Raises vault.Sealed, vault.Away, vault.Held."""
    row = Voice.objects.filter(county=case.county, case_id=case.id, n=n).first()
    known = speakers.known(case, who=who, why=why, event=event) if row is not None else {}
    key = known.get(f"{KEPT}@{n}.voice_key")
    if row is None or not key:
        return None
    shut = bytes(row.shut)
    try:
        return AESGCM(bytes.fromhex(key)).decrypt(shut[:NONCE], shut[NONCE:], _bound(case, n)), row.mime
    except (InvalidTag, ValueError):
        return None
