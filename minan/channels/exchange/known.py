"""The partners of this city, read when first needed and again when the file or the city changed; a wrong file stops all of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings

from minan.channels.exchange.partners import Known, Partner, read
from minan.kernel import directory, registry

FILE = "partners.toml"
_held: dict[str, Any] = {"mark": None, "partners": {}}


def known() -> Known:
    """What partners may map to: the city's kinds and places, and what an answer's `outcome` may be."""
    city, outcomes = directory.city(), {}
    for name, procedure in registry.procedures().items():
        step = procedure.step("answer")
        spec = next((f for f in step.fields if f.name == "outcome"), None) if step else None
        if spec is not None:
            outcomes[name] = frozenset(value for value, _ in spec.options)
    return Known(frozenset(city.kinds), frozenset(city.places), outcomes)


def path() -> Path:
    return Path(settings.CITY) / FILE


def partners() -> dict[str, Partner]:
    """Code → partner. Raises partners.PartnersError."""
    file = path()
    mark = (str(file), file.stat().st_mtime_ns if file.exists() else 0, directory.city().stamp)
    if _held["mark"] != mark:
        _held.update(partners=read(file, known()), mark=mark)
    found: dict[str, Partner] = _held["partners"]
    return found


def get(code: str) -> Partner | None:
    return partners().get(code)


def key_file(code: str) -> Path:
    """KEYS/exchange/CODE.toml: in_key and out_key (hex), mail_password; CODE.pem beside it: the partner's own authority."""
    return Path(settings.KEYS) / "exchange" / f"{code}.toml"


def keys(code: str) -> dict[str, str]:
    """The partner's keys by name; {} where none were made."""
    file = key_file(code)
    return {name: str(value) for name, value in tomllib.loads(file.read_text("utf-8")).items()} if file.exists() else {}
