"""What a partner's file may be: CSV as spreadsheets write it, JSON, xlsx; what it may not be; every fault of partners.toml."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from minan.channels.exchange import known, tables
from minan.channels.exchange.partners import Known, PartnersError, read
from minan.channels.exchange.tables import BadFile, rows_of
from minan.channels.exchange.tests.partner import DEFAULTS, TOML, as_csv, as_json, row

CITY = Path(__file__).resolve().parents[4] / "city"
KNOWN = Known(
    frozenset({"lamp.out", "order.build"}), frozenset({"131000000000"}), {"matter": frozenset({"solved", "explained"})}
)


def sheet(*lines: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_csv_in_either_encoding(encoding: str) -> None:
    assert rows_of(as_csv([row(1), row(2)], encoding)) == [row(1), row(2)]


def test_json_in_any_of_its_three_shapes() -> None:
    assert rows_of(as_json([row(1)])) == [row(1)]
    assert rows_of(b'[{"a": 1, "b": null, "c": true, "d": [1]}]') == [{"a": "1", "b": "", "c": "是"}]
    assert rows_of(b'\xef\xbb\xbf{"a": "x"}') == [{"a": "x"}]


def test_a_sheet_with_numbers_dates_and_empty_lines() -> None:
    made = sheet(
        ["工单编号", "联系电话", "办理时限", None],
        [20260001, 13812345678.0, datetime(2026, 12, 4, 17, 30), "x"],
        [None, None, None, None],
    )
    assert rows_of(made) == [{"工单编号": "20260001", "联系电话": "13812345678", "办理时限": "2026-12-04 17:30:00"}]


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_sheet_damaged_anywhere_is_a_bad_file_and_nothing_worse(packing: int) -> None:
    out, chance, refused = io.BytesIO(), random.Random(packing), 0
    with zipfile.ZipFile(io.BytesIO(sheet(["a"], *([str(n)] for n in range(30))))) as good, zipfile.ZipFile(out, "w", packing) as made:
        for name in good.namelist():
            made.writestr(name, good.read(name))
    for _ in range(400):
        damaged = bytearray(out.getvalue())
        for _ in range(chance.choice((1, 2, 8))):
            damaged[chance.randrange(4, len(damaged))] = chance.randrange(256)
        try:
            rows_of(bytes(damaged))
        except tables.BadFile:
            refused += 1
    assert refused > 300


def bomb(declared: int | None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (tables.SHEET_MOST + 1))
    data = out.getvalue()
    if declared is not None:
        size = (tables.SHEET_MOST + 1).to_bytes(4, "little")
        data = data.replace(size, declared.to_bytes(4, "little"))
    return data


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>"""


def evil_sheet() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet(["a"], ["1"]))) as good, zipfile.ZipFile(out, "w") as bad:
        for part in good.infolist():
            bad.writestr(part, ENTITIES if part.filename.endswith("sheet1.xml") else good.read(part))
    return out.getvalue()


def far_sheet() -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active["A1"] = "a"
    book.active["XFD1048576"] = "x"
    book.save(out)
    return out.getvalue()


