"""`minan damages FILE.json`: one accident in, who owes what out; the same object as POST /api/v1/damages."""

from __future__ import annotations

import argparse
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from minan.lib import damages

NAME = "damages"
HELP = (
    "work out the damages of a road accident from FILE.json (docs/damages.md) and print them as JSON; needs no database"
)
MOST = 1024 * 1024  # bytes of a file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="the case as JSON; - reads standard input")
    parser.add_argument(
        "--lang", choices=("zh", "en"), default="zh", help="language of formulas, articles and warnings"
    )
    parser.add_argument(
        "--what-if", type=Path, metavar="CHANGE.json", help='print what {"vehicles.car.share": "0.6", …} would change'
    )


def run(args: argparse.Namespace) -> int:
    """0: worked out (perhaps with figures missing, named in it); 1: no such file or no JSON; 2: refused, each fault by its path."""
    try:
        case = _json(args.file)
        change = _json(str(args.what_if)) if args.what_if else None
    except (OSError, ValueError, RecursionError) as error:
        print(f"{args.file}: {error}", file=sys.stderr)
        return 1
    try:
        found = damages.calculate(case, args.lang) if change is None else damages.what_if(case, change, args.lang)
    except damages.Refused as refused:
        for path, said in refused.told(args.lang).items():
            print(f"{path or args.file}: {said}", file=sys.stderr)
        return 2
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0


def _json(name: str) -> Any:
    """Raises OSError and ValueError. Figures with a point stay exact."""
    data = sys.stdin.buffer.read(MOST + 1) if name == "-" else Path(name).read_bytes()
    if len(data) > MOST:
        raise ValueError(f"more than {MOST} bytes")
    return json.loads(data, parse_float=Decimal)
