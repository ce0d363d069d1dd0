"""Writes tests/slow.txt, what `make check` leaves out: `python -m pytest … --durations=0 --durations-min=0.02 > LOG; python tools/slow.py LOG`.

A line is a test function that took LEAST seconds or more, all its parameters together; conftest.py marks them `slow`.
"""

from __future__ import annotations

import pathlib
import re
import sys
from collections import Counter

LIST = pathlib.Path(__file__).resolve().parent.parent / "tests" / "slow.txt"
LEAST = 0.25
LINE = re.compile(r"([\d.]+)s (?:call|setup|teardown)\s+(\S+::\w+)")


def main() -> None:
    took: Counter[str] = Counter()
    for seconds, name in LINE.findall(pathlib.Path(sys.argv[1]).read_text("utf-8")):
        took[name] += float(seconds)
    LIST.write_text("".join(f"{name}\n" for name in sorted(took) if took[name] >= LEAST), "utf-8")


if __name__ == "__main__":
    main()
