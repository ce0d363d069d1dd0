"""The page of the house's limits tells what the program does: every number comes from where it is used."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from minan.kernel import common, glass, house, house_limits, judged, retention


def values() -> str:
    return " | ".join(f"{row.what.zh} {row.value.zh}" for row in house_limits.rows())


def test_no_number_of_the_page_is_typed_a_second_time() -> None:
    source = Path(house_limits.__file__).read_text("utf-8")
    said = re.findall(r"W\([^)]*?(\d{2,})[^)]*?\)", source)
    laws = {"19", "47", "22239", "2019"}
    assert set(said) <= laws, said


@pytest.mark.parametrize(
    ("where", "name", "value", "told"),
    [
        (common, "VALID", timedelta(hours=31), "31 小时"), (common, "DEFER_DAYS", 77, "77 天"), (glass, "STRIKES", 8, "8 次"),
        (glass, "OPEN_FOR", timedelta(hours=5), "5 小时"), (judged, "TOGETHER", 33, "33 件"), (house, "STAND_IN_DAYS", 19, "19 天"),
        (retention, "MESSAGE_DAYS", 401, "401 天"),
    ],
)  # fmt: skip
def test_who_changes_the_program_changes_the_page(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, value: Any, told: str
) -> None:
    assert told not in values()
    monkeypatch.setattr(where, name, value)
    assert told in values()


@pytest.mark.django_db
def test_everybody_reads_the_limits_in_both_languages(people: dict[str, Any]) -> None:
    client = Client()
    assert "规矩与限度" in client.get("/house/limits/").content.decode()
    client.cookies["django_language"] = "en"
    page = client.get("/house/limits/").content.decode()
    assert "a person and day" in page
    assert not re.search(
        r"[\u4e00-\u9fff]", "".join(row.what.en + row.value.en + row.by.en for row in house_limits.rows())
    )
