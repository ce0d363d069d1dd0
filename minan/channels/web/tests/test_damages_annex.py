"""The damages page's result as a paper: every figure of it, nothing kept, and no fault by whatever is sent in its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.test import Client

from minan.channels.web import damages
from minan.kernel.models import Case, Event
from minan.lib.damages import calculate

pytestmark = pytest.mark.django_db
CASE: dict[str, Any] = {
    "accident_date": "2018-05-10", "as_of": "2019-03-01", "standards": {"urban_income": "30548"},
    "vehicles": [
        {"id": "对方车", "kind": "motor", "driver": "对方司机", "responsibility": "main", "share": "0.7", "compulsory": {"insurer": "保险公司"}},
        {"id": "电动车", "kind": "non_motor", "driver": "王秀兰", "responsibility": "secondary", "share": "0.3"},
    ],
    "victims": [{"id": "王秀兰", "with": "电动车", "driver": True, "age": 50, "standard": "urban", "items": {"medical": "26000"}}],
}  # fmt: skip


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_result_is_had_as_a_paper_and_nothing_is_kept(client: Client, lang: str) -> None:
    answer = client.post("/damages/annex.pdf", {"case": json.dumps(CASE)}, headers={"Accept-Language": lang})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content))
    result = calculate(CASE, lang[:2])
    for row in (*result["payments"], *result["transfers"]):
        assert row["amount"] in text
    assert ("Total" in text) == (lang == "en")
    assert (Case.objects.count(), Event.objects.count()) == (0, 0)


@pytest.mark.parametrize("case", ["", "{", "[]", "null", '{"victims": 1}', "[" * 5000, '{"accident_date": "2018-05-10"}', "x" * 600_000])
def test_whatever_else_is_sent_leads_back_to_the_page(client: Client, case: str) -> None:
    answer = client.post("/damages/annex.pdf", {"case": case})
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/damages/")


def test_it_is_asked_for_by_a_press_and_offered_beside_a_result(client: Client) -> None:
    assert client.get("/damages/annex.pdf").status_code == 405
    templates = Path(damages.__file__).parent / "templates" / "web"
    assert [path.name for path in templates.rglob("*.html") if "parts/damages_annex.html" in path.read_text("utf-8")]
