"""The operator listens and types: one press opens, accepts and hands on; what was typed is never lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from minan.channels.hotline import hearing, landmarks
from minan.channels.hotline.models import Draft
from minan.channels.hotline.tests.calling import NUMBER, VILLAGE, Line, said
from minan.kernel import directory, emergency, oneform, rota, vault
from minan.kernel.models import Body, Case, Clock, Event, Speaker, User
from minan.kernel.tests.desks import desk_of, text_of

pytestmark = pytest.mark.django_db
TEXT = "固安镇朝阳社区东门外头三盏路灯不亮，晚上老人看不见道"
KEY = "a" * 32


def sent(browser: Client, **more: str) -> Any:
    return browser.post(
        "/hotline/", {"key": KEY, "text": TEXT, "find": "", "do": "send", "place": VILLAGE, "kind": "lamp.out"} | more
    )


def steps(case: Case) -> list[str]:
    return list(Event.objects.filter(case_id=case.id).order_by("n").values_list("step", flat=True))


def test_one_press_opens_accepts_and_hands_on_and_the_code_is_read_aloud_in_three_groups(
    operator: Client, line: Line
) -> None:
    line.rings().is_taken()
    page = sent(operator, phone=NUMBER, name="王秀兰")
    case = Case.objects.get()
    assert page.status_code == 200
    assert steps(case) == ["say", "accept", "assign"]
    assert (case.channel, case.desk, case.unit) == ("hotline", "1310-centre", "131022-lighting")
    shown = re.findall(r"<span>([0-9A-Z]{5})</span>", page.content.decode())
    assert "".join(shown) == case.code
    assert len(shown) == 3
    assert Event.objects.get(case_id=case.id, n=1).by == "1310-centre:operator"
    assert Speaker.objects.get().issued == "staff"
    assert NUMBER not in case.text


def test_pressing_twice_is_one_matter_with_the_same_code(operator: Client) -> None:
    first, second = sent(operator), sent(operator)
    assert Case.objects.count() == 1
    assert re.findall(r"<span>([0-9A-Z]{5})</span>", text_of(first)) == re.findall(
        r"<span>([0-9A-Z]{5})</span>", text_of(second)
    )


def test_nobody_makes_the_speakers_secret_from_the_records_and_the_servers_own(operator: Client, people: dict[str, User]) -> None:
    """The form's key, from which with SECRET_KEY the secret is made, stands in no row: not in the event, not in the draft before."""
    operator.post("/hotline/hints/", {"key": KEY, "text": TEXT, "phone": NUMBER})
    kept = [str(value) for row in Draft.objects.values() for value in row.values()]
    secret = oneform.secret("hotline", people["operator"].pk, KEY)
    assert vault.shown(secret) in text_of(sent(operator))
    kept += [str(value) for model in (Case, Event, Body, Speaker) for row in model.objects.values() for value in row.values()]
    assert not [value for value in kept if KEY in value or secret in value]
    assert Speaker.objects.get().secret == vault.secret_mark(secret)


