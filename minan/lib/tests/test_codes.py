"""A code that is read aloud, typed on a phone or copied from a slip either works or is refused; it never finds another."""

import csv
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minan.lib import codes

some_code = st.builds(lambda: codes.new("3D"))
CITY = Path(__file__).parents[3] / "city" / "langfang"


def test_resident_types_the_code_as_she_likes_and_it_is_found() -> None:
    code = codes.new("0A")
    shown = codes.pretty(code)
    assert [len(group) for group in shown.split("-")] == [5, 5, 5]
    for typed in (
        shown,
        code.lower(),
        f" {shown.replace('-', ' ')} ",
        shown.replace("-", "－"),
        shown.replace("0", "O"),
    ):
        assert codes.parse(typed) == code
    assert codes.parse(code.replace("1", "l").replace("0", "o")) == code
    assert codes.parse("".join(chr(ord(letter) + 0xFEE0) for letter in code)) == code
    assert codes.tag(code) == "0A"


@given(some_code, st.integers(0, 14), st.sampled_from(codes.ALPHABET))
def test_one_wrong_character_is_always_refused(code: str, place: int, letter: str) -> None:
    wrong = code[:place] + letter + code[place + 1 :]
    assert codes.parse(wrong) == (code if wrong == code else None)


@given(some_code, st.integers(0, 14), st.integers(0, 14))
def test_two_characters_swapped_are_always_refused_neighbours_or_not(code: str, a: int, b: int) -> None:
    letters = list(code)
    letters[a], letters[b] = letters[b], letters[a]
    wrong = "".join(letters)
    assert codes.parse(wrong) == (code if wrong == code else None)


def test_every_wrong_character_at_every_place_of_one_code_is_refused() -> None:
    code = codes.new("ZZ")
    wrong = [code[:i] + c + code[i + 1 :] for i in range(15) for c in codes.ALPHABET if c != code[i]]
    assert len(wrong) == 15 * 31
    assert not any(codes.parse(text) for text in wrong)


@given(st.text(max_size=100))
def test_whatever_is_typed_gives_a_whole_code_or_none(text: str) -> None:
    found = codes.parse(text)
    assert found is None or (len(found) == 15 and set(found) <= set(codes.ALPHABET))


def test_code_has_sixty_random_bits_from_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "randbits", lambda bits: (1 << bits) - 1 if bits == 60 else 0)
    assert codes.new("00")[2:14] == "Z" * 12
    monkeypatch.undo()
    many = [codes.new("00")[2:14] for _ in range(2000)]
    assert len(set(many)) == 2000
    assert all({code[i] for code in many} == set(codes.ALPHABET) for i in range(12))


def test_tag_that_is_none_makes_no_code() -> None:
    for tag in ("", "0", "0U", "ab", "000"):
        with pytest.raises(ValueError, match="tag"):
            codes.new(tag)


def test_every_county_of_langfang_has_its_own_tag_and_is_found_by_it() -> None:
    with (CITY / "places.csv").open(encoding="utf-8") as file:
        counties = [row["code"][:6] for row in csv.DictReader(file) if row["level"] == "county"]
    table = codes.tag_table(counties)
    assert len(counties) == 11
    assert all(codes.counties_of(table[county], table) == [county] for county in counties)
    assert codes.county_tag("131022", counties) == table["131022"]


def test_new_county_changes_no_tag_that_was_given() -> None:
    before = codes.tag_table(["131022", "131023"])
    clash = str(131022 + 1024)
    after = codes.tag_table(["130000", clash, "131022", "131023"], known=before)
    assert {county: after[county] for county in before} == before
    assert len(set(after.values())) == 4


def test_tags_do_not_depend_on_the_order_counties_are_listed_in() -> None:
    counties = [str(110101 + 7 * i) for i in range(1024)]
    table = codes.tag_table(counties)
    assert len(set(table.values())) == 1024
    assert codes.tag_table(reversed(counties)) == table


def test_a_country_shares_a_tag_among_three_counties_at_most() -> None:
    table = codes.tag_table(str(110101 + 13 * i) for i in range(2850))
    assert max(len(codes.counties_of(tag, table)) for tag in set(table.values())) == 3
