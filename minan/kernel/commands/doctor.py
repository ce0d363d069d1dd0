"""`minan doctor`: say in words what is wrong with this city and what to do."""

from __future__ import annotations

import argparse

from minan.kernel import doctor

NAME = "doctor"
HELP = "say in words what is wrong and what to do; changes nothing; exit code 1 if something must be mended now"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", choices=("zh", "en"), default="", help="in which language (default: this machine's)")


def run(args: argparse.Namespace) -> int:
    """1 where there is a fault; warnings alone are 0."""
    lang = args.lang or doctor.language()
    found = doctor.look()
    for finding in found:
        print(finding.into(lang))
    if not found:
        print("一切正常。" if lang == "zh" else "All is well.")
    return int(any(f.fault for f in found))
