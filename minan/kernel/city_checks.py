"""What must be true of a city's data before a line of it is loaded; each mistake becomes a fault with file and line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from string import Formatter
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import shape

from minan.kernel.calendar import Hours, Limit
from minan.kernel.city_files import Folder, Row
from minan.kernel.place_tree import LEVELS, PARENT_LEVEL, WIDTH

UNIT_KINDS = frozenset({"centre", "station", "point", "department", "seat"})
URGENCIES, SIZES = ("ordinary", "urgent", "emergency"), ("simple", "ordinary", "complex")
PROOFS = frozenset({"photo", "text", "none"})
GROUNDS = frozenset({"refuse", "extend", "park", "pause", "send_back", "outcome", "look"})
QUESTION_TYPES = frozenset({"text", "long", "choice", "yesno", "number", "date"})
ROLES = frozenset(
    ("operator", "clerk", "worker", "handler", "supervisor", "mediator", "signer", "head", "discipline", "admin", "security", "audit")
)
# Every city must say how long these may run, for every urgency and size.
ROTA = ("night", "rest", "always")
CLOCKS = (
    *("accept", "assign", "sign", "contact", "answer", "visit", "ruling", "review", "objection", "park"),
    *("supplement", "notice", "unheard", "danger", "glass", "order", "weekly", "listed", "raised", "pause"),
)
VARIABLES = frozenset({"place", "kind", "due", "unit", "code", "date"})
_CODE = re.compile(r"\d{12}|\d{15}")
_WORD = re.compile(r"[a-z][a-z0-9_.]*")
_LON, _LAT = (73.0, 136.0), (3.0, 54.0)


def check(folder: Folder) -> None:
    """Add every fault of the folder's rows to `folder.faults`."""
    for one in (
        places, outlines, hours, units, kinds, duties, routing, limits, grounds, questions, answers, articles,
        rest_days, posts, rota, words,
    ):  # fmt: skip
        one(folder)


def _unique(folder: Folder, rows: Iterable[Row], key: str) -> dict[str, Row]:
    """Rows by key; an empty or doubled key is a fault."""
    found: dict[str, Row] = {}
    for row in rows:
        value = str(row.get(key, ""))
        if not value:
            folder.fault(row, f"「{key}」是空的", f"{key} is empty")
        elif value in found:
            first = found[value]["@line"]
            folder.fault(row, f"「{value}」重复，第 {first} 行已有", f"{value!r} stands already on line {first}")
        else:
            found[value] = row
    return found


def _one_of(folder: Folder, row: Row, key: str, allowed: Iterable[str], *, empty: bool = False) -> bool:
    """True where the value is allowed (or empty, where that is)."""
    value, allowed = str(row.get(key, "")), list(allowed)
    if value in allowed or (empty and not value):
        return True
    some = ", ".join(sorted(allowed)[:12])
    folder.fault(row, f"「{key}」不能是「{value}」，可以是：{some}", f"{key} cannot be {value!r}; it may be: {some}")
    return False


def _needs(folder: Folder, row: Row, *keys: str) -> None:
    for key in keys:
        if not row.get(key):
            folder.fault(row, f"缺少「{key}」", f"{key} is missing")


def _code_fits(row: Row) -> bool:
    code, level = row["code"], row["level"]
    width = WIDTH[level]
    return bool(_CODE.fullmatch(code)) and len(code) == max(12, width) and not code[width:].strip("0")


def places(folder: Folder) -> None:
    known = _unique(folder, folder["places"], "code")
    for code, row in known.items():
        _needs(folder, row, "name")
        if not _one_of(folder, row, "level", LEVELS):
            continue
        if not _code_fits(row):
            width = WIDTH[row["level"]]
            folder.fault(
                row, f"代码「{code}」不是 {width} 位级别的 12 位代码", f"{code!r} is no full code of width {width}"
            )
        up = PARENT_LEVEL[row["level"]]
        parent = known.get(row["parent"])
        if up and (parent is None or parent["level"] != up or code[: WIDTH[up]] != parent["code"][: WIDTH[up]]):
            folder.fault(row, f"上级「{row['parent']}」不对", f"{row['parent']!r} is not the {up} this lies in")
        if not up and row["parent"]:
            folder.fault(row, "市级没有上级", "a city has no parent here")
        if row.get("successor") and row["successor"] not in known:
            folder.fault(
                row, f"后继「{row['successor']}」不存在", f"successor {row['successor']!r} is not in this file"
            )
        if row.get("until"):
            _day(folder, row, "until")
        _point(folder, row, "lon", "lat")
        _point(folder, row, "slon", "slat")
    cities = {row["code"][:4] for row in folder["places"] if row["level"] == "city"}
    if known and len(cities) != 1:
        folder.fault({"@file": "places.csv"}, "须有且只有一个市", "there must be one city, and one only")


