"""`python -m bench`: the small set in under three minutes. `python -m bench --full --keep FOLDER`: all sizes, both databases.

Prints one JSON object; what misses a goal of the issue is named in it and on standard error.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from bench import goals
from bench.base import ROOT


def _called(*words: str) -> dict[str, Any]:
    """One program of this folder in a process of its own."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, text=True, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        return {"bench": words[0], "failed": " ".join(words), "code": done.returncode}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="1,000, 100,000 and 1,000,000 cases, 1, 8 and 32 clients")
    parser.add_argument("--keep", default="", help="a folder where loaded bases stay")
    parser.add_argument("--db", default="sqlite,postgres")
    parser.add_argument("--sizes", default="")
    parser.add_argument("--clients", default="")
    parser.add_argument("--seconds", type=float, default=0.0)
    args = parser.parse_args()
    sizes = args.sizes or ("1000,100000,1000000" if args.full else "1000")
    clients, seconds = args.clients or ("1,8,32" if args.full else "8"), args.seconds or (5.0 if args.full else 1.5)
    out: dict[str, Any] = {"kernel": [], "runs": []}
    for db in args.db.split(","):
        out["kernel"].append(_called("bench.kernel", "--db", db, "--n", "500" if args.full else "200"))
        for size in sizes.split(","):
            words = ["bench.run", "--db", db, "--size", size, "--clients", clients, "--seconds", str(seconds)]
            out["runs"].append(_called(*words, *(["--keep", args.keep] if args.keep else [])))
            print(goals.table(out["runs"][-1]), file=sys.stderr, flush=True)
    out["missed"] = goals.missed(out["runs"])
    print(json.dumps(out, ensure_ascii=False, indent=1))
    print("\n".join(out["missed"]) or "every goal met", file=sys.stderr)


if __name__ == "__main__":
    main()
