"""How often somebody may do something: token buckets in this process's memory, bounded in number.

Each process counts for itself, so with n web processes the true ceiling is n times the one asked for. What must hold
over all of them (wrong passwords, messages sent to one number) is counted in the database, not here.
"""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

BUCKETS_MAX = 50_000


class Throttle:
    """Buckets by (name, subject); the one unused for longest is forgotten when there are too many."""

    def __init__(self, buckets_max: int = BUCKETS_MAX, clock: Callable[[], float] = time.monotonic) -> None:
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._buckets_max = buckets_max
        self._clock = clock
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._buckets)

    def allow(self, name: str, subject: str, per_seconds: float, burst: int) -> bool:
        """Whether one more is allowed now: `burst` at once, and as many again over each `per_seconds`."""
        key = (name, subject)
        rate = burst / per_seconds
        with self._lock:
            now = self._clock()
            tokens, since = self._buckets.pop(key, (float(burst), now))
            tokens = min(float(burst), tokens + max(0.0, now - since) * rate)
            allowed = tokens >= 1.0
            self._buckets[key] = (tokens - 1.0 if allowed else tokens, now)
            while len(self._buckets) > self._buckets_max:
                self._buckets.popitem(last=False)
        return allowed

    def wait_seconds(self, name: str, subject: str, per_seconds: float, burst: int) -> int:
        """Whole seconds until the next one is allowed, for Retry-After; 0 if it is allowed now."""
        with self._lock:
            tokens, since = self._buckets.get((name, subject), (float(burst), self._clock()))
            missing = 1.0 - tokens - max(0.0, self._clock() - since) * burst / per_seconds
        return max(0, -int(-missing * per_seconds / burst // 1))

    def forget(self) -> None:
        """Start afresh (tests, and an administrator who lifts a block)."""
        with self._lock:
            self._buckets.clear()


_here = Throttle()
allow = _here.allow
wait_seconds = _here.wait_seconds
forget = _here.forget


def subject_of(ip: str | None) -> str:
    """Who an address stands for: itself for IPv4, its /64 for IPv6 (one household has 2⁶⁴ of them)."""
    try:
        address = ipaddress.ip_address((ip or "").strip().split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)
