"""Tables that a spreadsheet shows and never runs.

A cell that begins like a formula (= + - @, a tab, a line end, or their full-width forms) gets an apostrophe in front;
reading it back takes exactly that apostrophe away, so what comes in again is what went out.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

ROWS_MAX = 1_000_000

_formula = re.compile("'*[ \u00a0\u3000\ufeff\u200b]*[=+\\-@\t\r\n＝＋－＠﹢﹣﹦﹫−|%]")


def safe(value: object) -> str:
    """The cell for a value; numbers are written as they are, text that begins like a formula is marked."""
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(value)
    text = str(value)
    return "'" + text if _formula.match(text) else text


def original(cell: str) -> str:
    """What the cell was before `safe`."""
    return cell[1:] if cell.startswith("'") and _formula.match(cell) else cell


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The rows as lines of CSV, one string each, with the mark (BOM) in front that lets a spreadsheet read Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    out.write("\ufeff")
    for row in rows:
        writer.writerow([safe(value) for value in row])
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def read(text: str) -> Iterator[list[str]]:
    """The rows of CSV text as they were before `lines`. ValueError above a million rows; csv.Error for broken text."""
    for number, row in enumerate(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))):
        if number >= ROWS_MAX:
            raise ValueError("too many rows")
        yield [original(cell) for cell in row]
