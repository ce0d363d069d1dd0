"""A list that leaves the house has no personal data, says whose it is, stands in the register; a large one takes two people."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from minan.kernel import viewer
from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.models import Body, Event, Proposal
from minan.kernel.pages import exports
from minan.kernel.tests import office

pytestmark = pytest.mark.django_db
WORDS, NAME, PHONE = "路灯金丝雀不亮", "王金丝", "13987654321"


@pytest.fixture(autouse=True)
def without_a_second_factor(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False


def said(**more: Any) -> None:
    facts = {
        "text": WORDS,
        "place": office.VILLAGE,
        "kind": "lamp.out",
        "name": NAME,
        "phone": PHONE,
        "place_words": "金丝雀巷口",
    }
    assert isinstance(open_case("matter", by=SPEAKER, facts=facts, **more), Opened)


def rows(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def noted() -> list[dict[str, Any]]:
    events = Event.objects.filter(step="export").order_by("n")
    facts = [json.loads(Body.objects.get(case_id=e.case_id, n=e.n).text)["facts"] for e in events]
    return [f | {"what": json.loads(f["what"])} for f in facts]


def test_a_list_leaves_without_a_word_of_a_person_and_with_the_mark_of_who_took_it(people: dict[str, Any]) -> None:
    said()
    said(privacy="confidential")
    answer = office.signed_in(people["clerk"]).post("/house/export/", {"kind": "lamp.out"})
    lines = rows(answer)
    text = str(lines)
    assert len(lines) == 3, "the head, one matter, the mark: the confidential one never leaves"
    assert not [word for word in (WORDS, NAME, PHONE, "金丝雀") if word in text]
    mark = lines[-1][1]
    assert mark in answer["Content-Disposition"]
    assert [(user.username, day) for user, day in viewer.whose(mark.lower(), timezone.localdate())] == [
        ("clerk", timezone.localdate())
    ]
    assert noted()[0]["what"] == {"rows": 1, "filters": "kind=lamp.out", "mark": mark}


def test_more_than_one_person_may_take_waits_for_a_second(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "ROWS", 2)
    for _ in range(3):
        said()
    clerk, lu = office.signed_in(people["clerk"]), office.signed_in(people["security"])
    assert clerk.post("/house/export/")["Location"] == "/house/waiting/"
    assert noted() == []
    put = Proposal.objects.get(what="export")
    assert clerk.post(f"/house/export/{put.pk}/").status_code == 404, "not before somebody confirmed it"
    assert clerk.post(f"/house/waiting/{put.pk}/", {"do": "confirm"}).status_code == 404
    lu.post(f"/house/waiting/{put.pk}/", {"do": "confirm"})
    assert lu.post(f"/house/export/{put.pk}/").status_code == 404, "it is not theirs"
    assert f"/house/export/{put.pk}/" in clerk.get("/house/waiting/").content.decode()
    assert len(rows(clerk.post(f"/house/export/{put.pk}/"))) == 5
    assert noted()[0]["second"] == "security"
    assert clerk.post(f"/house/export/{put.pk}/").status_code == 404, "once"


def test_one_exports_only_what_one_may_see(people: dict[str, Any]) -> None:
    said()
    assert len(rows(office.signed_in(people["stranger"]).post("/house/export/"))) == 2
    assert Client().post("/house/export/").status_code == 302
