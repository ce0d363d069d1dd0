"""What a code and a point on the map say about a place, and what they only propose."""

from __future__ import annotations

from pathlib import Path

import pytest

from minan.kernel import city_files
from minan.kernel.place_tree import Node, Tree

CITY = Path(__file__).resolve().parents[3] / "city" / "langfang"
GUAN_COUNTY, GUAN_TOWN, GONGCUN = "131022000000", "131022100000", "131022101000"
ZHAOYANG = "131022100010"  # the community of 固安镇 where 王秀兰 lives
ZONE = "131071"  # the development zone, without an outline
IN_GUAN_TOWN, IN_SEA, ZONE_SPOT = (116.2339, 39.5070), (119.9, 38.5), (116.717, 39.506)


def number(text: str) -> float | None:
    return float(text) if text else None


def nodes() -> list[Node]:
    out = []
    for row in city_files.read(CITY)["places"]:
        lon, lat, slon, slat = (number(row[k]) for k in ("lon", "lat", "slon", "slat"))
        centre = (lon, lat) if lon is not None and lat is not None else None
        sketch = (slon, slat) if slon is not None and slat is not None else None
        out.append(Node(row["code"], row["name"], row["level"], row["parent"], centre, sketch))
    return out


def outlines() -> dict[str, object]:
    return {row["code"]: row["geometry"] for row in city_files.read(CITY)["outlines"]}


@pytest.fixture(scope="module")
def langfang() -> Tree:
    return Tree(nodes(), outlines())


def square(lon: float, lat: float, half: float) -> dict[str, object]:
    west, east, south, north = lon - half, lon + half, lat - half, lat + half
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def test_the_clerk_of_guan_sees_her_township_and_not_its_neighbours_although_all_end_in_zeros(langfang: Tree) -> None:
    lo, hi = langfang.subtree(GUAN_TOWN)
    below = {code for code in langfang.nodes if lo <= code < hi}
    assert GUAN_TOWN in below
    assert ZHAOYANG in below
    assert GONGCUN not in below
    assert below == {code for code in langfang.nodes if code.startswith("131022100")}
    assert lo <= ZHAOYANG + "007" < hi  # a grid of hers, fifteen digits


def test_each_level_has_its_own_width(langfang: Tree) -> None:
    assert [langfang.subtree(code)[0] for code in ("131000000000", GUAN_COUNTY, GUAN_TOWN, ZHAOYANG)] == [
        "1310",
        "131022",
        "131022100",
        ZHAOYANG,
    ]
    assert langfang.level(ZHAOYANG + "001") == "grid"
    assert langfang.level("999999999999") == ""
    with pytest.raises(KeyError):
        langfang.subtree("999999999999")


def test_a_village_knows_everything_around_it(langfang: Tree) -> None:
    assert [node.code for node in langfang.ancestors(ZHAOYANG)] == [GUAN_TOWN, GUAN_COUNTY, "131000000000"]
    assert langfang.within(ZHAOYANG, "county") == GUAN_COUNTY
    assert langfang.within(GUAN_COUNTY, "village") == ""


def test_the_county_of_a_point_is_certain_and_its_village_only_proposed(langfang: Tree) -> None:
    found = langfang.find(*IN_GUAN_TOWN)
    assert [f.code for f in found if f.certain] == [GUAN_COUNTY, "131000000000"]
    proposals = [f for f in found if not f.certain]
    assert len(proposals) == 5
    assert {f.how for f in proposals} == {"schematic"}
    assert {f.level for f in proposals} == {"village"}
    assert {f.code[:6] for f in proposals} == {"131022"}
    metres = [f.metres or 0 for f in proposals]
    assert metres == sorted(metres)


def test_a_point_outside_every_county_finds_nothing(langfang: Tree) -> None:
    assert langfang.find(*IN_SEA) == []


def test_the_development_zone_is_proposed_by_its_villages_and_never_certain(langfang: Tree) -> None:
    found = langfang.find(*ZONE_SPOT)
    assert any(f.code.startswith(ZONE) and not f.certain for f in found)
    assert not any(f.code.startswith(ZONE) and f.certain for f in found)
    assert any(f.level == "county" and f.certain for f in found)


def test_with_the_citys_own_polygons_the_same_point_finds_its_village_by_itself() -> None:
    drawn = outlines() | {ZHAOYANG: square(*IN_GUAN_TOWN, 0.002)}
    found = Tree(nodes(), drawn).find(*IN_GUAN_TOWN)
    assert [f.code for f in found] == [ZHAOYANG, GUAN_TOWN, GUAN_COUNTY, "131000000000"]
    assert [f.how for f in found] == ["polygon", "polygon", "outline", "outline"]


def test_a_villages_polygon_in_the_development_zone_wins_over_the_county_it_lies_in() -> None:
    village = "131071450201"
    found = Tree(nodes(), outlines() | {village: square(*ZONE_SPOT, 0.002)}).find(*ZONE_SPOT)
    assert [f.code for f in found] == [village, "131071450000", "131071000000", "131000000000"]


def test_a_township_that_took_in_another_finds_the_old_ones_cases_too() -> None:
    old, new = "131022202000", GUAN_TOWN
    tree = Tree([*nodes(), Node(old, "旧乡", "town", GUAN_COUNTY, successor=new, ended=True)])
    assert tree.today(old) == new
    assert tree.today(ZHAOYANG) == ZHAOYANG
    assert tree.ranges(new) == [("131022100", "131022101"), ("131022202", "131022203")]
    assert tree.ranges(GUAN_COUNTY) == [("131022", "131023")]


def test_a_place_that_has_ended_is_not_proposed() -> None:
    first = Tree(nodes(), outlines()).near(*IN_GUAN_TOWN)[0].code
    ended = [node._replace(ended=True) if node.code == first else node for node in nodes()]
    assert first not in {f.code for f in Tree(ended, outlines()).near(*IN_GUAN_TOWN)}


def test_every_schematic_point_lies_in_its_own_county(langfang: Tree) -> None:
    for node in langfang.nodes.values():
        if node.sketch and not node.code.startswith(ZONE):
            assert langfang.within(node.code, "county") in {f.code for f in langfang.at(*node.sketch)}, node
