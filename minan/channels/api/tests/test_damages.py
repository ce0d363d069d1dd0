"""POST /api/v1/damages: whoever has a token may work out an accident; nothing of it is kept but the reply to its key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minan.kernel.models import Case, Event
from minan.lib.damages import calculate
from minan.lib.damages.tests.cases import accident

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["resident", "clerk", "stranger"])
def test_whoever_has_a_token_gets_the_object_of_the_contract(post: Any, who: str) -> None:
    answer = post(who, "/damages", accident())
    assert answer.status_code == 200, answer.content.decode()
    assert answer.json() == calculate(accident(), "en")
    assert post(who, "/damages", accident(), lang="zh-hans").json() == calculate(accident(), "zh")
    assert (Case.objects.count(), Event.objects.count()) == (0, 0)


def test_without_a_token_nobody_learns_anything(client: Client) -> None:
    answer = client.post(
        "/api/v1/damages", json.dumps(accident()), content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 401
    assert "payments" not in answer.json()


def test_what_is_wrong_is_said_by_its_path_in_the_caller_s_language(post: Any) -> None:
    case = accident({"medical": "x", "soup": "1"})
    answer = post("clerk", "/damages", case)
    assert answer.status_code == 422
    assert answer.json()["errors"]["victims.wang.items.soup"] == "there is no such key"
    assert post("clerk", "/damages", case, lang="zh-hans").json()["errors"]["victims.wang.items.soup"] == "没有这一项"


def test_the_same_key_gives_the_same_bytes_and_another_case_422(post: Any) -> None:
    first = post("clerk", "/damages", accident(), key="once")
    assert post("clerk", "/damages", accident(), key="once").content == first.content
    assert post("clerk", "/damages", accident({"medical": "1"}), key="once").json()["rule"] == "idempotency"


def test_a_case_that_is_too_large_or_no_object_is_refused(post: Any) -> None:
    assert post("clerk", "/damages", json.dumps(accident()) + " " * (256 * 1024)).status_code == 413
    for body in ("[1]", "{", "[" * 100_000):
        assert post("clerk", "/damages", body).status_code == 400


def test_it_is_asked_with_post_only(get: Any) -> None:
    assert get("clerk", "/damages").status_code == 405


def test_the_number_of_queries_does_not_grow_with_the_case(post: Any) -> None:
    def asked(n: int) -> int:
        case = accident()
        case["victims"] = [case["victims"][0] | {"id": f"p{i}", "driver": False} for i in range(n)]
        with CaptureQueriesContext(connection) as found:
            assert post("clerk", "/damages", case).status_code == 200
        return len(found)

    assert asked(1) == asked(100) <= 12
