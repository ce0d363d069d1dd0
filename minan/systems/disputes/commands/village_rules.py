"""`minan village-rules FILE`: bring a city's village_rules.toml into the register of village rules 村规民约."""

from __future__ import annotations

import argparse

from minan.lib import loading
from minan.systems.disputes import village_import

NAME = "village-rules"
HELP = "load the villages' own rules (village_rules.toml); checks everything first, deletes nothing"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    loading.asked(parser, "city/langfang/village_rules.toml")


def run(args: argparse.Namespace) -> int:
    return loading.run(village_import.load, args.file, "{texts} texts, {new} new")
