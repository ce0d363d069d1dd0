"""What a stranger, the speaker and the desk get of the same request; the world never gets more than CONTRACTS.md says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from minan.kernel import access, callers
from minan.kernel.act import act
from minan.kernel.models import Case, Event, User

pytestmark = pytest.mark.django_db

FIVE = {"service_request_id", "status", "requested_datetime", "updated_datetime", "expected_datetime"}
PERSON = {
    "first_name": "秀兰",
    "last_name": "王",
    "email": "xiulan@example.org",
    "phone": "13912345678",
    "device_id": "phone-77",
}
# The phone number stands in the text too, where people write it.
WORDS = "朝阳社区门口的路灯不亮，请打 13912345678"


def said(say: Any, **fields: Any) -> tuple[Case, dict[str, Any]]:
    answer = say(description=WORDS, address_string="朝阳社区 3 号楼 502 王秀兰家门口", **(PERSON | fields))
    assert answer.status_code == 200, answer.content.decode()
    told = answer.json()[0]
    return Case.objects.get(code=told["service_request_id"]), told


def accepted(case: Case, clerk: User) -> Case:
    assert act(case, "accept", by=access.actor(clerk))
    return Case.objects.get(id=case.id)


def one(client: Client, case: Case, form: str = "json", **headers: str) -> Any:
    return client.get(f"/open311/v2/requests/{case.code}.{form}", headers=headers)


def test_before_the_desk_accepted_it_the_world_gets_five_fields_by_code_and_no_list(client: Client, say: Any) -> None:
    case, _ = said(say)
    assert set(one(client, case).json()[0]) == FIVE
    assert client.get("/open311/v2/requests.json").json() == []
    assert client.get("/open311/v2/requests.json", {"service_request_id": case.code}).json() == []


def test_after_the_clerk_accepted_it_the_world_reads_scrubbed_words_and_the_village(
    client: Client, say: Any, people: dict[str, User]
) -> None:
    case = accepted(said(say)[0], people["clerk"])
    for answer in (one(client, case), client.get("/open311/v2/requests.json")):
        (row,) = answer.json()
        assert row["description"] == "朝阳社区门口的路灯不亮，请打 ［电话］"
        assert row["address"] == "固安县固安镇朝阳社区居民委员会"
        assert (row["lat"], row["long"], row["media_url"]) == (None, None, None)
        assert row["status"] == "open"


def test_a_kind_that_is_not_public_stays_five_fields_after_acceptance(
    client: Client, say: Any, people: dict[str, User]
) -> None:
    case = accepted(said(say, service_code="safety.theft")[0], people["clerk"])
    assert set(one(client, case).json()[0]) == FIVE
    assert client.get("/open311/v2/requests.json").json() == []


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_name_a_number_a_mail_or_the_exact_door_is_never_returned_to_anybody(
    client: Client, say: Any, people: dict[str, User], tokens: dict[str, str], form: str
) -> None:
    case, told = said(say)
    accepted(case, people["clerk"])
    receipt = {"Authorization": f"Receipt {told['extended_attributes']['secret']}"}
    shown = [
        one(client, case, form), one(client, case, form, **receipt), client.get(f"/open311/v2/requests.{form}"),
        one(client, case, form, Authorization=f"Bearer {tokens['clerk']}"), client.get(f"/open311/v2/tokens/{case.code}.{form}"),
    ]  # fmt: skip
    for answer in shown:
        assert answer.status_code == 200
        for secret in ("秀兰", "xiulan", "13912345678", "phone-77"):
            assert secret not in answer.content.decode().replace("王秀兰家门口", ""), answer.content.decode()
    for answer in (shown[0], shown[2]):
        assert "502" not in answer.content.decode()


def test_the_speaker_with_the_secret_and_the_clerk_with_a_token_get_it_whole(
    client: Client, say: Any, tokens: dict[str, str]
) -> None:
    case, told = said(say)
    secret = told["extended_attributes"]["secret"]
    assert told["extended_attributes"]["receipt_url"].endswith(f"#{secret}")
    for row in (
        one(client, case, Authorization=f"Receipt {secret}").json()[0],
        one(client, case, Authorization=f"Bearer {tokens['clerk']}").json()[0],
        client.get(f"/open311/v2/requests/{case.code}.json", {"api_key": tokens["clerk"]}).json()[0],
    ):
        assert row["description"].startswith("朝阳社区门口")
        assert "502" in row["address"]
        assert row["extended_attributes"]["state"] == "said"


def test_the_stranger_with_a_token_gets_no_more_than_the_world(
    client: Client, say: Any, tokens: dict[str, str]
) -> None:
    case, _ = said(say)
    assert set(one(client, case, Authorization=f"Bearer {tokens['stranger']}").json()[0]) == FIVE


def test_a_wrong_secret_and_a_wrong_code_are_answered_with_the_same_bytes(client: Client, say: Any) -> None:
    case, _ = said(say)
    wrong = one(client, case, Authorization="Receipt " + "a" * 26)
    missing = client.get(f"/open311/v2/requests/{'0' * 15}.json", headers={"Authorization": "Receipt " + "a" * 26})
    assert wrong.status_code == missing.status_code == 404
    assert wrong.content == missing.content


def test_the_vault_keeps_who_spoke_and_the_case_does_not(say: Any) -> None:
    from minan.kernel import speakers

    case, _ = said(say, media_url="http://127.0.0.1:1/photo.jpg")
    known = speakers.known(case, who="speaker", why="own")
    assert (known["name"], known["phone"], known["email"], known["device_id"]) == (
        "王秀兰",
        "13912345678",
        "xiulan@example.org",
        "phone-77",
    )
    open_text = json.dumps([case.text, case.facts, case.marks, case.title], ensure_ascii=False)
    assert "13912345678" not in open_text
    assert "xiulan" not in open_text
    assert case.facts["answers"]["media_url"] == "http://127.0.0.1:1/photo.jpg"


@pytest.mark.parametrize(("step", "state"), [("refuse", "refused"), ("withdraw", "withdrawn")])
def test_status_is_closed_only_for_what_is_over(
    client: Client, say: Any, people: dict[str, User], step: str, state: str
) -> None:
    case, told = said(say)
    receipt = {"Authorization": f"Receipt {told['extended_attributes']['secret']}"}
    who = access.actor(people["supervisor"]) if step == "refuse" else access.SPEAKER
    if step == "refuse":
        facts = {"ground": "court", "words": "请去法院办"}
        assert act(case, "ask_refusal", by=access.actor(people["clerk"]), facts=facts)
        case.refresh_from_db()
        assert "refusal_asked" in case.marks
        marks = one(client, case, **receipt).json()[0]["extended_attributes"]["marks"]
        assert marks == ["unasked"], "not theirs to know before it is decided"
    assert one(client, case).json()[0]["status"] == "open"
    assert isinstance(act(case, step, by=who), Event)
    row = one(client, case, **receipt).json()[0]
    assert row["status"] == "closed"
    assert row["status_notes"]
    assert row["expected_datetime"] is None
    assert case.state == state


@pytest.mark.bar("P8")
def test_p8_who_guesses_codes_is_stopped_after_ten_a_minute_and_the_neighbour_is_not(client: Client, say: Any) -> None:
    case, _ = said(say)
    tried = [client.get(f"/open311/v2/requests/{'0' * 15}.json").status_code for _ in range(14)]
    assert tried == [404] * 10 + [429] * 4
    assert one(client, case).status_code == 429
    other = client.get(f"/open311/v2/requests/{case.code}.json", REMOTE_ADDR="203.0.113.9")
    assert other.status_code == 200


@pytest.mark.bar("P8")
def test_p8_when_all_the_world_guesses_each_gets_one_miss(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MISSES_OF_ALL", 10)
    for n in range(12):
        client.get(f"/open311/v2/requests/{'0' * 15}.json", REMOTE_ADDR=f"198.51.100.{n}")
    tried = [
        client.get(f"/open311/v2/requests/{'0' * 15}.json", REMOTE_ADDR="203.0.113.9").status_code for _ in range(3)
    ]
    assert tried == [404, 429, 429]
