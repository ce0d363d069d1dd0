"""Addresses of static files that change with their content, so that no browser shows yesterday's page."""

from __future__ import annotations

import functools
import hashlib
import pathlib

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


@functools.lru_cache(maxsize=2_000)
def _mark(name: str) -> str:
    found = finders.find(name)
    return hashlib.sha256(pathlib.Path(found).read_bytes()).hexdigest()[:10] if isinstance(found, str) else ""


class Statics(StaticFilesStorage):
    """`/static/x.css?v=<first of its SHA-256>`; files are read where they lie, nothing is collected."""

    def url(self, name: str | None) -> str:
        address = super().url(name)
        if settings.DEBUG or not name:
            return address
        mark = _mark(name)
        return f"{address}?v={mark}" if mark else address
