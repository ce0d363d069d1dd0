"""The JSON API as CONTRACTS.md promises it: a matter goes round over it, and each refusal has its number and its words."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minan.channels.api import tallied
from minan.channels.api.tests.conftest import LAMP
from minan.kernel import worker
from minan.kernel.models import Case, Outbox, User
from minan.kernel.tests.made_pictures import encoded, scene

pytestmark = pytest.mark.django_db

PHOTO = encoded(scene(7))
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")


def test_a_matter_goes_round_over_the_api(get: Any, post: Any, lamp: str) -> None:
    page = get("clerk", f"/cases/{lamp}").json()
    assert page["steps"][0]["name"] == "accept"
    assert page["case"]["light"] == "green"
    for step, who, facts in (
        ("accept", "clerk", {}), ("assign", "clerk", {"unit": "131022-lighting", "words": "请今天看"}), ("sign", "handler", {}),
        ("answer", "handler", {"outcome": "solved", "words": "换了灯泡", "photos": [base64.b64encode(PHOTO).decode()]}),
        ("rate", "resident", {"solved": True, "satisfied": True}),
    ):  # fmt: skip
        moves = get(who, f"/cases/{lamp}").json()["case"]["moves"]
        answer = post(who, f"/cases/{lamp}/steps/{step}", {"facts": facts, "moves": moves})
        assert answer.status_code == 200, answer.content.decode()
        assert answer.json()["case"]["moves"] == Case.objects.get(code=lamp).moves
    page = get("resident", f"/cases/{lamp}", lang="zh-hans").json()
    assert (page["case"]["state"], page["case"]["state_label"], page["case"]["light"]) == ("closed", "办结", None)
    assert [line["step"] for line in page["timeline"]] == ["say", "accept", "assign", "sign", "answer", "rate", "close"]
    assert page["timeline"][4]["pictures"][0]["mime"] == "image/jpeg"
    assert all(MOMENT.fullmatch(line["at"]) for line in page["timeline"])


def test_a_clock_explains_itself_day_by_day(get: Any, lamp: str) -> None:
    (clock,) = get("clerk", f"/cases/{lamp}").json()["clocks"]
    assert (clock["name"], clock["light"], clock["rule"] != "") == ("accept", "green", True)
    assert clock["days"][-1]["kind"] == "due"
    assert MOMENT.fullmatch(clock["due_at"])


def test_the_list_shows_what_is_theirs_and_its_filters_sift(get: Any, post: Any, lamp: str) -> None:
    hole = post("resident", "/cases", LAMP | {"facts": {"text": "路上有个大坑", "kind": "road.hole"}}).json()["case"][
        "code"
    ]
    worker.settle()

    def found(who: str, **asked: str) -> list[str]:
        answer = get(who, "/cases", **asked)
        assert answer.status_code == 200, answer.content.decode()
        return [item["code"] for item in answer.json()["items"]]

    assert found("clerk") == found("resident") == found("supervisor") == [hole, lamp]
    assert found("stranger") == found("handler") == []
    assert found("clerk", q="路灯") == found("resident", q="路灯") == [lamp]
    assert found("clerk", kind="road.hole", state="", cursor="") == [hole]
    assert found("clerk", place="131022000000", light="green", held_by="me") == [hole, lamp]
    assert (
        found("clerk", place="131023000000") == found("clerk", light="red") == found("supervisor", held_by="me") == []
    )
    for who in ("clerk", "resident"):
        first = get(who, "/cases", limit="1").json()
        assert [item["code"] for item in first["items"]] == [hole]
        assert found(who, limit="1", cursor=first["next"]) == [lamp]


def test_a_stranger_and_a_wrong_code_are_told_the_same_bytes_after_the_same_queries(
    get: Any, post: Any, lamp: str
) -> None:
    get("stranger", "/cases")
    for ask in (
        lambda code: get("stranger", f"/cases/{code}"),
        lambda code: post("stranger", f"/cases/{code}/steps/accept", {}),
    ):
        with CaptureQueriesContext(connection) as theirs:
            hidden = ask(lamp)
        with CaptureQueriesContext(connection) as nobodys:
            missing = ask("0" * 15)
        assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
        assert hidden.status_code == 404
        assert len(theirs) == len(nobodys)


def test_each_refusal_has_its_number(get: Any, post: Any, lamp: str) -> None:
    take = f"/cases/{lamp}/steps"
    moves = Case.objects.get(code=lamp).moves
    assert post("clerk", f"{take}/answer", {"moves": moves}).status_code == 403  # a handler's step
    assert (
        post("clerk", f"{take}/assign", {"facts": {"unit": "131022-lighting"}, "moves": moves}).status_code == 403
    )  # not yet
    assert post("clerk", f"{take}/fly", {}).status_code == 403
    assert post("clerk", f"{take}/accept", {"moves": moves}).status_code == 200
    late = post("clerk", f"{take}/accept", {"moves": moves})
    assert (late.status_code, late.headers["Content-Type"]) == (409, "application/problem+json")
    moves += 1
    unfit = post("clerk", f"{take}/assign", {"facts": {"unit": "nowhere", "colour": "red"}, "moves": moves})
    assert (unfit.status_code, set(unfit.json()["errors"])) == (422, {"colour"})
    unfit = post("clerk", f"{take}/assign", {"facts": {"unit": "nowhere"}, "moves": moves})
    assert (unfit.status_code, set(unfit.json()["errors"])) == (422, {"unit"})
    ruled = post("clerk", f"{take}/assign", {"facts": {"unit": "131023-lighting"}, "moves": moves})
    assert (ruled.status_code, ruled.json().get("rule")) in {(422, "works_there"), (422, None)}
    assert ruled.json()["status"] == 422


def test_a_rule_that_refuses_is_named_and_explained_in_the_callers_language(post: Any, lamp: str) -> None:
    for lang, words in (("en", "today"), ("zh-hans", "今天")):
        post("resident", f"/cases/{lamp}/steps/urge", {})
        answer = post("resident", f"/cases/{lamp}/steps/urge", {}, lang=lang)
        assert (answer.status_code, answer.json()["rule"], answer.json()["type"]) == (
            422,
            "urged_today",
            "urn:minan:rule:urged_today",
        )
        assert words in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/cases", "/cases/ABC", "/counts", "/places?near=116.29,39.43"])
def test_without_a_token_or_with_a_stopped_one_nobody_is_let_in(
    client: Client, people: dict[str, User], tokens: dict[str, str], path: str
) -> None:
    assert client.get(f"/api/v1{path}").status_code == 401
    assert client.get(f"/api/v1{path}", headers={"Authorization": "Bearer wrong"}).status_code == 401
    User.objects.filter(pk=people["clerk"].pk).update(is_active=False)
    stopped = client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {tokens['clerk']}"})
    assert (stopped.status_code, stopped.headers["WWW-Authenticate"][:6]) == (401, "Bearer")


def test_a_browsers_session_opens_places_and_no_case(
    client: Client, people: dict[str, User], lamp: str, settings: Any
) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    client.force_login(people["clerk"])
    found = client.get("/api/v1/places?near=116.29,39.43").json()["items"]
    assert [place["level"] for place in found][-2:] == ["county", "city"]
    assert all(not place["certain"] and place["metres"] is not None for place in found[:5])
    assert client.get("/api/v1/cases").status_code == client.get(f"/api/v1/cases/{lamp}").status_code == 401


BAD_QUERIES = [
    {"light": "blue"},
    {"limit": "0"},
    {"limit": "101"},
    {"colour": "red"},
    {"place": "13"},
    {"cursor": "x"},
    {"state": "nowhere"},
]


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_a_parameter_that_does_not_fit_is_named(get: Any, query: dict[str, str]) -> None:
    answer = get("clerk", "/cases", **query)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, set(query))


BAD_BODIES = [
    "",
    "[]",
    "{",
    '{"procedure":"matter","facts":[]}',
    '{"procedure":"nothing","facts":{}}',
    "[" * 100_000,
    '{"a":1}',
    "9" * 5000,
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_body_that_cannot_be_read_is_refused_and_never_breaks(post: Any, body: str) -> None:
    assert post("clerk", "/cases", body).status_code in (400, 415, 422)


WILD = [
    {"kind": ["x"]},
    {"place": {"a": 1}},
    {"visit": {"a": 1}},
    {"answers": {"a\0b": "x"}},
    {"answers": {"a": {"b": 1}}},
    {"photos": ["!"]},
    {"text": 5},
    {"phone": "12"},
]


@pytest.mark.parametrize("facts", WILD, ids=str)
def test_a_fact_of_the_wrong_type_is_named(post: Any, facts: dict[str, Any]) -> None:
    answer = post("clerk", "/cases", {"procedure": "matter", "facts": {"text": "路灯不亮"} | facts})
    assert answer.status_code == 422, answer.content.decode()
    assert set(answer.json()["errors"]) == set(facts)


def test_a_photo_may_come_as_multipart_and_a_thing_that_is_none_is_refused(
    client: Client, tokens: dict[str, str]
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    body = '{"procedure":"matter","place":"131022100010","facts":{"text":"路灯不亮"}}'
    head = {"Authorization": f"Bearer {tokens['clerk']}"}
    sent = client.post(
        "/api/v1/cases",
        {"body": body, "photos": SimpleUploadedFile("a.jpg", PHOTO)},
        headers=head | {"Idempotency-Key": "p1"},
    )
    assert sent.status_code == 201
    bad = client.post(
        "/api/v1/cases",
        {"body": body, "photos": SimpleUploadedFile("a.jpg", b"GIF89a no")},
        headers=head | {"Idempotency-Key": "p2"},
    )
    assert (bad.status_code, set(bad.json()["errors"])) == (422, {"photos"})
    other = client.post("/api/v1/cases", "a=1", content_type="text/csv", headers=head | {"Idempotency-Key": "p3"})
    assert other.status_code == 415


def test_the_work_of_each_call_stays_small(get: Any, post: Any, lamp: str) -> None:
    """SPEED.md: list four queries, detail six, counting the token's own."""
    get("clerk", "/cases")
    for path, query, most in (
        ("/cases", {"q": "路灯", "place": "131022000000"}, 4),
        (f"/cases/{lamp}", {}, 6),
        ("/counts", {"by": "kind"}, 4),
    ):
        with CaptureQueriesContext(connection) as asked:
            assert get("clerk", path, **query).status_code == 200
        assert len(asked) <= most, [q["sql"] for q in asked]