BAD = {
    "empty": b"",
    "only a head": b"a,b\n",
    "twice the same column": b"a,a\n1,2\n",
    "old sheet": b"\xd0\xcf\x11\xe0",
    "no zip": b"PK\x03\x04",
    "a bomb": bomb(None),
    "a bomb that lies": bomb(1000),
    "entities": evil_sheet(),
    "far away": far_sheet(),
    "bytes": b"\x81\xff\xff\xfe\x80",
    "too many columns": ",".join(map(str, range(90))).encode() + b"\n1\n",
    "too large": b"a\n" + b"x" * tables.BYTES_MOST,
    "too many rows": b"a\n" + b"1\n" * (tables.ROWS_MOST + 1),
    "broken json": b"{",
    "json of nothing": b"[]",
    "json list of lists": b"[[1]]",
    "deep json": b"[" * 100_000,
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_is_no_table_says_so_in_both_languages(name: str) -> None:
    with pytest.raises(BadFile) as caught:
        rows_of(BAD[name])
    assert caught.value.words.zh
    assert caught.value.words.en


# ---- partners.toml


def partners(tmp_path: Path, **more: str) -> object:
    text = TOML.format(**DEFAULTS | {k: v for k, v in more.items() if k in DEFAULTS})
    for old, new in (pair.split("→") for name, pair in more.items() if name not in DEFAULTS):
        assert old in text, old
        text = text.replace(old, new)
    (tmp_path / "partners.toml").write_text(text, "utf-8")
    return read(tmp_path / "partners.toml", KNOWN)


WRONG = {
    "code": ({"code": "At"}, "small letters"),
    "reserved": ({"code": "at"}, "small letters"),
    "way out": ({"out": "fax"}, "out: no way"),
    "call as csv": ({"out": "call"}, "a call is always json"),
    "plain http": ({"out": "call", "format": "json", "url": "http://x.example/"}, "https"),
    "user in the address": ({"out": "call", "format": "json", "url": "https://a:b@x.example/"}, "user"),
    "kind": ({"x": '= "lamp.out"→= "lamp.off"'}, "no kind 'lamp.off'"),
    "field": ({"x": "number =→nomber ="}, "no such field"),
    "no number": ({"x": "number =→nomber ="}, "fields.number is missing"),
    "twice": ({"x": '= "标题"→= "诉求内容"'}, "mapped twice"),
    "count": ({"count": "5 days"}, "deadline.count"),
    "place": ({"x": "131000000000→110000000000"}, "no place"),
    "outcome": ({"x": 'other = "其他"→foo = "其他"'}, "outcomes.withdrawn: its word is missing"),
    "value": ({"x": 'value = "unit"→value = "phone"'}, "no value 'phone'"),
    "a name goes back": ({"x": "echo:受理时间→echo:诉求人"}, "may go back"),
    "no words": ({"x": 'value = "words"→value = "round"'}, "no column carries words"),
    "mail": ({"maildir": ""}, "mail: folder"),
    "xml column": ({"format": "xml", "x": 'column = "unit"→column = "1 unit"'}, "cannot be a column"),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_every_fault_of_a_mapping_is_said_at_load(tmp_path: Path, name: str) -> None:
    more, words = WRONG[name]
    with pytest.raises(PartnersError) as caught:
        partners(tmp_path, **more)
    assert words in str(caught.value)
    assert "partner 1" in str(caught.value)


def test_a_word_for_what_was_joined_may_be_given_and_need_not(tmp_path: Path) -> None:
    with_it = partners(tmp_path, x='other = "其他"→other = "其他"\nmerged = "并案办理"')
    assert next(iter(with_it.values())).outcomes["merged"] == "并案办理"
    assert "merged" not in next(iter(partners(tmp_path).values())).outcomes


def test_a_sound_one_loads_and_no_file_means_no_partner(tmp_path: Path) -> None:
    assert partners(tmp_path)
    assert read(tmp_path / "none.toml", KNOWN) == {}


@pytest.mark.parametrize(
    "text",
    ["partner = 7", "[[partner]]\ncode = 5\nfields = 3", "[[partner", "[[partner]]\n[partner.call]\ntimeout = 'x'"],
)
def test_a_file_that_is_no_list_of_partners_is_said_so_and_breaks_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "partners.toml").write_text(text, "utf-8")
    with pytest.raises(PartnersError):
        read(tmp_path / "partners.toml", KNOWN)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in CITY.glob("*/partners.toml")), ids=lambda path: path.name
)
def test_the_partners_of_every_city_here_are_sound(city: None, folder: Path) -> None:
    found = read(folder / "partners.toml", known.known())
    assert len(found) == 4
    assert {one.format for one in found.values()} == {"json", "csv", "xml"}
