"""A log line never tells who spoke: no query, no number, no full address, and no text of an error."""

from __future__ import annotations

import json
import logging

import pytest

from minan.lib.jsonlog import Line, clean, cut_address


def line(message: str, **more: object) -> dict[str, object]:
    record = logging.makeLogRecord({"msg": message, "name": "minan.test", "levelno": 20, "levelname": "INFO", **more})
    said: dict[str, object] = json.loads(Line().format(record))
    return said


@pytest.mark.parametrize(
    ("typed", "logged"),
    [
        ("GET /find/?q=王秀兰", "GET /find/?…"),
        ("call 13812345678 now", "call [number] now"),
        ("card 13102219900307123X", "card [number]"),
        ("mail wang@example.com", "mail [mail]"),
        ("from 203.0.113.77:", "from 203.0.113.0/24:"),
        ("from 2001:db8:12:34::1 came", "from 2001:db8:12::/48 came"),
        ("at 12:30:45 it was 131022100", "at 12:30:45 it was [number]"),
    ],
)
def test_what_could_name_a_resident_is_cut_from_a_line(typed: str, logged: str) -> None:
    assert clean(typed) == logged


def test_an_address_is_cut_to_its_network_and_other_words_stay() -> None:
    assert cut_address("198.51.100.23") == "198.51.100.0/24"
    assert cut_address("worker") == "worker"


def test_an_error_is_logged_by_its_place_never_by_its_words() -> None:
    try:
        raise ValueError("王秀兰 13812345678")
    except ValueError as error:
        said = line("failed", exc_info=(type(error), error, error.__traceback__))
    assert said["error"] == "ValueError"
    assert "王秀兰" not in json.dumps(said, ensure_ascii=False)
    assert any("test_logs_without_people" in where for where in said["where"])  # type: ignore[attr-defined]


def test_what_the_worker_adds_stands_in_the_line_but_no_request_does() -> None:
    said = line("delivery failed", tries=2, listener="sms", request=object())
    assert said["tries"] == 2
    assert said["listener"] == "sms"
    assert "request" not in said
