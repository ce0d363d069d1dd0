"""Adds up the public figures of Minan anew from EVENTS.jsonl, with nothing but Python: python3 figures.py EVENTS.jsonl [--json]

    python3 figures.py EVENTS.jsonl                  every figure with its numerator and denominator, beside what the city says
    python3 figures.py EVENTS.jsonl --by unit        … of every unit (also: area, week) as far as its lines are all there
    python3 figures.py EVENTS.jsonl --json           the same for programs

It knows nothing of the city's software: read it, change it, write your own. docs/extract.md says what the fields mean.
从公开摘录重新算出全部公开数字；只用 Python 自带的库，不用本系统的任何代码。Exit code 1 where a figure differs from the city's own.
"""

import json
import sys
from collections import Counter, defaultdict

MEASURES = (
    "opened", "open", "late", "answered", "on_time", "contact_due", "contacted", "rated", "rated_solved", "rated_satisfied",
    "visited", "visited_solved", "visited_satisfied", "unheard", "sent_back", "reopened",
)  # fmt: skip
RATES = (
    ("按期答复率 on time", "on_time", "answered"),
    ("联系率 contacted in time", "contacted", "contact_due"),
    ("解决率（本人评）solved, own word", "rated_solved", "rated"),
    ("满意率（本人评）satisfied, own word", "rated_satisfied", "rated"),
    ("解决率（代记）solved, taken down", "visited_solved", "visited"),
    ("满意率（代记）satisfied, taken down", "visited_satisfied", "visited"),
    ("超时率 overdue of open", "late", "open"),
    ("未回应率 unheard of answered", "unheard", "answered"),
)
WORDS = {"opened": "说过的事 matters", "open": "在办 open", "late": "超时 overdue", "answered": "答复 answers", "unheard": "未回应办结 unheard",
         "sent_back": "退回 sent back", "reopened": "重办 reopened"}  # fmt: skip
OWN = ("own", "issued")
WATCHED = ("break_glass", "confirm_glass", "reject_glass", "defer", "told", "look")


class Figures:
    """Sums by cell: ("city",), ("area", code), ("week", name), ("unit", id)."""

    def __init__(self):
        self.sums, self.ended, self.steps = defaultdict(Counter), Counter(), Counter()
        self.header, self.totals = {}, {}
        self.lines = self.wrong = 0
        self.matters = {}  # pseudonym → [area, week, what it is now, {n: (step, state, judged)}, waiting sums, unit]

    def take(self, line):
        what = line.get("what")
        if what:
            setattr(self, what, line)
            return
        self.lines += 1
        matter = self.matters.setdefault(line["m"], [None, None, None, {}, [], ""])
        unit = line.get("lead", line["unit"])
        matter[3][line["n"]] = (line["step"], line["state"], line.get("judged"))
        matter[4].append((line["n"], unit, counts(line)))
        if line["step"] in WATCHED:
            self.steps[f"{line['at'][:4]}.{line['step']}"] += 1
        if line["n"] == 1:
            matter[0], matter[1], matter[2] = line["place"], line["week"], line
            self.wrong += contradictions(line)

    def close(self):
        """Add everything up, once all lines are there."""
        for name, (place, week, first, events, waiting, _) in self.matters.items():
            if first is None or sorted(events) != list(range(1, len(events) + 1)):
                self.wrong += 1
                print(f"{name}: lines are missing", file=sys.stderr)
                continue
            area = place[:6]
            waiting.sort(key=lambda row: row[0])
            standing = Counter(opened=1, open=first["open"], late=first["open"] and first.get("late", False))
            last = waiting[-1][1]
            for cell in (("city",), ("area", area), ("week", week)):
                self.sums[cell].update(standing)
            self.sums["unit", last].update(standing)
            for _, unit, some in waiting:
                for cell in (("city",), ("area", area), ("week", week), ("unit", unit)):
                    self.sums[cell].update(some)
            if not first["open"]:
                self.ended[f"{first['procedure']}.{ending(first['now'], events)}"] += 1


def counts(line):
    """What one line adds."""
    out = Counter()
    if "on_time" in line:
        out.update(answered=1, on_time=line["on_time"])
    if "contact" in line:
        out.update(contact_due=1, contacted=line["contact"])
    if "judged" in line:
        how = "rated" if line["judged"] in OWN else "visited"
        out.update({how: 1, f"{how}_solved": line["solved"], f"{how}_satisfied": line["satisfied"]})
    out.update({name: 1 for name in ("unheard", "sent_back", "reopened") if line.get(name)})
    return out


