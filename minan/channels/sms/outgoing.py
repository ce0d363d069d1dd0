"""Text messages. Until a city connects its provider they are written to DATA/sms.jsonl, the number masked but for its end."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

MOST_BYTES = 5_000_000  # then the file begins anew


def send(key: str, number: str, words: str) -> None:
    """Write one line {"id","to","words","at"}; raises OSError where the disk does not take it."""
    path = Path(settings.DATA) / "sms.jsonl"
    line = {
        "id": key,
        "to": "*" * max(0, len(number) - 2) + number[-2:],
        "words": words,
        "at": datetime.now(UTC).isoformat(),
    }
    fresh = path.exists() and path.stat().st_size > MOST_BYTES
    with path.open("w" if fresh else "a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
