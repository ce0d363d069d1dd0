"""No provider: until a city connects one, calls are written to DATA/voice.jsonl, without the number and without the link."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

MOST_BYTES = 5_000_000  # then the file begins anew


def send(key: str, number: str, words: str) -> None:
    """Write one line {"id","say","at"}. Raises OSError where the disk does not take it."""
    path = Path(settings.DATA) / "voice.jsonl"
    line = {"id": key, "say": json.loads(words).get("say", ""), "at": datetime.now(UTC).isoformat()}
    fresh = path.exists() and path.stat().st_size > MOST_BYTES
    with path.open("w" if fresh else "a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
