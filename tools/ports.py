"""A port for a server of one's own: tests and measurements start several, stop them, and start them again on the same port."""

from __future__ import annotations

import pathlib
import random
import socket

LOWEST = 20_000
HANDED_OUT = "/proc/sys/net/ipv4/ip_local_port_range"  # what the kernel gives to outgoing connections and to "any port"


def free() -> int:
    """A port of 127.0.0.1 where nobody listens, and below those the kernel hands out: while a stopped server is away, no browser's
    connection gets it. Where the kernel hands out all of them, one of those. Every eighth: those behind it are of the processes beside."""
    try:
        below = int(pathlib.Path(HANDED_OUT).read_text("ascii").split()[0])
    except (OSError, ValueError):
        below = 0
    for port in random.SystemRandom().sample(range(LOWEST, below, 8), min(200, (below - LOWEST) // 8)) if below > LOWEST else []:
        if all(_free(port + n) for n in range(4)):
            return port
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _free(port: int) -> bool:
    with socket.socket() as trial:
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
