"""H1: whatever a program sends as any of the people, nothing breaks, and every answer is as the OpenAPI says."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.urls import get_resolver
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from minan.channels.api import openapi
from minan.channels.api.tests.conftest import LAMP, NAMES
from minan.kernel import directory, registry
from minan.lib import throttle

pytestmark = [pytest.mark.bar("H1"), pytest.mark.django_db]
EXAMPLES = (
    1_400 if os.environ.get("MINAN_DEEP") else 25
)  # of each of the eight calls (twice as many of a POST), for each of the people
SLOWEST = 2.0  # seconds
# Left out: a positive schema cannot say every rule of the door, so 422 stands beside 200.
LEFT_OUT = {"positive_data_acceptance"}
CHECKS = [check for check in schemathesis.checks.CHECKS.get_all() if check.__name__ not in LEFT_OUT]


@pytest.fixture
def lamps(post: Any) -> Iterator[list[str]]:
    """Four matters; from here on the test's own transaction stays open from request to request."""
    codes = [post(said, "/cases", LAMP).json()["case"]["code"] for said in ("resident", "clerk", "resident", "worker")]
    for signal in (request_started, request_finished):  # Django's own test client connects them anew
        signal.disconnect(close_old_connections)
    yield codes
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def addresses() -> set[str]:
    """Every address of the API in the URLconf, as OpenAPI writes it; without the one that catches what is none."""
    found = set()
    for resolver in get_resolver().url_patterns:
        if str(resolver.pattern) == "api/v1/":
            found = {"/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(p.pattern)) for p in resolver.url_patterns}
    return found - {"/{rest}"}


def test_h1_every_endpoint_of_the_api_stands_in_the_openapi_and_no_other() -> None:
    assert addresses() == set(openapi.document()["paths"])
    assert len(addresses()) == 7


def test_h1_every_step_of_every_procedure_stands_in_it() -> None:
    document = openapi.document()
    (step,) = [p for p in document["paths"]["/cases/{code}/steps/{step}"]["post"]["parameters"] if p["name"] == "step"]
    assert {"accept", "assign", "answer", "rate", "supervise"} <= set(step["schema"]["enum"])


EARLY = [
    "note",
    "accept",
    "note",
    "add",
    "urge",
    "ask_more",
    "progress",
    "withdraw",
    "supervise",
]  # possible soon after it was said
LIKELY = {
    "kind": ["lamp.out", "road.hole", "safety.theft"],
    "place": ["131022100010", "131022100000", "131023000000"],
    "unit": ["131022-lighting", "131022100-station", "131022-centre"],
    "phone": ["13812345678"],
    "into": ["0" * 15],
}


def _likely(case: Any, draw: Any, lamps: list[str]) -> None:
    """Mostly put what the city knows where the schema can only say "a string", and what the step asks, no more."""
    path = case.path_parameters or {}
    if "code" in path and draw(st.integers(0, 3)):
        path["code"] = draw(st.sampled_from(lamps))
    if "step" in path and draw(st.integers(0, 3)):
        path["step"] = draw(st.sampled_from(EARLY))
    if case.method != "POST" or case.operation.path == "/damages" or not draw(st.integers(0, 3)):
        return
    (matter,) = [p for p in registry.procedures().values() if p.name == "matter"]
    facts = {}
    for spec in (matter.step(str(path.get("step", ""))) or matter.opening).fields:
        known = LIKELY.get(spec.name) or [g.code for g in directory.city().grounds.values() if g.list == spec.source]
        plain = (
            [True]
            if spec.type == "yesno"
            else ["2026-12-15"]
            if spec.type == "date"
            else [v for v, _ in spec.options] or ["路灯不亮"]
        )
        named = spec.type in ("unit", "units", "staff", "case") and not known  # no word of ours is one of the city's names
        if spec.required or (not named and spec.type not in ("photos", "answers", "number") and draw(st.booleans())):
            facts[spec.name] = draw(st.sampled_from(known or plain))
    case.body = {"facts": facts} if "step" in path else {"procedure": "matter", "facts": facts}
    case.media_type, case.headers["Idempotency-Key"] = "application/json", uuid.uuid4().hex


@pytest.mark.slow
@pytest.mark.parametrize("who", ["", *NAMES])
def test_h1_as_each_of_the_people_nothing_breaks(
    who: str, tokens: dict[str, str], lamps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "allow", lambda *a: True)
    monkeypatch.setattr(throttle, "wait_seconds", lambda *a: 0)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    head = {"Authorization": f"Bearer {tokens[who]}"} if who else {}
    heard: Counter[tuple[str, int]] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        fit, unfit = (
            operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        )

        @given(case=st.one_of(fit, fit, unfit), data=st.data())
        @settings(
            max_examples=EXAMPLES * (2 if operation.method == "post" else 1),
            deadline=None,
            phases=[Phase.generate],
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        def run(case: Any, data: Any) -> None:
            if case.meta.generation.mode == GenerationMode.POSITIVE:
                _likely(case, data.draw, lamps)
            begun = time.perf_counter()
            answer = case.call(headers=head)
            assert time.perf_counter() - begun < SLOWEST
            assert answer.status_code < 500, (case.as_curl_command(), answer.text)
            case.validate_response(answer, checks=CHECKS, headers=head)
            heard[(case.operation.label, answer.status_code)] += 1

        run()
    assert sum(heard.values()) >= EXAMPLES * 5
    if who in ("resident", "clerk"):  # they come through the door, not only up to it
        assert heard[("POST /cases", 201)]
        assert who == "resident" or heard[("POST /cases/{code}/steps/{step}", 200)]
