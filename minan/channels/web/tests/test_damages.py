"""王秀兰's son and the mediator work out what an accident comes to: plain pages, nothing kept, nothing typed lost."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minan.channels.web import damages, damages_case
from minan.channels.web.damages_tree import Raw, add, drawn
from minan.kernel.models import Case, Event
from minan.lib.damages import calculate

pytestmark = pytest.mark.django_db

DEFAULTS = {
    "advances": "refund_by_insurer", "appraisal": "outside", "mental": "as_fixed", "mental_first": "yes", "reimbursed": "ignore",
    "bar_property": "unpaid", "compulsory": "headings", "rounding": "item", "day_base": "365",
}  # fmt: skip
ANSWERS: dict[str, Any] = DEFAULTS | {
    "accident_date": "2018-05-10", "as_of": "2020-12-01", "place": "130000000000",
    "row": ["vehicles.0", "vehicles.0.commercial.0", "vehicles.1", "victims.0", "victims.0.meals.0", "victims.0.advances.0"],
    "vehicles.0.id": "对方车", "vehicles.0.kind": "motor", "vehicles.0.driver": "对方司机", "vehicles.0.responsibility": "main",
    "vehicles.0.share": "70", "vehicles.0.insured": "yes", "vehicles.0.insurer": "保险公司", "vehicles.0.commercial.0.limit": "500000",
    "vehicles.1.id": "电动车", "vehicles.1.kind": "non_motor", "vehicles.1.responsibility": "secondary", "vehicles.1.share": "30",
    "victims.0.id": "王", "victims.0.within": "电动车", "victims.0.driver": "yes", "victims.0.age": "50", "victims.0.standard": "urban",
    "victims.0.medical": "26000", "victims.0.meals.0.how": "dd", "victims.0.meals.0.count": "18", "victims.0.meals.0.rate": "50",
    "victims.0.grades": "10", "victims.0.appraisal": "1000", "victims.0.advances.0.by": "对方司机", "victims.0.advances.0.amount": "20000",
}  # fmt: skip
SECOND = {
    "row": [*ANSWERS["row"], "vehicles.2", "victims.1", "victims.1.dependants.0", "victims.1.dependants.1", "victims.1.property.0"],
    "vehicles.0.share": "60", "vehicles.2.id": "货车", "vehicles.2.kind": "motor", "vehicles.2.responsibility": "secondary",
    "vehicles.2.share": "10", "vehicles.2.insured": "yes", "vehicles.2.insurer": "另一家", "victims.1.id": "李", "victims.1.within": "电动车",
    "victims.1.driver": "no", "victims.1.age": "30", "victims.1.standard": "urban", "victims.1.medical": "5000", "victims.1.death": "on",
    "victims.1.funeral": "on", "victims.1.dependants.0.span": "10", "victims.1.dependants.0.unit": "years",
    "victims.1.dependants.0.supporters": "2", "victims.1.dependants.1.span": "72", "victims.1.dependants.1.unit": "months",
    "victims.1.dependants.1.supporters": "2", "victims.1.property.0.what": "手机", "victims.1.property.0.amount": "800",
}  # fmt: skip


def send(client: Client, lang: str = "zh-hans", **more: Any) -> Any:
    return client.post("/damages/", ANSWERS | more, headers={"Accept-Language": lang})


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def case_in(page: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.context["sheet"].case_text)
    return found


def test_the_result_can_be_checked_with_a_pencil(client: Client) -> None:
    page = send(client)
    assert page.status_code == 200
    text = words(page)
    assert "残疾赔偿金 71476.00 35738 × 20 × 0.1" in text  # 河北 2019
    assert "交强险（对方车） 81476.00 医疗费用 10000（损失 26900，限额所余 10000） + 死亡伤残 71476" in text
    assert "商业险（对方车，保险公司） 11830.00 16900 × 0.7" in text
    assert "对方司机 700.00 17900 × 0.7 − 11830" in text
    assert "保险公司 → 对方司机 垫付款返还 19300.00" in text
    assert "民法典第1213条（引用前请核对）" in text


def test_several_vehicles_insurers_and_victims(client: Client) -> None:
    page = send(client, **SECOND)
    text = words(page)
    assert "损失 · 王" in text
    assert "损失 · 李" in text
    assert "财产损失（手机） 800.00" in text
    assert "丧葬费 37887.50" in text  # 75775 ÷ 12 × 6
    assert "被扶养人生活费 187864.00" in text  # 23483 × (10 + 6) ÷ 2
    assert "交强险（货车）" in text
    out = calculate(case_in(page))
    assert {line["payer"] for line in out["payments"] if line["victim"] == "李"} >= {
        "compulsory:对方车",
        "compulsory:货车",
        "person:王",
    }
    assert sum(float(one["amount"]) for one in out["payments"]) == pytest.approx(
        sum(float(one["total"]) for one in out["victims"])
    )


def test_a_row_is_added_and_taken_away_and_everything_typed_stays(client: Client) -> None:
    page = send(client, add="vehicles", **{"victims.0.medical": "两万"})
    text = page.content.decode()
    assert page.status_code == 200
    assert 'name="row" value="vehicles.2"' in text
    assert 'value="3号车"' in text
    assert 'value="两万"' in text
    assert 'value="500000"' in text
    page = send(client, remove="vehicles.0")
    text = page.content.decode()
    assert 'value="对方车"' not in text
    assert 'name="vehicles.0.id" value="电动车"' in text
    assert '<option value="电动车" selected>' in text
    page = send(client, add="victims.0.nursing")
    assert 'name="row" value="victims.0.nursing.0"' in page.content.decode()
    for wrong in ("victims.9.nursing", "victims.0.bus", "bus", "", "victims.0.meals.0.meals"):
        assert send(client, add=wrong).content.count(b'name="row"') == len(ANSWERS["row"])


def test_who_is_only_named_is_one_person_with_who_drove(client: Client) -> None:
    case = case_in(send(client))
    assert case["vehicles"][1]["driver"] == "王"
    assert case["victims"][0]["with"] == "电动车"
    assert case["victims"][0]["items"]["meals"] == {"days": "18", "daily": "50"}


def test_a_case_goes_into_a_file_and_comes_back_as_it_was(client: Client) -> None:
    page = send(client, **SECOND)
    saved = client.post("/damages/", {"case": page.context["sheet"].case_text, "json": "1"})
    assert saved["Content-Type"].startswith("application/json")
    assert "damages.json" in saved["Content-Disposition"]
    assert json.loads(saved.content) == case_in(page)
    back = client.post("/damages/", {"load": "1", "file": SimpleUploadedFile("damages.json", saved.content)})
    assert back.status_code == 200
    assert back.context["sheet"].result == page.context["sheet"].result
    assert 'name="victims.1.dependants.1.span" value="72"' in back.content.decode()
    assert '<option value="months" selected>' in back.content.decode()


@pytest.mark.parametrize(("file", "said"), [
    (b"{", "不是试算用的 JSON"), (b'{"colour": 1}', "colour"), (b"[]", "对象"), (b"", "不是试算用的 JSON"), (b"\xff\xfe", "不是试算用的 JSON"),
])  # fmt: skip
def test_a_file_that_is_no_case_is_refused_with_its_faults(client: Client, file: bytes, said: str) -> None:
    page = client.post("/damages/", {"load": "1", "file": SimpleUploadedFile("x.json", file)})
    assert page.status_code == 422
    assert said in words(page)


def test_a_case_too_large_for_the_page_is_refused_and_rows_end_somewhere(client: Client) -> None:
    case = case_in(send(client))
    case["victims"][0]["items"]["dependants"] = [{"years": 1, "supporters": 1}] * 150
    page = client.post("/damages/", {"case": json.dumps(case)})
    assert page.status_code == 422
    assert "太大" in words(page)
    tree = Raw()
    for _turn in range(40):
        add(tree, "victims")
    assert 12 < len(tree.rows["victims"]) < 40
    full = drawn(tree, bound=False)
    names = sum(len(node.form.fields) + 1 for node in full.each())
    assert names < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS - 50  # so that it always arrives
    rows = [node.place for node in full.each() if node.place]
    page = client.post("/damages/", DEFAULTS | {"row": rows, "add": "victims"})
    assert page.status_code == 200
    assert "放不下" in words(page)


WHOLE: dict[str, Any] = {
    "accident_date": "2018-05-10", "as_of": "2019-03-01", "place": "131022000000",
    "standards": {"urban_income": "30548.5", "urban_consumption": "20600", "average_wage": "60000"},
    "switches": {"rounding": {"default": "item", "nursing": "yuan"}, "grade_extra": {"10": "0.01", "9": "0.025"}, "day_base": 360,
                 "mental_first": False, "mental": "by_share", "compulsory": "lump", "reimbursed": "deduct", "appraisal": "disability"},
    "vehicles": [
        {"id": "甲", "kind": "motor", "driver": "D1", "owner": "O1", "liable": "O1", "jointly": ["D1", "O2"], "responsibility": "main",
         "share": "0.655", "compulsory": {"insurer": "I1", "limits": {"medical": "10000"}, "used": {"medical": "1000"}}, "bar": ["fled"],
         "commercial": [{"insurer": "I2", "limit": None}, {"insurer": "I3", "limit": "100000", "used": "5000", "deductible": "0.15",
                        "excludes": ["mental"]}]},
        {"id": "乙", "kind": "motor", "driver": "D2", "responsibility": "secondary", "share": "0.345", "compulsory": None},
        {"id": "丙", "kind": "pedestrian", "share": "0", "responsibility": "none"},
    ],
    "victims": [
        {"id": "V1", "with": "乙", "driver": False, "age": 64, "standard": "urban", "released": ["D1", "I1"], "claims": {"meals": "500"},
         "items": {"medical": "10000", "non_medicare": "500", "reimbursed": "200", "meals": {"days": 10, "daily": "100"},
                   "nutrition": "900", "lost_income": {"months": 3, "monthly": "4000"}, "mental": "3000", "appraisal": "800",
                   "nursing": [{"days": 30, "yearly": "40000", "carers": 2}, {"months": "1.5", "yearly": "42000", "dependence": "0.5"}],
                   "disability": {"grades": [9, 10]}, "dependants": [{"months": 30, "supporters": 2, "standard": "urban"}],
                   "aids": [{"price": "1500", "every_years": 4, "years": 20, "upkeep": "0.05"}], "property": "700",
                   "other": [{"what": "护理床", "head": "outside_full", "amount": "1200"}]},
         "advances": [{"by": "D1", "amount": "3000", "how": "separate", "through": "I2"}]},
        {"id": "V2", "with": "丙", "driver": True, "own_share": "0", "age": "40.5", "standard": "urban",
         "items": {"death": {"years": 15}, "funeral": "30000", "family_cost": [{"days": 3, "daily": "200"}, {"days": 2, "daily": "100"}],
                   "dependants": "10000", "lodging": "0"}},
    ],
}  # fmt: skip


def through(case: dict[str, Any]) -> dict[str, Any]:
    root = drawn(damages_case.tree_of(case), bound=True)
    assert damages_case.checked(root), [node.form.errors for node in root.each()]
    return damages_case.case_of(root)


def test_the_page_can_say_all_that_the_contract_can(db: None) -> None:
    assert calculate(through(WHOLE)) == calculate(WHOLE)
    plain = json.loads(json.dumps(WHOLE))
    plain["victims"][0]["items"] |= {
        "disability": "50000",
        "coefficient": "0.2",
        "aids": "400",
        "nursing": "1000",
        "meals": {"days": 3},
    }
    plain["victims"][1]["items"] |= {"death": "200000", "funeral": True}
    del plain["vehicles"][1]["compulsory"]
    assert calculate(through(plain)) == calculate(plain)
    years = json.loads(json.dumps(WHOLE))
    years["victims"][0]["items"]["disability"] = {"coefficient": "0.34", "years": 19}
    assert calculate(through(years)) == calculate(years)


def test_what_if_shows_each_line_old_and_new_with_the_difference(client: Client) -> None:
    text = send(client).context["sheet"].case_text
    asked = client.post("/damages/what-if/", {"case": text})
    assert "现在是 70" in words(asked)
    page = client.post("/damages/what-if/", {"case": text, "w.vehicles.对方车.share": "60"})
    told = words(page)
    assert "商业险（对方车，保险公司） → 王 -1690.00 11830.00 → 10140.00" in told
    assert "王 自己承担 +1790.00 5370.00 → 7160.00" in told
    assert 'name="w.vehicles.电动车.share" value="40"' in page.content.decode()
    page = client.post("/damages/what-if/", {"case": text, "w.victims.王.items.disability.grades": "9"})
    assert "王 残疾赔偿金 +71476.00 71476.00 → 142952.00" in words(page)
    page = client.post("/damages/what-if/", {"case": text, "w.victims.王.items.meals.days": "28"})
    assert "王 住院伙食补助费 +500.00 900.00 → 1400.00" in words(page)
    assert "王 医疗费" not in words(page)


def test_what_if_says_what_is_wrong_and_keeps_it(client: Client) -> None:
    text = send(client).context["sheet"].case_text
    page = client.post("/damages/what-if/", {"case": text, "w.victims.王.items.disability.grades": "十一"})
    assert page.status_code == 422
    assert 'value="十一"' in page.content.decode()
    assert client.post("/damages/what-if/", {"case": text, "w.vehicles.对方车.share": "170"}).status_code == 422
    three = send(client, **SECOND).context["sheet"].case_text
    page = client.post("/damages/what-if/", {"case": three, "w.vehicles.对方车.share": "50"})
    assert page.status_code == 422
    assert "合计要等于 1" in words(page)
    assert client.post("/damages/what-if/", {"case": "[1]"}).status_code == 302
    back = client.post("/damages/", {"case": text})
    assert 'name="victims.0.medical" value="26000"' in back.content.decode()


def test_in_english_everything_is_english(client: Client) -> None:
    typed = {key: value for key, value in (ANSWERS | SECOND).items() if key.isascii()}
    names = {"对方车": "car", "电动车": "e-bike", "对方司机": "driver", "保险公司": "insurer", "王": "W", "货车": "truck", "另一家": "I2",
             "李": "L", "手机": "telephone"}  # fmt: skip
    typed = {key: names.get(value, value) if isinstance(value, str) else value for key, value in typed.items()}
    page = client.post("/damages/", typed, headers={"Accept-Language": "en"})
    change = {"case": page.context["sheet"].case_text, "w.victims.W.items.meals.days": "9"}
    for one in (
        page,
        client.get("/damages/", headers={"Accept-Language": "en"}),
        client.post("/damages/what-if/", change, headers={"Accept-Language": "en"}),
    ):
        text = words(one).replace("民安", "").replace("中文", "")
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"from: .*?how sure", "", text)), re.findall(
            r".{20}[\u4e00-\u9fff]+", text
        )
    assert "compulsory insurance (car)" in words(page)


def test_nothing_is_kept_and_what_is_missing_is_said_in_words(client: Client) -> None:
    page = send(client, **{"victims.0.grades": "8 10", "vehicles.0.insured": ""})
    assert 'value="8 10"' in page.content.decode()
    assert (Case.objects.count(), Event.objects.count()) == (0, 0)
    assert "还缺这些" in words(page)
    assert page.context["sheet"].result["missing"] == ["每多一处伤残加百分之几", "对方车：有没有交强险"]
    assert send(client, grade_extra="2", **{"victims.0.grades": "8 10"}).context["sheet"].result["missing"] == []


def test_without_a_share_hebei_s_range_is_shown_at_both_ends(client: Client) -> None:
    text = words(send(client, **{"vehicles.0.share": "", "vehicles.1.share": ""}))
    assert "按范围的低头" in text
    assert "商业险（对方车，保险公司） 13520.00" in text  # 16900 × 0.8
    assert "商业险（对方车，保险公司） 15210.00" in text  # 16900 × 0.9
    assert "承担百分之几" in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"victims.0.medical": "一千"}, "写成数字"), ({"victims.0.grades": "11"}, "等级写 1 到 10 的数字"), ({"accident_date": ""}, "选一个日期"),
        ({"as_of": "2017-01-01"}, "不能早于事故日期"), ({"vehicles.0.share": "170"}, "100"), ({"vehicles.0.share": "60"}, "合计要等于 1"),
        ({"victims.0.within": "三轮车"}, "重新选一个"), ({"grade_extra": "十"}, "10:1 9:2"), ({"victims.0.coefficient": "20"}, "只填一样"),
        ({"victims.0.id": ""}, "伤者1"), ({"vehicles.0.id": "电动车"}, "用了两次"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_it(client: Client, more: dict[str, str], said: str) -> None:
    page = send(client, **more)
    assert page.status_code == (200 if said == "伤者1" else 422)
    assert said in words(page)
    assert 'value="500000"' in page.content.decode()


def test_a_form_of_nonsense_is_answered_with_its_faults(client: Client) -> None:
    rows = ["vehicles.0", "vehicles.0.vehicles.0", "x.0", "victims.0.meals.0.meals.0", "vehicles.0", "vehicles.99"] * 3
    page = client.post("/damages/", {"row": rows, "vehicles.0.bar": ["x"], "vehicles.0.kind": "bus"})
    assert page.status_code == 422
    assert client.post("/damages/", {}).status_code == 422
    assert drawn(Raw(), bound=False).groups


def test_the_page_asks_the_database_nothing_of_its_own(client: Client) -> None:
    client.get("/damages/")
    text = send(client).context["sheet"].case_text
    for method in (
        lambda: client.get("/damages/"),
        lambda: send(client),
        lambda: client.post("/damages/what-if/", {"case": text}),
    ):
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
    assert '<option value="130000000000" selected>' in wang.get("/damages/").content.decode()


def test_a_missing_figure_is_said_in_words() -> None:
    assert damages.lacking("standards.urban_income for 130000000000, 2025") == "城镇居民人均可支配收入（2025 年）"
    assert damages.lacking("vehicles.x.commercial.0.limit") == "x：商业险的保额"
    assert damages.lacking("what.ever") == "what.ever"


def test_too_large_a_case_is_refused_before_it_is_worked_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("worked out")

    monkeypatch.setattr("minan.channels.web.views.damages_annex.calculate", never)
    monkeypatch.setattr("minan.lib.damages.result_of", never)
    case = json.dumps({"vehicles": [{}] * 21, "victims": [{}] * 20})
    assert client.post("/damages/annex.pdf", {"case": case}).headers["Location"] == "/damages/"
    assert "太大" in client.post("/damages/", {"load": "1", "case": case}).content.decode()
    assert client.post("/damages/what-if/", {"case": case}).status_code in (302, 422)


def test_who_asks_too_often_costs_nothing_and_keeps_what_was_typed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("worked out")

    monkeypatch.setattr("minan.channels.web.views.damages.allowed", lambda *_: False)
    monkeypatch.setattr("minan.lib.damages.result_of", never)
    answer = client.post("/damages/", {"accident_date": "2026-11-02", "row": ["vehicles.0"], "vehicles.0.id": "一号车"})
    assert answer.status_code == 429
    assert "一号车" in answer.content.decode()


def test_a_wrong_file_is_told_without_a_word_of_boxes_nobody_filled_in(client: Client) -> None:
    page = client.post("/damages/", {"load": "1", "case": "{"}).content.decode()
    assert "还差一点" in page
    assert "写下的字都在" not in page


def test_the_policy_row_that_the_page_opened_itself_asks_for_nothing(client: Client) -> None:
    page = send(client, **{"vehicles.0.commercial.0.limit": ""})
    assert "commercial" not in case_in(page)["vehicles"][0]
    assert "商业险的保额" not in words(page)
