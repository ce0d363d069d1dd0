"""Count the points of emergency words: `python -m tools.danger` reads tools/danger/*.tsv and writes minan/kernel/emergency_points.tsv.

Each line of a sentence file is `danger<TAB>sentence` (`-`: no danger), written for this, none taken from a real message.
Multinomial logistic regression with a quadratic penalty, by Nesterov's gradient steps in numpy; the points are rounded.
`python -m tools.danger --tried FILE…` prints what is found and what is marked falsely in files `number or danger<TAB>sentence`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from minan.kernel import emergency, points

HERE = Path(__file__).resolve().parent / "danger"
LEAST = 2  # sentences in which a piece must occur
PENALTY = 0.3
STEPS = 400
SMALLEST = 2  # points below which a piece says nothing of a danger
Matrix = NDArray[np.float64]


def said(files: Iterable[Path]) -> list[tuple[str, str]]:
    """(danger, sentence) of every line; a line that begins with # is a remark."""
    lines = [
        line for file in files for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")
    ]
    rows = [(name.strip(), text.strip()) for name, _, text in (line.partition("\t") for line in lines)]
    return list(dict.fromkeys(rows))


def _sparse(told: list[set[str]], known: dict[str, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row starts and columns of the pieces of each sentence; every sentence has at least one."""
    starts, columns = [], []
    for one in told:
        starts.append(len(columns))
        columns += sorted(known[piece] for piece in one if piece in known)
    return np.array(starts, dtype=np.intp), np.array(columns, dtype=np.intp)


def fitted(rows: list[tuple[str, str]], names: list[str]) -> tuple[dict[str, int], Matrix]:
    """Pieces with their row in the weights, and the weights: log-odds for each name."""
    told = [points.pieces(text) | emergency.signs(text) for _, text in rows]
    count = Counter(piece for one in told for piece in one)
    known = {piece: n for n, piece in enumerate(sorted(piece for piece, times in count.items() if times >= LEAST))}
    starts, columns = _sparse(told, known)
    lengths = np.diff(np.append(starts, len(columns)))
    turned = np.argsort(columns, kind="stable")
    sentence = np.repeat(np.arange(len(rows)), lengths)[turned]
    firsts = np.searchsorted(columns[turned], np.arange(len(known)))
    truth = np.zeros((len(rows), len(names)))
    truth[np.arange(len(rows)), [names.index(name) for name, _ in rows]] = 1.0
    weights = ahead = np.zeros((len(known), len(names)))
    penalty = np.full((len(known), 1), PENALTY)
    penalty[known[points.ALWAYS]] = 0.0
    # No curvature of a piece is larger than half of what the sentences that have it weigh together.
    step = 1.0 / (0.5 * np.add.reduceat(lengths[sentence].astype(float), firsts)[:, None] + penalty)
    pace = 1.0
    for _ in range(STEPS):
        sums = np.add.reduceat(ahead[columns], starts, axis=0)
        shares = np.exp(sums - sums.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        slope = np.add.reduceat((shares - truth)[sentence], firsts, axis=0) + penalty * ahead
        after, faster = ahead - step * slope, (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        if float(((ahead - after) * (after - weights)).sum()) > 0:
            faster = 1.0  # it overshot: begin slowly again
        ahead, weights, pace = after + (pace - 1) / faster * (after - weights), after, faster
    return known, weights


def written(known: dict[str, int], weights: Matrix, names: list[str]) -> str:
    """The file: the pieces in the order of their letters."""
    whole = np.clip(np.rint(weights * points.SCALE), -127, 127).astype(int)
    out = [
        "# 由 tools/danger.py 从 tools/danger/*.tsv 数出，请勿手改。Counted by tools/danger.py; do not edit.",
        "\t".join(names),
    ]
    for piece, n in known.items():
        told = [f"{name} {value}" for name, value in zip(names, whole[n], strict=True) if abs(value) >= SMALLEST]
        if told:
            out.append(f"{piece}\t{' '.join(told)}")
    return "\n".join(out) + "\n"


def counted(rows: list[tuple[str, str]]) -> str:
    """The file of points for these sentences."""
    names = [points.NONE, *dict.fromkeys(sorted(name for name, _ in rows if name != points.NONE))]
    known, weights = fitted(rows, names)
    return written(known, weights, names)


def tried(rows: list[tuple[str, str]]) -> dict[str, object]:
    """How many sentences of danger are found with their number (or danger), and how many others are marked."""

    def hit(name: str, text: str) -> bool:
        heard = emergency.heard(text, emergency.common())
        return name in emergency.calls(heard) or name in {danger.name for danger in heard}

    danger = [(name, text) for name, text in rows if name not in ("-", "none")]
    plain = [text for name, text in rows if name in ("-", "none")]
    missed = [f"{name} {text}" for name, text in danger if not hit(name, text)]
    marked = [text for text in plain if emergency.heard(text, emergency.common())]
    return {
        "danger": len(danger), "found": len(danger) - len(missed), "plain": len(plain), "marked": len(marked),
        "missed": missed, "marked_plain": marked,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tried", nargs="+", type=Path, default=[], metavar="FILE")
    args = parser.parse_args()
    if args.tried:
        print(json.dumps({str(file): tried(said([file])) for file in args.tried}, ensure_ascii=False, indent=1))
        return
    points.FILE.write_text(counted(said(sorted(HERE.glob("*.tsv")))), "utf-8")


if __name__ == "__main__":
    main()
