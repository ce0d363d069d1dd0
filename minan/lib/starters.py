"""Who started this process, said by the starter itself: one that was killed before we could ask is not mistaken for another."""

from __future__ import annotations

import os
from collections.abc import Mapping

NAME = "MINAN_STARTED_BY"  # set for one process by the one that starts it; nobody else gives it


def told() -> Mapping[str, str]:
    """The environment for a process that is to end when this one does."""
    return os.environ | {NAME: str(os.getpid())}


def starter() -> int:
    """The process id of who started this one; asked of the system where it was not told."""
    said = os.environ.get(NAME, "")
    return int(said) if said.isdigit() else os.getppid()
