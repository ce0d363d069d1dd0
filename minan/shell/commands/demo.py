"""`minan demo`: the model city with a story to show, served on this machine."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import json
import logging
import os
import shutil
import sys
import time

from django.conf import settings
from django.db import connection, connections

from minan.kernel import beside, cities, migrations_state, serving

NAME = "demo"
HELP = "make the demo city if it is not there, and serve it with one-click sign-in"
BEGUN = "begun"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--empty", action="store_true", help="the city and its people, but no matters")
    parser.add_argument("--no-serve", action="store_true", help="make it, but do not serve it")


def run(args: argparse.Namespace) -> int:
    """Make what is missing, then serve until SIGTERM. Whether the ports are free is asked first: making takes a minute."""
    if not args.no_serve:
        serving.free_or_exit([("PORT", settings.BIND, settings.PORT), *beside.doors()])
    mark = settings.DATA / "demo"
    if mark.read_text("utf-8") == BEGUN:
        start_over()
        make(empty=args.empty)
        mark.write_text(json.dumps({"made_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "empty": args.empty}), "utf-8")
        if not args.no_serve:  # begun anew: the memory that making it took would stay with every process of the server
            connections.close_all()
            os.execv(sys.executable, [sys.executable, "-m", "minan", NAME])  # noqa: S606 ourselves
    else:
        migrations_state.migrate()
    return 0 if args.no_serve else serving.serve()


def start_over() -> None:
    """A first start that was cut off left half a city: it is thrown away, if its mark says that a demo made it."""
    if connection.vendor == "sqlite":
        connection.close()
        for end in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                (settings.DATA / f"minan.sqlite3{end}").unlink()
    elif migrations_state.made_by_demo():
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    elif connection.introspection.table_names():
        (settings.DATA / "demo").unlink()
        sys.exit("DATABASE_URL holds somebody's records: `minan demo` does not touch them. Give an empty database.")
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


def make(empty: bool) -> None:
    """Tables, the city's data, then every app's demo.py: `make(empty: bool)`, in the order of INSTALLED_APPS from below."""
    print("making the demo city (a minute or two, only this once)", file=sys.stderr, flush=True)
    logging.getLogger("minan.outgoing").setLevel(logging.ERROR)  # a text of months ago is too old to send: no news to anybody
    migrations_state.mark_as_demo()  # first, so that a start that is cut off can be told from a real city
    migrations_state.migrate()
    cities.load(settings.CITY)
    for app in reversed([name for name in settings.INSTALLED_APPS if name.startswith("minan.")]):
        if importlib.util.find_spec(f"{app}.demo"):
            importlib.import_module(f"{app}.demo").make(empty=empty)
