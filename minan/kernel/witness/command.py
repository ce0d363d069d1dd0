"""The command line of a witness: where the log is, with which key it signs, where it keeps what it saw."""

from __future__ import annotations

import argparse
import hashlib
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from minan.kernel import notes
from minan.kernel.witness import watch
from minan.kernel.witness.log import Away, Log
from minan.kernel.witness.state import Broken, State

HELP = "watch a city's log from outside and cosign what continues what was seen; exit code 2 for a split view"
FINE, AWAY, SPLIT = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="the city's address, such as https://minan.example")
    parser.add_argument("--key", required=True, type=Path, metavar="FILE", help="32 bytes; made at the first start")
    parser.add_argument("--state", required=True, type=Path, metavar="FOLDER", help="what was seen; 32 bytes an event")
    parser.add_argument("--name", default="", help="what this witness is called, such as its own domain name")
    parser.add_argument(
        "--log-key", default="", metavar="VKEY", help="the log's key as printed; default: the first seen"
    )
    parser.add_argument("--every", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--once", action="store_true", help="look once and end: 0 fine, 1 away, 2 refused")
    parser.add_argument("--post", action="store_true", help="hand the signature to the city, to be shown there")
    parser.add_argument(
        "--check", type=Path, metavar="NOTE", help="hold a saved checkpoint against what was seen, offline"
    )


def signer_of(key: Path, name: str) -> notes.Signer:
    """The witness's signing key; nameless ones are called by the first letters of their public key's hash."""
    seed = notes.seed(key)
    public = notes.Signer("x", seed).key.public
    return notes.Signer(name or f"minan-witness-{hashlib.sha256(public).hexdigest()[:8]}", seed, notes.COSIGNATURE)


def say(text: str, *, loud: bool = False) -> None:
    moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    print(f"{moment} {text}", file=sys.stderr if loud else sys.stdout, flush=True)


def shout(refused: watch.Refused) -> None:
    say(f"拒签 REFUSED: {refused}", loud=True)
    if refused.evidence is not None:
        say(f"证据 evidence: {refused.evidence}  请交给人大、媒体或上级 (give it to those above the city)", loud=True)


def once(log: Log, state: State, signer: notes.Signer, pinned: notes.Key | None, post: bool) -> int:
    """One look, told in a line. FINE, AWAY or SPLIT."""
    try:
        seen = watch.look(log, state, signer, pinned=pinned)
        if seen is not None:
            say(f"cosigned {seen.said.origin} size {seen.said.size} (+{seen.fresh}) root {seen.said.root.hex()[:16]}")
        standing = state.load() if post else None
        if standing is not None and standing.note != log.given:
            log.give(standing.note)
    except watch.Refused as refused:
        shout(refused)
        return SPLIT
    except (Away, Broken, OSError) as error:
        say(str(error), loud=True)
        return AWAY
    return FINE


def checked(state: State, note: Path) -> int:
    try:
        said = watch.compare(state, note.read_bytes())
    except watch.Refused as refused:
        shout(refused)
        return SPLIT
    except (Away, Broken, OSError) as error:
        say(str(error), loud=True)
        return AWAY
    say(f"the same history: {said.origin} size {said.size}")
    return FINE


def run(args: argparse.Namespace, wait: Callable[[float], object] | None = None) -> int:
    """Look once, or for ever; the worst that was met is the exit code."""
    try:
        pinned = notes.Key.parse(args.log_key) if args.log_key else None
        signer, log, state = signer_of(args.key, args.name), Log(args.url), State(args.state)
    except (ValueError, OSError, Broken) as error:
        say(str(error), loud=True)
        return AWAY
    pause = wait or threading.Event().wait
    try:
        if args.check is not None:
            return checked(state, args.check)
        say(f"witness key: {signer.key.text()}")
        if args.once:
            return once(log, state, signer, pinned, args.post)
        worst = FINE
        while True:
            worst = max(worst, once(log, state, signer, pinned, args.post))
            try:
                pause(args.every)
            except KeyboardInterrupt:
                return SPLIT if worst == SPLIT else FINE
    finally:
        state.close()


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="minan witness", description=HELP)
    add_arguments(parser)
    try:
        return run(parser.parse_args(argv))
    except KeyboardInterrupt:
        return 130
