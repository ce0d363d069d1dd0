"""The pages of a project: begun and moved on by the desk, read by everybody without a name, not there for strangers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minan.kernel import worker
from minan.kernel.models import Case
from minan.kernel.tests.desks import desk_of
from minan.systems.improvements.tests.test_life import AT, begun, counted, must, said

pytestmark = pytest.mark.django_db
QUERIES = 12
STAMP = '"kernel_serial"."series" = \'stamp\''


def got(browser: Client, path: str, status: int = 200) -> str:
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(path)
    queries = [q for q in asked.captured_queries if STAMP not in q["sql"]]
    assert answer.status_code == status, path
    assert len(queries) <= QUERIES, "\n".join(q["sql"][:160] for q in queries)
    return answer.content.decode()


def test_a_desk_begins_one_from_a_case_and_takes_steps_on_its_page(people: dict[str, Any]) -> None:
    matter = said()
    worker.settle(AT)
    chen = desk_of("clerk")
    page = got(chen, f"/improvements/new/?from={matter.code}")
    assert matter.code in page
    typed = {"title": "独居老人没人照看", "text": "总有人说", "from_case": matter.code, "key": "x"}
    refused = chen.post("/improvements/new/", typed | {"title": ""})
    assert refused.status_code == 422
    assert "总有人说" in refused.content.decode()
    made = chen.post("/improvements/new/", typed)
    assert made.status_code == 302
    code = re.search(r"/improvements/([0-9A-Z]{15})/", made["Location"])
    assert code
    case = Case.objects.get(code=code[1])
    shown = got(chen, f"/improvements/{case.code}/?step=measure")
    assert matter.code in shown.replace("-", "")
    bad = chen.post(f"/improvements/{case.code}/measure/", {"what": "", "better": "less", "moves": case.moves})
    assert bad.status_code == 422
    done = chen.post(f"/improvements/{case.code}/measure/", {"what": "户数", "better": "less", "moves": case.moves})
    assert done.status_code == 302
    assert "户数" in got(chen, f"/improvements/{case.code}/")
    assert case.code in got(chen, "/improvements/mine/").replace("-", "")
    for who in ("stranger", "handler", "resident", "admin"):
        assert desk_of(who).get(f"/improvements/{case.code}/").status_code == 404, who
    assert desk_of("stranger").get("/improvements/mine/").content.decode().count(case.title) == 0


def test_everybody_reads_what_and_where_and_both_counts(people: dict[str, Any]) -> None:
    case = begun(people["clerk"], place="131022100010")
    counted(case, people["clerk"])
    must(case, "after", people["clerk"], num=2, den=42, since="2026-10-01", until="2026-10-31")
    browser = Client()
    assert "还没有公示" in got(browser, "/improvements/")
    must(case, "publish", people["clerk"], headline="办了托养中心", words="十四个社区办了托养中心。")
    page = got(browser, "/improvements/")
    for there in ("办了托养中心", "12/40", "2/42", "真实的多半在", "固安镇", "变好了"):
        assert there in page, there
    assert not re.search(r">[^<]*\d{4}-\d\d-\d\d", page), "a day is said in words, not as a machine keeps it"
    for hidden in (case.code, "朝阳", "陈静", case.text):
        assert hidden not in page.replace("-", ""), hidden
