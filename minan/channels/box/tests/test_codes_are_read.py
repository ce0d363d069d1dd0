"""Moonshot 10: of 100 spoilt photographs of slips at least 99 are read, and never a wrong number."""

from __future__ import annotations

import io
import random
import time

import pytest
from PIL import Image

from minan.channels.box import marks
from minan.channels.box.tests import made_slips
from minan.kernel import pictures
from minan.lib import codes

SLIPS, LEAST = 100, 0.99


def rate(begin: int, count: int = SLIPS) -> tuple[int, int, list[float]]:
    """(read, wrong, seconds each) of `count` slips, each photographed once, with seeds from `begin` on."""
    read, wrong, seconds = 0, 0, []
    for seed in range(begin, begin + count):
        code = codes.new("GA")
        photo = made_slips.photographed(code, seed)
        start = time.perf_counter()
        found = pictures.read(photo)
        seconds.append(time.perf_counter() - start)
        assert (found.width, found.mime) == (made_slips.WIDTH, "image/jpeg")
        known = [marks.read(symbol) for symbol in found.symbols]
        read += code in known
        wrong += sum(one not in (code, None) for one in known)
    return read, wrong, seconds


@pytest.mark.bar("M10")
def test_of_a_hundred_spoilt_photographs_ninety_nine_are_read_and_none_wrongly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Tilt to 25°, perspective, blur σ to 2, JPEG to 30, half in the shade, crease and handwriting over the symbols, 1,000 px."""
    read, wrong, seconds = rate(0)
    seconds.sort()
    with capsys.disabled():
        print(
            f"\nslips read: {read}/{SLIPS}, wrong: {wrong}, {seconds[len(seconds) // 2] * 1000:.0f} ms a photo (median)"
        )
    assert read >= LEAST * SLIPS
    assert wrong == 0


@pytest.mark.deep
@pytest.mark.bar("M10")
@pytest.mark.parametrize("begin", range(1000, 6000, 1000))
def test_the_same_holds_for_other_hundreds(begin: int) -> None:
    read, wrong, _ = rate(begin)
    assert read >= LEAST * SLIPS
    assert wrong == 0


def test_several_slips_on_one_photograph_are_all_read() -> None:
    mine = [codes.new("GA") for _ in range(4)]
    table = Image.new("RGB", (2200, 2000), (90, 80, 70))
    for n, code in enumerate(mine):
        slip = (
            made_slips.paper(code)
            .resize((1000, 908))
            .rotate(random.Random(n).uniform(-6, 6), expand=True, fillcolor=(90, 80, 70))
        )
        table.paste(slip, ((n % 2) * 1090 + 5, (n // 2) * 990 + 5))
    out = io.BytesIO()
    table.save(out, "JPEG", quality=70)
    found = {marks.read(symbol) for symbol in pictures.read(out.getvalue()).symbols}
    assert found == set(mine)


def test_the_code_with_the_secret_on_a_stub_never_leaves_the_decoders_room() -> None:
    """Somebody put the stub into the box as well: its symbol is a link with the codeword behind #."""
    code = codes.new("GA")
    sheet = made_slips.paper(code)
    sheet.paste(made_slips.symbol(f"https://minan.example/m/{code}/#000102030405060708090011", 400), (500, 500))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    assert pictures.read(out.getvalue()).symbols == (marks.mark(code),)


def test_an_ordinary_photograph_is_not_searched_for_symbols() -> None:
    out = io.BytesIO()
    made_slips.paper(codes.new("GA")).save(out, "PNG")
    assert pictures.clean(out.getvalue()).symbols == ()


def test_what_is_no_slips_symbol_or_fails_its_check_is_no_number() -> None:
    code = codes.new("GA")
    wrong = code[:5] + ("0" if code[5] != "0" else "1") + code[6:]
    assert marks.read(marks.mark(code)) == code
    assert [marks.read(text) for text in (code, marks.mark(wrong), "SLIP", "", "TICKET" + code)] == [None] * 5
