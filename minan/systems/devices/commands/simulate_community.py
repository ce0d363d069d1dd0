"""`minan simulate community`: a whole community of devices over real MQTT against this city's bus; tells its own processor time."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from minan.kernel.bus import line
from minan.systems.devices import registry
from minan.systems.devices.kinds import KINDS
from minan.systems.devices.models import Device
from minan.systems.devices.playing import Crowd, Member, storm

NAME = "simulate community"
HELP = "play a community's devices over real MQTT: beats, values, alarms, a silent one, a storm, help buttons"
PLACE = "131022100010"
MIX = (
    "smoke",
    "smoke",
    "smoke",
    "water",
    "manhole",
    "lift",
    "fence",
    "perimeter",
    "env",
    "env",
    "door",
    "barrier",
    "screen",
    "highpoint",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--buttons", type=int, default=10, help="help buttons among them")
    parser.add_argument("--rate", type=int, default=200, help="messages a second, all together")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--presses", type=int, default=1, help="presses of help buttons, spread over the time")
    parser.add_argument("--alarms", type=float, default=0.002, help="the part of the messages that is an alarm")
    parser.add_argument("--place", default=PLACE, help="12-digit code of the village or community")


def members(devices: int, buttons: int, place: str) -> list[Member]:
    """Register them, with names that say what they are; those of an earlier run go first."""
    old = Device.objects.filter(serial="simulated", place=place)
    for device in old.filter(live=True)[:1]:
        print(f"taking out {old.count()} simulated devices, such as {device.id}", file=sys.stderr)
    old.delete()
    unit = registry.owner_of(place)
    kinds = ["button"] * buttons + [MIX[n % len(MIX)] for n in range(devices - buttons)]
    rows = [{"kind": k, "place": place, "unit": unit, "mounted": f"模拟 {n + 1} 号", "serial": "simulated"} for n, k in enumerate(kinds)]
    made = registry.enter_many("", rows, "模拟")
    return [Member(d.id, d.place, d.kind, secret, KINDS[d.kind].beat) for d, secret in made]


def run(args: argparse.Namespace) -> int:
    """0 when every press was acknowledged by the broker."""
    if not line.configured():
        print("there is no bus here: set MINAN_BUS", file=sys.stderr)
        return 2
    host, port = line.address()
    crowd = Crowd(members(args.devices, args.buttons, args.place), host, port)
    found = asyncio.run(storm(crowd, args.rate, args.seconds, args.presses, args.alarms))
    print(json.dumps(found))
    return 0 if not found["presses_not_acknowledged"] else 1
