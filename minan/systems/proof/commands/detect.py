"""`minan detect EVENTS.jsonl`: flags units and matters of a public extract for a human look, as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from minan.systems.proof import detect

NAME = "detect"
HELP = "read a public extract and flag units and matters that deserve a human look (JSON); never a person"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("events", help="EVENTS.jsonl of `minan extract`, or - for standard input")
    parser.add_argument("--thresholds", type=Path, help="a TOML file with thresholds that differ from ours")


def run(args: argparse.Namespace) -> int:
    """0 where the file could be read, whatever was found in it."""
    try:
        report = detect.main(args.events, args.thresholds)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, ensure_ascii=False, indent=1))
    return 0