def test_at_night_the_operator_reads_whose_telephone_rings_for_what_is_urgent(operator: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(rota, "shut", lambda unit, at: "night")
    page = text_of(sent(operator, do="danger"))
    case = Case.objects.get()
    (night, *_more) = rota.on_duty(case.unit or case.desk, timezone.now())
    assert night.telephone in page
    assert night.telephone not in text_of(sent(operator, key="b" * 32)), "an ordinary one waits for the morning"


def test_without_a_place_it_is_registered_and_waits_for_acceptance(operator: Client) -> None:
    page = sent(operator, text="路灯不亮", place="", kind="lamp.out")
    assert steps(Case.objects.get()) == ["say"]
    assert "还没受理" in text_of(page)


def test_an_error_is_said_and_nothing_typed_is_lost(operator: Client) -> None:
    page = sent(operator, phone="12")
    assert page.status_code == 422
    assert TEXT in text_of(page)
    assert "11" in text_of(page)
    assert not Case.objects.exists()
    assert TEXT in text_of(operator.get("/hotline/"))


def test_danger_by_one_key_is_an_emergency_with_the_duty_post_called(operator: Client) -> None:
    page = sent(operator, text="朝阳社区三号楼有人拿着刀追人，快点", do="danger", kind="order.build")
    case = Case.objects.get()
    assert case.urgency == "emergency"
    assert "danger" in steps(case)
    assert case.marks["danger"] is True
    assert "131022100-police" in case.marks["called"]
    assert Clock.objects.filter(case_id=case.id, name="danger").exists()
    assert 'href="tel:110"' in page.content.decode()


# ---- while typing


def test_while_typing_danger_kind_place_script_and_likely_matters_stand_beside(operator: Client) -> None:
    earlier = said(text="朝阳社区东门外路灯不亮，天黑看不见")
    page = text_of(operator.post("/hotline/hints/", {"key": KEY, "text": TEXT}))
    assert "路灯不亮" in page
    assert 'value="lamp.out" checked' in page
    assert f'value="{VILLAGE}" checked' in page
    assert "灯" in page
    assert earlier.code in page.replace("-", "")
    assert "tel:" not in page
    page = text_of(operator.post("/hotline/hints/", {"key": KEY, "text": "朝阳社区二单元着火了"}))
    assert 'href="tel:119"' in page
    assert "“着火" in page


@pytest.mark.parametrize(
    ("typed", "name", "within"),
    [
        ("东门医院", "东门医院", "固安镇"),
        ("市医院", "廊坊市人民医院", "广阳区"),
        ("朝阳社区", "朝阳社区", "固安镇"),
        ("宫村集", "宫村大集", "宫村镇"),
        ("宫一村", "宫一村", "宫村镇"),
    ],
)
def test_a_landmark_an_estate_or_a_village_is_found_with_its_township(
    city: None, typed: str, name: str, within: str
) -> None:
    found = landmarks.found(typed)
    assert name in found[0].name
    assert within in found[0].within


def test_every_landmark_of_the_city_lies_in_a_place_of_the_city(city: None) -> None:
    assert len(landmarks.all_of_them()) > 10
    assert [row for row in landmarks.all_of_them() if row[1] not in directory.city().places] == []


def test_every_group_of_kinds_has_its_script_in_both_languages(city: None) -> None:
    groups = {kind.group for kind in directory.city().kinds.values()}
    table = hearing.scripts()["group"]
    assert groups - set(table) == set()
    assert all(len(table[group][lang]) >= 2 for group in groups for lang in ("zh", "en"))


def test_a_chosen_kind_and_place_stand_against_what_the_words_propose(operator: Client) -> None:
    page = text_of(
        operator.post("/hotline/hints/", {"key": KEY, "text": TEXT, "kind": "road.hole", "place": "131022101000"})
    )
    assert 'value="road.hole" checked' in page
    assert 'value="131022101000" checked' in page


# ---- nothing is lost


def test_what_was_typed_comes_back_after_a_reload_and_is_gone_when_sent(operator: Client, line: Line) -> None:
    line.rings().is_taken()
    operator.post("/hotline/hints/", {"key": KEY, "text": TEXT, "name": "王秀兰", "phone": NUMBER})
    line.hangs_up()
    page = text_of(operator.get("/hotline/"))
    assert TEXT in page
    assert f'name="key" value="{KEY}"' in page
    assert "王秀兰" in page
    assert text_of(desk_of("city.clerk").get("/hotline/")).count(TEXT) == 0, "only the same operator"
    sent(operator)
    assert not Draft.objects.exists()
    assert TEXT not in text_of(operator.get("/hotline/"))


def test_a_draft_lies_sealed_and_can_be_dropped(operator: Client) -> None:
    operator.post("/hotline/hints/", {"key": KEY, "text": TEXT, "phone": NUMBER})
    row = Draft.objects.get()
    assert TEXT.encode() not in bytes(row.sealed)
    assert NUMBER.encode() not in bytes(row.sealed)
    operator.post("/hotline/drop/", {"key": KEY})
    assert not Draft.objects.exists()


def test_while_the_keeper_is_away_the_screen_still_takes_a_matter(operator: Client, monkeypatch: Any) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise vault.Away

    operator.post("/hotline/hints/", {"key": KEY, "text": TEXT})
    monkeypatch.setattr(vault, "unseal", away)
    assert operator.get("/hotline/").status_code == 200
    assert sent(operator).status_code == 200


def test_the_number_is_filled_in_from_the_exchange(operator: Client, line: Line) -> None:
    line.rings()
    assert NUMBER not in text_of(operator.get("/hotline/")), "not before it is taken"
    call = line.is_taken()
    assert operator.post("/hotline/number/", {"call": call.id.hex}).json() == {"phone": NUMBER}
    assert f'value="{NUMBER}"' in text_of(operator.get("/hotline/"))


# ---- cost and access


def test_the_screen_and_its_pieces_cost_few_queries(operator: Client, line: Line) -> None:
    for n in range(5):
        said(text=f"朝阳社区第 {n} 盏路灯不亮")
    line.rings().is_taken()
    asks = (
        ("/hotline/", None), ("/hotline/line/", None), ("/hotline/hints/", {"key": KEY, "text": TEXT}), ("/hotline/", None),
    )  # fmt: skip
    for path, data in asks:
        operator.get(path) if data is None else operator.post(path, data)
        with CaptureQueriesContext(connection) as asked:
            got = operator.get(path) if data is None else operator.post(path, data)
        assert got.status_code == 200
        assert len(asked) <= 12, (path, len(asked), [q["sql"][:90] for q in asked])


def test_who_is_not_signed_in_is_led_to_sign_in(city: None) -> None:
    assert Client().get("/hotline/").status_code == 302
    assert Client().post("/hotline/hints/").status_code == 302


def test_a_clerk_of_a_centre_may_sit_there_too(people: dict[str, User]) -> None:
    assert desk_of("gx.clerk").get("/hotline/").status_code == 200
    assert desk_of("gu.clerk2").get("/hotline/").status_code == 404


def test_the_english_screen_is_english(operator: Client) -> None:
    operator.post("/language/", {"language": "en"})
    operator.cookies["django_language"] = "en"
    page = text_of(operator.get("/hotline/"))
    assert "What the caller says" in page
    assert "Register, accept, hand on" in page
    assert "来电人" not in page


def test_the_same_engine_hears_danger_on_the_residents_page(city: None) -> None:
    page = text_of(Client().post("/say/hints/", {"text": "我家煤汽漏了，头晕"}))
    assert 'href="tel:119"' in page
    assert emergency.numbers("没有着火") == []
