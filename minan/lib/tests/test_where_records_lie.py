"""DATABASE_URL and the folders of a city: read exactly, made once, closed to others."""

from __future__ import annotations

import pathlib

import pytest

from minan.lib import folders
from minan.lib.database_url import parse


def test_a_whole_address_of_postgresql_is_read() -> None:
    read = parse("postgresql://mi%40nan:p%2Fw@db.example:5433/city?sslmode=require")
    assert read == {
        "NAME": "city", "USER": "mi@nan", "PASSWORD": "p/w", "HOST": "db.example", "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }  # fmt: skip


def test_a_socket_is_given_as_a_folder() -> None:
    assert parse("postgresql:///city?user=minan&host=/run/pg") == {
        "NAME": "city", "USER": "minan", "PASSWORD": "", "HOST": "/run/pg", "PORT": "", "OPTIONS": {},
    }  # fmt: skip


@pytest.mark.parametrize("url", ["mysql://a/b", "postgresql://host/", "city.sqlite3"])
def test_another_database_or_a_missing_name_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL must be"):
        parse(url)


def test_keys_lie_beside_the_data_closed_to_others_and_the_secret_is_made_once(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA", str(tmp_path / "city"))
    monkeypatch.delenv("KEYS", raising=False)
    folders.prepare()
    keys = tmp_path / "city-keys"
    assert folders.keys_folder() == keys
    assert keys.stat().st_mode & 0o777 == 0o700
    secret = keys / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    before = secret.read_text()
    folders.prepare()
    assert secret.read_text() == before
    assert len(before) >= 50
    assert list(keys.iterdir()) == [secret]
