"""B6: every class of data goes on its day, at midnight of Beijing; a legal hold keeps it and ends; the register has a line a day."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from minan.kernel import (
    access,
    act,
    attachments,
    erasures,
    house,
    pictures,
    replies,
    retention,
    rights,
    search,
    speakers,
    verify,
    worker,
)
from minan.kernel.access import Actor
from minan.kernel.act import Refused
from minan.kernel.models import Body, Case, Clock, Event, Message, Reply, Session, Token, User
from minan.kernel.tests import made_pictures, office

pytestmark = [pytest.mark.django_db, pytest.mark.bar("B6")]

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PHONE = "13800001234"
# What is kept for how many days from NOW, when the case ended, the notice was made, the session and token ended.
KEPT = {"reply": 7, "session": 0, "token": 30, "notice": 365, "vault": 730, "words": 1095, "index": 1095, "pictures": 1095, "bodies": 1095}
FROZEN = (1, 31, 181, 365 * 3, 3650)
HOUSE = Actor("house")


@pytest.fixture
def case(city: None, settings: Any, tmp_path: Path) -> Case:
    """A lamp with photo, number, notice; a reply kept for a program, a session and a token, all of the same moment."""
    settings.DATA = tmp_path
    facts = {
        "text": f"南关桥头的路灯不亮，打我电话 {PHONE}", "place": "131022100010", "name": "王秀兰", "phone": PHONE,
        "photos": [pictures.clean(made_pictures.encoded(made_pictures.scene(3, (60, 40))))],
    }  # fmt: skip
    opened = act.open_case("matter", by=access.SPEAKER, facts=facts, at=NOW)
    assert opened
    assert act.act(opened.case, "withdraw", by=access.SPEAKER, at=NOW)
    worker.settle(NOW)
    clerk = User.objects.get(username="clerk")
    Reply.objects.create(county="131022", caller="x", mark="y", body="z", sealed=b"1", made_at=NOW)
    Session.objects.create(session_key="k", session_data="", expire_date=NOW)
    Token.objects.create(mark="m", user=clerk, until=NOW + timedelta(days=30))
    return Case.objects.get(id=opened.case.id)


def indexed(case: Case) -> bool:
    """Whether the index itself still holds a row of this case."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_search WHERE county = %s", [case.county])
        return bool(cursor.fetchone()[0])


def there(case: Case) -> set[str]:
    """Which classes are still there, in tables, files and index."""
    case.refresh_from_db()
    found = {
        "reply": Reply.objects.exists(), "session": Session.objects.exists(), "token": Token.objects.exists(),
        "notice": Message.objects.exists(),
        "vault": bool(speakers.known(case, who="speaker", why="own")), "words": bool(case.text or case.title),
        "index": indexed(case), "pictures": any(p.is_file() for p in attachments.folder().rglob("*")),
        "bodies": Body.objects.filter(case_id=case.id, n=1).exists(),
    }  # fmt: skip
    return {name for name, is_ in found.items() if is_}


def forward(days: float) -> None:
    moment = NOW + timedelta(days=days)
    retention.daily(moment)
    replies.purge(moment)


def test_each_class_is_there_a_day_before_and_gone_a_day_after(case: Case) -> None:
    for days in sorted(set(KEPT.values())):
        if days:
            forward(days - 1)
            assert there(case) >= {name for name, kept in KEPT.items() if kept >= days}, f"too early, day {days}"
        forward(days + 1)
        assert there(case) == {name for name, kept in KEPT.items() if kept > days}, f"too late, day {days}"
    assert verify.check().faults == []


@pytest.mark.parametrize("days", FROZEN)
def test_at_a_frozen_day_exactly_what_may_be_kept_is_there(case: Case, days: int) -> None:
    forward(days + 1)
    assert there(case) == {name for name, kept in KEPT.items() if kept > days}


