"""`minan keeper …`: run the vault's keeper, turn its keys, copy them sealed, bring them back, read its log."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator

from minan.kernel import keeping, vault
from minan.kernel.keeper import client, keys, log, protocol
from minan.kernel.models import Case, Event

NAME = "keeper"
HELP = "the vault's keeper: serve, status, rotate, rewrap, copies DIR DIR, restore COPY, log [check]"
DOES = {
    "serve": "keep until told to stop (`minan serve` does it by itself); --peer USER: who may ask besides our own user",
    "status": "keys, copies, log and looks of today as JSON",
    "rotate": "make a new key: what is sealed from now on is closed to it",
    "rewrap": "close every case's key to the new key, while the city works; --destroy removes the old keys after it",
    "copies": "write two sealed copies of the keys: copies DIR DIR (passphrases: asked, or MINAN_KEEPER_PASSPHRASE and …_2)",
    "restore": "bring the keys back from one sealed copy: restore COPY",
    "log": "every look as a line; log check: every link, and every look against the event that justifies it",
}
BATCH = 500
WORDS = {"copies": 2, "restore": 1}  # how many come after


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = "\n".join(f"{word:<8} {what}" for word, what in DOES.items())
    parser.add_argument("what", choices=DOES, metavar="|".join(DOES))
    parser.add_argument("more", nargs="*", help="copies: two folders; restore: the copy; log: check")
    parser.add_argument("--peer", default="", help="serve: the Unix user of the web processes")
    parser.add_argument(
        "--destroy", action="store_true", help="rewrap: remove the old keys when nothing is closed to them"
    )


def run(args: argparse.Namespace) -> int:
    """0, or 1 where the log does not hold."""
    if len(args.more) != WORDS.get(args.what, 0) and args.what != "log":
        sys.exit(f"minan keeper {args.what}: {DOES[args.what]}")
    try:
        return DOING[args.what](args)
    except vault.Lost:
        sys.exit("the private keys are lost: minan keeper restore COPY")
    except vault.Away:
        sys.exit("the keeper does not answer")
    except PermissionError as error:
        sys.exit(f"{error.filename} is the keeper's: run this as its Unix user")


def _tool(word: str, *more: str) -> int:
    """Private keys are handled by a process without Django, as the keeper itself; this one never has them."""
    return subprocess.run(
        [sys.executable, "-m", "minan.kernel.keeper", word, str(vault.folder()), *more], check=False
    ).returncode


def serve(args: argparse.Namespace) -> int:
    peer = ["--peer", args.peer] if args.peer else []
    command = [sys.executable, "-m", "minan.kernel.keeper", "--served", *peer, str(vault.folder())]
    os.execv(sys.executable, command)  # noqa: S606 our own program, no shell


def status(args: argparse.Namespace) -> int:
    print(json.dumps(vault.status(), ensure_ascii=False, indent=2))
    return 0


def rotate(args: argparse.Namespace) -> int:
    return _tool("rotate")


def rewrap(args: argparse.Namespace) -> int:
    done, shut = keeping.rewrap()
    print(f"{done} rewrapped" + (f", {shut} that no key here opens" if shut else ""))
    state = vault.status()
    for mark in sorted(set(state["keys"]) - {state["current"]}) if args.destroy else []:
        if left := keeping.still_closed_to(mark):
            sys.exit(f"{left} are still closed to key {mark}: it stays")
        if code := _tool("destroy", mark):
            return code
    return 0


def copies(args: argparse.Namespace) -> int:
    return _tool("copies", *args.more)


def restore(args: argparse.Namespace) -> int:
    code = _tool("restore", *args.more)
    client.dismiss(vault.folder())  # one that was started without keys begins anew
    return code


def log_(args: argparse.Namespace) -> int:
    path = vault.folder() / protocol.ROOM / keys.LOG
    if args.more != ["check"]:
        sys.stdout.writelines(line.decode() for line in path.open("rb"))
        return 0
    try:
        n, head = log.check(path)
    except log.Broken as broken:
        print(f"the keeper's log does not hold: {broken}")
        return 1
    print(f"{n} lines, every link holds; the last: {head}")
    bare = list(without_event())
    for line, why in bare:
        print(f"line {line}: {why}")
    return int(bool(bare))


def without_event() -> Iterator[tuple[int, str]]:
    """Looks by staff, and others that name one, whose event is not in this city's records or is another case's: (line, why)."""
    path = vault.folder() / protocol.ROOM / keys.LOG
    looks = [
        e
        for e in map(json.loads, path.open("rb"))
        if e["op"] == "open" and e["ok"] is True and (e["event"] or e["who"][:5] == "user:")
    ]
    cases: dict[str, str] = {}  # event → how the log names its case
    for i in range(0, len(looks), BATCH):
        found = Event.objects.filter(hash__in={look["event"] for look in looks[i : i + BATCH]}).values_list(
            "hash", "case_id"
        )
        codes = dict(Case.objects.filter(id__in=[pk for _, pk in found]).values_list("id", "code"))
        cases |= {event: vault.case_mark(codes[pk]) for event, pk in found if pk in codes}
    for look in looks:
        told = f"a look by {look['who']} ({look['why']})"
        if look["event"] not in cases:
            yield look["n"], f"{told} without an event"
        elif cases[look["event"]] != look["case"]:
            yield look["n"], f"{told} with another case's event"


DOING = {
    "serve": serve, "status": status, "rotate": rotate, "rewrap": rewrap, "copies": copies, "restore": restore, "log": log_,
}  # fmt: skip
