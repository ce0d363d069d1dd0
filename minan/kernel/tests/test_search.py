"""Any word of any length is found, exactly as typed, by those who may see the matter, and by nobody else; on both databases."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import access, inbox, search, worker
from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.inbox import Wanted
from minan.kernel.models import Case

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
LAMP = "小区东门外三盏路灯不亮了，LED灯一直闪，老人Ａ座 摔了一下。Street lamp near No 7 is out."


def said(text: str, minutes: int = 0, **facts: Any) -> Case:
    opened = open_case(
        "matter", by=SPEAKER, facts={"text": text, "place": "131022100010"} | facts, at=AT + timedelta(minutes=minutes)
    )
    assert isinstance(opened, Opened), opened
    search.index([opened.case])
    return opened.case


def found(user: Any, words: str) -> list[Any]:
    units = access.units_of(user)
    return search.ids(words, units, inbox.counties(units))


@pytest.mark.parametrize(
    "words",
    [
        "灯", "路灯", "不亮", "路灯不亮", "三盏路灯不亮了", "外三盏", "小区东门外三盏路灯不亮了", "LED", "led", "ＬＥＤ", "LED灯", "灯 LED", "A座", "a座",
        "street", "Street lamp", "lamp", "7", "东门 摔了", "路灯、闪",
    ],
)  # fmt: skip
def test_chen_jing_finds_the_lamp_by_any_of_its_words(people: dict[str, Any], words: str) -> None:
    case = said(LAMP)
    if words == "路灯、闪":  # not what was said
        assert found(people["clerk"], words) == []
    else:
        assert found(people["clerk"], words) == [case.id]


@pytest.mark.parametrize(
    "words",
    [
        "路不",
        "门灯",
        "外路灯",
        "亮灯",
        "灯不亮了吗",
        "stree",
        "amp",
        "77",
        "LED路",
        "",
        "   ",
        "，",
        '"',
        "*",
        "路灯 暖气",
    ],
)
def test_what_was_not_said_is_not_found(people: dict[str, Any], words: str) -> None:
    said(LAMP)
    assert found(people["clerk"], words) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [("路边的灯不是不亮", "路灯不亮"), ("路灯换了，灯不再闪，不亮", "路灯不亮"), ("马路。灯坏了", "路灯")],
)
def test_a_phrase_must_stand_in_one_piece(people: dict[str, Any], text: str, words: str) -> None:
    said(text)
    assert found(people["clerk"], words) == []


def test_a_phrase_is_found_behind_many_that_only_look_like_it(people: dict[str, Any]) -> None:
    true = said("村口路灯不亮")
    for n in range(12):
        said("路灯换过，灯不闪，是不亮的牌子", n + 1)
    units = access.units_of(people["clerk"])
    assert search.ids("路灯不亮", units, inbox.counties(units), limit=5) == [true.id]


def test_the_last_words_of_a_very_long_text_are_found(people: dict[str, Any]) -> None:
    filling = "".join(chr(0x4E00 + (n * 37) % 9000) for n in range(3900))
    case = said(filling + "尾巴上的水井盖")
    assert found(people["clerk"], "水井盖") == [case.id]
    assert found(people["clerk"], "井") == [case.id]


def test_the_clerk_of_the_next_township_finds_nothing(people: dict[str, Any]) -> None:
    said(LAMP)
    for words in ("路灯", "灯", "led", "Street lamp"):
        assert found(people["stranger"], words) == []
        assert found(people["resident"], words) == []
        assert inbox.listed(people["stranger"], Wanted(q=words)).items == []


def test_words_said_with_a_number_in_them_do_not_lead_to_the_number(people: dict[str, Any]) -> None:
    said("路灯不亮，打13812345678找我")
    assert found(people["clerk"], "13812345678") == []
    assert len(found(people["clerk"], "路灯不亮")) == 1


def test_the_worker_puts_every_new_matter_into_the_index(people: dict[str, Any]) -> None:
    opened = open_case("matter", by=SPEAKER, facts={"text": "下水道返味", "place": "131022100010"}, at=AT)
    assert isinstance(opened, Opened)
    assert found(people["clerk"], "返味") == []
    worker.settle(AT)
    assert found(people["clerk"], "返味") == [opened.case.id]
    search.forget(opened.case)
    assert found(people["clerk"], "返味") == []


def test_every_piece_of_every_sentence_is_found_where_it_stands_and_nowhere_else(people: dict[str, Any]) -> None:
    """Random sentences of few characters, so that many share pairs; held against Python's own `in`."""
    chance, texts = random.Random(7), {}
    for n in range(25):
        text = "".join(chance.choice("路灯不亮㛃𬭸") for _ in range(chance.randrange(4, 14)))
        texts[said(text, n).id] = text
    for text in list(texts.values())[:10]:
        for start in range(len(text) - 1):
            for length in (1, 2, 3, 5):
                piece = text[start : start + length]
                right = {pk for pk, other in texts.items() if piece in other}
                assert set(found(people["clerk"], piece)) == right, piece