def _point(folder: Folder, row: Row, lon: str, lat: str) -> None:
    if not row[lon] and not row[lat]:
        return
    try:
        x, y = float(row[lon]), float(row[lat])
    except ValueError:
        folder.fault(row, f"「{lon}, {lat}」须是一对数", f"{lon}, {lat} must be two numbers, or both empty")
        return
    if not (_LON[0] <= x <= _LON[1] and _LAT[0] <= y <= _LAT[1]):
        folder.fault(row, f"坐标 {x}, {y} 不在中国（经度在前）", f"{x}, {y} is not in China (longitude first)")


def outlines(folder: Folder) -> None:
    codes = {row["code"] for row in folder["places"]}
    for code, row in _unique(folder, folder["outlines"], "code").items():
        if code not in codes:
            folder.fault(row, f"places.csv 没有「{code}」", f"{code} is not in places.csv")
        try:
            drawn = shape(row["geometry"])
            good = drawn.geom_type in ("Polygon", "MultiPolygon") and drawn.is_valid and not drawn.is_empty
        except (ShapelyError, AttributeError, KeyError, TypeError, ValueError, IndexError):
            good = False
        if not good:
            folder.fault(row, f"「{code}」的边界不是有效的多边形", f"the outline of {code} is no valid polygon")


def hours(folder: Folder) -> None:
    for row in folder["hours"]:
        _needs(folder, row, "label")
        try:
            Hours.from_json({"seasons": row.get("season", [])})
        except (ValueError, AttributeError) as error:
            folder.fault(row, f"办公时间有误：{error}", f"not office hours: {error}")
    if folder["hours"] and "default" not in {row["@name"] for row in folder["hours"]}:
        folder.fault({"@file": "hours.toml"}, "缺少 [default]", "[default] is missing")


def units(folder: Folder) -> None:
    place_of = {row["code"]: row for row in folder["places"]}
    names = {row["@name"] for row in folder["hours"]}
    known = _unique(folder, folder["units"], "id")
    for id_, row in known.items():
        _needs(folder, row, "name", "word")
        _one_of(folder, row, "kind", UNIT_KINDS)
        _one_of(folder, row, "hours", names)
        _one_of(folder, row, "lead", ("0", "1"))
        place = place_of.get(row["place"])
        if place is None:
            folder.fault(row, f"places.csv 没有「{row['place']}」", f"{row['place']} is not in places.csv")
        elif place["level"] != row["level"]:
            folder.fault(row, f"级别应为「{place['level']}」", f"level should be {place['level']}, as its place's")
        elif not id_.startswith(place["code"][: WIDTH[place["level"]]] + "-"):
            folder.fault(
                row, f"编号应以「{place['code'][: WIDTH[place['level']]]}-」开头", "the id must begin with its place"
            )
        for code in row["ranges"].split(";"):
            if code not in place_of:
                folder.fault(row, f"范围「{code}」不在 places.csv", f"range {code!r} is not in places.csv")
        for way in ("block", "line"):
            if row[way] and row[way] not in known:
                folder.fault(row, f"上级单位「{row[way]}」不存在", f"{way} parent {row[way]!r} does not exist")
    _no_circles(folder, known)


def _no_circles(folder: Folder, known: dict[str, Row]) -> None:
    for way in ("block", "line"):
        done: set[str] = set()
        for id_ in known:
            here, walked = id_, []
            while here in known and here not in done and here not in walked:
                walked.append(here)
                here = known[here][way]
            if here in walked:
                folder.fault(known[here], "上级关系成环", f"{way} parents go in a circle")
            done.update(walked)


def kinds(folder: Folder) -> None:
    named: dict[str, Row] = {}
    refuse = {row.get("code", "") for row in folder["grounds"] if row["@name"] == "refuse"}
    for code, row in _unique(folder, folder["kinds"], "code").items():
        _needs(folder, row, "name", "name_en", "group", "group_name", "group_name_en")
        if not _WORD.fullmatch(code):
            folder.fault(row, f"代码「{code}」只能用小写字母、数字、点", f"{code!r}: small letters, digits, dots only")
        _one_of(folder, row, "urgency", URGENCIES)
        _one_of(folder, row, "size", SIZES)
        _one_of(folder, row, "proof", PROOFS)
        _one_of(folder, row, "public", ("0", "1"))
        _one_of(folder, row, "turn_to", refuse, empty=True)
        first = named.setdefault(row["group"], row)
        if (first["group_name"], first["group_name_en"]) != (row["group_name"], row["group_name_en"]):
            folder.fault(
                row, f"组名与第 {first['@line']} 行不一致", f"the group is named otherwise on line {first['@line']}"
            )


