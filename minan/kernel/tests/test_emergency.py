"""Danger is heard in plain, spoken, misspelt and half-said words, and not where it is denied, past or only feared."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from minan.kernel import emergency

HERE = Path(__file__).parent
ROWS = [
    line.split("\t")
    for name in ("emergency_phrases.txt", "emergency_phrases_2.txt")
    for line in (HERE / name).read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
FOUND, FALSE = 0.98, 0.03


def test_of_the_phrases_at_least_98_in_a_hundred_are_found_with_their_number() -> None:
    said = [(number, text) for number, text in ROWS if number != "-"]
    assert len(said) >= 200
    missed = [text for number, text in said if number not in emergency.numbers(text)]
    assert len(missed) <= len(said) * (1 - FOUND), missed


def test_of_the_phrases_without_danger_at_most_three_in_a_hundred_are_marked() -> None:
    plain = [text for number, text in ROWS if number == "-"]
    assert len(plain) >= 100
    marked = [text for text in plain if emergency.numbers(text)]
    assert len(marked) <= len(plain) * FALSE, marked


@pytest.mark.parametrize(
    ("text", "first"),
    [("楼道着伙了", "119"), ("我妈喘不上气了", "120"), ("有人拿刀", "110"), ("撞人了", "122"), ("是不是着火了", "119"), ("昨天着过火，现在又着火了", "119")],
)
def test_the_most_pressing_number_stands_first(text: str, first: str) -> None:
    assert emergency.numbers(text)[0] == first


@pytest.mark.parametrize("text", ["没有着火", "去年着火", "消防通道被占", "怕着火", "没有人受伤", "路灯不亮", "", "火锅店太吵", "x" * 10_000])
def test_what_is_denied_past_feared_or_only_sounds_alike_is_not_danger(text: str) -> None:
    assert emergency.numbers(text) == []


def test_the_words_that_told_are_named() -> None:
    (danger,) = emergency.heard("厨房着火了")
    assert (danger.name, danger.to, danger.call[0]) == ("fire", "ambulance", "119")
    assert any("着火" in word for word in danger.because)


def test_a_city_adds_its_own_words_without_code(tmp_path: Path, settings: Any) -> None:
    settings.CITY = tmp_path
    assert emergency.numbers("俺家灶王爷显灵咧") == []
    (tmp_path / "emergency.toml").write_text('[[danger]]\nname = "fire"\nsay = ["灶王爷显灵"]\n', "utf-8")
    assert emergency.numbers("俺家灶王爷显灵咧")[0] == "119"
    assert emergency.numbers("着火了")[0] == "119"


@pytest.mark.parametrize("broken", ["[[danger]]\nname = 'fire'\nsay = ['(']\n", "not toml", "[[danger]]\nsay = ['x']\n"])
def test_a_mistake_in_the_citys_file_leaves_the_common_rules_standing(tmp_path: Path, settings: Any, broken: str) -> None:
    settings.CITY = tmp_path
    (tmp_path / "emergency.toml").write_text(broken, "utf-8")
    assert emergency.numbers("着火了")[0] == "119"


def test_a_text_as_typed_is_looked_at_in_a_few_milliseconds() -> None:
    text = "固安镇朝阳社区东门外三盏路灯不亮，晚上老人看不见道，物业说不归他们管，找过两次了。" * 5
    emergency.heard(text)
    began = time.process_time()
    for _ in range(20):
        emergency.heard(text)
    assert (time.process_time() - began) / 20 < 0.05, "10 ms on a quiet machine; five times that here"


def test_no_text_makes_it_slow() -> None:
    for text in ("火" * 9000, "被" * 9000, "没有" * 5000, "孩子" * 4000 + "掉", "从楼上" * 3000):
        began = time.process_time()
        emergency.heard(text)
        assert time.process_time() - began < 3.0, text[:6]
