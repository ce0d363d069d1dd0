"""R6 over the wire: the same POST fifty times at once is one matter and one answer; so is a step."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from minan.channels.api.tests.conftest import LAMP
from minan.kernel.models import Case, Event, Reply

pytestmark = [pytest.mark.bar("R6")]
AT_ONCE = 50


def fifty(path: str, body: Any, token: str, key: str) -> list[tuple[int, bytes]]:
    """The same POST from fifty clients that start together."""
    begin = threading.Barrier(AT_ONCE)

    def send(n: int) -> tuple[int, bytes]:
        try:
            client = Client()
            begin.wait(60)
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
            answer = client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, range(AT_ONCE)))


@pytest.mark.django_db(transaction=True)
def test_r6_fifty_equal_posts_at_once_are_one_matter_and_fifty_equal_answers(tokens: dict[str, str]) -> None:
    heard = fifty("/cases", LAMP, tokens["clerk"], "fifty")
    assert {status for status, _ in heard} == {201}
    assert len({body for _, body in heard}) == 1
    assert Case.objects.count() == 1
    moved = fifty(f"/cases/{Case.objects.get().code}/steps/accept", {}, tokens["clerk"], "fifty-steps")
    assert {status for status, _ in moved} == {200}
    assert len({body for _, body in moved}) == 1
    assert Event.objects.filter(step="accept").count() == 1


@pytest.mark.django_db
def test_r6_the_same_key_with_another_body_is_422_and_names_the_rule(post: Any) -> None:
    assert post("clerk", "/cases", LAMP, key="k").status_code == 201
    other = post("clerk", "/cases", LAMP | {"place": "131022100011"}, key="k")
    assert (other.status_code, other.json()["rule"]) == (422, "idempotency")
    assert Case.objects.count() == 1


@pytest.mark.django_db
def test_r6_an_answer_lost_after_the_commit_is_given_again_with_the_same_secret(post: Any) -> None:
    first = post("clerk", "/cases", LAMP, key="lost")
    Reply.objects.all().delete()
    again = post("clerk", "/cases", LAMP, key="lost")
    assert again.json()["case"]["code"] == first.json()["case"]["code"]
    assert again.json()["secret"] == first.json()["secret"]
    assert Case.objects.count() == 1


@pytest.mark.django_db
def test_r6_a_post_without_a_key_is_refused(client: Client, tokens: dict[str, str]) -> None:
    for key in ("", "x" * 201):
        headers = {"Authorization": f"Bearer {tokens['clerk']}"} | ({"Idempotency-Key": key} if key else {})
        answer = client.post("/api/v1/cases", json.dumps(LAMP), content_type="application/json", headers=headers)
        assert answer.status_code == 400
    assert Case.objects.count() == 0


@pytest.mark.django_db
def test_r6_a_stranger_who_learned_the_key_hears_nothing_of_it(post: Any) -> None:
    first = post("clerk", "/cases", LAMP, key="learned")
    other = post("stranger", "/cases", LAMP, key="learned")
    assert other.json()["case"]["code"] != first.json()["case"]["code"]
