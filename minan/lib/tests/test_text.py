"""A clerk finds any Chinese word of any length, and nothing a resident writes can turn the screen against the clerk."""

import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minan.lib import text

SAID = [
    "幸福路南口路灯不亮三天了",
    "楼上半夜扰民，睡不着",
    "工地讨薪三个月没发",
    "777煤改气锅炉没气",
    "东关村村民𬭸某、㛃某反映水压低",
    "ＡＢＣ公寓电梯坏了",
]


@pytest.fixture
def index() -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE found USING fts5(body, tokenize='unicode61')")
    base.executemany(
        "INSERT INTO found(rowid, body) VALUES (?, ?)", [(n, text.spaced(said)) for n, said in enumerate(SAID)]
    )
    return base


def search(base: sqlite3.Connection, typed: str) -> list[int]:
    query = text.phrase(typed)
    return (
        [row[0] for row in base.execute("SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid", [query])]
        if query
        else []
    )


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("路灯", [0]), ("扰民", [1]), ("讨薪", [2]), ("煤改气", [3]), ("777煤改气", [3]), ("777", [3]), ("灯", [0]), ("路灯不亮", [0]),
        ("𬭸", [4]), ("㛃某", [4]), ("abc公寓", [5]), ("路灯 三天", [0]), ("路灯 扰民", []), ("灯路", []), ("灯不", [0]),
    ],
)  # fmt: skip
def test_clerk_finds_a_word_of_any_length(index: sqlite3.Connection, typed: str, rows: list[int]) -> None:
    assert search(index, typed) == rows


def finds_itself(typed: str) -> bool:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE found USING fts5(body, tokenize='unicode61')")
    base.execute("INSERT INTO found(rowid, body) VALUES (1, ?)", [text.spaced(typed)])
    return search(base, typed) == [1]


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_query_and_never_an_error(typed: str) -> None:
    assert finds_itself(typed) in (True, False)


@given(st.text(st.sampled_from("路灯不亮扰民㛃𬭸〇々777abＡＢ，。 -\"'*():^é"), max_size=60))
def test_what_a_clerk_can_type_finds_the_matter_that_says_it(typed: str) -> None:
    assert finds_itself(typed) == bool(text.phrase(typed))


@pytest.mark.parametrize(
    "typed", ['"', '路灯"', "路灯 OR 1", "NEAR(路 灯)", "body:灯", "路*", "-灯", "^灯", "'; DROP", "(", "\x00"]
)
def test_syntax_in_a_query_is_only_text(index: sqlite3.Connection, typed: str) -> None:
    assert search(index, typed) in ([], [0], [0, 1])


@pytest.mark.parametrize("said", SAID)
def test_every_piece_of_a_matter_asks_for_grams_the_matter_has(said: str) -> None:
    have = set(text.grams(said))
    for start in range(len(said)):
        for end in range(start + 1, min(start + 7, len(said)) + 1):
            piece = said[start:end]
            if not re.search(r"[a-zA-Z0-9Ａ-Ｚ]", piece):
                assert set(text.query_grams(piece)) <= have


def test_grams_are_pairs_words_and_single_characters_once_each_and_bounded() -> None:
    assert text.grams("路灯，路灯坏12号A") == ["路灯", "灯坏", "12", "a", "路", "灯", "坏", "号"]
    long = "".join(chr(0x4E00 + i) for i in range(3000))
    assert len(text.grams(long)) == 512
    assert text.query_grams("路灯不亮") == ["路灯", "灯不", "不亮"]
    assert text.query_grams("灯") == ["灯"]


def test_direction_overrides_and_control_characters_are_taken_out() -> None:
    assert text.neutral("张\u202e三\u2066\x00\x1b[31m\u200b\ufeff") == "张三[31m"
    assert text.neutral("一\r\n二\u2028三\t四") == "一\n二\n三 四"
    assert text.neutral("坏\ud800字").encode() == "坏\ufffd字".encode()


def test_names_with_rare_characters_stay_as_they_are() -> None:
    for name in ("王㛃", "李𬭸", "﨑川", "葛\U000e0100", "👨\u200d👩\u200d👧", "𠮷野"):
        assert text.neutral(name) == name


@given(st.text())
def test_neutral_text_stays_neutral_and_can_be_stored(said: str) -> None:
    once = text.neutral(said)
    assert text.neutral(once) == once
    once.encode()
    assert not re.search("[\x00\u202a-\u202e\u2066-\u2069]", once)


def test_short_text_is_one_line_of_at_most_n_characters() -> None:
    assert text.short("路灯\n 不亮", 10) == "路灯 不亮"
    assert text.short("路灯不亮三天了", 5) == "路灯不亮…"
    assert text.short("路灯", 0) == ""
    assert text.short("e\u0301" * 5, 4) == "e\u0301…"


@given(st.text(max_size=40), st.integers(0, 20))
def test_short_text_never_exceeds_its_bound(said: str, n: int) -> None:
    assert len(text.short(said, n)) <= n


@pytest.mark.parametrize(
    "worst", ["路" * 350_000, "a" * 10**6, " " * 10**6, '"' * 10**6, "\u202e" * 300_000, "e\u0301" * 300_000]
)
def test_a_megabyte_of_the_worst_text_is_bounded_everywhere(worst: str) -> None:
    assert len(text.grams(worst)) <= 512
    assert len(text.phrase(worst)) <= 1000
    assert len(text.query_grams(worst)) <= 64
    assert len(text.short(worst, 40)) <= 40
    assert len(text.spaced(worst)) <= 2 * len(worst)
