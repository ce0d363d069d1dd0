"""A drawn signature is a few numbers or it is refused; the picture is ours."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minan.lib import drawing

INK = "600x260;40,200 80,60 120,210 160,70;200,190 260,80 262,90"
BAD = [
    "", "600x260", "600x260;", "600x260;1", "600x260;1,2;", "600x260;1,2  3,4", "600X260;1,2",
    "-600x260;1,2", "600x260;١,٢", " 600x260;1,2",
    "600x260;1,2\n", '600x260;1,2"/><script>', "99x260;1,2 50,50 60,60 70,70 80,80 90,90", "600x9999;1,2",
]  # fmt: skip


def test_what_was_drawn_is_read_and_written_the_same() -> None:
    assert drawing.read(INK).text() == INK
    assert drawing.read("600x260;040,200 80,60 120,210 160,70;200,190 260,80 262,90").text() == INK


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(drawing.Unfit):
        drawing.read(text)


def test_a_tap_is_no_signature() -> None:
    with pytest.raises(drawing.Unfit) as refused:
        drawing.read("600x260;300,100 301,101 302,101 303,102 304,102 305,103")
    assert refused.value.small


def test_it_has_an_end() -> None:
    line = " ".join(f"{n % 600},{n % 260}" for n in range(drawing.POINTS_MOST))
    assert len(drawing.read(f"600x260;{line}").strokes[0]) == drawing.POINTS_MOST
    for text in (
        f"600x260;{line} 1,1",
        "600x260" + ";1,1 90,90" * (drawing.STROKES_MOST + 1),
        "600x260;" + "1,1 " * 5000 + "1,1",
    ):
        with pytest.raises(drawing.Unfit):
            drawing.read(text)


POINT = st.tuples(st.integers(0, 600), st.integers(0, 260))


@given(st.lists(st.lists(POINT, min_size=1, max_size=30), min_size=1, max_size=20))
def test_the_picture_holds_numbers_alone_and_all_the_ink(strokes: list[list[tuple[int, int]]]) -> None:
    text = "600x260;" + ";".join(" ".join(f"{x},{y}" for x, y in one) for one in strokes)
    points = [point for one in strokes for point in one]
    spread = max(max(p[n] for p in points) - min(p[n] for p in points) for n in (0, 1))
    assume(len(points) >= drawing.POINTS_LEAST and spread >= drawing.SPREAD)
    drawn = drawing.read(text)
    svg = drawn.svg()
    assert drawn.text() == text
    assert svg.count("<path") == len(strokes)
    left, top, wide, high = map(float, re.findall(r'viewBox="(-?\d+) (-?\d+) (\d+) (\d+)"', svg)[0])
    assert all(left < x < left + wide and top < y < top + high for one in strokes for x, y in one)
    assert re.fullmatch(r'[\w<>="/ .:;,#()-]+', svg)
