"""The six people with a bearer token each, and one of them saying or doing something over the API."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from minan.lib import throttle

Call = Callable[..., Any]
LAMP = {"procedure": "matter", "place": "131022100010", "facts": {"text": "朝阳社区门口的路灯不亮", "kind": "lamp.out"}}


@pytest.fixture(autouse=True)
def unhurried() -> Iterator[None]:
    """What one test tried does not slow down the next."""
    throttle.forget()
    yield
    throttle.forget()


@pytest.fixture
def tokens(people: dict[str, Any]) -> dict[str, str]:
    from minan.kernel.commands.token import issue  # the settings are not there yet when this file is read

    return {name: issue(user) for name, user in people.items() if name in NAMES}


NAMES = ("resident", "worker", "clerk", "handler", "supervisor", "stranger", "admin")


@pytest.fixture
def get(client: Any, tokens: dict[str, str]) -> Call:
    def ask(who: str, path: str, lang: str = "en", **query: str) -> Any:
        return client.get(
            f"/api/v1{path}", query, headers={"Authorization": f"Bearer {tokens[who]}", "Accept-Language": lang}
        )

    return ask


@pytest.fixture
def post(client: Any, tokens: dict[str, str]) -> Call:
    keys = itertools.count()

    def send(who: str, path: str, body: Any, key: str = "", lang: str = "en") -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        headers = {
            "Authorization": f"Bearer {tokens[who]}",
            "Idempotency-Key": key or f"k{next(keys)}",
            "Accept-Language": lang,
        }
        return client.post(f"/api/v1{path}", text, content_type="application/json", headers=headers)

    return send


@pytest.fixture
def lamp(post: Call) -> str:
    """The code of a lamp the resident says is out, with their account."""
    answer = post("resident", "/cases", LAMP)
    assert answer.status_code == 201, answer.content.decode()
    return str(answer.json()["case"]["code"])
