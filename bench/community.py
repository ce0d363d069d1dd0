"""A community for the storm, in the environment of a city that is served: its devices are registered, its help buttons bound to people who
enrolled, and when the help lane knows them all it is played. Prints what `minan simulate community` prints; bench/devices.py runs it."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import django

BUTTONS, LANE_SECONDS = 10, 90.0
DUTY = "gu.point"  # 刘桂芬 of 朝阳社区's point binds the buttons


def enrolled(button: str, n: int) -> None:
    """Somebody in 朝阳社区 with this button on their wall."""
    from minan.kernel.access import SPEAKER, actor
    from minan.kernel.act import Opened, act, open_case
    from minan.kernel.models import User
    from minan.systems.devices.commands.simulate_community import PLACE
    from minan.systems.help import enrolment, gather

    facts = {
        "place": PLACE, "name": f"住户{n}", "phone": f"1380001{n:04d}", "address": f"{n} 号楼", "family1_name": "家人",
        "family1_phone": f"1390001{n:04d}", "consent": enrolment.CONSENT, "duty": gather.duty_of(PLACE),
    }  # fmt: skip
    made = open_case("help_enrolment", by=SPEAKER, facts=facts, key=f"bench:{button}", at=datetime.now(UTC))
    assert isinstance(made, Opened), made
    bound = act(made.case, "bind", by=actor(User.objects.get(username=DUTY)), facts={"device": button})
    assert bound, bound


def known(buttons: int) -> None:
    """Returns once the lane's own copy has them all."""
    from minan.systems.help import wire

    end = time.monotonic() + LANE_SECONDS
    wire.fresh()
    people = 0
    while people < buttons:
        assert time.monotonic() < end, f"the lane knows {people} of {buttons}"
        time.sleep(0.5)
        try:
            people = int(wire.ask({"op": "ping"}, 5).get("people", 0))
        except wire.Away:
            continue


def played(args: argparse.Namespace) -> dict[str, Any]:
    from minan.kernel.bus import line
    from minan.systems.devices.commands.simulate_community import PLACE, members
    from minan.systems.devices.playing import Crowd, storm

    host, port = line.address()
    crowd = members(args.devices, BUTTONS, PLACE)
    for n, one in enumerate(member for member in crowd if member.kind == "button"):
        enrolled(one.name, n)
    known(BUTTONS)
    print("begun", flush=True)
    return asyncio.run(storm(Crowd(crowd, host, port), args.rate, args.seconds, args.presses, args.alarms))


def main() -> None:
    """Needs DATA, KEYS and MINAN_BUS of a running city in the environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("devices", "rate", "seconds", "presses"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--alarms", type=float, default=0.05)
    args = parser.parse_args()
    django.setup()
    print(json.dumps(played(args)))


if __name__ == "__main__":
    main()
