"""`python -m bench.likeness`: how well matters told again in other words are found and grouped. Prints one JSON object.

Made-up cities (`minan/kernel/tests/tellings.py`) with seeds no test and no tuning uses, and tellings with near misses written
by two language models, each before any score and nothing tuned on either, none by residents: `same_matter.txt` (forty matters told 129 times, fifty near
misses) and `same_matter_two.txt` (49 told 148 times, 73 near misses; its writer saw no line of this program). "bcubed" counts every
matter, most of which were told once; "bcubed_again" only those told again or said to be: the harder figure. "alone" is
B-cubed where nothing is ever grouped: in a city where few things are told twice it is higher than any grouping reaches.
In these cities two lamps of one village in one week may be two matters though no reader could tell: pairs stay low.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bench.base import ROOT
from minan.kernel import likeness, same
from minan.kernel.likeness import Candidate, Synonyms
from minan.kernel.tests import tellings
from minan.lib import geo

SEEDS = "90001,90002"
CITY = ROOT / "city" / "langfang"
GOAL = 0.85


def synonyms() -> Synonyms:
    with (CITY / "kinds.csv").open(encoding="utf-8", newline="") as file:
        kinds = {row["code"]: row["words"] for row in csv.DictReader(file)}
    return likeness.synonyms_from(tomllib.loads((CITY / "words.toml").read_text("utf-8")), kinds)


def by_hand(name: str = "same_matter.txt") -> list[list[Candidate]]:
    """A typed set, each matter with its tellings."""
    found: dict[str, list[Candidate]] = defaultdict(list)
    text = (ROOT / "minan/kernel/tests" / name).read_text("utf-8")
    for number, line in enumerate(line for line in text.splitlines() if line and not line.startswith("#")):
        group, village, where, day, kind, words = line.split("|")
        lon, lat = None, None
        if where != "-":
            east, north = map(float, where.split(","))
            lon, lat = geo.moved((116.3 + int(village[6:]) % 7 * 0.03, 39.43), east, north)
        kind = "" if kind == "-" else kind
        at = tellings.NOW - timedelta(days=45 - int(day))
        found[group].append(Candidate(str(number), words, kind, kind.split(".")[0], lon, lat, village, at))
    return list(found.values())


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _pairs(sizes: Iterable[int]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes)


def judged(true: Sequence[int], said: Sequence[int]) -> dict[str, float]:
    """Two partitions of the same rows held against each other: pairwise and B-cubed figures."""
    both, of_true, of_said = Counter(zip(true, said, strict=True)), Counter(true), Counter(said)
    right, asked, given = _pairs(both.values()), _pairs(of_true.values()), _pairs(of_said.values())
    precision, recall = right / given if given else 0.0, right / asked if asked else 0.0
    rows = list(zip(true, said, strict=True))
    again = [(t, s) for t, s in rows if of_true[t] > 1 or of_said[s] > 1]

    def bcubed(over: list[tuple[int, int]]) -> float:
        exact, whole = sum(both[t, s] / of_said[s] for t, s in over), sum(both[t, s] / of_true[t] for t, s in over)
        return _f1(exact / len(over), whole / len(over)) if over else 0.0

    return {
        "pair_precision": precision, "pair_recall": recall, "pair_f1": _f1(precision, recall), "bcubed_f1": bcubed(rows),
        "bcubed_again_f1": bcubed(again), "alone_bcubed_f1": _f1(1.0, len(of_true) / len(true)),
    }  # fmt: skip


def _grouped(rows: Sequence[Candidate], words: Synonyms, start: int) -> tuple[list[int], list[int]]:
    """For each row the number of its group after the decided pairs alone are joined (chains), and as the page groups them."""
    scores, _ = same.likenesses(rows, words)
    chain = list(range(len(rows)))
    for a, b in (pair for pair, score in scores.items() if score >= same.SAME):
        old, new = chain[b], chain[a]
        chain = [new if n == old else n for n in chain] if old != new else chain
    of = [0] * len(rows)
    for number, ns in enumerate(same.clusters(len(rows), scores)):
        for n in ns:
            of[n] = start + number
    return [start + n for n in chain], of


def measured(matters: list[list[Candidate]], words: Synonyms) -> dict[str, Any]:
    """Every pair of a town within sixty days decided at the kernel's one threshold, then grouped."""
    towns: dict[str, list[tuple[int, Candidate]]] = defaultdict(list)
    for number, told in enumerate(matters):
        for one in told:
            towns[one.place[:9]].append((number, one))
    true: list[int] = []
    chain: list[int] = []
    said: list[int] = []
    begin = time.process_time()
    for rows in towns.values():
        chained, grouped = _grouped([one for _, one in rows], words, len(true))
        true += [number for number, _ in rows]
        chain += chained
        said += grouped
    spent = time.process_time() - begin
    out = judged(true, said) | {"chained_pair_f1": judged(true, chain)["pair_f1"]}
    return {"rows": len(true), **{k: round(v, 3) for k, v in out.items()}, "ms_a_matter": round(spent * 1000 / len(true), 2)}


def found_again(matters: list[list[Candidate]], words: Synonyms, most: int = 100) -> float:
    """The share of second tellings whose first telling is among the five a clerk is shown."""
    firsts = [told[0] for told in matters]
    asked = [told for told in matters if len(told) > 1][:most]
    found = 0
    for told in asked:
        query = told[1]
        late = query.at - timedelta(days=60)
        near = [other for other in firsts if other.at >= late and other.place[:9] == query.place[:9]]
        found += told[0].id in [m.id for m in likeness.rank(query, near, words, now=tellings.NOW, limit=5)]
    return round(found / len(asked), 3)


def _without(matters: list[list[Candidate]], **unknown: Any) -> list[list[Candidate]]:
    return [[replace(one, **unknown) for one in told] for told in matters]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default=SEEDS)
    args = parser.parse_args()
    words = synonyms()
    out: dict[str, Any] = {"bench": "likeness", "same": same.SAME, "goal_cluster_f1": GOAL, "cities": []}
    for called, name in (("by_hand", "same_matter.txt"), ("by_another_hand", "same_matter_two.txt")):
        hand = by_hand(name)
        out[called] = {
            "as_told": measured(hand, words), "kind_unknown": measured(_without(hand, kind="", group=""), words),
            "village_only": measured(_without(hand, lon=None, lat=None), words), "recall_at_5": found_again(hand, words),
        }  # fmt: skip
    for seed in map(int, args.seeds.split(",")):
        city = tellings.often(seed)
        out["cities"].append(
            {
                "seed": seed, "as_told": measured(city, words), "kind_unknown": measured(_without(city, kind="", group=""), words),
                "village_only": measured(_without(city, lon=None, lat=None), words),
                "said_where_the_teller_stands": measured(tellings.often(seed, near_thing=False), words),
                "recall_at_5": found_again(city, words),
            }
        )  # fmt: skip
    print(json.dumps(out, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
