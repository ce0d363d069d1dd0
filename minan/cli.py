"""The command `minan`. Commands are found, not listed: every module in a folder commands/ of the kernel or of an app.

A command module says NAME ("city load"), HELP, add_arguments(parser) and run(args), which returns the exit code or None.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pathlib
import sys
from types import ModuleType

from minan.kernel.witness import command as witness
from minan.lib import folders

HERE = pathlib.Path(__file__).resolve().parent
DEMO_DATA = "var/demo"
DEMO_BEGUN = "begun"
WITNESS = "witness"  # runs without Django
FOLDERS = ("kernel/commands", "shell/commands", "channels/*/commands", "systems/*/commands")


def modules() -> list[ModuleType]:
    """Every command's module, by name."""
    names = []
    for folder in FOLDERS:
        for path in HERE.glob(f"{folder}/*.py"):
            if not path.name.startswith("_"):
                names.append(".".join(("minan", *path.relative_to(HERE).with_suffix("").parts)))
    found = [importlib.import_module(name) for name in sorted(names)]
    return sorted((module for module in found if hasattr(module, "NAME")), key=lambda module: str(module.NAME))


def parser_of(commands: list[ModuleType]) -> argparse.ArgumentParser:
    """The parser of the whole command line. A name of two words becomes a group with a command in it."""
    parser = argparse.ArgumentParser(prog="minan", description="民安: one platform for what a city owes its people.")
    root = parser.add_subparsers(metavar="COMMAND", required=True)
    groups: dict[str, argparse._SubParsersAction[argparse.ArgumentParser]] = {}
    for command in commands:
        first, _, second = command.NAME.partition(" ")
        where = root
        if second:
            if first not in groups:
                group = root.add_parser(first, help=command.HELP, description=command.HELP)
                groups[first] = group.add_subparsers(metavar="COMMAND", required=True)
            where = groups[first]
        one = where.add_parser(second or first, help=command.HELP, description=command.HELP)
        command.add_arguments(one)
        one.set_defaults(command=command)
    return parser


def prepare_demo() -> None:
    """Before the settings are read: a demo lies in var/demo, speaks plain HTTP, and is marked as one for ever."""
    os.environ["DATA"] = os.environ.get("DATA", "").strip() or DEMO_DATA
    os.environ.setdefault("MINAN_HTTP", "1")
    data = folders.data_folder()
    if (data / "minan.sqlite3").exists() and not (data / "demo").exists():
        sys.exit(
            f"{data} holds the records of a real city: `minan demo` does not touch them. Give another DATA=folder."
        )
    folders.prepare()
    folders.write_once(data / "demo", DEMO_BEGUN)


def main(argv: list[str] | None = None) -> int:
    """Run one command. Returns its exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words[:1] == [WITNESS]:
        return witness.main(words[1:])
    asks_only = not words or "-h" in words or "--help" in words
    if not asks_only:
        if words[0] == "demo":
            prepare_demo()
        else:
            folders.prepare()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minan.settings")
    import django  # only here: a witness runs where Django is not installed
    from django.conf import settings  # as above

    try:
        settings.DATABASES  # noqa: B018 reads the settings: what is wrong with a knob is said in one line
    except ValueError as error:
        sys.exit(str(error))
    django.setup()
    args = parser_of(modules()).parse_args(words or ["--help"])
    try:
        return int(args.command.run(args) or 0)
    except KeyboardInterrupt:
        return 130
