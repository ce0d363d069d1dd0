"""Orders and the day's lists as pages and as PDF: for whoever sees the matter, in a file that any reader opens and searches."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdfium2
import pytest
from django.utils import timezone

from minan.kernel import papers, reminders, rota, worker
from minan.kernel.access import actor
from minan.kernel.models import Clock, Reminder, Rota
from minan.kernel.tests import office

pytestmark = pytest.mark.django_db
HOSTILE = '#import "x" *粗* $1$ \\#v(9cm) <a> @b `c` // d\x00\x07'


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False


def text_of(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def ordered(people: dict[str, Any], words: str = "三天内换好灯泡，书面回复。") -> tuple[str, int]:
    case = office.assigned(people, days=9)
    event = office.go(case, "supervise", actor(people["supervisor"]), words=words)
    return case.code, event.n


def test_an_order_is_a_pdf_with_its_number_its_words_and_its_fonts_inside(people: dict[str, Any]) -> None:
    code, n = ordered(people, f"三天内换好灯泡 {HOSTILE}")
    for who in ("supervisor", "handler", "clerk"):
        response = office.signed_in(people[who]).get(f"/desk/{code}/order/{n}/pdf/")
        assert response["Content-Type"] == "application/pdf"
        said = text_of(response.content)
        assert re.search(r"督办〔\d{4}〕1号", said)
        assert "三天内换好灯泡" in said
        assert '#import "x" *粗* $1$' in said, "what was written is shown as written, never read as markup"
        assert b"FontFile3" in response.content or b"/FontFile" in response.content
    for who in ("stranger", "resident", "yq.super"):
        assert office.signed_in(people[who]).get(f"/desk/{code}/order/{n}/pdf/").status_code == 404


def test_where_no_pdf_can_be_made_the_page_to_print_is_offered(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    code, n = ordered(people)
    monkeypatch.setattr(papers, "able", lambda: False)
    client = office.signed_in(people["supervisor"])
    response = client.get(f"/desk/{code}/order/{n}/pdf/", follow=True)
    assert response.redirect_chain[-1][0] == f"/desk/{code}/order/{n}/"
    assert "请打印这一页" in response.content.decode()
    assert "pdf/" not in response.content.decode()


def listed_late(people: dict[str, Any]) -> Reminder:
    """Zhao Qiang's office with two late matters on this morning's list."""
    cases = [office.assigned(people, days=9) for _ in range(2)]
    day = timezone.localdate()
    now = datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(hours=1)
    assert all(Clock.objects.filter(case_id=c.id, due_at__lt=now).exists() for c in cases)
    while not reminders.directory.calendar("default").is_workday(now.date()):
        now += timedelta(days=1)
    worker.settle(now)
    return Reminder.objects.get(unit="131022-lighting")


def test_the_list_of_the_day_is_on_the_board_of_its_unit_and_of_nobody_else(people: dict[str, Any]) -> None:
    one = listed_late(people)
    handler = office.signed_in(people["handler"])
    assert one.number in handler.get("/board/").content.decode()
    page = handler.get(f"/board/lists/{one.id}/").content.decode()
    assert "这 2 件已超过办理时限" in page
    assert one.number in text_of(handler.get(f"/board/lists/{one.id}/pdf/").content)
    assert office.signed_in(people["supervisor"]).get(f"/board/lists/{one.id}/").status_code == 200, "who issued it"
    for who in ("stranger", "resident", "worker", "yq.super"):
        client = office.signed_in(people[who])
        for path in ("", "pdf/"):
            assert client.get(f"/board/lists/{one.id}/{path}").status_code == 404, who
        assert client.post(f"/board/lists/{one.id}/read/").status_code == 404
    assert handler.post(f"/board/lists/{one.id}/read/").status_code == 302
    assert one.number not in handler.get("/board/").content.decode()


def test_a_list_shows_nobody_a_matter_they_are_kept_away_from(people: dict[str, Any]) -> None:
    one = listed_late(people)
    kept = one.items[0]["code"]
    from minan.kernel.models import Case

    office.go(Case.objects.get(code=kept), "recuse", actor(people["handler"]))
    page = office.signed_in(people["handler"]).get(f"/board/lists/{one.id}/").content.decode()
    assert "这 1 件已超过办理时限" in page
    assert one.items[1]["code"][:5] in page


@pytest.mark.parametrize(("lang", "told"), [("zh-hans", "另有 1 件未列出"), ("en", "Not listed besides these: 1")])
def test_what_finds_no_room_on_the_list_is_told_as_a_number(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch, lang: str, told: str
) -> None:
    monkeypatch.setattr(reminders, "ITEMS_MOST", 1)
    one = listed_late(people)
    assert (len(one.items), one.more) == (1, 1)
    handler = office.signed_in(people["handler"])
    page = handler.get(f"/board/lists/{one.id}/", headers={"Accept-Language": lang}).content.decode()
    assert told in page
    assert told in text_of(handler.get(f"/board/lists/{one.id}/pdf/", headers={"Accept-Language": lang}).content)


def test_the_house_sees_what_is_listed_but_reads_only_its_own(people: dict[str, Any]) -> None:
    case = office.assigned(people, days=2)
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    office.go(case, "list_it", actor(people["supervisor"]), words="分管副县长包案", by=until)
    for who in ("handler", "clerk", "supervisor"):
        assert case.title in office.signed_in(people[who]).get("/listed/").content.decode()
    page = office.signed_in(people["stranger"]).get("/listed/").content.decode()
    assert until in page, "the next township of the county sees that something is listed"
    assert case.title not in page
    assert case.code not in page.replace("-", "")
    assert until not in office.signed_in(people["yq.super"]).get("/listed/").content.decode(), "another county does not"
    assert office.signed_in(people["resident"]).get("/listed/").status_code == 404


def test_the_page_of_the_list_asks_few_queries(people: dict[str, Any], django_assert_max_num_queries: Any) -> None:
    one = listed_late(people)
    client = office.signed_in(people["handler"])
    for path in (f"/board/lists/{one.id}/", "/board/", "/listed/"):
        client.get(path)
        with django_assert_max_num_queries(12):
            client.get(path)


# ---- the roster


def test_at_night_the_duty_room_answers_and_a_unit_without_one_is_a_hole(people: dict[str, Any]) -> None:
    night, day = datetime(2026, 11, 16, 15, 0, tzinfo=UTC), datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
    assert [d.post for d in rota.on_duty("131022100-station", night)] == ["值班室"]
    assert rota.on_duty("131022100-station", day) == []
    assert "131022-sanitation" in rota.holes()
    assert "131022100-station" not in rota.holes()
    Rota.objects.filter(unit="131022100-station").delete()
    assert "131022100-station" in rota.holes()
    Rota.objects.create(unit="131022100-station", when="night", weekday="", post="值班室", telephone="内线1")
    assert "131022100-station" in rota.holes(), "by night alone is not enough: who answers on rest days?"
    saturday = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    Rota.objects.create(unit="131022100-station", when="rest", weekday="67", post="带班室", telephone="内线2")
    assert [d.post for d in rota.on_duty("131022100-station", saturday)] == ["带班室"]


def test_who_looks_at_an_urgent_matter_at_night_reads_whom_to_call(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    urgent, ordinary = office.said(), office.said()
    office.go(urgent, "accept", actor(people["clerk"]), urgency="urgent")
    chen, told = office.signed_in(people["clerk"]), rota.on_duty("131022100-station", datetime(2026, 11, 16, 15, 0, tzinfo=UTC))
    for why, shown in (("night", True), ("", False)):
        monkeypatch.setattr(rota, "shut", lambda unit, at, why=why: why)
        assert (told[0].telephone in chen.get(f"/desk/{urgent.code}/").content.decode()) is shown
        assert told[0].telephone not in chen.get(f"/desk/{ordinary.code}/").content.decode()


def test_the_administrator_sees_the_hole_and_fills_it(people: dict[str, Any]) -> None:
    client = office.signed_in(people["admin"])
    assert "没有排值班" in client.get("/admin/").content.decode()
    assert "固安县环境卫生管理中心" in client.get("/admin/units/?hole=night&q=固安县环境").content.decode()
    assert "131022100-station" in client.get("/admin/rota/?q=131022100-station").content.decode()
    assert office.signed_in(people["clerk"]).get("/admin/rota/").status_code == 404
