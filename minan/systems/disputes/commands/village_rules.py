"""`minan village-rules FILE`: bring a city's village_rules.toml into the register of village rules 村规民约."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from minan.systems.disputes import village_import

NAME = "village-rules"
HELP = "load the villages' own rules (village_rules.toml); checks everything first, deletes nothing"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="such as city/langfang/village_rules.toml")


def run(args: argparse.Namespace) -> int:
    """0 when loaded; 1 with every fault on its own line."""
    try:
        done = village_import.load(args.file)
    except village_import.Wrong as wrong:
        print("\n".join(wrong.faults), file=sys.stderr)
        return 1
    print(f"{done['texts']} texts, {done['new']} new")
    return 0