def test_data_that_outlives_its_day_is_noticed(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar bites: one class is forgotten by the sweep."""
    monkeypatch.setattr(search, "forget", lambda case: None)
    forward(1097)
    assert "index" in there(case)


def hold(case: Case, until: date, by: Actor = HOUSE, at: datetime = NOW) -> Any:
    facts = {"document": "固公（经）字〔2026〕12号", "article": "刑事诉讼法第五十四条", "until": until}
    return act.act(case, "hold", by=by, facts=facts, at=at)


def test_a_legal_hold_is_an_event_keeps_the_case_and_ends_by_itself(case: Case) -> None:
    ended = NOW + timedelta(days=720)
    until = (ended + timedelta(days=300)).date()
    assert hold(case, until, at=ended)
    assert Event.objects.filter(case_id=case.id, step="hold").exists()
    forward(800)
    assert "vault" in there(case)  # two years are over, the hold is not
    assert retention.gone_on(case, "phone") == until + timedelta(days=1)
    moment = datetime.combine(until + timedelta(days=1), time(0, 30), rights.BEIJING)
    worker.settle(moment.astimezone(UTC))
    case.refresh_from_db()
    assert "hold" not in case.marks
    assert Event.objects.filter(case_id=case.id, step="release", by="clock").exists()
    assert Clock.objects.get(case_id=case.id, name="hold").done_at is not None
    retention.daily(moment)
    assert "vault" not in there(case)
    assert verify.check().faults == []


def test_a_hold_ends_with_its_day_even_where_the_clock_stood_still(case: Case) -> None:
    assert hold(case, (NOW + timedelta(days=200)).date())
    forward(1096)
    assert "words" not in there(case)


def test_without_the_hold_it_would_be_gone(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar bites."""
    ended = NOW + timedelta(days=720)
    assert hold(case, (ended + timedelta(days=300)).date(), at=ended)
    monkeypatch.setattr(rights, "is_held", lambda marks, now: False)
    forward(800)
    assert "vault" not in there(case)


def test_a_hold_needs_a_document_and_lasts_a_year_at_most(case: Case) -> None:
    assert isinstance(hold(case, (NOW + timedelta(days=400)).date()), Refused)
    assert isinstance(hold(case, NOW.date()), Refused)
    assert isinstance(act.act(case, "hold", by=HOUSE, facts={"until": (NOW + timedelta(days=30)).date()}, at=NOW), Refused)
    assert hold(case, (NOW + timedelta(days=30)).date())
    assert isinstance(hold(case, (NOW + timedelta(days=60)).date()), Refused)
    assert act.act(case, "lift", by=HOUSE, facts={"document": "固公（经）字〔2026〕13号"}, at=NOW)
    case.refresh_from_db()
    assert "hold" not in case.marks


def test_the_security_administrator_holds_by_code_and_sees_nothing_of_the_case(
    case: Case, people: dict[str, User], settings: Any
) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    browser = office.signed_in(people["security"])
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    asked = {"do": "hold", "code": case.code, "document": "固纪〔2026〕1号", "article": "监察法第二十五条", "until": until}
    assert browser.post("/house/holds/", asked)["Location"] == "/house/holds/"
    page = browser.get("/house/holds/").content.decode()
    assert case.code[:5] in page
    assert "南关" not in page
    event = Event.objects.get(case_id=case.id, step="hold")
    assert event.by.endswith(":security")
    assert browser.post("/house/holds/", asked | {"code": "GAAAAAAAAAAAAAA"}).status_code == 422
    for name in ("clerk", "handler", "supervisor", "admin", "audit"):
        other = office.signed_in(people[name])
        assert other.get("/house/holds/").status_code == 404


def test_the_register_has_one_line_a_day_with_counts_and_the_lists_hash(case: Case) -> None:
    for days in (1096.0, 1096.1, 1097.0):
        forward(days)
    moment = NOW + timedelta(days=1097)
    book = house.register(moment)
    assert book is not None
    told = Event.objects.filter(case_id__in=[book.id], step="erase").order_by("n")
    said = [json.loads(json.loads(Body.objects.get(case_id=e.case_id, n=e.n).text)["facts"]["what"]) for e in told]
    assert len(said) == 2
    assert (said[0]["counts"]["cases"], said[0]["counts"]["bodies"]) == (1, 3)
    lines = (retention.Path(retention.settings.DATA) / erasures.LIST).read_bytes()
    assert said[1]["list"] == hashlib.sha256(lines).hexdigest()
    assert PHONE not in str(said)
    assert verify.check().faults == []
