"""A file of a city's folder that a command brings in: checked whole first, every fault on a line of its own, nothing deleted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path


class Wrong(ValueError):
    """The file is wrong; `faults` says where and what, in both languages."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def asked(parser: argparse.ArgumentParser, such_as: str) -> None:
    """The one argument: the file."""
    parser.add_argument("file", type=Path, help=f"such as {such_as}")


def run(load: Callable[[Path], Mapping[str, int]], file: Path, words: str) -> int:
    """0 when loaded, and says what there is now: `words` with the counts; 1 with every fault on its own line."""
    try:
        done = load(file)
    except Wrong as wrong:
        print("\n".join(wrong.faults), file=sys.stderr)
        return 1
    print(words.format(**done))
    return 0