def ending(now, events):
    """By what a matter ended: the step that led there; where that is "close", whose judgement it followed."""
    n = len(events)
    while n > 1 and events[n - 1][1] == now:
        n -= 1
    step, before = events[n][0], events.get(n - 1, ("", "", None))[2]
    if step == "close" and before:
        step = "own" if before in OWN else "staff"
    return f"{now}.{step}"


def contradictions(first):
    """Clocks whose own dates do not agree with what is said of them, where both are to the minute."""
    bad = 0
    for clock in first.get("clocks", ()):
        due, end = clock["due"], clock["end"]
        if first["exact"] == "minute" and due and end and due != end:
            bad += clock["met"] != (end < due)
    return bad


def expected(figures, cell):
    """What the city says of a cell, less what was counted in another county before the matter moved; None where it says nothing."""
    said, own = figures.totals, Counter()
    if cell == ("city",):
        own.update(said["city"])
    elif cell[0] == "area" and cell[1] in said["areas"]:
        own.update(said["areas"][cell[1]])
        own.subtract(said["moved"].get(cell[1], {}))
    elif cell[1] in said.get(f"{cell[0]}s", {}):
        own.update(said[f"{cell[0]}s"][cell[1]])
    else:
        return None
    return {m: own[m] for m in MEASURES}


def compared(figures):
    """Cell → (recomputed, what the city says); and every difference as a sentence."""
    out, differs = {}, []
    cells = {("city",), *figures.sums, *(("area", a) for a in figures.totals["areas"])}
    whole = figures.header.get("since") is None and figures.header.get("until") is None
    for cell in sorted(cells):
        mine = {m: figures.sums[cell][m] for m in MEASURES}
        theirs = expected(figures, cell) if whole else None
        out[cell] = (mine, theirs)
        if theirs is not None and mine != theirs:
            some = {m: (mine[m], theirs[m]) for m in MEASURES if mine[m] != theirs[m]}
            differs.append(f"{'/'.join(cell)}: {some}")
    if whole:
        beside_steps = Counter(figures.totals["steps_beside"])
        beside_steps.update(figures.steps)
        if {k: v for k, v in beside_steps.items() if v} != {k: v for k, v in figures.totals["steps"].items() if v}:
            differs.append(f"steps: {dict(beside_steps)} and {figures.totals['steps']}")
        if dict(figures.ended) != {k: v for k, v in figures.totals["ended"].items() if v}:
            differs.append(f"endings: {dict(figures.ended)} and {figures.totals['ended']}")
    return out, differs


def table(cell, mine, theirs):
    """One cell as text."""
    rows = [f"== {'/'.join(cell)}"]
    same = "" if theirs is None else "  = 市里公布 the city's own" if mine == theirs else "  ≠ 与公布不同 DIFFERS"
    rows.append("   " + "  ".join(f"{words} {mine[name]:,}" for name, words in WORDS.items()) + same)
    for words, n, of in RATES:
        share = f"{mine[n] / mine[of]:.6f}" if mine[of] else "—"
        rows.append(f"   {words}: {mine[n]:,} ÷ {mine[of]:,} = {share}")
    return "\n".join(rows)


def read(path):
    figures = Figures()
    with open(path, encoding="utf-8") as lines:
        for text in lines:
            if text.strip():
                figures.take(json.loads(text))
    figures.close()
    return figures


def main(words):
    if not words or words[0].startswith("-"):
        print(__doc__)
        return 2
    figures = read(words[0])
    by = words[words.index("--by") + 1] if "--by" in words else "city"
    cells, differs = compared(figures)
    if "--json" in words:
        told = {"/".join(cell): {"recomputed": mine, "official": theirs} for cell, (mine, theirs) in cells.items()}
        print(
            json.dumps(
                {
                    "cells": told,
                    "ended": figures.ended,
                    "steps": figures.steps,
                    "differs": differs,
                    "wrong": figures.wrong,
                }
            )
        )
    else:
        print(f"截至 as of {figures.header.get('as_of')}; {figures.lines:,} 行 lines, {len(figures.matters):,} 件 matters, "
              f"略去 left out {figures.totals.get('suppressed')}")  # fmt: skip
        print("\n".join(table(cell, *pair) for cell, pair in cells.items() if cell[0] in ("city", by)))
        print("办结方式 endings:", ", ".join(f"{name} {n:,}" for name, n in sorted(figures.ended.items())))
        print(
            "推迟告知与破窗 deferrals, broken glass:",
            ", ".join(f"{name} {n:,}" for name, n in sorted(figures.steps.items())) or "0",
        )
        print("\n".join(differs) or "每个数字都与公布的一致 every figure equals the city's own, to the last digit")
        if figures.wrong:
            print(f"{figures.wrong} 处自相矛盾 contradictions in the lines")
    return 1 if differs or figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
