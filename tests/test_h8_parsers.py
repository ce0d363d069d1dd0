"""H8: no expression, parser or letter holds the house up: worst cases of a megabyte, endless JSON, XML entities, every letter."""

from __future__ import annotations

import ast
import importlib
import json
import pathlib
import pkgutil
import re
import signal
import time
import unicodedata
from collections.abc import Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from django.test import Client

import minan
from minan.channels.web.tests import phone
from minan.kernel import search, speakers
from minan.kernel.identify import sure
from minan.kernel.scrub import scrub
from minan.lib import text as texts
from tests import house as houses
from tests.house import House

ROOT = pathlib.Path(minan.__file__).parent
SMALL, MIDDLE, QUARTER, WHOLE = 2_000, 32_000, 250_000, 1_000_000
BUDGET, PATIENCE, LINEAR = 0.2, 0.5, 10.0  # seconds; seconds; growth from a quarter to the whole, where linear is 4
STRINGS = (
    "1",
    "a",
    " ",
    "王",
    "1 ",
    "1-",
    "a@",
    "a.",
    "@a.",
    "北纬",
    "lat",
    "0x",
    "=",
    "'",
    "\u200b",
    "A",
    "１",
    "老王",
    "13",
    "lat1n",
    "QQ:1",
)
# Expression → (most characters it is ever given, who says so). Measured at that length against the same budget.
BOUNDED = {
    "minan.lib.jsonlog._MAIL": (4_000, "READ_MAX"),
    "minan.lib.geo._LATITUDE_FIRST": (200, "the field of a point"),
    "minan.kernel.witness.watch.COUNTY": (2_000, "a line of a checkpoint, at the witness's own machine"),
}
ANCHORED = {"minan.lib.csvsafe._formula"}  # only ever asked of the beginning of a text
SKIP = ("minan.shell.demo_signin", "minan.__main__", "minan.wsgi")
pytestmark = pytest.mark.bar("H8")


class TooSlow(Exception):
    """An expression that was still at work after PATIENCE."""


def _stop(*_: Any) -> None:
    raise TooSlow


# ---- expressions


def expressions() -> dict[str, re.Pattern[str]]:
    """Every compiled expression of the program by name, and every constant one that is compiled on the way."""
    out: dict[str, re.Pattern[str]] = {}

    def put(name: str, value: Any, depth: int = 0) -> None:
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            out.setdefault(value.pattern, value)
            names.setdefault(value.pattern, name)
        elif depth < 2 and isinstance(value, tuple | list | set | frozenset):
            for one in value:
                put(name, one, depth + 1)
        elif depth < 2 and isinstance(value, dict):
            for one in value.values():
                put(name, one, depth + 1)

    names: dict[str, str] = {}
    for found in pkgutil.walk_packages([str(ROOT)], "minan."):
        if ".tests" in found.name or ".migrations" in found.name or found.name.startswith(SKIP):
            continue
        try:
            module = importlib.import_module(found.name)
        except Exception:
            continue
        for name, value in vars(module).items():
            put(f"{found.name}.{name}", value)
        for pattern in _written(module):
            put(f"{found.name}: {pattern[:40]}", re.compile(pattern))
    return {names[pattern]: value for pattern, value in out.items()}


def _written(module: Any) -> Iterator[str]:
    path = getattr(module, "__file__", "") or ""
    for node in ast.walk(ast.parse(pathlib.Path(path).read_text("utf-8"))) if path.endswith(".py") else ():
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ) and (
            node.func.value.id == "re"
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and node.func.attr != "escape"
        ) and isinstance(node.args[0].value, str):
            yield node.args[0].value


def _sample(tree: Any, pick: int = 0) -> str:
    """A text that this piece of an expression takes."""
    out = ""
    for op, value in tree:
        if op is sre.LITERAL:
            out += chr(value)
        elif op is sre.NOT_LITERAL or op is sre.ANY:
            out += "a"
        elif op is sre.IN:
            out += _member(value, pick)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            out += _sample(value[2], pick) * min(max(value[0], 1), 50)
        elif op is sre.SUBPATTERN:
            out += _sample(value[3], pick)
        elif op is sre.BRANCH:
            out += _sample(value[1][pick % len(value[1])], pick)
        elif op is sre.ATOMIC_GROUP:
            out += _sample(value, pick)
    return out


