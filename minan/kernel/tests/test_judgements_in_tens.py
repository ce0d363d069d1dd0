"""A unit reads how it was judged ten at a time; who rules above reads each at once."""

from __future__ import annotations

from typing import Any

import pytest

from minan.kernel import sheet, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.models import Case, Judged

LIGHTING = "131022-lighting"
WORDS = "小赵态度不好，等了一下午"


def rated(people: dict[str, Any], n: int) -> Case:
    """One matter of the lighting office, answered and judged by its speaker."""
    opened = open_case(
        "matter", by=SPEAKER, facts={"text": f"第 {n} 盏灯不亮", "place": "131022100010", "kind": "lamp.out"}
    )
    assert isinstance(opened, Opened)
    case, clerk, handler = opened.case, actor(people["clerk"]), actor(people["handler"])
    steps: tuple[tuple[str, Any, dict[str, Any]], ...] = (
        ("accept", clerk, {}), ("assign", clerk, {"unit": LIGHTING}), ("sign", handler, {}), ("handle", handler, {}),
        ("answer", handler, {"outcome": "explained", "words": "线路在改造", "article": "示例第一条"}),
        ("rate", SPEAKER, {"solved": True, "satisfied": True, "words": WORDS}),
    )  # fmt: skip
    for name, who, facts in steps:
        assert act(case, name, by=who, facts=facts), name
    worker.settle()
    return case


def read(case: Case, user: Any) -> str:
    lines = sheet.of(Case.objects.get(id=case.id), actor(user)).lines
    return str([line.facts for line in lines if line.event.step == "rate"])


@pytest.mark.django_db
def test_zhao_qiang_reads_a_judgement_only_with_nine_others_and_the_desk_at_once(people: dict[str, Any]) -> None:
    first = rated(people, 1)
    assert WORDS in read(first, people["clerk"])
    assert WORDS in read(first, people["supervisor"])
    assert WORDS not in read(first, people["handler"])
    for n in range(2, 10):
        rated(people, n)
    assert WORDS not in read(first, people["handler"]), "nine are not ten"
    last = rated(people, 10)
    assert WORDS in read(first, people["handler"])
    assert WORDS in read(last, people["handler"])
    assert set(Judged.objects.values_list("unit", "batch")) == {(LIGHTING, 1)}
    assert WORDS not in read(rated(people, 11), people["handler"]), "the next ten begin anew"


@pytest.mark.django_db
def test_a_judgement_that_has_not_been_gathered_yet_is_withheld_as_well(people: dict[str, Any]) -> None:
    case = rated(people, 1)
    Judged.objects.all().delete()
    assert WORDS not in read(case, people["handler"])
