"""A report against an official that a partner sends: answered once, and nothing here leads to it; an addition still reaches it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from minan.channels.exchange import acks, health, intake, places_on_disk, sending, taking
from minan.channels.exchange.models import Foreign, Sent
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tests.partner import read_back, row, steps
from minan.channels.exchange.tests.test_pages import AT, CLERK, upload
from minan.kernel import access, act, directory, speakers, worker
from minan.kernel.models import Body, Case, Event
from minan.kernel.tests.desks import desk_of, text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
SAID = "城管中队王某收了商户五千元"


def report(**more: str) -> dict[str, str]:
    kind = next(k.code for k in directory.city().kinds.values() if k.turn_to == "discipline")
    return row(7, 标题="", 诉求内容=SAID, 诉求分类=kind) | more


def sealed(partner: Partner) -> Case:
    plan = taking.take(partner, report(), NOW, "file")
    assert (plan.what, plan.opened) == ("opened", None), plan.why
    case = Case.objects.get()
    assert case.privacy == "sealed"
    return case


def test_neither_its_row_nor_its_event_leads_to_it(hotline: Partner) -> None:
    case = sealed(hotline)
    rows = json.dumps([*Foreign.objects.values(), *Sent.objects.values()], default=str, ensure_ascii=False)
    for word in (case.id.hex, str(case.id), case.code, "report", "sealed", "discipline", SAID):
        assert word not in rows, word
    assert Foreign.objects.get().state == "ended"
    key = Event.objects.get(case_id=case.id, n=1).key
    for text in ("hotline\0LF-2026-000007\0open", "hotlineLF-2026-000007"):
        assert hashlib.sha256(text.encode()).hexdigest()[:48] not in str(key), "whoever guesses the number does not find it"


def test_who_works_at_the_centre_sees_no_row_no_count_and_no_warning_of_it(hotline: Partner) -> None:
    sealed(hotline)
    for who in (CLERK, "city.super"):
        clerk = desk_of(who)
        for show in ("all", "going", "waiting", "parked"):
            page = text_of(clerk.get(f"{AT}?show={show}"))
            assert "LF-2026-000007" not in page
            assert "转有关部门" not in page
            assert "没有这样的来件" in page
        assert not any(total.counts["all"] for total in clerk.get("/exchange/").context["totals"])
    acks.park(Sent.objects.get(), "HTTP 503", NOW)
    assert clerk.post(f"{AT}again/{Sent.objects.get().id}/").status_code == 404
    assert not [one for one in health.left_behind(NOW + timedelta(days=9)) if "答复" in one.what.zh]


def test_the_partner_is_told_once_in_neutral_words(hotline: Partner) -> None:
    case = sealed(hotline)
    assert sending.turn(NOW + timedelta(minutes=1)) == 1
    assert sending.turn(NOW + timedelta(days=3)) == 0
    (file,) = [p for p in Path(places_on_disk.folder("hotline", "out")).iterdir() if p.suffix == ".csv"]
    (told,) = read_back(file.read_bytes())
    assert (told["orderNo"], told["result"], told["replyContent"], told["unit"]) == (
        "LF-2026-000007", "其他", "已按规定转有关部门办理。", "",
    )  # fmt: skip
    assert steps(case) == ["say"]
    assert acks.take(hotline, Sent.objects.get(), "refused", "请写明单位", NOW)
    assert steps(case) == ["say"]
    assert Sent.objects.count() == 1


def test_one_that_does_not_arrive_goes_on_by_itself_for_nobody_may_press_the_button(hotline: Partner) -> None:
    sealed(hotline)
    acks.park(Sent.objects.get(), "HTTP 503", NOW)
    sent = Sent.objects.get()
    assert (sent.state, sent.tries) == ("waiting", 0)
    assert sending.turn(NOW + timedelta(hours=23)) == 0
    assert sending.turn(NOW + timedelta(hours=25)) == 1


def test_an_addition_reaches_the_report_and_no_one_else(hotline: Partner) -> None:
    case = sealed(hotline)
    more = [report(诉求内容=SAID + "，还有两家", 联系电话="13900001111")]
    assert intake.bring(hotline, more, "file", NOW + timedelta(hours=1)).counts == {"more": 1}
    assert intake.bring(hotline, more, "file", NOW + timedelta(hours=2)).counts == {"same": 1}
    assert steps(case) == ["say", "add"]
    assert not any("两家" in text for text in Body.objects.values_list("text", flat=True))
    known: dict[str, Any] = speakers.known(case, who="speaker", why="own")
    assert any("还有两家" in str(value) and "13900001111" in str(value) for value in known.values())
    assert Foreign.objects.get().case_id is None


def test_a_cancellation_changes_nothing_of_it(hotline: Partner) -> None:
    case = sealed(hotline)
    assert taking.take(hotline, report(工单状态="已撤单"), NOW, "file").what == "same"
    assert steps(case) == ["say"]
    case.refresh_from_db()
    assert case.open


def test_the_list_after_taking_it_in_shows_no_code(hotline: Partner) -> None:
    case = sealed(hotline)
    assert case.code[:10] not in text_of(upload(desk_of(CLERK), [report()])).replace("-", "")


def test_an_addition_to_what_a_desk_passed_on_reaches_the_report_too(hotline: Partner, people: dict[str, Any]) -> None:
    plan = taking.take(hotline, row(8, 诉求内容=SAID), NOW, "file")
    assert plan.foreign is not None
    matter = taking.case_of(plan.foreign)
    assert act.act(matter, "pass_on", by=access.actor(people["clerk"]), at=NOW + timedelta(minutes=5))
    worker.settle(NOW + timedelta(minutes=6))
    told = taking.take(hotline, row(8, 诉求内容=SAID + "，还有两家"), NOW + timedelta(hours=1), "file")
    assert told.what == "more", told.why
    assert steps(Case.objects.get(procedure="report")) == ["say", "add"]
    assert not any("两家" in text for text in Body.objects.values_list("text", flat=True))