def _member(members: Any, pick: int) -> str:
    for op, value in [*members[pick % len(members) :], *members]:
        if op is sre.LITERAL:
            return chr(value)
        if op is sre.RANGE:
            return chr(value[0])
        if op is sre.CATEGORY:
            return {"DIGIT": "1", "SPACE": " "}.get(str(value).rpartition("_")[2], "a")
    return "a"


def _repeats(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """(what stands before it, what is repeated) for each repetition with no small end."""
    for n, (op, value) in enumerate(tree):
        lead = before + _sample(tree[:n])
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            if value[1] > 15 or value[1] is sre.MAXREPEAT:
                for pick in (0, 1, 2):
                    yield lead, _sample(value[2], pick)
            yield from _repeats(value[2], lead)
        elif op is sre.SUBPATTERN:
            yield from _repeats(value[3], lead)
        elif op is sre.BRANCH:
            for branch in value[1]:
                yield from _repeats(branch, lead)


def attacks(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """(beginning, piece that is repeated): made from the expression itself, and the usual ones."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    found = {(lead[:200], piece) for lead, piece in _repeats(tree) if piece}
    whole = _sample(tree)
    return [*found, *(("", piece) for piece in {*STRINGS, *(piece for _, piece in found), whole[:-1], whole} if piece)]


def seconds(pattern: re.Pattern[str], begin: str, piece: str, length: int, anchored: bool = False) -> float:
    """How long it looks through so many characters, which do not end as it would like; PATIENCE where it does not come back."""
    text = begin + (piece * (length // len(piece) + 1))[:length] + "\x00"
    before = time.process_time()
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE * 3)
    try:
        for _ in () if anchored and not pattern.match(text) else pattern.finditer(text) if not anchored else ():
            pass
    except TooSlow:
        return PATIENCE * 3
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return time.process_time() - before


def slow(name: str, pattern: re.Pattern[str]) -> str:
    """Why this expression can hold the house up; "" where it cannot."""
    most, anchored, tried = BOUNDED.get(name, (WHOLE, ""))[0], name in ANCHORED, attacks(pattern)
    ranked: list[tuple[float, tuple[str, str]]] = []
    for length, longest in ((SMALL, 0.1), (MIDDLE, 1.0)) if most == WHOLE else ((most, BUDGET * 2),):
        ranked = []
        for one in tried:
            spent = seconds(pattern, *one, length, anchored)
            ranked.append((spent, one))
            if spent > longest:
                return f"{name}: {spent:.2f} s for {length} characters of {one!r}"
    one = max(ranked)[1]
    whole = seconds(pattern, *one, WHOLE, anchored) if most == WHOLE else 0.0
    if whole > BUDGET and (
        whole > PATIENCE * 2 or whole / max(seconds(pattern, *one, QUARTER, anchored), 0.001) > LINEAR
    ):
        return f"{name}: {whole:.2f} s for a megabyte of {one!r}"
    return ""


def test_no_expression_takes_longer_than_the_text_is_long() -> None:
    found = expressions()
    assert len(found) > 60
    wrong = [why for name, pattern in found.items() if (why := slow(name, pattern))]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"[\w.+-]+@[\w-]+", r"\s+$"])
def test_an_expression_with_a_worst_case_is_named(pattern: str) -> None:
    assert slow("tried", re.compile(pattern))


def test_what_reads_every_text_reads_a_megabyte_of_the_worst_in_proportion() -> None:
    """What is done with words before any limit on them is looked at."""
    for piece in ("1", "王", "1 3 8", "老王13", " ", "a", "@", "\u202e", "省市县", "QQ1"):
        for read in (texts.neutral, texts.folded):
            spent = []
            for length in (QUARTER, WHOLE):
                before = time.process_time()
                read(piece * (length // len(piece)))
                spent.append(time.process_time() - before)
            assert spent[1] < BUDGET or spent[1] / max(spent[0], 0.001) < LINEAR, (read.__name__, piece, spent)


@pytest.mark.parametrize("piece", ["1", "王", "1 3 8", "老王13", "张三、李四", "住在3号楼2单元", "@a", "QQ1", "冀R"])
def test_what_looks_for_people_in_the_longest_text_a_form_takes_keeps_its_time(piece: str) -> None:
    spent = []
    for length in (2_500, 10_000):
        before = time.process_time()
        scrub((piece * length)[:length])
        sure((piece * length)[:length])
        spent.append(time.process_time() - before)
    assert spent[1] < 1 or spent[1] / max(spent[0], 0.001) < 3 * LINEAR, spent


# ---- JSON and XML


@pytest.fixture
def house(people: dict[str, Any]) -> House:
    return houses.build(people)


DEEP = 100_000
BODIES = {
    "deep list": "[" * DEEP, "deep and closed": "[" * DEEP + "]" * DEEP, "deep object": '{"a":' * DEEP,
    "in facts": '{"procedure":"matter","facts":' + '{"text":' * DEEP,
    "closed in facts": '{"procedure":"matter","facts":{"text":' + "[" * 900 + "]" * 900 + "}}",
    "huge number": '{"procedure":"matter","moves":' + "9" * 5_000 + "}",
    "huge exponent": '{"procedure":"matter","facts":{"text":1e999999}}',
    "no number": '{"procedure":"matter","facts":{"text":NaN,"visit":Infinity}}',
    "twice": '{"procedure":"matter","procedure":"register","facts":{}}',
    "not UTF-8": b"\xff\xfe{\x00}\x00", "GB18030": '{"procedure":"matter","facts":{"text":"路灯"}}'.encode("gb18030"),
    "null": "null", "empty": "",
    "many names": json.dumps({"procedure": "matter", "facts": {f"n{n}": n for n in range(50_000)}}),
    "lone": '{"procedure":"\\ud800","facts":{"\\udfff":"\\ud800"}}',
}  # fmt: skip
XML = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "zq7x"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><l>&c;</l>',
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>',
    '<?xml version="1.0"?><!DOCTYPE l SYSTEM "http://127.0.0.1:9/x.dtd"><l/>',
)


@pytest.mark.django_db
@pytest.mark.parametrize("name", BODIES)
def test_json_without_end_or_sense_is_refused_in_its_time(house: House, name: str) -> None:
    for path in ("/api/v1/cases", f"/api/v1/cases/{house.case.code}/steps/note"):
        before = time.process_time()
        got = Client(raise_request_exception=False).post(
            path, BODIES[name], content_type="application/json",
            headers={"Authorization": f"Bearer {house.tokens['clerk']}", "Idempotency-Key": name.replace(" ", "-")},
        )  # fmt: skip
        assert 400 <= got.status_code < 500, (path, got.status_code)
        assert time.process_time() - before < 2
        json.loads(got.content)


@pytest.mark.django_db
@pytest.mark.parametrize("body", XML)
def test_xml_from_outside_is_read_by_nobody(house: House, body: str) -> None:
    for path in ("/open311/v2/requests.xml", "/api/v1/cases", "/say/"):
        for kind in ("application/xml", "text/xml"):
            got = Client(raise_request_exception=False).post(
                path,
                body,
                content_type=kind,
                headers={"Authorization": f"Bearer {house.tokens['clerk']}", "Idempotency-Key": "x"},
            )
            assert got.status_code < 500, path
            assert b"root:" not in got.content
            assert b"zq7xzq7x" not in got.content


# ---- letters


RARE = ("㛃", "𬭸", "䶮", "𠮷", "𰻝", "王㛃𬭸", "阿卜杜热合曼·买买提", "Łukasz Ñandú", "김민준", "佐々木", "龘靐齉")
SAME = ("ﬁ", "①", "㈱", "Ａ", "Å", "é", "각")  # NFKC would change these


@pytest.mark.django_db
@pytest.mark.parametrize("name", RARE)
def test_a_rare_name_comes_back_letter_by_letter(people: dict[str, Any], name: str) -> None:
    case, _ = phone.said(
        Client(), text=f"{name}家门口路灯不亮", place_words=f"{name}巷", name=name, phone="13812345678"
    )
    assert speakers.known(case, who="speaker", why="own")["name"] == name
    assert unicodedata.normalize("NFC", case.place_words) == unicodedata.normalize("NFC", f"{name}巷") or "·" in name
    assert name.encode("gb18030").decode("gb18030") == name, "and every one of them stands in GB 18030"
    search.index([case])


def test_a_letter_is_kept_as_it_was_written_and_found_as_it_is_meant() -> None:
    for letter in SAME:
        assert texts.neutral(f"x{letter}y") == f"x{letter}y", "stored as typed"
    assert texts.folded("Ａ１") == texts.folded("a1"), "found however it was typed"


TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


def test_what_turns_a_line_around_or_is_half_a_letter_stands_in_no_text() -> None:
    for odd in TURNING:
        assert odd not in texts.neutral(f"路{odd}灯")
    assert texts.neutral("路\ud800灯").encode("utf-8")
    assert texts.neutral("a\x00b\x1b[2Jc").isprintable()