def test_a_step_reads_twice_and_writes_once(post: Any, lamp: str) -> None:
    post("clerk", f"/cases/{lamp}/steps/note", {"facts": {"words": "看过"}})
    with CaptureQueriesContext(connection) as asked:
        assert post("clerk", f"/cases/{lamp}/steps/accept", {}).status_code == 200
    reads = [q["sql"] for q in asked if q["sql"].startswith("SELECT")]
    assert len(reads) == 2, reads  # token; case with its clocks
    if connection.vendor == "postgresql":
        assert len([q for q in asked if "SAVEPOINT" not in q["sql"]]) <= 6


def test_opening_reads_nothing_but_the_token(post: Any, lamp: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert post("clerk", "/cases", LAMP).status_code == 201
    assert len([q for q in asked if q["sql"].startswith("SELECT")]) == 1
    if connection.vendor == "postgresql":
        assert len([q for q in asked if "SAVEPOINT" not in q["sql"]]) <= 4


def test_counts_are_read_by_those_who_answer_for_the_place(get: Any, post: Any, lamp: str) -> None:
    worker.settle()
    for by, key, label in (("kind", "lamp.out", "Street lamp out"), ("state", "said", "Said")):
        answer = get("supervisor", "/counts", place="131022000000", by=by).json()
        (row,) = answer["rows"]
        assert (row["key"], row["label"], row["open"], row["late"]) == (key, label, 1, 0)
        assert row["rate_of"]
        assert MOMENT.fullmatch(answer["as_of"])
    assert get("clerk", "/counts", by="week").json()["place"] == "131022100000"
    assert get("clerk", "/counts", place="131022101000", by="kind").status_code == 404
    assert get("clerk", "/counts", place="131022000000", by="kind").status_code == 404
    assert get("handler", "/counts", by="kind").status_code == get("resident", "/counts", by="kind").status_code == 403
    assert get("supervisor", "/counts", by="unit").status_code == 200
    assert get("admin", "/counts", by="unit").status_code == 403, "administrators read no matter, and no counts of them"


def test_counts_say_how_old_they_are_while_the_worker_has_not_counted(
    get: Any, lamp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = get("clerk", f"/cases/{lamp}").json()["case"]["opened_at"]
    Outbox.objects.update(at=F("at") - timedelta(hours=1))
    for hand_on in (lambda: 0, worker.fan_out):  # first in the outbox, then waiting because counting failed
        with monkeypatch.context() as away:
            away.setattr(worker, "listener", lambda who: failing if who == tallied.LISTENER else None)
            hand_on()
        told = get("clerk", "/counts", by="kind").json()
        assert told["rows"] == []
        assert told["as_of"] < opened
    worker.settle()
    told = get("clerk", "/counts", by="kind").json()
    assert len(told["rows"]) == 1
    assert told["as_of"] >= opened


def failing(events: Any) -> None:
    raise OSError("not now")


@pytest.mark.bar("P8")
def test_p8_a_clerk_who_guesses_codes_is_stopped_too(get: Any) -> None:
    tried = [get("stranger", f"/cases/{'0' * 14}{n}").status_code for n in range(9)] + [
        get("stranger", "/cases/XX").status_code for _ in range(4)
    ]
    assert tried == [404] * 10 + [429] * 3


def test_an_unknown_address_or_method_is_a_problem_too(client: Client, city: None) -> None:
    assert client.get("/api/v1/nothing").headers["Content-Type"] == "application/problem+json"
    answer = client.delete("/api/v1/cases")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


@pytest.mark.bar("P1")
def test_p1_nobody_without_a_token_gets_past_any_address_but_the_document(client: Client, city: None) -> None:
    from django.urls import get_resolver

    (ours,) = [r for r in get_resolver().url_patterns if str(r.pattern) == "api/v1/"]
    told = {}
    for pattern in ours.url_patterns:
        path = "/api/v1/" + re.sub(r"<\w+:\w+>", "x", str(pattern.pattern))
        told[str(pattern.pattern)] = {
            client.get(path).status_code,
            client.post(path, "{}", content_type="application/json").status_code,
        }
    assert told.pop("openapi.json") == {200, 405}
    assert told.pop("<path:rest>") == {404}
    assert told
    for path, statuses in told.items():
        assert statuses <= {401, 405}, path
        assert 401 in statuses, path
