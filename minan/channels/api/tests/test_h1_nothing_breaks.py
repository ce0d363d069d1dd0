"""H1: whatever a program sends as any of the people, nothing breaks, and every answer is as the OpenAPI says."""

from __future__ import annotations

import os
import re
import time
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup

from minan.channels.api import openapi
from minan.channels.api.tests.conftest import LAMP, NAMES
from minan.kernel import directory
from minan.lib import throttle

pytestmark = [pytest.mark.bar("H1"), pytest.mark.django_db]
EXAMPLES = 1_400 if os.environ.get("MINAN_DEEP") else 40  # of each of the seven calls, for each of the people
SLOWEST = 2.0  # seconds


def addresses() -> set[str]:
    """Every address of the API in the URLconf, as OpenAPI writes it; without the one that catches what is none."""
    found = set()
    for resolver in get_resolver().url_patterns:
        if str(resolver.pattern) == "api/v1/":
            found = {"/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(p.pattern)) for p in resolver.url_patterns}
    return found - {"/{rest}"}


def test_h1_every_endpoint_of_the_api_stands_in_the_openapi_and_no_other() -> None:
    assert addresses() == set(openapi.document()["paths"])
    assert len(addresses()) == 6


def test_h1_every_step_of_every_procedure_stands_in_it() -> None:
    document = openapi.document()
    (step,) = [p for p in document["paths"]["/cases/{code}/steps/{step}"]["post"]["parameters"] if p["name"] == "step"]
    assert {"accept", "assign", "answer", "rate", "supervise"} <= set(step["schema"]["enum"])


def _likely(body: Any, draw: Any, units: list[str], grounds: list[str]) -> None:
    """Half of the time put what the city knows where the schema can only say "a string"."""
    facts = body.get("facts") if isinstance(body, dict) else None
    if not isinstance(facts, dict) or not draw(st.booleans()):
        return
    known = {"kind": ["lamp.out", "road.hole"], "place": ["131022100010", "131022100000"], "unit": units, "ground": grounds, "into": ["0" * 15]}
    for name in known.keys() & facts.keys():
        facts[name] = draw(st.sampled_from(known[name]))


@pytest.mark.slow
@pytest.mark.parametrize("who", ["", *NAMES])
def test_h1_as_each_of_the_people_nothing_breaks(who: str, tokens: dict[str, str], post: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle._here, "allow", lambda *a: True)
    monkeypatch.setattr(throttle, "allow", lambda *a: True)
    monkeypatch.setattr(throttle, "wait_seconds", lambda *a: 0)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    codes = [post(said, "/cases", LAMP).json()["case"]["code"] for said in ("resident", "clerk", "resident", "worker")]
    grounds = [g.code for g in directory.city().grounds.values()][:20]
    head = {"Authorization": f"Bearer {tokens[who]}"} if who else {}
    count = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(), data=st.data())
        @settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], database=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def run(case: Any, data: Any) -> None:
            nonlocal count
            if "code" in (case.path_parameters or {}) and data.draw(st.booleans()):
                case.path_parameters["code"] = data.draw(st.sampled_from(codes))
            _likely(case.body, data.draw, ["131022-lighting", "131022100-station"], grounds)
            begun = time.perf_counter()
            answer = case.call(headers=head)
            assert time.perf_counter() - begun < SLOWEST
            assert answer.status_code < 500, (case.as_curl_command(), answer.text)
            case.validate_response(answer, checks=[schemathesis.checks.not_a_server_error, *CONFORM])
            count += 1

        run()
    assert count >= EXAMPLES * 5
    assert FailureGroup is not None


CONFORM = [
    check
    for check in schemathesis.checks.CHECKS.get_all()
    if check.__name__ in ("status_code_conformance", "content_type_conformance", "response_headers_conformance", "response_schema_conformance")
]
