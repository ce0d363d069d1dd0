"""No provider: until a city connects one, text messages are written to DATA/sms.jsonl, without the number."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

MOST_BYTES = 5_000_000  # then the file begins anew


def send(key: str, number: str, words: str) -> None:
    """Write one line {"id","words","at"}; the number stays in the vault. Raises OSError where the disk does not take it."""
    path = Path(settings.DATA) / "sms.jsonl"
    line = {"id": key, "words": words, "at": datetime.now(UTC).isoformat()}
    fresh = path.exists() and path.stat().st_size > MOST_BYTES
    with path.open("w" if fresh else "a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
