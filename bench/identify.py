"""`python -m bench.identify`: how much of what identifies somebody is found, and how fast. Prints one JSON object.

The texts are the messages beside the work tree (../shared/data), read here and kept nowhere; without them the house's own.
`false_marks_per_text` counts every mark on a text before anything was planted, real names of real people among them.
"""

from __future__ import annotations

import argparse
import json
import time

from minan.kernel import identify
from minan.kernel.tests import planting

HOSTILE = {
    "digits": "1" * 1_000_000, "single digits": "1-3-8 " * 166_666, "surnames": "王李张刘" * 83_333, "named": "我叫王" * 111_111,
    "flats": "3-2-" * 250_000,
    "mail": "a@b.c " * 166_666, "dots": "阿·" * 166_666, "ids": "110101199003077571 " * 52_000,
}  # fmt: skip


def _milliseconds(text: str, times: int = 1) -> float:
    begin = time.process_time()
    for _ in range(times):
        identify.marks(text)
    return round((time.process_time() - begin) * 1000 / times, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261123)
    args = parser.parse_args()
    found = planting.measured(args.texts, args.seed)
    said, _ = planting.texts(args.texts, args.seed)
    marked = [{text[m.start : m.end] for m in identify.marks(text)} for text in said]
    letters = "".join(said)[:50_000]
    pieces = [letters[n : n + 500] for n in range(0, len(letters) - 500, 500)]
    begin = time.process_time()
    for piece in pieces:
        identify.marks(piece)
    out = {
        "bench": "identify", "texts": found["texts"], "real_messages": found["real_messages"], "recall": found["recall"],
        "false_marks_per_text": found["false_marks_per_text"], "false_by_sort": found["false_by_sort"],
        "different_fragments_per_text": round(sum(map(len, marked)) / len(said), 4),
        "texts_with_a_mark": round(sum(map(bool, marked)) / len(said), 4),
        "ms_per_500_characters": round((time.process_time() - begin) * 1000 / max(1, len(pieces)), 3),
        "ms_per_megabyte_hostile": {name: _milliseconds(text) for name, text in HOSTILE.items()},
    }  # fmt: skip
    print(json.dumps(out, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
