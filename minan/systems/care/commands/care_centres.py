"""`minan care-centres FILE`: bring a city's care_centres.csv into the register of care centres 托养中心 and their beds."""

from __future__ import annotations

import argparse

from minan.lib import loading
from minan.systems.care import centres

NAME = "care-centres"
HELP = "load the care centres and their beds (care_centres.csv); checks everything first, deletes nothing"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    loading.asked(parser, "city/langfang/care_centres.csv")


def run(args: argparse.Namespace) -> int:
    return loading.run(centres.load, args.file, "{centres} centres, {beds} beds")
