"""A walk-in at 朝阳社区's counter: one screen, settled on the spot or passed up, and a receipt that needs no phone."""

from __future__ import annotations

from typing import Any

import pytest

from minan.kernel import speakers
from minan.kernel.models import Body, Case, Event
from minan.kernel.tests.desks import POINT, VILLAGE, desk_of, key_of, photo, steps_of, text_of

pytest.importorskip("minan.systems.matters.procedure", reason="not run: taking in (no matters)")
pytestmark = pytest.mark.django_db
PIPES = {"text": "楼道里堆着纸箱，过不去人", "place": VILLAGE, "outcome": "solved", "words": "当面叫住户搬走了"}


def taken(client: Any, **more: Any) -> Any:
    page = text_of(client.get("/desk/new/"))
    return client.post("/desk/new/", {"key": key_of(page)} | PIPES | more)


def kind_without_photo() -> str:
    from minan.kernel import directory  # read when the city stands

    return next(k.code for k in directory.city().kinds.values() if k.proof != "photo")


def test_liu_guifen_takes_in_and_settles_a_walk_in_on_one_screen(city: None) -> None:
    answer = taken(desk_of("gu.point"), kind=kind_without_photo(), do="settle", name="张大爷")
    case = Case.objects.get()
    assert answer.status_code == 200
    assert (case.state, case.desk, case.channel, case.outcome) == ("answered", POINT, "walkin", "solved")
    assert steps_of(case) == ["say", "accept", "handle_myself", "settle"]
    assert speakers.known(case, who="speaker", why="own")["name"] == "张大爷"


def test_the_place_is_her_own_village_before_she_touches_anything(city: None) -> None:
    form = desk_of("gu.point").get("/desk/new/").context["form"]
    assert form.initial["place"] == VILLAGE
    assert form.initial["outcome"] == "solved"


def test_the_receipt_opens_the_matter_without_a_phone(city: None) -> None:
    page = taken(desk_of("gu.point"), do="take")
    case = Case.objects.get()
    secret = page.context["secret"]
    assert speakers.enter(case.code, secret) == case
    assert secret[4] == "-"  # in groups of four, to be copied by hand where it must be
    assert page.context["link"].endswith(f"/m/{case.code}/#{secret.replace('-', '')}")
    assert secret in text_of(page)
    assert case.state == "said"


def test_pressing_twice_prints_the_same_receipt_of_one_matter(city: None) -> None:
    liu = desk_of("gu.point")
    sent = PIPES | {"key": key_of(text_of(liu.get("/desk/new/"))), "do": "settle", "kind": kind_without_photo()}
    first, second = liu.post("/desk/new/", sent), liu.post("/desk/new/", sent)
    assert Case.objects.count() == 1
    assert first.context["secret"] == second.context["secret"]
    assert speakers.enter(Case.objects.get().code, second.context["secret"]) is not None
    kept = list(Event.objects.values_list("key", flat=True)) + list(Body.objects.values_list("text", flat=True))
    assert not [value for value in kept if sent["key"] in value], "from this key and SECRET_KEY the secret is made: it is stored nowhere"


def test_what_cannot_be_settled_is_not_taken_in_by_half(city: None) -> None:
    answer = taken(desk_of("gu.point"), kind="lamp.out", do="settle")
    assert answer.status_code == 422
    assert "要一张现场照片" in text_of(answer)
    assert PIPES["words"] in text_of(answer)
    assert not Case.objects.exists()
    assert taken(desk_of("gu.point"), kind="lamp.out", do="settle", photos=photo()).status_code == 200
    assert Case.objects.get().state == "answered"


def test_li_jianmin_reports_what_he_found_on_his_way(city: None) -> None:
    page = taken(desk_of("worker"), do="take")
    assert page.status_code == 200
    assert Case.objects.get().channel == "patrol"


def test_nothing_said_is_nothing_taken_in(city: None) -> None:
    answer = taken(desk_of("gu.point"), text="  ", do="take")
    assert answer.status_code == 422
    assert answer.context["form"]["text"].errors
    assert not Case.objects.exists()


def test_a_standard_answer_stands_in_for_words_she_did_not_write(city: None) -> None:
    taken(desk_of("gu.point"), kind="lamp.out", words="", standard="answer_lamp", photos=photo(), do="settle")
    told = text_of(desk_of("gu.point").get(f"/desk/{Case.objects.get().code}/"))
    assert "夜间试灯正常" in told


def test_zhou_min_may_take_in_at_her_own_desk_and_chen_jing_sees_none_of_it(city: None) -> None:
    taken(desk_of("stranger"), place="131022101201", do="take")
    case = Case.objects.get()
    assert case.desk == "131022101-station"
    assert desk_of("clerk").get(f"/desk/{case.code}/").status_code == 404


def test_gao_yuan_administers_and_takes_nothing_in(city: None) -> None:
    assert desk_of("admin").get("/desk/new/").status_code == 404


def test_a_place_is_looked_for_by_name(city: None) -> None:
    page = text_of(desk_of("gx.clerk").get("/desk/new/", {"find": "宫一村"}))
    assert "131022101201" in page


def test_without_a_kind_the_likeliest_is_proposed_and_a_second_press_does(city: None) -> None:
    answer = taken(desk_of("gu.point"), text="村口路灯不亮", do="settle", photos=photo())
    assert answer.status_code == 422
    assert "像是路灯不亮，因为写了" in text_of(answer)
    form = answer.context["form"]
    again = {name: form[name].value() or "" for name in form.fields if name != "photos"} | {"do": "settle"}
    assert desk_of("gu.point").post("/desk/new/", again).status_code == 200
    assert (Case.objects.get().kind, Case.objects.get().state) == ("lamp.out", "answered")