def duties(folder: Folder) -> None:
    codes = {row["code"]: row for row in folder["kinds"]}
    words_of = {row["word"] for row in folder["units"]} | {row["kind"] for row in folder["units"]}
    served: set[str] = set()
    for row in folder["duty"]:
        _needs(folder, row, "rule")
        if row["kind"] not in codes:
            folder.fault(row, f"kinds.csv 没有「{row['kind']}」", f"{row['kind']!r} is not in kinds.csv")
        _one_of(folder, row, "level", ("village", "town", "county", "city"))
        if row["word"] not in words_of:
            folder.fault(row, f"没有单位叫「{row['word']}」", f"no unit has the word {row['word']!r}")
        if row["level"] != "village":
            served.add(row["kind"])
    for code, row in codes.items():
        if code not in served:
            folder.fault(row, f"责任清单没有「{code}」（乡镇或县级）", f"duty.csv has no town or county row for {code}")


def routing(folder: Folder) -> None:
    """Each line names one unit or a department word with its level, and nothing that is not there."""
    known = {
        "kind": {row["code"] for row in folder["kinds"]}, "group": {row["group"] for row in folder["kinds"]},
        "place": {row["code"] for row in folder["places"]}, "unit": {row["id"] for row in folder["units"]},
        "word": {row["word"] for row in folder["units"]} | {row["kind"] for row in folder["units"]},
        "urgency": set(URGENCIES), "hours": {"office", "off"}, "level": {"village", "town", "county", "city"},
    }  # fmt: skip
    for row in _unique(folder, folder["routing"], "rule").values():
        for name, allowed in known.items():
            _one_of(folder, row, name, allowed, empty=True)
        if not row["rank"].isascii() or not row["rank"].isdigit():
            folder.fault(row, f"「{row['rank']}」不是顺序号", f"{row['rank']!r} is no rank")
        if bool(row["unit"]) == bool(row["word"] and row["level"]):
            folder.fault(row, "写一个单位，或者级别和部门，二选一", "one unit, or a level and a word; not both")


def _limit_ok(folder: Folder, row: Row, key: str) -> None:
    try:
        Limit.parse(str(row.get(key, "")))
    except ValueError:
        value = row.get(key, "")
        folder.fault(
            row, f"「{value}」不是期限（如 15m、2wh、3wd、60d）", f"{value!r} is no limit (15m, 2wh, 3wd, 60d)"
        )


def limits(folder: Folder) -> None:
    groups = {row["group"] for row in folder["kinds"]}
    seen: dict[tuple[Any, ...], Row] = {}
    for row in folder["limits"]:
        _needs(folder, row, "clock", "limit", "rule", "article", "article_en")
        _one_of(folder, row, "urgency", URGENCIES, empty=True)
        _one_of(folder, row, "size", SIZES, empty=True)
        _one_of(folder, row, "group", groups, empty=True)
        _limit_ok(folder, row, "limit")
        if row.get("legal"):
            _limit_ok(folder, row, "legal")
            _needs(folder, row, "legal_article")
        key = tuple(row.get(k, "") for k in ("clock", "urgency", "size", "group"))
        if key in seen:
            folder.fault(row, f"与第 {seen[key]['@line']} 行相同的条件", f"the same case as line {seen[key]['@line']}")
        seen.setdefault(key, row)
    if not folder["limits"]:
        return
    for clock in CLOCKS:
        for urgency in URGENCIES:
            for size in SIZES:
                if not any(c == clock and u in ("", urgency) and s in ("", size) and not g for c, u, s, g in seen):
                    zh = f"「{clock}」没有规定 {urgency}、{size} 的期限"
                    folder.fault({"@file": "limits.toml"}, zh, f"{clock}: no limit for {urgency}, {size}")


def grounds(folder: Folder) -> None:
    _unique(folder, folder["grounds"], "code")
    for row in folder["grounds"]:
        _one_of(folder, row, "@name", GROUNDS)
        _needs(folder, row, "label", "label_en")
        if row["@name"] == "refuse":
            _needs(folder, row, "article", "where", "where_en")


