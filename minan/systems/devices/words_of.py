"""What a message says: a bare text as Homie and Home Assistant send it, or a small JSON object. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

VALUE_MOST = 200  # characters
ON, OFF = frozenset({"on", "1", "true", "alarm", "open", "problem"}), frozenset({"off", "0", "false", "ok", "clear", "closed", "normal"})


class Unreadable(ValueError):
    """No text, no JSON object of this kind, or too long: tried three times and parked."""


class Said(NamedTuple):
    value: str
    n: int | None = None  # the number of the message, where the device counts
    at: datetime | None = None  # by the device's own clock
    more: dict[str, Any] = {}


def read(payload: bytes) -> Said:
    """Raises Unreadable."""
    try:
        text = payload.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise Unreadable("not UTF-8") from error
    if "\x00" in text:
        raise Unreadable("NUL")
    if not text.startswith("{"):
        if len(text) > VALUE_MOST:
            raise Unreadable("too long")
        return Said(text)
    return _object(text)


def _object(text: str) -> Said:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("no JSON") from error
    value = next((found[name] for name in ("value", "v", "state") if name in found), "")
    if isinstance(value, dict | list):
        raise Unreadable("value is no value")
    value = ("ON" if value else "OFF") if isinstance(value, bool) else str(value)
    n = found.get("n")
    if len(value) > VALUE_MOST or (n is not None and (not isinstance(n, int) or isinstance(n, bool) or not 0 <= n < 2**62)):
        raise Unreadable("value or number")
    return Said(value, n, _moment(found.get("at")), found)


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Unreadable("no time") from error
    if at.tzinfo is None:
        raise Unreadable("a time without its offset")
    return at


def rings(said: Said) -> bool | None:
    """True: it sounds; False: it stopped; None: neither can be read from it."""
    word = said.value.casefold()
    if not word:
        return True if said.more else None  # {"alarm": "smoke"} alone sounds; an empty message clears what was retained
    return True if word in ON else False if word in OFF else None


def fold(payload: bytes) -> str:
    """On and off of an alarm never fold into one."""
    try:
        said = read(payload)
    except Unreadable:
        return "?"
    return f"{rings(said)}:{said.more.get('alarm', '')}"[:40]


# ---- what a device tells about itself, in Home Assistant's way (full names and its short ones)

SHORT = {"dev_cla": "device_class", "unit_of_meas": "unit_of_measurement", "p": "platform", "cmps": "components", "dev": "device"}
LABEL_MOST, PROPERTIES_MOST = 60, 40


def _long(row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise Unreadable("no object")
    return {SHORT.get(name, name): value for name, value in row.items()}


def _name_of(row: dict[str, Any], key: str) -> str:
    topic = str(row.get("state_topic") or row.get("stat_t") or key)
    return topic.rsplit("/", 1)[-1][:40]


def described(payload: bytes) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """(property → label, unit, class; maker, model and serial of the device). Raises Unreadable."""
    try:
        found = _long(json.loads(payload.decode("utf-8")))
    except (ValueError, RecursionError) as error:
        raise Unreadable("no JSON") from error
    parts = found.get("components")
    rows = {key: _long(row) for key, row in parts.items()} if isinstance(parts, dict) else {"": found}
    if len(rows) > PROPERTIES_MOST:
        raise Unreadable("too many properties")
    out = {}
    for key, row in rows.items():
        name = _name_of(row, key)
        if name:
            told = {"label": row.get("name"), "unit": row.get("unit_of_measurement"), "class": row.get("device_class")}
            out[name] = {k: str(v)[:LABEL_MOST] for k, v in told.items() if isinstance(v, str) and v}
    device = _long(found.get("device") or {})
    names = (("maker", "manufacturer", "mf"), ("model", "model", "mdl"), ("serial", "serial_number", "sn"), ("name", "name", "name"))
    about = {ours: str(device.get(long) or device.get(short) or "")[:LABEL_MOST] for ours, long, short in names}
    return out, {k: v for k, v in about.items() if v}
