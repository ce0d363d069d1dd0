"""A client that speaks GeoReport v2 for whoever is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from minan.lib import throttle

Say = Callable[..., Any]


@pytest.fixture(autouse=True)
def unhurried() -> Iterator[None]:
    """What one test tried does not slow down the next."""
    throttle.forget()
    yield
    throttle.forget()


@pytest.fixture
def tokens(people: dict[str, Any]) -> dict[str, str]:
    from minan.kernel.commands.token import issue  # the settings are not there yet when this file is read

    return {name: issue(user) for name, user in people.items()}


@pytest.fixture
def say(client: Any) -> Say:
    """Send a request as a city app does: a form, no login."""

    def send(form: str = "json", key: str = "", **fields: Any) -> Any:
        told = {
            "service_code": "lamp.out",
            "address_id": "131022100010",
            "description": "朝阳社区门口的路灯不亮",
        } | fields
        headers = {"Idempotency-Key": key} if key else {}
        return client.post(
            f"/open311/v2/requests.{form}", {k: v for k, v in told.items() if v is not None}, headers=headers
        )

    return send
