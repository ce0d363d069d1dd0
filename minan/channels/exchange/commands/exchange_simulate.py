"""`minan exchange simulate PARTNER`: plays a partner on this machine, to try the signed calls or the files before the real one."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext

from minan.channels.exchange import known, played
from minan.channels.exchange.partners import Partner, PartnersError
from minan.kernel import directory

NAME = "exchange simulate"
HELP = "play a partner whose code begins with trial: send matters, a reminder, a cancellation; refuse one answer, take the others"
MOST = 50
CITY = "http://127.0.0.1:8000"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("partner", help="its code in partners.toml; it begins with trial")
    parser.add_argument("--city", default=CITY, help=f"where the city runs on this machine (default {CITY})")
    parser.add_argument("--place", default="", help="place code (12 digits) of the matters; default: the first township")
    parser.add_argument("--matters", type=int, default=3, help=f"how many matters, at most {MOST} (default 3)")
    parser.add_argument("--wait", type=float, default=600.0, help="seconds to wait for the answers (default 600)")


def play(partner: Partner, send: played.Send, pause: Callable[[], None], matters: int, wait: float, place: str = "") -> played.Played:
    """Send everything, then take answers until all are in or `wait` seconds are over; `pause` is called in between."""
    one = played.Played(partner, matters, place)
    with played.Listening(one) if partner.way_out == "call" else nullcontext():
        one.speak(send)
        until = time.monotonic() + wait
        while not one.done() and time.monotonic() < until:
            pause()
            if partner.way_out == "file":
                one.look()
    return one


def run(args: argparse.Namespace) -> int:
    """0 where every matter that was not cancelled was answered and the answer taken, 1 where some were not, 2 where it cannot be played."""
    try:
        partner = known.get(args.partner)
        if partner is None or not 0 < args.matters <= MOST:
            raise played.NotPlayed("no such partner" if partner is None else f"1 to {MOST} matters")
        if args.place and args.place not in directory.city().places:
            raise played.NotPlayed("no such place")
        played.playable(partner)
        send = played.by_call(partner, args.city) if "api" in partner.ways_in else played.by_folder(partner)
    except (PartnersError, played.NotPlayed) as error:
        print(error, file=sys.stderr)
        return 2
    print("sending; now accept and answer them at the desk, and send the refused one anew", flush=True)
    done = play(partner, send, lambda: time.sleep(0.5), args.matters, args.wait, args.place)
    print(done.table())
    return 0 if done.done() else 1
