"""The pages of the doors: a household its own, the property's desk its compound's, a stranger nothing; no page of staff names anybody."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from minan.kernel.models import Body, Case, Event
from minan.systems.doors import counter, homes, keys
from minan.systems.doors.models import Door, Home, Key, Order
from minan.systems.doors.tests import office
from minan.systems.doors.tests.office import Court, browser

pytestmark = pytest.mark.django_db
OWN = ("", "visits/", "plates/", "days/", "code/")


def text(page: Any) -> str:
    return str(page.content.decode())


def test_a_household_reads_its_own_pages_at_a_fixed_cost_and_nobody_else_finds_them(
    court: Court, people: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    wang = office.moves_in(court, people["resident"])
    office.moves_in(court, people["worker"], "401")
    mine = browser(people["resident"])
    for page in OWN:
        with django_assert_max_num_queries(12):
            assert mine.get(f"/doors/{wang.home.pk}/{page}").status_code == 200, page
        for who in ("worker", "stranger", office.CLERK, "admin", "supervisor"):
            assert browser(people[who]).get(f"/doors/{wang.home.pk}/{page}").status_code == 404, (who, page)
        assert browser().get(f"/doors/{wang.home.pk}/{page}").status_code == 302
        assert mine.get(f"/doors/{uuid4()}/{page}").status_code == 404


def test_a_visit_is_made_shown_again_without_its_digits_and_taken_back(court: Court, people: dict[str, Any]) -> None:
    wang, mine = office.moves_in(court, people["resident"]), browser(people["resident"])
    wrong = mine.post(f"/doors/{wang.home.pk}/visits/", {"day": "0", "from": "20", "to": "3", "often": "1"})
    assert wrong.status_code == 422
    assert '<option value="20" selected>' in text(wrong), "nothing typed is lost"
    made = mine.post(f"/doors/{wang.home.pk}/visits/", {"day": "1", "from": "9", "to": "12"})
    found = re.search(r'bigcode">(\d{6})<', text(made))
    assert found
    assert "/doors/pass/#M1." in text(made)
    row = Key.objects.get(kind="visit")
    again = text(mine.get(f"/doors/{wang.home.pk}/visits/{row.pk}/"))
    assert "#M1." in again
    assert found[1] not in again
    assert browser(people["stranger"]).get(f"/doors/{wang.home.pk}/visits/{row.pk}/").status_code == 404
    mine.post(f"/doors/{wang.home.pk}/drop/", {"name": row.pk, "visits": "1"})
    assert not Key.objects.exists()


def test_the_counter_enrols_after_a_look_at_a_paper_and_hands_over_a_slip_once(
    court: Court, people: dict[str, Any]
) -> None:
    desk, path = browser(people[office.CLERK]), f"/doors/desk/enrol/{court.compound.pk}/"
    given = {"building": "3", "entrance": "2", "flat": "302", "cards": "2", "pin": "1"}
    refused = desk.post(path, given)
    assert refused.status_code == 422
    assert 'value="302"' in text(refused)
    slip = text(desk.post(path, given | {"paper": "lease"}))
    code = re.search(r'bigcode">([0-9A-Z]{5}-[0-9A-Z]{5})<', slip)
    assert code
    assert len(re.findall(r'class="code">[0-9a-f]{32}<', slip)) == 2
    assert [row for row in Home.objects.values_list("path", "flat") if "302" in (*row[0].split("/"), row[1])] == []
    mine = browser(people["resident"])
    assert mine.post("/doors/join/", {"code": code[1]}).status_code == 302
    assert mine.post("/doors/join/", {"code": code[1]}).status_code == 422, "once"
    for who in ("stranger", "clerk", "handler"):
        assert browser(people[who]).get(path).status_code == 404, who
    assert browser(people["resident"]).get(path).status_code == 404


def test_who_guesses_invitations_is_slowed_down(court: Court, people: dict[str, Any]) -> None:
    from minan.lib import throttle

    throttle.forget()
    mine = browser(people["stranger"])
    said = [mine.post("/doors/join/", {"code": f"AAAAA-AAAA{n % 10}"}).status_code for n in range(12)]
    throttle.forget()
    assert said[:10] == [422] * 10
    assert said[10:] == [429] * 2


def test_the_desk_sees_doors_and_numbers_and_no_people(
    court: Court, people: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    wang = office.moves_in(court, people["resident"])
    keys.plate(wang.home, "冀R12345")
    desk = browser(people[office.CLERK])
    for path in ("/doors/desk/", f"/doors/desk/{court.gate.pk}/", "/doors/desk/add/"):
        with django_assert_max_num_queries(12):
            page = desk.get(path)
        assert page.status_code == 200
        for trace in ("王秀兰", "302", "12345", wang.home.pk.hex, str(wang.home.pk)):
            assert trace not in text(page), (path, trace)
    assert "南门" in text(desk.get("/doors/desk/"))
    stranger = browser(people["stranger"])
    assert "南门" not in text(stranger.get("/doors/desk/"))
    assert stranger.get(f"/doors/desk/{court.gate.pk}/").status_code == 404
    assert stranger.post(f"/doors/desk/{court.gate.pk}/credential/").status_code == 404
    assert "生成凭证" not in text(desk.get(f"/doors/desk/{court.gate.pk}/"))
    with django_assert_max_num_queries(12):
        assert browser().get("/doors/about/").status_code == 200


def test_the_desk_opens_from_afar_with_a_reason_only_and_the_case_opens_it_again(
    court: Court, people: dict[str, Any]
) -> None:
    desk, path = browser(people[office.CLERK]), f"/doors/desk/{court.gate.pk}/open/"
    refused = desk.post(path, {"reason": "", "words": "送冰箱", "key": "a" * 32})
    assert (refused.status_code, Order.objects.count()) == (422, 0)
    assert "送冰箱" in text(refused)
    done = desk.post(path, {"reason": "works", "words": "送冰箱", "key": "a" * 32})
    again = desk.post(path, {"reason": "works", "words": "送冰箱", "key": "a" * 32})
    assert done["Location"] == again["Location"], "pressed twice is once"
    assert Order.objects.count() == 1
    case = Case.objects.get(procedure="door_opening")
    assert desk.post(f"/doors/desk/o/{case.code}/").status_code == 302
    assert Order.objects.count() == 2
    assert browser(people["stranger"]).get(f"/doors/desk/o/{case.code}/").status_code == 404
    assert browser(people["resident"]).post(path, {"reason": "works", "words": "x", "key": "b"}).status_code == 404


def test_the_paper_of_a_home_without_phones_fetches_its_closed_lines(court: Court, people: dict[str, Any]) -> None:
    home, _code = homes.enrol(court.compound, "3", "2", "302", timezone.now())
    token, client = homes.reader(home), browser()
    assert client.post("/doors/paper/bag/", headers={"Authorization": f"Paper {token}"}).json()["days"] == 7
    assert client.post("/doors/paper/bag/", headers={"Authorization": "Paper x"}).status_code == 404


def test_what_the_counter_made_opens_nothing_after_the_first_phone(court: Court, people: dict[str, Any]) -> None:
    """刘桂芬 keeps what the slip showed: the key and the token of the paper. 王秀兰 registers her phone."""
    now = timezone.now()
    said = {"paper": "lease", "building": "3", "entrance": "2", "flat": "302", "cards": "1"}
    slip = counter.slip(court.compound, said, "https://city/doors/paper/", now)
    token, secret = slip["paper"].split("#")[1].split(".")
    printed = homes.seal_of(Home.objects.get())
    assert Key.objects.get(kind="card").seal == printed
    assert len(secret) == 128
    home = homes.join(people["resident"], slip["code"], now)
    assert home is not None
    mine, own = browser(people["resident"]), office.point(office.ec.generate_private_key(office.ec.SECP256R1())).hex()
    path, house = f"/doors/{home.pk}/phone/", office.ec.generate_private_key(office.ec.SECP256R1())
    assert mine.post(path, {"point": own, "seal": printed}).status_code == 422, "a planted key is no key of the phone's"
    assert not home.phones.exists()
    said = mine.post(path, {"point": own, "seal": office.point(house).hex()}).json()
    assert said["seal"] == office.point(house).hex()
    assert Key.objects.get(kind="card").seal == said["seal"]
    assert browser().post("/doors/paper/bag/", headers={"Authorization": f"Paper {token}"}).status_code == 404
    second = mine.post(path, {"point": own, "seal": own}).json()
    assert second["seal"] == said["seal"], "a second phone changes nothing"


def test_a_home_without_a_key_is_told_how_to_get_one(court: Court, people: dict[str, Any]) -> None:
    home, code = homes.enrol(court.compound, "3", "2", "302", timezone.now())
    homes.join(people["resident"], code, timezone.now())
    mine = browser(people["resident"])
    assert "还没有看记录的钥匙" in text(mine.get(f"/doors/{home.pk}/days/"))
    homes.set_seal(home, office.point(office.ec.generate_private_key(office.ec.SECP256R1())))
    page = text(mine.get(f"/doors/{home.pk}/days/"))
    assert ("还没有看记录的钥匙" in page, "不在这部手机里" in page) == (False, True)


def test_a_new_key_of_the_household_ends_every_key_and_paper_before(court: Court, people: dict[str, Any]) -> None:
    wang, mine = office.moves_in(court, people["resident"]), browser(people["resident"])
    token, card = homes.reader(wang.home), keys.card(wang.home)
    other = office.ec.generate_private_key(office.ec.SECP256R1())
    path, point = f"/doors/{wang.home.pk}/new-key/", office.point(other).hex()
    assert mine.post(path, {"seal": "00"}).status_code == 422
    assert browser(people["stranger"]).post(path, {"seal": point}).status_code == 404
    said = mine.post(path, {"seal": point}).json()
    assert said["seal"] == point == Key.objects.get(kind="card").seal
    assert card
    for one, status in ((token, 404), (said["token"], 200)):
        assert browser().post("/doors/paper/bag/", headers={"Authorization": f"Paper {one}"}).status_code == status
    asked = office.asks(wang, int(timezone.now().timestamp()))
    daily = browser().post("/doors/key/daily/", asked, content_type="application/json").json()
    assert daily["seal"] == point, "every phone of the family learns it with its next pass"


def test_a_doors_credential_is_made_by_who_heads_the_place_and_stands_in_the_register(
    court: Court, people: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    path = f"/doors/desk/{court.gate.pk}/credential/"
    before = Door.objects.get(pk=court.gate.pk).key
    for who in (office.WORKER, office.CLERK, "supervisor", "city.super", "stranger", "admin", "resident"):
        assert browser(people[who]).post(path).status_code == 404, who
    assert Door.objects.get(pk=court.gate.pk).key == before
    head = browser(people[office.HEAD])
    assert "南门" in text(head.get("/doors/desk/"))
    with django_assert_max_num_queries(12):
        assert "生成凭证" in text(head.get(f"/doors/desk/{court.gate.pk}/"))
    assert head.get(f"/doors/desk/enrol/{court.compound.pk}/").status_code == 404, "no homes: that is the point's own desk"
    assert "--key" in text(head.post(path))
    assert Door.objects.get(pk=court.gate.pk).key != before
    last = Event.objects.filter(step="key").order_by("-id")[0]
    said = json.loads(Body.objects.get(case_id=last.case_id, n=last.n).text)["facts"]["what"]
    assert last.by == "131022100-station:supervisor"
    assert (court.gate.pk.hex in said, "门的凭证" in said) == (True, True)


def test_a_compound_and_a_door_are_put_up_by_whoever_answers_for_the_place(people: dict[str, Any], keys: Any) -> None:
    desk, village = (
        browser(people[office.CLERK]),
        {"name": "幸福里", "place": office.VILLAGE, "unit": office.UNIT, "spaces": "10"},
    )
    assert desk.post("/doors/desk/add/", village).status_code == 302
    compound = office.Compound.objects.get()
    wrong = desk.post(
        "/doors/desk/add/", {"compound": compound.pk, "name": "东门", "kind": "gate", "building": "三", "homes": "9"}
    )
    assert (wrong.status_code, "东门" in text(wrong)) == (422, True)
    assert (
        desk.post(
            "/doors/desk/add/", {"compound": compound.pk, "name": "东门", "kind": "gate", "homes": "9"}
        ).status_code
        == 302
    )
    assert Door.objects.get().closes == f"{office.VILLAGE}/c1"
    assert list(Event.objects.filter(step="key").values_list("by", flat=True)) == [f"{office.UNIT}:clerk"] * 2
    assert browser(people["worker"]).get("/doors/desk/add/").status_code == 404
    assert desk.post("/doors/desk/add/", village | {"unit": "131022100-station"}).status_code == 404, (
        "not in another's name"
    )
