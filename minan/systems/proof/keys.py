"""Who signs: the city's one log key (KEYS/log.key), the names of the logs, and the witnesses whose word is taken."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from minan.kernel import notes
from minan.systems.proof.models import CITY

FILE = "log.key"


def origin(log: str = CITY) -> str:
    """The first line of a log's checkpoints: the city's name, and behind it the county."""
    return str(settings.ORIGIN) if log == CITY else f"{settings.ORIGIN}/{log}"


@lru_cache(maxsize=4)
def _signer(folder: str, name: str) -> notes.Signer:
    path = Path(folder) / FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return notes.Signer(name, notes.seed(path))


def signer() -> notes.Signer:
    """The key that signs checkpoints and promises; made at the first need."""
    return _signer(str(settings.KEYS), origin())


def _lines(place: Path) -> list[str]:
    files = sorted(p for p in place.iterdir() if p.is_file()) if place.is_dir() else [place]
    lines = [line.strip() for path in files for line in path.read_text("utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def witnesses() -> tuple[notes.Key, ...]:
    """The witnesses of MINAN_WITNESSES, read anew each time it is asked; () where there is no such file. Raises notes.Wrong."""
    place = Path(settings.WITNESSES)
    return tuple(notes.Key.parse(line) for line in dict.fromkeys(_lines(place))) if place.exists() else ()
