"""The pages of shops and orders: who finds them, what each may read; nothing typed is lost; twelve queries; both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from minan.kernel import registry, verify
from minan.kernel.access import actor
from minan.kernel.models import Case, Event, Message
from minan.systems.services import importing, slots
from minan.systems.services import order as procedure_of
from minan.systems.services.models import Job
from minan.systems.services.tests.cast import (
    ABOVE,
    ADDRESS,
    DAY,
    DESK,
    PHONE,
    SHOP,
    STRANGER,
    VILLAGE,
    WHAT,
    go,
    listed,
    turned,
)

pytestmark = pytest.mark.django_db
HEAD = "name,trade,place,spot,hours,offers,shop_phone,licence,delivery,minutes,lon,lat\n"


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> Iterator[None]:
    settings.MFA_REQUIRED_FOR_STAFF = False
    with translation.override("zh-hans"):
        yield


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path, follow=True)
    assert answer.status_code == status, (path, answer.status_code)
    return str(answer.content.decode())


def entered(answer: Any, client: Client) -> str:
    """The code of the case on a slip, entered in this browser."""
    found = re.search(r"/m/(\w{15})/#(\w{26})", answer.content.decode())
    assert found, answer.content.decode()[-3000:]
    assert client.post(f"/m/{found[1]}/", {"secret": found[2]}).status_code == 302
    return found[1]


@pytest.fixture
def shop(people: dict[str, Any]) -> tuple[Client, Case]:
    """A shop that applied by itself and was checked; its own browser."""
    client = Client()
    code = entered(client.post("/services/apply/", SHOP | {"key": "a" * 32}), client)
    case = Case.objects.get(code=code)
    go(
        case,
        "check_licence",
        people[DESK],
        timezone.now(),
        how="seen",
        next_check=(timezone.now() + 200 * DAY).date().isoformat(),
    )
    return client, case


def order(case: Case, n: int = 1, client: Client | None = None, **facts: Any) -> tuple[Client, str]:
    client = client or Client()
    said = {
        "what": WHAT,
        "how": "visit",
        "address": ADDRESS,
        "name": "王秀兰",
        "phone": PHONE,
        "at": "3",
        "do": "next",
        "key": f"{n:032x}",
    } | facts
    said.setdefault("slot", slots.free(case, timezone.now())[-n].isoformat())
    return client, entered(client.post(f"/services/{case.code}/order/", said), client)


def test_a_resident_finds_a_shop_and_its_telephone(shop: tuple[Client, Case]) -> None:
    found = page(Client(), "/services/?find=朝阳社区")
    assert VILLAGE in found or "找哪一行" in found
    rows = page(Client(), f"/services/?place={VILLAGE}&trade=hair")
    assert "老街理发店" in rows
    assert "老街理发店" not in page(Client(), f"/services/?place={VILLAGE}&trade=food")
    text = page(Client(), f"/services/{shop[1].code}/")
    for word in ("tel:03166100001", "剪发 15 元", "91131022MA0000001X", "朝阳社区说事点", "这里不收钱", "还不到 5 单"):
        assert word in text, word


def test_what_is_hidden_is_not_there_for_anybody(shop: tuple[Client, Case], people: dict[str, Any]) -> None:
    _client, case = shop
    go(case, "suspend", people[DESK], timezone.now(), words="查一查")
    for path in (f"/services/{case.code}/", f"/services/{case.code}/order/", "/services/AAAAAAAAAAAAAAA/"):
        assert Client().get(path).status_code == 404, path
    assert "老街理发店" not in page(Client(), f"/services/?place={VILLAGE}&all=1")
    assert "查一查" in page(shop[0], f"/services/own/{case.code}/")


def test_one_thing_a_screen_and_back_again(shop: tuple[Client, Case]) -> None:
    client, path = Client(), f"/services/{shop[1].code}/order/"
    first = page(client, path)
    assert 'name="what"' in first
    assert 'id="f-address"' not in first
    second = client.post(path, {"what": WHAT, "at": "0", "do": "next", "key": "b" * 32}).content.decode()
    assert f'<input type="hidden" name="what" value="{WHAT}">' in second
    assert 'id="f-how' in second
    empty = client.post(path, {"what": "", "at": "0", "do": "next", "key": "b" * 32})
    assert empty.status_code == 422
    third = client.post(path, {"what": WHAT, "how": "visit", "at": "1", "do": "next", "key": "b" * 32}).content.decode()
    assert "optgroup" in third
    back = client.post(path, {"what": WHAT, "how": "visit", "at": "2", "do": "back", "key": "b" * 32}).content.decode()
    assert 'id="f-how' in back
    lacking = client.post(
        path,
        {
            "what": WHAT,
            "how": "visit",
            "slot": "2026-01-01T09:00:00+08:00",
            "address": ADDRESS,
            "at": "3",
            "do": "next",
            "key": "b" * 32,
        },
    )
    assert lacking.status_code == 409
    assert ADDRESS in lacking.content.decode()
    assert not Job.objects.exists()


def test_from_order_to_rating_by_two_links(shop: tuple[Client, Case], people: dict[str, Any]) -> None:
    merchant, case = shop
    resident, code = order(case)
    assert WHAT in page(resident, f"/m/{code}/")
    job = f"/services/own/{case.code}/job/{code}/"
    assert code[:5] in page(merchant, f"/services/own/{case.code}/")
    before = page(merchant, job)
    assert WHAT in before
    assert ADDRESS not in before, "not before it is taken"
    assert merchant.post(f"{job}shop_takes/", {"key": "1" * 32}).status_code == 302
    taken = page(merchant, job)
    assert ADDRESS in taken
    assert f"tel:{PHONE}" in taken
    merchant.post(f"{job}shop_begins/", {"key": "2" * 32})
    merchant.post(f"{job}shop_finishes/", {"key": "3" * 32})
    after = page(merchant, job)
    assert ADDRESS not in after, "nor after it is done"
    assert WHAT not in after
    rated = resident.post(
        f"/services/order/{code}/rate/", {"good": "true", "words": "手艺好，电话 13900000009", "key": "4" * 32}
    )
    assert rated.status_code == 302
    assert resident.post(f"/services/order/{code}/rate/", {"good": "false", "key": "5" * 32}).status_code in (404, 409)
    case.refresh_from_db()
    assert (case.facts["good"], case.facts["rated"]) == (1, 1)
    assert "13900000009" not in str(case.facts["said"])
    assert Event.objects.get(case_id=Case.objects.get(code=code).id, step="shop_takes").by == "clock"
    turned(timezone.now())
    assert Message.objects.filter(case_id=case.id, to="speaker").exists(), "the shop was told that an order came in"


def test_the_shop_is_told_neither_of_a_complaint_nor_of_who_rated(shop: tuple[Client, Case]) -> None:
    """Two orders that are over, one of them complained of and rated badly: to the shop they look the same."""
    merchant, case = shop
    seen = {}
    for n in (1, 2):
        resident, code = order(case, n)
        job = f"/services/own/{case.code}/job/{code}/"
        for k, step in enumerate(("shop_takes", "shop_finishes")):
            merchant.post(f"{job}{step}/", {"key": f"{n}{k}" * 16})
        if n == 1:
            resident.post(f"/services/order/{code}/complain/", {"words": "少找了钱", "key": "c" * 32})
            resident.post(f"/services/order/{code}/rate/", {"good": "false", "key": "d" * 32})
            assert "投诉" in page(resident, f"/services/order/{code}/"), "who complained reads it"
        plain = re.sub(r"<(script|style)[\s\S]*?</\1>", "", page(merchant, job))
        seen[n] = plain.split("一路经过")[1].count("<li>")
        assert ("做完了" in plain, "接了单" in plain) == (True, True)
        for word in ("投诉", "评了", "评过", "您取消"):
            assert word not in plain, word
    assert Case.objects.filter(state="order_rated").count() == 1
    assert seen[1] == seen[2] == 3
    rows = re.findall(r'class="small quiet">([^·<]*)·', page(merchant, f"/services/own/{case.code}/"))
    assert [row.strip() for row in rows] == ["做完了", "做完了"]


def test_every_state_of_an_order_has_words_for_the_shop() -> None:
    assert {state.name for state in procedure_of.STATES} == procedure_of.STATES_FOR_SHOP.keys()
    assert procedure_of.LOG_FOR_SHOP.keys() <= {"order", *(step.name for step in procedure_of.STEPS)}


def test_words_wait_for_the_desk_and_figures_for_five(shop: tuple[Client, Case], people: dict[str, Any]) -> None:
    merchant, case = shop
    for n in range(1, 6):
        resident, code = order(case, n)
        for k, step in enumerate(("shop_takes", "shop_finishes")):
            merchant.post(f"/services/own/{case.code}/job/{code}/{step}/", {"key": f"{n}{k}" * 16})
        resident.post(
            f"/services/order/{code}/rate/",
            {"good": "true" if n > 1 else "false", "words": f"第{n}回", "key": f"{n}9" * 16},
        )
    text = page(Client(), f"/services/{case.code}/")
    assert "5 单里 4 单说好" in text
    assert "第2回" not in text
    desk = signed_in(people[DESK])
    assert "第2回" in page(desk, f"/services/own/{case.code}/")
    assert "第2回" not in page(merchant, f"/services/own/{case.code}/")
    desk.post(f"/services/own/{case.code}/show_words/", {"k": "2"})
    desk.post(f"/services/own/{case.code}/hide_words/", {"k": "3"})
    shown = page(Client(), f"/services/{case.code}/")
    assert "第2回" in shown
    assert "第3回" not in shown
    case.refresh_from_db()
    assert case.facts["rated"] == 5, "what is not shown counts all the same"


def test_strangers_find_no_order_no_job_and_no_shops_desk(shop: tuple[Client, Case], people: dict[str, Any]) -> None:
    merchant, case = shop
    resident, code = order(case)
    other = Client()
    entered(other.post("/services/apply/", SHOP | {"name": "别家", "licence": "9", "key": "9" * 32}), other)
    for client in (Client(), other, signed_in(people[STRANGER]), signed_in(people["resident"]), resident):
        assert client.get(f"/services/own/{case.code}/").status_code in (302, 404)
        assert client.get(f"/services/own/{case.code}/job/{code}/").status_code == 404
        assert client.post(f"/services/own/{case.code}/job/{code}/shop_takes/").status_code == 404
    for client in (
        Client(),
        other,
        merchant,
        signed_in(people[DESK]),
        signed_in(people[ABOVE]),
        signed_in(people["resident"]),
    ):
        assert client.get(f"/services/order/{code}/").status_code == 404
        assert client.post(f"/services/order/{code}/cancel/").status_code == 404
    assert Case.objects.get(code=code).state == "placed"


def test_a_complaint_hides_where_no_matters_are_taken(
    shop: tuple[Client, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    resident, code = order(shop[1])
    assert "投诉" in page(resident, f"/services/order/{code}/")
    without = {name: p for name, p in registry.procedures().items() if name != "matter"}
    monkeypatch.setattr(registry, "get", without.get)
    assert "投诉" not in page(resident, f"/services/order/{code}/")


def test_a_cancelled_slot_can_be_booked_again(shop: tuple[Client, Case]) -> None:
    resident, code = order(shop[1])
    held = Job.objects.get().starts_at
    assert held not in slots.free(shop[1], timezone.now())
    assert resident.post(f"/services/order/{code}/cancel/", {"key": "6" * 32}).status_code == 302
    assert held in slots.free(shop[1], timezone.now())


def test_the_counter_orders_for_a_person_and_sees_it_no_more(shop: tuple[Client, Case], people: dict[str, Any]) -> None:
    desk = signed_in(people[DESK])
    said = {
        "what": WHAT,
        "how": "there",
        "phone": PHONE,
        "slot": slots.free(shop[1], timezone.now())[0].isoformat(),
        "at": "3",
        "do": "next",
        "key": "7" * 32,
    }
    slip = desk.post(f"/services/{shop[1].code}/order/", said)
    assert "bigcode" in slip.content.decode()
    made = Case.objects.get(procedure="service_order")
    assert Event.objects.get(case_id=made.id, n=1).by == "131022100010-point:clerk"
    assert desk.get(f"/services/order/{made.code}/").status_code == 404
    again = desk.post(f"/services/{shop[1].code}/order/", said)
    assert again.status_code == 200
    assert Case.objects.filter(procedure="service_order").count() == 1, "pressing twice is one order"


def test_a_table_of_shops_is_taken_row_by_row_and_each_fault_told(people: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "shops.csv"
    file.write_text(
        HEAD
        + f"老李修鞋,修鞋、修表、配钥匙,{VILLAGE},南门,9-18,修鞋 10 元；配钥匙 5 元,03166100002,L1,,,116.29,39.43\n"
        f"缺电话,food,{VILLAGE},南门,9-18,包子 2 元,,L2,,,,\n没这行,飞船,{VILLAGE},南门,9-18,x,03166100003,L3,,,,\n"
        f"太远,food,131022100000,南门,9-18,x,03166100004,L4,,,200,39\n",
        "utf-8",
    )
    who = actor(people[DESK])
    done = importing.load(file, who)
    assert (done.read, done.opened, done.before) == (4, 1, 0)
    told = {n: why for n, _row, why in done.rejected}
    assert set(told) == {3, 4, 5}
    assert "shop_phone" in told[3]
    assert "trade" in told[4]
    assert "outside China" in told[5]
    assert "缺电话" in (tmp_path / "shops.csv.rejected.csv").read_text("utf-8")
    assert importing.load(file, who).before == 1, "the same licence is one shop"
    case = Case.objects.get(procedure="shop")
    assert case.facts["offers"] == ["修鞋 10 元", "配钥匙 5 元"]
    desk, merchant = signed_in(people[DESK]), Client()
    handed = desk.post(f"/services/own/{case.code}/link/")
    assert entered(handed, merchant) == case.code
    assert Event.objects.filter(case_id=case.id, step="hand_link").count() == 1
    assert "老李修鞋" in page(merchant, f"/services/own/{case.code}/")
    with pytest.raises(importing.BadFile):
        importing.load(tmp_path / "none.csv", who)


def test_a_new_link_ends_the_one_before_and_who_came_in_by_it(people: dict[str, Any], tmp_path: Path) -> None:
    file, now = tmp_path / "shops.csv", timezone.now()
    file.write_text(HEAD + f"老李修鞋,shoes,{VILLAGE},南门,9-18,修鞋 10 元,03166100002,L1,,,,\n", "utf-8")
    importing.load(file, actor(people[DESK]))
    case, desk = Case.objects.get(procedure="shop"), signed_in(people[DESK])
    path = f"/services/own/{case.code}/"
    first = desk.post(f"{path}link/")
    before = Client()
    entered(first, before)
    assert "老李修鞋" in page(before, path)
    second = desk.post(f"{path}link/")
    after = Client()
    entered(second, after)
    assert "老李修鞋" in page(after, path)
    assert before.get(path).status_code == 302, "who came in by the first link is out"
    assert before.get(f"/m/{case.code}/").status_code != 302, "in the general page too"
    old = re.search(r"/#(\w{26})", first.content.decode())
    assert old is not None
    assert Client().post(f"/m/{case.code}/", {"secret": old[1]}).status_code != 302
    assert Event.objects.filter(case_id=case.id, step="hand_link").count() == 2
    assert desk.post(f"{path}hand_link/").status_code == 404, "no event without a link that is shown"
    assert after.post(f"{path}link/").status_code == 404, "only the desk hands it over"
    turned(now)
    assert verify.check(pages=False).faults == []


def test_who_applied_by_itself_is_handed_no_link(shop: tuple[Client, Case], people: dict[str, Any]) -> None:
    assert signed_in(people[DESK]).post(f"/services/own/{shop[1].code}/link/").status_code == 404
    assert "老街理发店" in page(shop[0], f"/services/own/{shop[1].code}/")


def test_the_shop_changes_what_it_says_and_the_desk_checks_on_the_same_page(
    shop: tuple[Client, Case], people: dict[str, Any]
) -> None:
    merchant, case = shop
    path = f"/services/own/{case.code}/"
    assert "剪发 15 元" in page(merchant, f"{path}?step=edit")
    changed = merchant.post(f"{path}edit/", {"offers": "剪发 18 元", "open": "false", "key": "8" * 32})
    assert changed.status_code == 302
    assert "剪发 18 元" in page(Client(), f"/services/{case.code}/")
    assert Client().get(f"/services/{case.code}/order/").status_code == 404, "it takes no orders now"
    desk = signed_in(people[DESK])
    assert "核验执照" in page(desk, path)
    bad = desk.post(f"{path}check_licence/", {"how": "seen", "next_check": "2050-01-01", "key": "1" * 32})
    assert bad.status_code == 422
    assert "一年内" in bad.content.decode()


def test_every_page_costs_twelve_queries_at_most_and_reads_in_english(
    shop: tuple[Client, Case], people: dict[str, Any]
) -> None:
    merchant, case = shop
    resident, code = order(case)
    for n in range(2, 8):
        order(case, n)
        listed(people, timezone.now(), name=f"店{n}", licence=str(n))
    desk, job = signed_in(people[DESK]), f"/services/own/{case.code}/job/{code}/"
    asked = [
        (Client(), f"/services/?place={VILLAGE}&all=1"),
        (Client(), f"/services/?place={VILLAGE}"),
        (Client(), f"/services/{case.code}/"),
        (Client(), f"/services/{case.code}/order/"),
        (resident, f"/services/order/{code}/"),
        (merchant, f"/services/own/{case.code}/"),
        (merchant, job),
        (desk, f"/services/own/{case.code}/"),
        (Client(), "/services/apply/"),
    ]
    for who, path in asked:
        who.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert who.get(path).status_code == 200
        assert len(seen) <= 12, (path, len(seen))
        text = who.get(path, headers={"accept-language": "en"}).content.decode()
        left = re.findall(
            r">\s*([^<>]*(?:找哪一行|打电话|一路经过|订单|下一步|申请|店里)[^<>]*)<",
            re.sub(r"<(script|style)[\s\S]*?</\1>", "", text),
        )
        assert [one for one in left if "便民订单" not in one] == [], path