def questions(folder: Folder) -> None:
    codes = {row["code"] for row in folder["kinds"]}
    before: dict[str, dict[str, list[str]]] = {}
    for row in folder["questions"]:
        _needs(folder, row, "code", "label", "label_en")
        if row["@name"] not in codes:
            folder.fault(row, f"kinds.csv 没有「{row['@name']}」", f"{row['@name']!r} is not in kinds.csv")
        _one_of(folder, row, "type", QUESTION_TYPES)
        asked = before.setdefault(row["@name"], {})
        if row.get("code") in asked:
            folder.fault(row, f"问题「{row['code']}」重复", f"question {row['code']!r} is asked twice")
        options = row.get("options", [])
        good = isinstance(options, list) and all(isinstance(o, list) and len(o) == 3 for o in options)
        if not good or (row.get("type") == "choice" and len(options) < 2):
            folder.fault(row, "选项须为 [值, 中文, 英文]，至少两个", "options are [value, zh, en], two at least")
            options = []
        if "if" in row:
            match row["if"]:
                case [question, *given] if given and set(given) <= set(asked.get(question, [])):
                    pass
                case _:
                    folder.fault(
                        row,
                        "「if」须指向前面的一问和它的一个选项",
                        "`if` names an earlier question and one of its options",
                    )
        asked[row.get("code", "")] = ["yes", "no"] if row.get("type") == "yesno" else [option[0] for option in options]


def answers(folder: Folder) -> None:
    groups = {row["group"] for row in folder["kinds"]}
    for row in folder["answers"]:
        _needs(folder, row, "step", "title", "title_en", "text", "text_en")
        _one_of(folder, row, "group", groups, empty=True)
        for key in ("text", "text_en"):
            try:
                used = {name for _, name, _, _ in Formatter().parse(str(row.get(key, ""))) if name is not None}
            except ValueError:
                used = {"{"}
            if strange := sorted(used - VARIABLES):
                folder.fault(row, f"没有变量「{strange[0]}」", f"there is no variable {strange[0]!r}")


def articles(folder: Folder) -> None:
    for row in folder["articles"]:
        _needs(folder, row, "law", "article", "title", "title_en", "text")
        _one_of(folder, row, "group", {kind["group"] for kind in folder["kinds"]}, empty=True)
        _one_of(folder, row, "kind", {kind["code"] for kind in folder["kinds"]}, empty=True)
        if "checked" in row and not isinstance(row["checked"], date):
            folder.fault(row, f"「{row['checked']}」不是日期（如 2027-05-04）", f"{row['checked']!r} is no date (2027-05-04)")


def _day(folder: Folder, row: Row, key: str) -> None:
    try:
        date.fromisoformat(row[key])
    except ValueError:
        folder.fault(row, f"「{row[key]}」不是日期（如 2027-05-04）", f"{row[key]!r} is no date (2027-05-04)")


def rest_days(folder: Folder) -> None:
    for row in _unique(folder, folder["calendar"], "date").values():
        _one_of(folder, row, "working", ("0", "1"))
        _day(folder, row, "date")


def posts(folder: Folder) -> None:
    known = {row["id"] for row in folder["units"]}
    seen: set[tuple[str, str, str]] = set()
    for row in folder["posts"]:
        _needs(folder, row, "user", "name")
        if not row["unit"] and not row["role"]:
            continue  # a resident: signs in, holds no post
        if row["unit"] not in known:
            folder.fault(row, f"units.csv 没有「{row['unit']}」", f"{row['unit']!r} is not in units.csv")
        _one_of(folder, row, "role", ROLES)
        key = (row["user"], row["unit"], row["role"])
        if key in seen:
            folder.fault(row, "同一岗位写了两次", "the same post stands twice")
        seen.add(key)


def rota(folder: Folder) -> None:
    known = {row["id"] for row in folder["units"]}
    for row in folder["rota"]:
        if row["unit"] not in known:
            folder.fault(row, f"units.csv 没有「{row['unit']}」", f"{row['unit']!r} is not in units.csv")
        _one_of(folder, row, "when", ROTA)
        _needs(folder, row, "post", "telephone")


def words(folder: Folder) -> None:
    for row in folder["words"]:
        groups = row.get("likeness", {}).get("same", [])
        where: dict[str, int] = {}
        for number, group in enumerate(groups, 1):
            for word in str(group).split("|"):
                if where.setdefault(word, number) != number:
                    folder.fault(
                        row, f"同义词「{word}」在两组里", f"{word!r} stands in groups {where[word]} and {number}"
                    )
