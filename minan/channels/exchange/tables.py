"""Rows out of what partners send: CSV (UTF-8 or GB 18030), JSON, XLSX; every size has an end. Pure."""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from minan.kernel.procedure import Words
from minan.lib import csvsafe

Row = dict[str, str]
BYTES_MOST, ROWS_MOST, COLUMNS_MOST, CELL_MOST = 8_000_000, 5_000, 80, 20_000
SHEET_MOST = 64_000_000  # bytes of an XLSX once unpacked
SHEET_FILES = 200
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # as every spreadsheet program packs
# What zipfile raises for broken bytes: also ValueError for an offset before the file, RuntimeError for one under a password.
BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, EOFError)
SPREADSHEET = b"PK\x03\x04"
OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"


class BadFile(ValueError):
    """The file is no table; `words` say why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


def _cell(value: Any) -> str:
    """A cell as its text: 3.0 is 3 (a number kept as a number in a sheet), a date is written as one."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    text = value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)
    return text.strip()[:CELL_MOST]


def _named(head: Iterable[Any], lines: Iterable[Iterable[Any]]) -> Iterator[Row]:
    names = [_cell(name) for name in head]
    if sum(map(bool, names)) > COLUMNS_MOST:
        raise BadFile(f"列太多，最多 {COLUMNS_MOST} 列", f"too many columns, at most {COLUMNS_MOST}")
    if len(set(filter(None, names))) != len([n for n in names if n]):
        raise BadFile("表头里有两列同名", "two columns have the same name")
    for line in lines:
        cells = [_cell(value) for value in line]
        if any(cells):
            yield {name: cell for name, cell in zip(names, cells, strict=False) if name}


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("文字编码读不出来，请存成 UTF-8", "the text is neither UTF-8 nor GB 18030")


def _csv(data: bytes) -> Iterator[Row]:
    try:
        lines = csvsafe.read(_text(data))
        head = next(lines, None)
        if head is None:
            raise BadFile("文件是空的", "the file is empty")
        yield from _named(head, lines)
    except csv.Error as error:
        raise BadFile(f"表格读不出来：{error}", f"the table cannot be read: {error}") from None


def _json(data: bytes) -> Iterator[Row]:
    try:
        said = json.loads(_text(data))
    except (ValueError, RecursionError):
        raise BadFile("JSON 读不出来", "the JSON cannot be read") from None
    yield from items(said)


def items(said: Any) -> Iterator[Row]:
    """The rows of a JSON value: one object, a list of them, or {"items": […]}. Raises BadFile."""
    rows = said.get("items", [said]) if isinstance(said, dict) else said
    if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
        raise BadFile(
            'JSON 要是一条、一组，或者 {"items": […]}', 'JSON must be an object, a list of them, or {"items": […]}'
        )
    for row in rows:
        if len(row) > COLUMNS_MOST:
            raise BadFile(f"列太多，最多 {COLUMNS_MOST} 列", f"too many columns, at most {COLUMNS_MOST}")
        yield {str(name): _cell(value) for name, value in row.items() if not isinstance(value, list | dict)}


def _weighed(data: bytes) -> None:
    """A sheet that would unpack without end is not opened at all; what it says of its sizes is held against what is in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            if len(parts) > SHEET_FILES or sum(part.file_size for part in parts) > SHEET_MOST:
                raise BadFile("表格展开后太大", "the sheet is too large when unpacked")
            if any(part.compress_type not in PACKED for part in parts) or packed.testzip() is not None:
                raise BadFile("表格文件坏了", "the sheet is broken")
    except BadFile:
        raise
    except BROKEN:
        raise BadFile("表格文件坏了", "the sheet is broken") from None


def _xlsx(data: bytes) -> Iterator[Row]:
    from openpyxl import load_workbook  # 175 modules that a process needs only when somebody brings a spreadsheet

    _weighed(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = sheet.iter_rows(max_row=ROWS_MOST * 2, max_col=COLUMNS_MOST + 1, values_only=True)
        rows = list(_named(next(lines, ()), lines))
    except BadFile:
        raise
    except Exception:  # the reader of sheets raises whatever a broken one makes it stumble over
        raise BadFile("表格读不出来，请另存为 xlsx 再传", "the sheet cannot be read; save it anew as xlsx") from None
    yield from rows


def rows_of(data: bytes, name: str = "") -> list[Row]:
    """The rows by column name; what it is is read from the bytes, not from the name. Raises BadFile."""
    if len(data) > BYTES_MOST:
        raise BadFile(
            f"文件太大，最多 {BYTES_MOST // 1_000_000} MB", f"too large, at most {BYTES_MOST // 1_000_000} MB"
        )
    if data.startswith(OLD_SPREADSHEET):
        raise BadFile("这是旧格式的表格，请另存为 xlsx 再传", "an old spreadsheet; save it as xlsx")
    if data.startswith(SPREADSHEET):
        found = _xlsx(data)
    else:
        found = _json(data) if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{") else _csv(data)
    rows = []
    for row in found:
        if len(rows) >= ROWS_MOST:
            raise BadFile(f"一次最多 {ROWS_MOST} 行，请分开传", f"at most {ROWS_MOST} rows at a time")
        rows.append(row)
    if not rows:
        raise BadFile("文件里没有一行", "there is no row in the file")
    return rows
