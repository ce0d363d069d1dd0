"""What people of the demo say and are called: reads says.toml and lines.toml, and fills places, times and names in."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PHONES = ("139", "138", "150", "152", "186", "177", "133", "158")


@cache
def says() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((HERE / "says.toml").read_text("utf-8"))["say"]
    return found


@cache
def lines() -> dict[str, list[str]]:
    return tomllib.loads((HERE / "lines.toml").read_text("utf-8"))


def line(chance: random.Random, name: str, **parts: str) -> str:
    """One of the sentences of this name."""
    return chance.choice(lines()[name]).format(**parts)


def spot(chance: random.Random, village: bool) -> str:
    return chance.choice(lines()["spots_village" if village else "spots_town"])


def said(chance: random.Random, say: dict[str, Any], where: str) -> str:
    """What somebody says about this kind of thing at this spot."""
    text: str = chance.choice(say["texts"])
    return text.format(spot=where, since=chance.choice(lines()["since"]), who=chance.choice(lines()["who"]))


@dataclass(frozen=True, slots=True)
class Speaker:
    """A made-up resident; the number belongs to nobody on purpose: its middle is 0000."""

    name: str
    phone: str


def speaker(chance: random.Random) -> Speaker:
    name = chance.choice(lines()["family"]) + chance.choice(lines()["given"])
    return Speaker(name, f"{chance.choice(PHONES)}0000{chance.randrange(10_000):04d}")
