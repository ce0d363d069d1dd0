"""The damages annex: each line of the result stands in it, with formula and article; it names what is missing; in both languages."""

from __future__ import annotations

import re
from typing import Any

import pypdfium2
import pytest

from minan.kernel import annex
from minan.kernel.tests import pdf_reader
from minan.lib.damages import calculate

CASE: dict[str, Any] = {
    "accident_date": "2018-05-10", "as_of": "2019-03-01", "place": "131022000000", "standards": {"urban_income": "30548"},
    "switches": {"advances": "refund_by_insurer"},
    "vehicles": [
        {"id": "car", "kind": "motor", "driver": "D1", "responsibility": "main", "share": "0.7", "compulsory": {"insurer": "I1"},
         "commercial": [{"insurer": "I1", "limit": "500000"}]},
        {"id": "ebike", "kind": "non_motor", "driver": "V1", "responsibility": "secondary", "share": "0.3"},
    ],
    "victims": [
        {"id": "V1", "with": "ebike", "driver": True, "age": 50, "standard": "urban",
         "items": {"medical": "26000", "meals": {"days": 18, "daily": "50"}, "disability": {"grades": [10]}, "appraisal": "1000"},
         "advances": [{"by": "D1", "amount": "20000"}]},
        {"id": "V2", "with": "ebike", "driver": False, "age": 20, "standard": "urban", "items": {"medical": "500"}},
    ],
}  # fmt: skip
NAMES = {
    "V1": "王秀兰",
    "V2": "李桂英",
    "D1": "刘志成",
    "I1": "某财险公司",
    "car": "冀R1 小客车",
    "ebike": "电动自行车",
}


def said(pdf: bytes) -> str:
    return re.sub(r"\s+", "", "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_line_of_the_result_stands_in_the_annex(lang: str) -> None:
    result = calculate(CASE, lang)
    pdf = annex.annex(result, CASE, lang=lang, names=NAMES, number="人调协〔2026〕1号")
    assert pdf
    text = said(pdf)
    rows = [item for victim in result["victims"] for item in victim["items"]]
    for row in (*rows, *result["payments"], *result["transfers"]):
        for name in ("amount", "formula", "law"):
            assert re.sub(r"\s+", "", row.get(name, "")) in text, row
    for victim in result["victims"]:
        assert victim["total"] in text
    for name in (*NAMES.values(), "人调协〔2026〕1号", "2018-05-10", "0.7", "500000"):
        assert name.replace(" ", "") in text, name
    assert ("合计" in text) == (lang == "zh")
    assert pdf_reader.fonts_inside(pdf)
    assert "V1" not in text


def test_from_the_result_alone() -> None:
    pdf = annex.annex(calculate(CASE, "zh"))
    assert pdf
    assert "V1的损失" in said(pdf)


def test_what_is_missing_is_named_and_both_ends_of_a_range_are_shown() -> None:
    vehicles = [{k: v for k, v in row.items() if k != "share"} for row in CASE["vehicles"]]
    ranged = said(annex.annex(calculate(CASE | {"vehicles": vehicles}, "zh")) or b"")
    assert "责任比例取低时" in ranged
    assert "责任比例取高时" in ranged
    lacking = said(annex.annex(calculate(CASE | {"standards": {}}, "zh")) or b"")
    assert "缺数，没有算出" in lacking
    assert "城镇居民人均可支配收入（2018）" in lacking
