"""The measure of this machine: a bare Django with one view that inserts one row, on the same database, in the same run.

`python -m bench.bare PORT` serves it on the DATABASE_URL or DATA of the environment by two granian processes (one on SQLite).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

TABLE = "bench_bare"


def configure() -> None:
    from minan.lib.database_url import parse

    url = os.environ.get("DATABASE_URL", "")
    if url:
        database = {**parse(url), "ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None}
    else:
        pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL"
        database = {
            "ENGINE": "django.db.backends.sqlite3", "NAME": Path(os.environ["DATA"]) / "bare.sqlite3", "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas},
        }  # fmt: skip
    settings.configure(
        DATABASES={"default": database}, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["localhost"], SECRET_KEY="bare", USE_TZ=True,
        MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.security.SecurityMiddleware"], LOGGING_CONFIG=None,
    )  # fmt: skip
    django.setup()


def insert(request: HttpRequest) -> HttpResponse:
    """One form in, one row written and committed, one small JSON out."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (words, place) VALUES (%s, %s)",
            [request.POST["description"], request.POST["address_id"]],
        )
    return HttpResponse(json.dumps({"ok": True}), content_type="application/json")


urlpatterns = [path("insert", insert)]


def make_table() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        key = "bigserial" if connection.vendor == "postgresql" else "integer"
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {TABLE} (id {key} PRIMARY KEY, words text NOT NULL, place varchar(15) NOT NULL)"
        )
    connection.close()


def main() -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    configure()
    make_table()
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    server = Granian(
        "bench.bare", address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.WSGI, workers=2 if os.environ.get("DATABASE_URL") else 1,
        blocking_threads=4, log_level=LogLevels.warning, websockets=False,
    )  # fmt: skip
    server.serve(target_loader=lambda: application, wrap_loader=False)


if __name__ == "__main__":
    sys.modules["bench.bare"] = sys.modules["__main__"]
    main()
