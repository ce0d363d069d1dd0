"""Row ids that sort by time: UUID version 7 (RFC 9562), never going back within a process."""

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = [0, 0]  # milliseconds, counter
_RANDOM = (1 << 62) - 1


def _assemble(millis: int, counter: int, random: int) -> uuid.UUID:
    return uuid.UUID(int=(millis & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | random)


def uuid7() -> uuid.UUID:
    """A new id, larger than every id this process gave before, also when the clock is set back. Safe in threads."""
    noise = int.from_bytes(os.urandom(9), "big")
    now = time.time_ns() // 1_000_000
    with _lock:
        if now > _last[0]:
            # Starting in the lower half leaves room for 2,048 ids in the same millisecond before one is borrowed.
            millis, counter = now, noise >> 61 & 0x7FF
        else:
            millis, counter = _last[0], _last[1] + 1
            if counter > 0xFFF:
                millis, counter = millis + 1, 0
        _last[0], _last[1] = millis, counter
    return _assemble(millis, counter, noise & _RANDOM)


def uuid7_at(seconds: float) -> uuid.UUID:
    """An id that sorts as if made at `seconds` since 1970: for what is brought in from elsewhere."""
    noise = int.from_bytes(os.urandom(10), "big")
    return _assemble(int(seconds * 1000), noise >> 64 & 0xFFF, noise & _RANDOM)
