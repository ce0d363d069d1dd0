"""A city's folder comes in whole or not at all, twice changes nothing, and nothing that was is deleted."""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from minan.kernel import cities, directory, places, routing
from minan.kernel.commands import city as city_command
from minan.kernel.models import (
    Duty,
    Edition,
    Ground,
    Kind,
    LimitRule,
    OfficeHours,
    Place,
    Post,
    Question,
    RestDay,
    StandardAnswer,
    Unit,
    User,
)

LANGFANG = Path(__file__).resolve().parents[3] / "city" / "langfang"
ZHAOYANG, GUAN_TOWN, GUAN = "131022100010", "131022100000", "131022000000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A city's folder that may be spoiled."""
    return Path(shutil.copytree(LANGFANG, tmp_path / "city"))


@pytest.fixture
def bare(db: None) -> None:
    """A database without any city; the tests' own has Langfang in it already."""
    for model in (
        Post,
        User,
        Unit,
        Place,
        Question,
        Kind,
        Duty,
        LimitRule,
        Ground,
        StandardAnswer,
        OfficeHours,
        RestDay,
        Edition,
    ):
        model.objects.all().delete()
    directory.forget()


def swap(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def table(name: str) -> list[dict[str, str]]:
    with (LANGFANG / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- the model city itself


def test_langfang_has_its_real_tree() -> None:
    levels = [row["level"] for row in table("places.csv")]
    assert [levels.count(level) for level in ("city", "county", "town", "village")] == [1, 11, 123, 3619]


def test_every_county_and_the_city_have_the_same_departments_and_every_town_its_six_seats() -> None:
    units = table("units.csv")
    full = {u["word"] for u in units if u["place"] == "131000000000" and u["kind"] != "seat"}
    for place in (row["code"] for row in table("places.csv") if row["level"] == "county"):
        assert {u["word"] for u in units if u["place"] == place} == full
    for place in (row["code"] for row in table("places.csv") if row["level"] == "town"):
        assert {u["word"] for u in units if u["place"] == place} == {
            "station",
            "urban",
            "police",
            "justice",
            "court",
            "permit",
            "mediation",
        }


def test_the_police_post_answers_to_the_township_by_block_and_to_the_county_police_by_line() -> None:
    units = {u["id"]: u for u in table("units.csv")}
    post = units["131022100-police"]
    assert (post["block"], post["line"]) == ("131022100-station", "131022-police")
    assert units["131022-police"]["line"] == "1310-police"
    assert (units["131022-lighting"]["name"], units["131022-lighting"]["line"]) == ("固安县路灯管理所", "131022-urban")
    assert units["131022100010-point"]["block"] == "131022100-station"
    assert units["131022100-station"]["block"] == "131022-centre"
    assert units["131022-centre"]["block"] == "1310-centre"


def test_the_six_people_sit_where_the_story_needs_them() -> None:
    posts = {p["user"]: p for p in table("posts.csv")}
    assert {
        name: posts[name]["unit"] for name in ("resident", "clerk", "handler", "supervisor", "stranger", "admin")
    } == {
        "resident": "",
        "clerk": "131022100-station",
        "handler": "131022-lighting",
        "supervisor": "131022-centre",
        "stranger": "131022101-station",
        "admin": "1310-centre",
    }
    assert posts["worker"]["unit"].startswith("131022100")


def test_nothing_urgent_is_counted_in_office_hours() -> None:
    rows = [r for r in cities.read(LANGFANG)["limits"] if r.get("urgency") in ("urgent", "emergency")]
    assert len(rows) >= 14
    assert not [r for r in rows if "w" in r["limit"]]


# ---- what is wrong is said, with file and line


Spoil = Callable[[Path], None]
WRONG: list[tuple[str, str, int, str, Spoil]] = [
    (
        "a parent that is not",
        "places.csv",
        3,
        "上级",
        lambda f: swap(f / "places.csv", "county,131000000000", "county,131022000000"),
    ),
    (
        "lon and lat swapped",
        "places.csv",
        3,
        "坐标",
        lambda f: swap(f / "places.csv", "116.75188,39.34245", "39.34245,116.75188"),
    ),
    ("a doubled place", "places.csv", 4, "重复", lambda f: swap(f / "places.csv", "\n131003000000", "\n131002000000")),
    (
        "a unit's unknown parent",
        "units.csv",
        3,
        "上级单位",
        lambda f: swap(f / "units.csv", ",1310-centre,", ",1310-no,"),
    ),
    (
        "a circle of parents",
        "units.csv",
        2,
        "成环",
        lambda f: swap(f / "units.csv", ",,,centre", ",131022-centre,,centre"),
    ),
    (
        "an unknown urgency",
        "kinds.csv",
        2,
        "urgency",
        lambda f: swap(f / "kinds.csv", "ordinary,simple", "soon,simple"),
    ),
    (
        "a kind that is nobody's duty",
        "kinds.csv",
        2,
        "责任清单",
        lambda f: swap(f / "duty.csv", "lamp.out,county", "lamp.out,village"),
    ),
    (
        "a duty of a unknown word",
        "duty.csv",
        2,
        "没有单位",
        lambda f: swap(f / "duty.csv", "county,lighting", "county,moon"),
    ),
    (
        "a limit that is none",
        "limits.toml",
        12,
        "不是期限",
        lambda f: swap(f / "limits.toml", 'limit = "15m"', 'limit = "15x"'),
    ),
    ("a limit without its rule", "limits.toml", 12, "缺少", lambda f: swap(f / "limits.toml", "rule = ", "role = ")),
    ("a broken TOML", "hours.toml", 5, "写法有误", lambda f: swap(f / "hours.toml", "label = ", "label ")),
    ("hours that overlap", "hours.toml", 4, "办公时间", lambda f: swap(f / "hours.toml", '"13:30"', '"11:30"')),
    (
        "a refusal without a way",
        "grounds.toml",
        5,
        "缺少",
        lambda f: swap(f / "grounds.toml", "where_en = ", "there = "),
    ),
    (
        "an unknown variable",
        "answers.toml",
        3,
        "变量",
        lambda f: swap(f / "answers.toml", "反映的{place}", "反映的{phone}"),
    ),
    (
        "a question after none",
        "questions.toml",
        10,
        "if",
        lambda f: swap(f / "questions.toml", '"how_many", "one"', '"how_many", "ten"'),
    ),
    (
        "a post nowhere",
        "posts.csv",
        3,
        "units.csv",
        lambda f: swap(f / "posts.csv", "131022100010-point", "131022100999-point"),
    ),
    ("a missing cell", "duty.csv", 2, "格", lambda f: swap(f / "duty.csv", "lamp.out,county,", "lamp.out,county")),
    ("a name too long", "kinds.csv", 2, "超过", lambda f: swap(f / "kinds.csv", "路灯不亮", "路" * 41)),
    ("a word in two groups", "words.toml", 0, "两组", lambda f: swap(f / "words.toml", "不亮|不着", "路灯|不着")),
    ("no polygon", "counties.geojson", 2, "多边形", lambda f: swap(f / "counties.geojson", "MultiPolygon", "Point")),
]


@pytest.mark.parametrize(("file", "line", "says", "spoil"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_is_wrong_is_named_by_file_and_line_in_both_languages(
    folder: Path, file: str, line: int, says: str, spoil: Spoil
) -> None:
    spoil(folder)
    faults = cities.read(folder).faults
    mine = [f for f in faults if f.file == file and says in f.zh]
    assert mine, faults[:5]
    assert mine[0].line == line
    assert mine[0].en
    assert mine[0].en != mine[0].zh
    assert mine[0].into("zh").startswith(file)


def test_the_folder_as_it_stands_has_no_fault() -> None:
    assert cities.read(LANGFANG).faults == []


def test_a_file_that_is_missing_is_named(folder: Path) -> None:
    (folder / "units.csv").unlink()
    assert ("units.csv", 0) in {(f.file, f.line) for f in cities.read(folder).faults}


# ---- loading


@pytest.mark.usefixtures("bare")
def test_gao_yuan_loads_the_city_and_chen_jing_finds_whose_duty_a_lamp_is() -> None:
    counts = cities.load(LANGFANG)
    assert (counts["place"].new, counts["unit"].new) == (3754, len(table("units.csv")))
    why = routing.for_kind("lamp.out", ZHAOYANG, 1)
    assert why is not None
    assert why.unit == "131022-lighting"
    assert "示例" in why.rule
    assert routing.desk_of(ZHAOYANG) == "131022100-station"
    assert [f.code for f in places.find(116.2339, 39.5070) if f.certain] == [GUAN, "131000000000"]
    limit = directory.limit("assign", "urgent", "simple", "supply.water_out", 1)
    assert limit is not None
    assert limit.limit == "2h"
    assert Place.objects.get(pk=GUAN).tag
    assert not User.objects.get(username="clerk").has_usable_password()


@pytest.mark.usefixtures("bare")
def test_every_kind_finds_a_unit_at_every_level_it_may_be_said_at() -> None:
    cities.load(LANGFANG)
    nobodys = [
        (k, p)
        for k in directory.city().kinds
        for p in (ZHAOYANG, GUAN, "131000000000")
        if not routing.for_kind(k, p, 1)
    ]
    assert nobodys == []


@pytest.mark.usefixtures("bare")
def test_loading_twice_changes_nothing() -> None:
    cities.load(LANGFANG)
    again = cities.load(LANGFANG)
    assert {(c.new, c.changed, c.ended) for c in again.values()} == {(0, 0, 0)}
    assert Edition.objects.count() == 1


@pytest.mark.usefixtures("bare")
def test_a_wrong_folder_loads_nothing_at_all(folder: Path) -> None:
    swap(folder / "posts.csv", "131022100010-point", "131022100999-point")
    with pytest.raises(cities.CityError) as wrong:
        cities.load(folder)
    assert wrong.value.faults
    assert not Place.objects.exists()
    assert not Unit.objects.exists()


@pytest.mark.usefixtures("bare")
def test_what_vanishes_from_the_files_ends_and_is_never_deleted(folder: Path) -> None:
    cities.load(LANGFANG)
    for name, begin in (("places.csv", "131081204299"), ("units.csv", "131022-women,")):
        path = folder / name
        kept = [line for line in path.read_text("utf-8").splitlines(keepends=True) if not line.startswith(begin)]
        path.write_text("".join(kept), "utf-8")
    swap(folder / "grounds.toml", 'code = "seasonal"', 'code = "season"')
    swap(folder / "answers.toml", "[urge_any]", "[urge_all]")
    swap(folder / "posts.csv", "gx.women,乔丽,Qiao Li,131022-women,handler,维权专干\n", "")
    counts = cities.load(folder)
    assert counts["unit"].ended == 1
    assert Unit.objects.get(pk="131022-women").until is not None
    assert Post.objects.filter(unit="131022-women").exists()
    assert not Ground.objects.get(pk="seasonal").active
    assert not StandardAnswer.objects.get(pk="urge_any").active
    cities.load(LANGFANG)
    assert Unit.objects.get(pk="131022-women").until is None
    assert Ground.objects.get(pk="seasonal").active


@pytest.mark.usefixtures("bare")
def test_a_new_limit_begins_with_a_new_edition_and_running_cases_keep_the_old_one(folder: Path) -> None:
    cities.load(LANGFANG)
    swap(folder / "limits.toml", 'limit = "4wh"', 'limit = "3wh"')
    swap(folder / "duty.csv", "lamp.out,county,lighting", "lamp.out,county,urban")
    cities.load(folder)
    directory.forget()
    old, new = (directory.limit("sign", "ordinary", "simple", "lamp.out", edition) for edition in (1, 2))
    assert old is not None
    assert new is not None
    assert (old.limit, new.limit) == ("4wh", "3wh")
    units = [why.unit for edition in (1, 2) if (why := routing.for_kind("lamp.out", ZHAOYANG, edition))]
    assert units == ["131022-lighting", "131022-urban"]
    edition = Edition.objects.get(number=2)
    assert (list(edition.after["duty"]), list(edition.after["limit"])) == (["lamp.out"], ["sign"])
    assert Duty.objects.filter(kind="lamp.out").count() == 2
    assert LimitRule.objects.filter(clock="answer", until=2).count() == 0


@pytest.mark.usefixtures("bare")
def test_another_citys_places_and_the_administrators_own_days_and_posts_stay() -> None:
    Place.objects.create(code="130100000000", name="石家庄市", level="city")
    RestDay.objects.create(date="2027-03-08", working=False, name="本市放假")
    cities.load(LANGFANG)
    person = User.objects.create(username="new", name="新来的人")
    Post.objects.create(user=person, unit_id="131022100-station", role="clerk")
    cities.load(LANGFANG)
    assert Place.objects.get(pk="130100000000").until is None
    assert RestDay.objects.filter(date="2027-03-08").exists()
    assert Post.objects.get(user=person).until is None


@pytest.mark.usefixtures("bare")
def test_a_citys_own_village_polygons_are_loaded_and_found(folder: Path) -> None:
    west, south, east, north = 116.232, 39.505, 116.236, 39.509
    ring = f"[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]"
    feature = f'{{"type":"Feature","properties":{{"code":"{ZHAOYANG}"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}'
    (folder / "villages.geojson").write_text(f'{{"type":"FeatureCollection","features":[{feature}]}}', "utf-8")
    cities.load(folder)
    directory.forget()
    found = places.find(116.2339, 39.5070)
    assert [(f.code, f.how) for f in found[:2]] == [(ZHAOYANG, "polygon"), (GUAN_TOWN, "polygon")]


@pytest.mark.usefixtures("bare")
def test_the_command_says_what_is_wrong_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    swap(folder / "kinds.csv", "ordinary,simple", "soon,simple")
    assert city_command.run(argparse.Namespace(folder=folder, check=False)) == 1
    said = capsys.readouterr().err
    assert "kinds.csv:2: 「urgency」不能是「soon」" in said
    assert "urgency cannot be 'soon'" in said
    assert not Kind.objects.exists()
    assert city_command.run(argparse.Namespace(folder=LANGFANG, check=True)) == 0
    assert not Kind.objects.exists()
