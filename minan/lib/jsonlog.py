"""Log lines as JSON, without personal data: no bodies, no query strings, addresses cut to their network."""

from __future__ import annotations

import ipaddress
import json
import logging
import re
import traceback
from datetime import UTC, datetime

MESSAGE_MAX = 2_000
READ_MAX = 2 * MESSAGE_MAX  # of a message; no more is looked through
FRAMES_MAX = 12
_ADDRESS = re.compile(
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)|(?<![\w:])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])"
)
_QUERY = re.compile(r"\?[^\s\"']*")
_LONG_NUMBER = re.compile(r"(?<![\w-])\d{7,18}[\dXx]?(?![\w-])")
_CODE = re.compile(r"(?<=/)[0-9A-HJKMNP-TV-Z]{15}(?=[/\s\"']|$)", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")

# What some readers take for the end of a line, and terminals for an order, though JSON lets it stand.
_ENDS = {code: f"\\u{code:04x}" for code in (0x7F, *range(0x80, 0xA0), 0x2028, 0x2029)}

# What every record has; and Django's own extra, which holds whole requests.
_USUAL = {
    *logging.makeLogRecord({}).__dict__,
    "message",
    "asctime",
    "taskName",
    "request",
    "server_time",
    "sql",
    "params",
}


def cut_address(text: str) -> str:
    """An address as its network: the first 24 bits of IPv4, the first 48 of IPv6. Anything else comes back unchanged."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))


def clean(text: str) -> str:
    """A message without query strings, codes in addresses, mail addresses, long numbers (telephone, identity card) and full addresses."""
    text = _QUERY.sub("?…", text[:READ_MAX])
    text = _CODE.sub("[code]", text)
    text = _MAIL.sub("[mail]", text)
    text = _ADDRESS.sub(lambda found: cut_address(found.group()), text)
    return _LONG_NUMBER.sub("[number]", text)[:MESSAGE_MAX]


class Line(logging.Formatter):
    """One record as one line of JSON. What is given as `extra={…}` stands in it too; give only codes and counts there."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": clean(record.getMessage()),
        }
        for name, value in record.__dict__.items():
            if name not in _USUAL and isinstance(value, str | int | float | bool | None):
                line[name] = clean(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[0]:
            # Only the places in the code: an exception's own text may quote what somebody typed.
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-FRAMES_MAX:]
            line["where"] = [
                f"{frame.filename.rpartition('/minan/')[2]}:{frame.lineno} {frame.name}" for frame in frames
            ]
        return json.dumps(line, ensure_ascii=False, default=str).translate(_ENDS)
