"""Danger is heard in plain, spoken, misspelt and half-said words, and not where it is denied, past or only feared."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import pytest

from minan.kernel import emergency, points
from tools import danger

HERE = Path(__file__).parent / "danger"
MESSAGES = Path(__file__).resolve().parents[4] / "shared" / "data" / "messages.csv"
FOUND, FALSE = 0.98, 0.03
Rows = list[tuple[str, str]]


def said(*names: str) -> tuple[Rows, list[str]]:
    """(number, sentence) of danger, and sentences without: what strangers wrote who did not know the rules."""
    rows = danger.said(HERE / name for name in names)
    plain = ("none", "-")
    return [row for row in rows if row[0] not in plain], [text for number, text in rows if number in plain]


def missed(rows: Rows) -> list[str]:
    return [text for number, text in rows if number not in emergency.numbers(text)]


def marked(plain: list[str]) -> list[str]:
    return [text for text in plain if emergency.numbers(text)]


def test_of_a_strangers_sentences_at_least_98_in_a_hundred_are_found_with_their_number() -> None:
    rows, plain = said("blind_e.tsv")
    assert (len(rows), len(plain)) == (240, 120)
    assert len(missed(rows)) <= len(rows) * (1 - FOUND), missed(rows)
    assert len(marked(plain)) <= len(plain) * FALSE, marked(plain)


@pytest.mark.parametrize(
    "name", ["stranger_c.tsv", "stranger_d.tsv", "chosen_by_a.tsv", "chosen_by_b.tsv", "our_own_1.tsv", "our_own_2.tsv"]
)
def test_other_sets_are_found_as_well_and_few_of_their_traps_are_marked(name: str) -> None:
    rows, plain = said(name)
    assert len(rows) >= 70
    assert len(missed(rows)) <= len(rows) * 0.025, missed(rows)
    assert len(marked(plain)) <= len(plain) * 0.15, marked(plain)


def test_no_sentence_that_judges_was_learned_from() -> None:
    learned = {text for _, text in danger.said(danger.HERE.glob("*.tsv"))}
    assert len(learned) > 8_000
    judging = [text for name in sorted(HERE.glob("*.tsv")) for _, text in danger.said([name])]
    same = [text for text in judging if text in learned and len(text) > 6]
    assert len(same) <= 10, same
    assert not [text for rows in said("blind_e.tsv")[:1] for _, text in rows if text in learned and len(text) > 6]


def test_of_real_messages_at_most_three_in_a_hundred_are_marked() -> None:
    if not MESSAGES.exists():
        pytest.skip("not run: emergency words on the real messages (no ../shared/data/messages.csv)")
    with MESSAGES.open(encoding="utf-8-sig", newline="") as lines:
        texts = [row["text"] for row in csv.DictReader(lines)]
    assert len(texts) > 4_000
    assert len(marked(texts)) <= len(texts) * FALSE


@pytest.mark.slow
def test_the_points_are_those_that_are_counted_from_the_sentences() -> None:
    new, kept = (
        points.parsed(danger.counted(danger.said(sorted(danger.HERE.glob("*.tsv")))).splitlines()),
        points.points(),
    )
    assert new.names == kept.names
    zero = bytes([128] * len(kept.names))
    far = [
        piece
        for piece in new.of.keys() | kept.of.keys()
        if any(abs(a - b) > 2 for a, b in zip(new.of.get(piece, zero), kept.of.get(piece, zero), strict=True))
    ]
    assert len(far) <= len(kept.of) * 0.001, "python -m tools.danger writes them anew"


def test_a_call_that_grows_while_it_is_typed_stays_marked() -> None:
    begun = "俺娘厥过去咧，掐人中也不醒"
    assert emergency.numbers(begun)[0] == "120"
    grown = (
        begun
        + "，俺家在固安镇朝阳社区东门外头，就是那个卖窗帘的铺子后边那排平房，门口有棵大槐树，你们从北边那个路口进来，看见一个红大门就是"
    )
    assert len(grown) > emergency.SHORT
    assert "120" in emergency.numbers(grown)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("楼道着伙了", "119"),
        ("我妈喘不上气了", "120"),
        ("有人拿刀", "110"),
        ("撞人了", "122"),
        ("是不是着火了", "119"),
        ("昨天着过火，现在又着火了", "119"),
    ],
)
def test_the_most_pressing_number_stands_first(text: str, first: str) -> None:
    assert emergency.numbers(text)[0] == first


@pytest.mark.parametrize(
    "text", ["没有着火", "去年着火", "消防通道被占", "怕着火", "没有人受伤", "路灯不亮", "", "火锅店太吵", "x" * 10_000]
)
def test_what_is_denied_past_feared_or_only_sounds_alike_is_not_danger(text: str) -> None:
    assert emergency.numbers(text) == []


def test_the_words_that_told_are_named() -> None:
    (danger,) = emergency.heard("厨房着火了")
    assert (danger.name, danger.to, danger.call[0]) == ("fire", "ambulance", "119")
    assert any("着火" in word for word in danger.because)


def test_a_city_adds_its_own_words_without_code(tmp_path: Path, settings: Any) -> None:
    settings.CITY = tmp_path
    assert emergency.numbers("请问灶王爷显灵归哪个部门管") == []
    (tmp_path / "emergency.toml").write_text('[[danger]]\nname = "fire"\nsay = ["灶王爷显灵"]\n', "utf-8")
    assert emergency.numbers("请问灶王爷显灵归哪个部门管")[0] == "119"
    assert emergency.numbers("着火了")[0] == "119"


@pytest.mark.parametrize(
    "broken", ["[[danger]]\nname = 'fire'\nsay = ['(']\n", "not toml", "[[danger]]\nsay = ['x']\n"]
)
def test_a_mistake_in_the_citys_file_leaves_the_common_rules_standing(
    tmp_path: Path, settings: Any, broken: str
) -> None:
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
