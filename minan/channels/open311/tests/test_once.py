"""R6 for Open311: a city app that sends the same form again and again has said one matter."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from minan.kernel.models import Case

pytestmark = [pytest.mark.bar("R6")]
FORM = {"service_code": "lamp.out", "address_id": "131022100010", "description": "路灯不亮"}


@pytest.mark.django_db(transaction=True)
def test_r6_fifty_equal_forms_at_once_are_one_matter_with_one_secret(city: None) -> None:
    begin = threading.Barrier(50)

    def send(n: int) -> tuple[int, bytes]:
        try:
            client = Client()
            begin.wait(60)
            answer = client.post("/open311/v2/requests.json", FORM, headers={"Idempotency-Key": "phone-1"})
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        heard = list(pool.map(send, range(50)))
    assert {status for status, _ in heard} == {200}
    assert len({body for _, body in heard}) == 1
    assert Case.objects.count() == 1


@pytest.mark.django_db
def test_r6_another_form_under_the_key_is_422_in_the_standards_form(say: Any, city: None) -> None:
    assert say(key="k").status_code == 200
    other = say(key="k", description="another")
    assert (other.status_code, other.json()[0]["code"]) == (422, 422)
    assert Case.objects.count() == 1


@pytest.mark.django_db
def test_r6_two_strangers_who_choose_the_same_short_key_do_not_hear_each_other(client: Client, city: None) -> None:
    heard = [
        client.post(
            "/open311/v2/requests.json", FORM, headers={"Idempotency-Key": "1"}, REMOTE_ADDR=f"203.0.113.{n}"
        ).json()[0]
        for n in (1, 2)
    ]
    assert heard[0]["service_request_id"] != heard[1]["service_request_id"]
    assert heard[0]["extended_attributes"]["secret"] != heard[1]["extended_attributes"]["secret"]


@pytest.mark.django_db
def test_r6_a_throttled_try_is_not_kept_as_the_answer(say: Any, city: None, settings: Any) -> None:
    settings.OPEN311_PER_MINUTE = 1
    assert say(key="first").status_code == 200
    assert say(key="second").status_code == 429
    settings.OPEN311_PER_MINUTE = 60
    from minan.lib import throttle

    throttle.forget()
    assert say(key="second").status_code == 200
