"""李建民 and 赵强 with a phone: what waits for them, by clock, one open, a photo for an answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from minan.kernel.models import Case
from minan.kernel.pages import phone
from minan.kernel.tests.desks import assigned, desk_of, done, handling, key_of, matter, photo, steps_of, text_of

pytest.importorskip("minan.systems.matters.procedure", reason="not run: tasks (no matters)")
pytestmark = pytest.mark.django_db


def test_zhao_qiang_sees_what_waits_for_him_and_nothing_else(city: None) -> None:
    his, said = assigned(), matter(text="孩子上学划片问题")
    rows = desk_of("handler").get("/tasks/").context["rows"]
    assert [r["code"] for r in rows] == [his.code]
    assert said.code not in {r["code"] for r in rows}


def test_he_signs_begins_and_answers_with_a_photo_from_the_place(city: None) -> None:
    case, zhao = assigned(), desk_of("handler")
    page = zhao.get(f"/tasks/{case.code}/")
    sign = next(tab for tab in page.context["tabs"] if tab["main"])
    assert (sign["name"], sign["direct"]) == ("sign", True)
    for step in ("sign", "handle"):
        case.refresh_from_db()
        page = zhao.get(f"/tasks/{case.code}/")
        tab = next(tab for tab in page.context["tabs"] if tab["name"] == step)
        assert (
            zhao.post(f"/tasks/{case.code}/{step}/", {"key": tab["seed"], "moves": str(case.moves)}).status_code == 302
        )
    case.refresh_from_db()
    form = text_of(zhao.get(f"/tasks/{case.code}/"))
    assert 'capture="environment"' in form
    sent = {
        "key": key_of(form),
        "moves": str(case.moves),
        "outcome": "solved",
        "words": "三盏都换了",
        "photos": photo(),
    }
    assert zhao.post(f"/tasks/{case.code}/answer/", sent)["Location"] == f"/tasks/{case.code}/#open"
    assert Case.objects.get(id=case.id).state == "answered"
    assert steps_of(case)[-3:] == ["sign", "handle", "answer"]


def test_what_sun_lihua_ordered_stands_above_his_buttons(city: None) -> None:
    case = handling()
    done(case, "supervise", "supervisor", words="今晚八点前三盏都要亮")
    page = text_of(desk_of("handler").get(f"/tasks/{case.code}/"))
    assert page.index("今晚八点前三盏都要亮") < page.index('class="tabs-big"')


def test_a_refusal_on_the_phone_keeps_his_words(city: None) -> None:
    case, zhao = handling(), desk_of("handler")
    answer = zhao.post(
        f"/tasks/{case.code}/answer/", {"moves": str(case.moves), "outcome": "solved", "words": "三盏都换了"}
    )
    assert answer.status_code == 422
    assert "三盏都换了" in text_of(answer)
    assert "要一张现场照片" in text_of(answer)


def test_zhou_mins_tasks_show_nothing_of_the_next_township(city: None) -> None:
    case = assigned()
    zhou = desk_of("stranger")
    assert zhou.get("/tasks/").context["rows"] == []
    assert zhou.get(f"/tasks/{case.code}/").status_code == 404
    assert zhou.post(f"/tasks/{case.code}/sign/", {}).status_code == 404


def test_who_works_on_foot_gets_the_phones_face_and_a_desk_its_own(city: None) -> None:
    assert "face-phone" in text_of(desk_of("worker").get("/tasks/"))
    assert "face-desk" in text_of(desk_of("handler").get("/tasks/"))
    phone = desk_of("handler").get("/tasks/", headers={"user-agent": "Mozilla/5.0 (Linux; Android 14) Mobile"})
    assert "face-phone" in text_of(phone)


def test_what_ends_in_a_month_or_later_is_folded_below_the_work_of_these_days(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, zhao = assigned(), assigned(text="广场的长椅掉漆"), desk_of("handler")
    page = zhao.get("/tasks/")
    assert {row["code"] for row in page.context["rows"]} == {one.code, two.code}
    assert page.context["distant"] == []
    monkeypatch.setattr(phone, "LATER", timedelta(0))  # a month later were now
    assert len(zhao.get("/tasks/").context["rows"]) == 2, "what has just come is not folded away"
    monkeypatch.setattr(phone, "JUST", timedelta(0))
    page = zhao.get("/tasks/")
    assert page.context["rows"] == []
    assert "现在没有等您办的" not in text_of(page)
    assert {row["code"] for row in page.context["distant"]} == {one.code, two.code}
    assert "一个月以后才到期的 2 件" in text_of(page)
    opened = zhao.get(f"/tasks/{two.code}/")
    assert [row["code"] for row in opened.context["rows"]] == [two.code], "what is open is never folded away"
    assert [row["code"] for row in opened.context["distant"]] == [one.code]
