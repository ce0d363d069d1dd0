"""王秀兰's son, afraid of forms, answers ten questions on a phone: back always works, nothing typed is lost, nothing is kept."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minan.channels.web import estimate, estimate_words
from minan.kernel.models import Case, Event
from minan.lib.damages.questions import WALKS

pytestmark = pytest.mark.django_db

TYPED: dict[str, dict[str, str]] = {
    "date": {"date": "2019-11-02", "province": "13"}, "how": {"how": "ride"}, "blame": {"blame": "main"}, "age": {"age": "50"},
    "medical": {"medical": "26000"}, "stay": {"stay": "18", "stay_daily": "50"}, "leave": {"leave": "60", "leave_daily": "100"},
    "nursing": {"nursing": "20", "nursing_daily": "100"}, "grade": {"grade": "rated", "rated": "10", "income": "36500"},
    "cover": {"cover": "yes", "commercial": "500000", "advanced": "20000"}, "barred": {"barred": ""}, "advanced": {"advanced": "20000"},
}  # fmt: skip


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def token(address: str) -> str:
    return parse_qs(urlsplit(address).query).get("a", [""])[0]


def walked(client: Client, side: str = "victim", lang: str = "zh-hans", **more: dict[str, str]) -> Any:
    """All ten screens, and the result."""
    typed, address = TYPED | more, f"/damages/estimate/{side}/1/"
    for name in WALKS[side]:
        answer = client.post(address.partition("?")[0], typed[name] | {"a": token(address)})
        assert answer.status_code == 302, (name, words(answer))
        address = answer["Location"]
    page = client.get(address, headers={"Accept-Language": lang})
    assert page.status_code == 200, page.get("Location")
    return page


def test_a_victim_gets_a_range_with_its_reason_its_proofs_and_whom_to_ask(client: Client) -> None:
    text = words(walked(client))
    assert "第 1 问，共 10 问" in words(client.get("/damages/estimate/victim/1/"))
    assert "残疾赔偿金 73,000 元" in text  # 36500 × 20 × 0.1
    assert "医疗费 26,000 元" in text
    assert "双方各担多少没有定 最多差" in text  # Hebei's table: 80 to 90 per cent
    for part in ("不是判决", "精神抚慰金", "出院小结", "12348", "社会救助基金", "交强险赔", "引用前请核对", "还差"):
        assert part in text


def test_what_is_not_yet_known_is_a_range_or_stands_under_what_was_left_out(client: Client) -> None:
    text = words(
        walked(
            client,
            blame={"blame": "unknown"},
            medical={"medical_unknown": "on"},
            leave={"leave_unknown": "on", "leave_daily": "100"},
            grade={"grade": "unknown", "income": "36500"},
            cover={"cover": "unknown"},
        )
    )
    assert "误工费 3,000 到 18,000 元" in text
    assert "残疾赔偿金 0 到 219,000 元" in text
    assert "伤残等级没有评 最多差" in text
    assert "医药费：还不知道花了多少" in text


def test_who_knows_nothing_yet_is_not_told_that_nothing_is_paid(client: Client) -> None:
    nothing: dict[str, dict[str, str]] = {name: {f"{name}_unknown": "on"} for name in ("medical", "stay", "leave", "nursing")}
    text = words(walked(client, **nothing, grade={"grade": "unknown"}, advanced={"advanced_unknown": "on"}))
    assert "还算不出来" in text
    assert not re.search(r"(?<![\d,])0 元", text.partition("没有算进去的")[0])
    assert "还没算全" in words(walked(client, medical={"medical_unknown": "on"}))


def test_without_the_year_s_figure_nothing_is_guessed_and_it_can_be_added(client: Client) -> None:
    page = walked(client, grade={"grade": "unknown"})
    assert "缺上一年城镇居民人均可支配收入" in words(page)
    assert "残疾赔偿金 0" not in words(page)
    assert "/damages/estimate/victim/9/?a=" in page.content.decode()


def test_a_driver_sees_what_is_left_to_pay_after_both_insurances(client: Client) -> None:
    insured, drunk = walked(client, "driver"), walked(client, "driver", barred={"barred": "drunk"})
    assert "您自己可能要掏 0 元" in words(insured)
    assert re.search(r"您自己可能要掏 [1-9][0-9,]* 到 [0-9,]+ 元", words(drunk))
    assert "商业险不赔" in words(drunk)
    assert "交强险赔了以后，保险公司可以再向您要" in words(drunk)
    assert "多给的，可以要回来：20,000 元" in words(insured)
    assert "第 9 问" in words(client.get("/damages/estimate/driver/9/"))


def test_in_english_everything_is_english(client: Client) -> None:
    for side in WALKS:
        text = words(walked(client, side, lang="en"))
        assert not re.search(r"[\u4e00-\u9fff]", text.replace("民安", "").replace("中文", "")), re.findall(
            "[\u4e00-\u9fff]+", text
        )
        for n in range(1, 11):
            page = words(client.get(f"/damages/estimate/{side}/{n}/", headers={"Accept-Language": "en"}))
            assert not re.search(r"[\u4e00-\u9fff]", page.replace("民安", "").replace("中文", "")), re.findall(
                "[\u4e00-\u9fff]+", page
            )


def test_back_works_with_anything_in_the_boxes_and_brings_it_again(client: Client) -> None:
    first = client.post("/damages/estimate/victim/1/", TYPED["date"])
    back = client.post("/damages/estimate/victim/5/", {"medical": "两万六", "a": token(first["Location"]), "back": "1"})
    assert back["Location"].startswith("/damages/estimate/victim/4/")
    again = client.get("/damages/estimate/victim/5/", {"a": token(back["Location"])}).content.decode()
    assert 'value="两万六"' in again
    assert (
        'value="2019-11-02"'
        in client.get("/damages/estimate/victim/1/", {"a": token(back["Location"])}).content.decode()
    )
    assert client.post("/damages/estimate/victim/1/", {"back": "1"})["Location"] == "/damages/estimate/"


@pytest.mark.parametrize(("n", "typed", "said"), [
    (5, {"medical": "两万"}, "写成数字"), (5, {}, "写一个数，或者点“还不知道”"), (2, {}, "点一个"), (9, {"grade": "rated"}, "选一个等级"),
    (4, {"age": "200"}, "130"), (1, {"province": "13"}, "选一个日期"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_stays(client: Client, n: int, typed: dict[str, str], said: str) -> None:
    page = client.post(f"/damages/estimate/victim/{n}/", typed)
    assert page.status_code == 422
    assert said in words(page)
    assert all(f'value="{value}"' in page.content.decode() for value in typed.values())


def test_a_result_without_all_answers_leads_to_the_first_open_question(client: Client) -> None:
    first = client.post("/damages/estimate/victim/1/", TYPED["date"])
    led = client.get("/damages/estimate/victim/result/", {"a": token(first["Location"])})
    assert led["Location"].startswith("/damages/estimate/victim/2/")


def test_answers_travel_sealed_and_those_of_others_are_refused(client: Client) -> None:
    address = client.post("/damages/estimate/victim/5/", TYPED["medical"])["Location"]
    assert "26000" not in address
    assert estimate.opened(token(address))["medical"] == "26000"
    bad = client.get("/damages/estimate/victim/6/", {"a": token(address)[:-4] + "AAAA"})
    assert bad["Location"] == "/damages/estimate/?lost=1"
    assert "请从头开始" in words(client.get(bad["Location"]))
    assert client.get("/damages/estimate/judge/1/").status_code == 404
    assert client.get("/damages/estimate/victim/11/").status_code == 404


def test_nothing_is_kept_and_the_database_is_asked_nothing_of_its_own(client: Client) -> None:
    page = walked(client)
    assert (Case.objects.count(), Event.objects.count()) == (0, 0)
    assert set(page.cookies) <= {"csrftoken"}
    with CaptureQueriesContext(connection) as asked:
        walked(client)
    assert len(asked) <= 4 * 11


def test_the_widest_open_case_is_worked_out_quickly(client: Client) -> None:
    walk = estimate.Walk("victim", {k: v for one in TYPED.values() for k, v in one.items()})
    walk.typed |= {
        "blame": "unknown",
        "grade": "heavy",
        "cover": "unknown",
        "leave": "",
        "leave_unknown": "on",
        "nursing": "",
        "nursing_unknown": "on",
    }
    before = time.process_time()
    found = estimate.result(walk)
    assert found["counted"] == 288
    assert time.process_time() - before < 3  # a third of a second on a quiet machine


def test_a_driver_is_told_what_he_was_not_asked_and_no_days_that_are_known(client: Client) -> None:
    text = words(walked(client, "driver"))
    assert "护理费、住院伙食补助费" in text.partition("没有算进去的")[2]
    assert "不知道的天数" not in text
    assert str(estimate_words.spans("driver", {"leave", "nursing"})) == "不知道的天数按常见范围算：不能干活 30–180 天。", "care is not asked of him"
    assert estimate_words.spans("victim", set()) == ""
