"""Addresses on the bus, and who may write to which. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

ROOT = "minan"
PROGRAM = "minan"  # the name by which this city's own processes sign in; no device may be called so
DEVICE = re.compile(r"(?!minan)[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")
AREA = re.compile(r"\d{4}|\d{6}|\d{9}|\d{12}|\d{15}")  # the widths of a place code; a device stands in a village or a grid as a rule
PROP = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}(/[a-z0-9][a-z0-9_-]{0,39}){0,2}")
PAYLOAD_MOST = 64 * 1024  # bytes of one message, at the broker and here


class Topic(NamedTuple):
    area: str
    device: str
    prop: str


def topic(area: str, device: str, prop: str) -> str:
    """minan/<area>/<device>/<prop>."""
    return f"{ROOT}/{area}/{device}/{prop}"


def parse(text: str) -> Topic | None:
    """None: no address of this bus (wildcards, other trees, upper case, too long)."""
    parts = text.split("/", 3)
    if len(parts) != 4 or parts[0] != ROOT or not AREA.fullmatch(parts[1]):
        return None
    if not DEVICE.fullmatch(parts[2]) or not PROP.fullmatch(parts[3]):
        return None
    return Topic(*parts[1:])


def own(area: str, device: str) -> str:
    """The beginning of all topics of a device: it writes and reads below it and nowhere else."""
    return f"{ROOT}/{area}/{device}/"


def allowed(area: str, device: str, wanted: str, *, reads: bool) -> bool:
    """Whether this device may write to a topic, or read by a filter (which may hold wildcards, below its own topics only)."""
    if not wanted.startswith(own(area, device)):
        return False
    return reads or not ("#" in wanted or "+" in wanted)
