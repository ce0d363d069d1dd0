"""Everything that is kept, row by row and file by file, to look for what must not be there."""

from __future__ import annotations

import io
import logging
import pathlib
import shutil
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import connection

from minan.kernel import dumps
from minan.kernel.models import Session
from minan.lib import jsonlog

Row = dict[str, Any]


def begin() -> None:
    """Take away the pictures that other tests of this process left behind: their rows are gone."""
    shutil.rmtree(pathlib.Path(settings.DATA) / "attachments", ignore_errors=True)


def tables() -> list[str]:
    """Every table there is, those of the index and of the database's own too."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return sorted(str(name) for (name,) in cursor.fetchall())


def rows(table: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def raw(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return str(value).encode()


def in_tables(needles: Iterable[str]) -> list[str]:
    """ "table.column: needle" for each find."""
    wanted = [(needle, needle.encode()) for needle in needles]
    out: dict[str, None] = {}
    for table in tables():
        for row in rows(table):
            for name, value in row.items():
                data = raw(value)
                out |= {f"{table}.{name}: {needle}": None for needle, sought in wanted if sought in data}
    return list(out)


def in_sessions(needles: Iterable[str]) -> list[str]:
    """What browsers' sessions hold, unpacked."""
    salt = "django.contrib.sessions.SessionStore"
    held = [str(signing.loads(row.session_data, salt=salt, serializer=_Plain)) for row in Session.objects.all()]
    return [f"session: {needle}" for needle in needles if any(needle in text for text in held)]


class _Plain:
    def loads(self, data: bytes) -> str:
        return data.decode()


def _unpacked(path: pathlib.Path) -> bytes:
    """A file as it lies; PostgreSQL's own packed dump as the text it stands for."""
    if path.suffix == ".pgdump":
        return subprocess.run(
            [dumps.program("pg_restore"), "-f", "-", str(path)], check=True, capture_output=True
        ).stdout
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        return zlib.decompress(data, 31)
    return data


def in_files(needles: Iterable[str], *folders: pathlib.Path) -> list[str]:
    """ "path: needle" for every file under the folders, hidden ones too; the database's own file, its log and its index."""
    wanted = [(needle, needle.encode()) for needle in needles]
    out = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_socket():
                data = str(path).encode() + _unpacked(path)
                out += [f"{path.relative_to(folder)}: {needle}" for needle, sought in wanted if sought in data]
    return out


def in_caches(needles: Iterable[str]) -> list[str]:
    held = b"".join(raw(value) for value in getattr(cache, "_cache", {}).values())
    return [f"cache: {needle}" for needle in needles if needle.encode() in held]


class Log(logging.StreamHandler[io.StringIO]):
    """What the house's log says from now on, in its own form, everything from DEBUG up."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.setFormatter(jsonlog.Line())
        self.setLevel(logging.DEBUG)

    def __enter__(self) -> Log:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)

    @property
    def text(self) -> str:
        return self.stream.getvalue()


def models_of_cases() -> Iterator[Any]:
    """Every table whose rows belong to one case."""
    for model in apps.get_models():
        if any(field.name == "case_id" for field in model._meta.concrete_fields):
            yield model
