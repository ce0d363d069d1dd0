"""Taking steps from the pages: one key for a clear matter, refusals that keep every word, the number behind its own step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from minan.kernel.models import Case, Message
from minan.kernel.pages import pane
from minan.kernel.tests.desks import (
    LIGHTING,
    STATION,
    VILLAGE,
    assigned,
    desk_of,
    done,
    handling,
    key_of,
    matter,
    photo,
    steps_of,
    text_of,
)  # fmt: skip

pytest.importorskip("minan.systems.matters.procedure", reason="not run: steps from pages (no matters to step)")
pytestmark = pytest.mark.django_db


def straight(client: Any, case: Case) -> Any:
    page = client.get(f"/desk/{case.code}/")
    return client.post(
        f"/desk/{case.code}/straight/", {"key": page.context["seed"], "moves": str(case.moves)}, follow=True
    )


def test_chen_jing_accepts_routes_and_assigns_a_clear_matter_with_one_key(city: None) -> None:
    case, chen = matter(), desk_of("clerk")
    page = text_of(chen.get(f"/desk/{case.code}/"))
    assert "受理并交办给 固安县路灯管理所" in page
    assert 'data-key="g"' in page
    told = text_of(straight(chen, case))
    case.refresh_from_db()
    assert (case.state, case.unit) == ("assigned", LIGHTING)
    assert steps_of(case) == ["say", "accept", "assign"]
    assert "受理并交办给了 固安县路灯管理所" in told


def test_pressing_the_one_key_twice_assigns_once(city: None) -> None:
    case, chen = matter(), desk_of("clerk")
    sent = {"key": "0" * 31 + "1", "moves": str(case.moves)}
    first = chen.post(f"/desk/{case.code}/straight/", sent)
    again = chen.post(f"/desk/{case.code}/straight/", sent, follow=True)
    assert first.status_code == 302
    assert "不能一键" not in text_of(again)
    assert steps_of(case) == ["say", "accept", "assign"]


@pytest.mark.parametrize("unclear", [{"kind": ""}, {"place": "131022000000"}, {"place": ""}])
def test_without_kind_or_township_there_is_no_one_key(city: None, unclear: dict[str, str]) -> None:
    case = matter(**unclear)
    super_ = "clerk" if case.place.startswith("131022100") else "supervisor"
    page = desk_of(super_).get(f"/desk/{case.code}/")
    if page.status_code == 200:
        assert page.context["straight"] is None
    assert desk_of("clerk").post(f"/desk/{case.code}/straight/", {}).status_code in (302, 404)
    assert steps_of(case) == ["say"]


def test_what_stops_the_one_key_half_way_is_told(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    case, chen = matter(), desk_of("clerk")
    page = chen.get(f"/desk/{case.code}/")
    line = page.context["straight"]
    from minan.kernel.pages import straight as module  # only this test bends it

    monkeypatch.setattr(module, "of", lambda *_: module.Straight(line.steps, "131081-lighting", ""))
    answer = chen.post(f"/desk/{case.code}/straight/", {"key": page.context["seed"], "moves": str(case.moves)})
    assert answer.status_code == 422
    assert "已受理，但没能交办：这个单位不管这个地方" in text_of(answer)
    assert steps_of(case) == ["say", "accept"]


def test_the_duty_lists_unit_is_chosen_beforehand_with_its_reason_and_others_can_be(city: None) -> None:
    case, chen = done(matter(), "accept", "clerk"), desk_of("clerk")
    page = chen.get(f"/desk/{case.code}/?step=assign")
    form = page.context["chosen"].form
    offered = {code for _group, rows in form.fields["unit"].choices[1:] for code, _label in rows}
    assert form.initial["unit"] == LIGHTING
    assert "职责清单：“路灯不亮”归这个部门。LF-DUTY-2026" in text_of(page)
    assert {LIGHTING, STATION, "131022100-enforcement"} <= offered
    assert not any(code.startswith(("131081", "131022101")) for code in offered)


def test_a_refused_step_shows_why_and_keeps_what_was_typed(city: None) -> None:
    case, zhao = handling(), desk_of("handler")
    page = text_of(zhao.get(f"/desk/{case.code}/?step=answer"))
    words = "换了三盏灯，<b>都亮</b>了"
    answer = zhao.post(
        f"/desk/{case.code}/answer/",
        {"key": key_of(page), "moves": str(case.moves), "outcome": "solved", "words": words},
    )
    assert answer.status_code == 422
    assert "要一张现场照片" in text_of(answer)
    assert "换了三盏灯，&lt;b&gt;都亮&lt;/b&gt;了" in text_of(answer)
    assert steps_of(case)[-1] == "handle"


def test_a_missing_answer_is_marked_at_its_field(city: None) -> None:
    case, chen = done(matter(), "accept", "clerk"), desk_of("clerk")
    answer = chen.post(f"/desk/{case.code}/assign/", {"moves": str(case.moves), "words": "三盏都不亮"})
    assert answer.status_code == 422
    assert "这一项要填" in text_of(answer)
    assert answer.context["chosen"].form["unit"].errors


def test_who_was_slower_is_told_and_loses_no_word(city: None) -> None:
    case, zhao = handling(), desk_of("handler")
    sent = {"moves": str(case.moves - 1), "outcome": "explained", "words": "灯是小区物业的", "article": "物业条例"}
    answer = zhao.post(f"/desk/{case.code}/answer/", sent)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "有人比您快一步" in page
    assert "灯是小区物业的" in page
    again = answer.context["chosen"].form
    assert str(again["moves"].value()) == str(case.moves)
    assert (
        zhao.post(f"/desk/{case.code}/answer/", sent | {"moves": again["moves"].value(), "key": again.key}).status_code
        == 302
    )


def test_a_double_click_is_one_event(city: None) -> None:
    case, chen = matter(), desk_of("clerk")
    sent = {"key": "ab" * 16, "moves": str(case.moves), "words": "明天再看一次"}
    for _ in range(2):
        assert chen.post(f"/desk/{case.code}/note/", sent).status_code == 302
    assert steps_of(case) == ["say", "note"]


def test_a_step_that_is_not_hers_is_refused_and_nothing_happens(city: None) -> None:
    case = assigned()
    answer = desk_of("clerk").post(f"/desk/{case.code}/sign/", {"moves": str(case.moves)})
    assert answer.status_code == 403
    assert "这一步不归您办" in text_of(answer)
    assert steps_of(case)[-1] == "assign"
    assert desk_of("clerk").post(f"/desk/{case.code}/fly/", {}).status_code == 302


def test_steps_that_could_only_be_refused_have_no_button(city: None) -> None:
    case = handling()
    names = [tab["name"] for tab in desk_of("handler").get(f"/desk/{case.code}/").context["tabs"]]
    assert "answer" in names
    assert "unpark" not in names  # it is not parked
    assert "lapse" not in names  # nothing is waited for


def test_the_button_it_waits_for_stands_first_and_every_letter_is_free(city: None) -> None:
    for case, who, first in (
        (matter(), "clerk", "accept"),
        (assigned(), "handler", "sign"),
        (handling(), "handler", "answer"),
    ):
        tabs = desk_of(who).get(f"/desk/{case.code}/").context["tabs"]
        letters = [tab["key"] for tab in tabs if tab["key"]]
        assert tabs[0]["name"] == first
        assert len(letters) == len(set(letters))
        assert not {"J", "K", "G"} & set(letters)


def test_the_number_is_shown_only_after_the_call_and_only_to_who_called(city: None) -> None:
    case, chen = matter(phone="13812345678", name="王秀兰"), desk_of("clerk")
    assert "13812345678" not in text_of(chen.get(f"/desk/{case.code}/?step=call"))
    page = text_of(chen.post(f"/desk/{case.code}/call/", {"moves": str(case.moves)}, follow=True))
    assert "13812345678" in page
    assert steps_of(case) == ["say", "call"]
    assert "13812345678" not in text_of(desk_of("clerk").get(f"/desk/{case.code}/"))  # another browser
    assert "13812345678" not in text_of(desk_of("gu.clerk2").get(f"/desk/{case.code}/"))


def test_after_ten_minutes_the_number_is_hidden_again(city: None) -> None:
    case, chen = matter(phone="13812345678"), desk_of("clerk")
    chen.post(f"/desk/{case.code}/call/", {"moves": str(case.moves)})
    session = chen.session
    session[pane.OPENED] = {case.id.hex: (timezone.now() - timedelta(seconds=1)).isoformat()}
    session.save()
    assert "13812345678" not in text_of(chen.get(f"/desk/{case.code}/"))


def test_a_standard_answer_is_filled_in_without_javascript(city: None) -> None:
    case, zhao = handling(), desk_of("handler")
    page = zhao.get(f"/desk/{case.code}/?step=answer&standard=answer_lamp")
    assert "固安县路灯管理所已于" in page.context["chosen"].form.initial["words"]
    assert "{unit}" not in page.context["chosen"].form.initial["words"]
    titles = {a.code for a in page.context["chosen"].form.answers}
    assert "answer_lamp" in titles
    assert "answer_road" not in titles


def test_a_matter_nobody_can_place_is_found_placed_and_then_accepted(city: None) -> None:
    case = matter(place="", text="朝阳社区东门的路灯不亮", kind="lamp.out")
    huo = desk_of("city.clerk")
    assert [r["code"] for r in huo.get("/desk/?flag=place_unknown").context["list"].rows] == [case.code]
    page = huo.get(f"/desk/{case.code}/?step=locate")
    offered = {code for _title, rows in page.context["chosen"].form.fields["place"].choices[1:] for code, _l in rows}
    assert VILLAGE in offered  # named in what was said
    found = huo.get(f"/desk/{case.code}/?step=locate&find=幸福广场")
    assert "131022100011" in text_of(found)
    assert huo.post(f"/desk/{case.code}/locate/", {"place": VILLAGE}).status_code == 302
    case.refresh_from_db()
    assert (case.place, case.desk) == (VILLAGE, STATION)
    assert "place_unknown" not in case.marks


def test_a_schematic_point_only_proposes(city: None) -> None:
    from minan.kernel import access  # a point is given when it is said
    from minan.kernel.act import open_case

    opened = open_case(
        "matter", by=access.SPEAKER, facts={"text": "路灯不亮", "kind": "lamp.out"}, where=(116.30, 39.44)
    )
    page = desk_of("city.clerk").get(f"/desk/{opened.case.code}/?step=locate")  # type: ignore[union-attr]
    form = page.context["chosen"].form
    near = next(rows for title, rows in form.fields["place"].choices[1:] if "最近" in title)
    assert len(near) == 5
    assert "示意" in near[0][1]
    assert form.initial["place"] not in {code for code, _label in near}


def test_zhao_qiang_answers_with_a_photo_and_the_speaker_is_told(city: None) -> None:
    case, zhao = handling(), desk_of("handler")
    page = zhao.get(f"/desk/{case.code}/?step=answer")
    assert "说事人会收到：“答复。固安县路灯管理所”" in text_of(page)
    sent = {
        "key": key_of(text_of(page)),
        "moves": str(case.moves),
        "outcome": "solved",
        "words": "换了灯泡",
        "photos": photo(),
    }
    assert zhao.post(f"/desk/{case.code}/answer/", sent).status_code == 302
    shown = desk_of("clerk").get(f"/desk/{case.code}/")
    picture = shown.context["items"][0]["photos"][0]["url"]
    assert desk_of("clerk").get(picture)["Content-Type"] == "image/jpeg"
    assert desk_of("stranger").get(picture).status_code == 404


def test_what_is_no_picture_is_said_at_the_field(city: None) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile  # a file that is none

    case, zhao = handling(), desk_of("handler")
    sent = {
        "moves": str(case.moves),
        "outcome": "solved",
        "words": "换了",
        "photos": SimpleUploadedFile("a.jpg", b"MZ not a picture"),
    }
    answer = zhao.post(f"/desk/{case.code}/answer/", sent)
    assert answer.status_code == 422
    assert answer.context["chosen"].form["photos"].errors
    assert "换了" in text_of(answer)


def test_li_jianmins_notices_can_be_marked_read_and_zhou_mins_are_not_his(city: None) -> None:
    from minan.kernel import worker  # makes the messages

    case = matter()
    worker.settle(timezone.now())
    mine = Message.objects.filter(to=STATION, case_id=case.id)
    assert mine.exists()
    chen = desk_of("clerk")
    assert "小区东门外三盏路灯" in text_of(chen.get("/board/"))
    chen.cookies["django_language"] = "en"
    assert "A new matter·" in text_of(chen.get("/board/"))  # in the reader's language, not the sender's
    chen.cookies["django_language"] = "zh-hans"
    assert "小区东门外三盏路灯" not in text_of(desk_of("stranger").get("/board/"))
    desk_of("stranger").post("/board/read/", {"id": [str(m.id) for m in mine]})
    assert mine.filter(read_at=None).exists()
    chen.post("/board/read/", {"id": [str(m.id) for m in mine]})
    assert not mine.filter(read_at=None).exists()
    assert "没有没读的通知" in text_of(chen.get("/board/"))


def test_a_photo_taken_once_need_not_be_taken_again_after_a_refusal(city: None) -> None:
    case, zhao = handling(), desk_of("handler")
    key = key_of(text_of(zhao.get(f"/desk/{case.code}/?step=answer")))
    sent = {"key": key, "moves": str(case.moves), "outcome": "solved", "words": ""}
    refused = zhao.post(f"/desk/{case.code}/answer/", sent | {"photos": photo()})
    assert refused.status_code == 422
    assert "刚才的 1 张照片还在" in text_of(refused)
    carried = refused.context["chosen"].form["kept"].value()
    stolen = zhao.post(f"/desk/{case.code}/answer/", sent | {"key": "cd" * 16, "words": "换了", "kept": carried})
    assert stolen.status_code == 422  # good for its own form only
    assert zhao.post(f"/desk/{case.code}/answer/", sent | {"words": "换了灯泡", "kept": carried}).status_code == 302
    assert len(zhao.get(f"/desk/{case.code}/").context["items"][0]["photos"]) == 1
