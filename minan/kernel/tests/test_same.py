"""Groups of matters that may be one: joined by place, days, kind and words, never by a chain, never against a person's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import likeness as bench
from minan.kernel import likeness, same
from minan.kernel.likeness import Candidate, Synonyms
from minan.kernel.tests import tellings

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LAMP = Candidate("1", "育才小学门口的路灯不亮了", "lamp.out", "lamp", 116.30, 39.43, "131022100201", NOW - timedelta(days=2))
AGAIN = replace(LAMP, id="2", text="育才小学门前灯杆黑着", lon=116.301, at=NOW)
WATER = replace(LAMP, id="3", text="金色家园停水两天", kind="supply.water_out", group="supply", lon=116.31, at=NOW)
PLAIN = Synonyms([["路灯", "灯杆"], ["不亮", "黑着"]])


def grouped(rows: list[Candidate], *apart: frozenset[str]) -> list[tuple[str, ...]]:
    return [group.ids for group in same.groups(rows, PLAIN, same.likenesses(rows, PLAIN)[0], apart)]


def test_one_lamp_told_twice_is_one_group_and_water_is_none_of_it() -> None:
    assert grouped([LAMP, AGAIN, WATER]) == [("1", "2")]
    (group,) = same.groups([LAMP, AGAIN], PLAIN, same.likenesses([LAMP, AGAIN], PLAIN)[0])
    assert any("育才小学" in word for word in group.because)
    assert group.metres == pytest.approx(86, abs=3)
    assert group.days == 2


def test_too_far_or_too_long_ago_is_no_group() -> None:
    assert grouped([LAMP, replace(AGAIN, lon=116.33)]) == []
    assert grouped([replace(LAMP, at=NOW - timedelta(days=61)), AGAIN]) == []
    assert grouped([LAMP, replace(AGAIN, lon=None, lat=None, place="131022101201")]) == []


def test_what_a_person_holds_apart_stays_apart_even_through_a_third() -> None:
    third = replace(AGAIN, id="3")
    assert grouped([LAMP, AGAIN], frozenset("12")) == []
    for group in grouped([LAMP, AGAIN, third], frozenset("12")):
        assert not {"1", "2"} <= set(group)


def test_a_chain_does_not_join_its_ends() -> None:
    scores = {(0, 1): 1.0, (1, 2): 0.9, (2, 3): 0.8}
    assert sorted(same.clusters(4, scores)) == [[0, 1], [2, 3]]
    assert same.clusters(3, {(0, 1): 1.0, (1, 2): 1.0, (0, 2): 0.5}) == [[0, 1, 2]]


def test_more_rows_than_can_be_looked_at_are_an_error_and_more_pairs_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="rows"):
        same.likenesses([replace(LAMP, id=str(n)) for n in range(likeness.CANDIDATES_MAX + 1)], PLAIN)
    monkeypatch.setattr(same, "PAIRS_MOST", 2)
    assert same.likenesses([LAMP, AGAIN, WATER], PLAIN)[1] is True


def test_a_long_name_of_one_place_is_no_reason_where_the_things_differ() -> None:
    lane = replace(LAMP, text="村委会西边第二条胡同有两根路灯一闪一闪的", lon=None, lat=None)
    parked = replace(lane, id="2", text="村委会西边第二条胡同天天停满车，着火了怎么办", kind="order.parking", group="order", at=NOW)
    far = [replace(WATER, id=str(n), place=lane.place, lon=None, lat=None, text=f"金色家园{n}停水") for n in range(3, 9)]
    assert not [ids for ids in grouped([lane, parked, *far]) if {"1", "2"} & set(ids)]
    dark = replace(parked, text="村委会西边第二条胡同路灯坏了两根", kind="lamp.out", group="lamp")
    assert ("1", "2") in grouped([lane, dark, *far])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("幸福里三号楼2单元漏水", {"building": {3}, "stair": {2}}),
        ("5栋和12栋都停水", {"building": {5, 12}}), ("5栋漏水，12栋也漏", {"building": {5, 12}}),
        ("5号、6号楼二单元", {"stair": {2}}),
        ("十七号机井，坐二十三路公交", {"well": {17}, "bus": {23}}), ("十号楼两单元", {"building": {10}, "stair": {2}}),
        ("二〇三号楼", {"building": {203}}), ("103号楼", {"building": {103}}), ("一零三栋", {"building": {103}}),
        ("一百零三号楼", {}), ("一O三号楼", {"building": {3}}), ("5、6号楼", {}), ("1-3号楼", {}), ("三四号楼", {}), ("零十号楼", {}),
        ("一路上两路灯都黑着", {}), ("建设一路盖了一层土，一排树", {}), ("小区2号门", {}), ("没有号码", {}),
    ],
)  # fmt: skip
def test_the_numbers_of_a_telling_are_read(text: str, named: dict[str, set[int]]) -> None:
    assert same.numbers(text) == named


def test_another_building_is_another_matter_and_the_same_one_more_likely_the_same() -> None:
    leak = replace(LAMP, text="东苑三号楼顶层漏雨，天花板湿了", kind="housing.leak", group="housing")
    assert grouped([leak, replace(leak, id="2", text="东苑七号楼顶层漏雨，天花板湿了")]) == []
    assert grouped([leak, replace(leak, id="2", text="3栋楼顶防水不行，一下雨就接盆")]) == [("1", "2")]


@given(st.integers(1, 99), st.sampled_from(["号楼", "栋", "单元", "路公交"]))
def test_a_number_is_the_same_written_either_way(number: int, unit: str) -> None:
    ones = "零一二三四五六七八九"
    tens, one = divmod(number, 10)
    hans = ("" if tens < 2 else ones[tens]) + ("十" if tens else "") + (ones[one] if one else "")
    assert same.numbers(f"幸福里{hans}{unit}") == same.numbers(f"幸福里{number}{unit}") != {}


@given(st.text("零〇一二三四五六七八九十百两、-0123456789号楼栋单元路车", max_size=24))
def test_whatever_is_said_of_numbers_breaks_nothing(text: str) -> None:
    found = same.numbers(text)
    assert set(found) <= {"building", "stair", "bus"}
    assert all(ns for ns in found.values())


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(words, st.sampled_from(["", "lamp.out", "order.dog"]), st.booleans()), max_size=8))
def test_whatever_people_write_every_row_is_in_one_cluster(told: list[tuple[str, str, bool]]) -> None:
    rows = [
        replace(LAMP, id=str(n), text=text, kind=kind, lon=116.3 if known else None, lat=39.43 if known else None)
        for n, (text, kind, known) in enumerate(told)
    ]
    found = same.clusters(len(rows), same.likenesses(rows, PLAIN)[0])
    assert sorted(n for group in found for n in group) == list(range(len(rows)))


def test_some_matters_are_told_three_to_six_times_and_never_in_one_sentence() -> None:
    told = [one for one in tellings.often(11, matters=600, planted=60) if len(one) > 1]
    assert len(told) == 60
    assert {len(one) for one in told} >= {2, 3, 4}
    assert max(len(one) for one in told) <= 6
    assert all(len({row.text for row in one}) == len(one) for one in told)


def test_the_typed_set_is_forty_matters_told_two_to_five_times_with_near_misses() -> None:
    told = bench.by_hand()
    assert sum(2 <= len(one) <= 5 for one in told) == 40
    assert sum(len(one) == 1 for one in told) == 50


def test_what_is_grouped_is_judged_as_the_books_say() -> None:
    judged = bench.judged([1, 1, 2, 2], [1, 1, 1, 2])
    assert judged["pair_precision"] == pytest.approx(1 / 3)
    assert judged["pair_recall"] == pytest.approx(1 / 2)
    exact, whole = (2 / 3 + 2 / 3 + 1 / 3 + 1) / 4, (1 + 1 + 1 / 2 + 1 / 2) / 4
    assert judged["bcubed_f1"] == pytest.approx(2 * exact * whole / (exact + whole))


@pytest.mark.slow
def test_the_groups_are_worth_no_less_than_was_measured() -> None:
    """What was measured on the typed set, less a little: a change that hurts it is seen. The goal of 0.85 is not met."""
    found = bench.measured(bench.by_hand(), bench.synonyms())
    assert found["bcubed_f1"] >= 0.79
