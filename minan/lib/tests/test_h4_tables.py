"""H4: a table we hand out runs nothing in a spreadsheet, and comes in again as it went out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minan.lib import csvsafe

NASTY = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", " =1", "\u3000=1", "\ufeff=1", "'=1", "''@x",
    "=cmd|'/C calc'!A0", '=HYPERLINK("x","y")', "-2+3+cmd|' /C calc'!A0", "|calc", "%0A=1",
]  # fmt: skip


@pytest.mark.parametrize("cell", NASTY)
def test_h4_cell_like_a_formula_begins_with_an_apostrophe(cell: str) -> None:
    assert csvsafe.safe(cell) == "'" + cell
    assert csvsafe.original(csvsafe.safe(cell)) == cell


@pytest.mark.parametrize("cell", ["路灯不亮", "", "'quoted'", "13800000000", "a=b"])
def test_h4_ordinary_cell_stays_as_it_is(cell: str) -> None:
    assert csvsafe.safe(cell) == cell


def test_h4_numbers_stay_numbers() -> None:
    assert [csvsafe.safe(value) for value in (-5, 2.5, Decimal("-1.20"), None)] == ["-5", "2.5", "-1.20", ""]


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5), max_size=8))
def test_h4_every_table_comes_back_as_it_was(rows: list[list[str]]) -> None:
    written = "".join(csvsafe.lines(rows))
    assert list(csvsafe.read(written)) == [[] if row == [] else row for row in rows]


def test_h4_table_with_every_nasty_cell_comes_back() -> None:
    written = "".join(csvsafe.lines([NASTY, NASTY[::-1]]))
    assert list(csvsafe.read(written)) == [NASTY, NASTY[::-1]]
    assert written.startswith("\ufeff")
