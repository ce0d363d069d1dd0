"""王秀兰's son works out on a phone what her accident comes to: plain pages, nothing kept, nothing typed lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minan.channels.web import damages
from minan.kernel.models import Case, Event

pytestmark = pytest.mark.django_db

ANSWERS = {
    "accident_date": "2018-05-10", "as_of": "2020-12-01", "province": "13", "other": "non_motor", "driver": "yes", "responsibility": "main",
    "share": "70", "insured": "yes", "commercial": "500000", "age": "50", "standard": "urban", "medical": "26000", "stay": "18",
    "stay_daily": "50", "grades": "10", "appraisal": "1000", "advance": "20000", "advances": "refund_by_insurer",
}  # fmt: skip


def send(client: Client, lang: str = "zh-hans", **more: str) -> Any:
    return client.post("/damages/", ANSWERS | more, headers={"Accept-Language": lang})


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_the_result_can_be_checked_with_a_pencil(client: Client) -> None:
    page = send(client)
    assert page.status_code == 200
    text = words(page)
    assert "残疾赔偿金 71476.00 35738 × 20 × 0.1" in text  # 河北 2019
    assert "交强险（对方车） 81476.00 医疗费用 10000（损失 26900，限额所余 10000） + 死亡伤残 71476" in text
    assert "商业险（对方车） 11830.00 16900 × 0.7" in text
    assert "对方司机 700.00 17900 × 0.7 − 11830" in text
    assert "保险公司 → 对方司机 垫付款返还 19300.00" in text
    assert "引用前请核对" in text


def test_in_english_everything_is_english(client: Client) -> None:
    text = words(send(client, lang="en"))
    assert "compulsory insurance (the other car) 81476.00" in text
    assert "the insurer → the other driver" in text


def test_nothing_is_kept_and_everything_typed_is_still_there(client: Client) -> None:
    page = send(client, grades="8 10")
    assert 'value="26000"' in page.content.decode()
    assert 'value="8 10"' in page.content.decode()
    assert (Case.objects.count(), Event.objects.count()) == (0, 0)
    assert "还缺这些" in words(page)
    assert "每多一处伤残加百分之几" in words(page)


def test_without_a_share_hebei_s_range_is_shown_at_both_ends(client: Client) -> None:
    text = words(send(client, share=""))
    assert "按范围的低头" in text
    assert "商业险（对方车） 13520.00" in text  # 16900 × 0.8
    assert "商业险（对方车） 15210.00" in text  # 16900 × 0.9
    assert "双方各承担百分之几" in text


def test_a_death_with_two_children(client: Client) -> None:
    text = words(
        send(
            client,
            grades="",
            death="on",
            kept_years="10",
            kept_by="2",
            more_years="6",
            more_by="2",
            consumption="24000",
            wage="73000",
        )
    )
    assert "死亡赔偿金 714760.00" in text
    assert "丧葬费 36500.00" in text
    assert "被扶养人生活费 192000.00" in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"medical": "一千"}, "写成数字"), ({"grades": "11"}, "等级写 1 到 10 的数字"), ({"accident_date": ""}, "选一个日期"),
        ({"as_of": "2017-01-01"}, "不能早于事故日期"), ({"share": "170"}, "100"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_it(client: Client, more: dict[str, str], said: str) -> None:
    page = send(client, **more)
    assert page.status_code == 422
    assert said in words(page)
    assert 'value="500000"' in page.content.decode()


def test_the_page_asks_the_database_nothing_of_its_own(client: Client) -> None:
    client.get("/damages/")
    for method in (lambda: client.get("/damages/"), lambda: send(client)):
        with CaptureQueriesContext(connection) as asked:
            assert method().status_code == 200
        assert len(asked) <= 4


def test_whoever_is_signed_in_gets_the_same_page_as_nobody(people: dict[str, Any], client: Client) -> None:
    nobody = words(send(client))
    signed = Client()
    signed.force_login(people["resident"])
    assert "81476.00" in nobody
    assert "81476.00" in words(send(signed))


def test_the_city_s_own_province_is_chosen_beforehand(wang: Client) -> None:
    assert '<option value="13" selected>' in wang.get("/damages/").content.decode()


def test_a_missing_figure_is_said_in_words() -> None:
    assert damages.lacking("standards.urban_income for 130000000000, 2025") == "城镇居民人均可支配收入（2025 年）"
    assert damages.lacking("vehicles.x.commercial.0.limit") == "vehicles.x.commercial.0.limit"
