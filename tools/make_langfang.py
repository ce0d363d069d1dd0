"""Makes the generated files of the model city (places.csv, counties.geojson, units.csv) from the division list and outlines.

Run once, by hand, when the division list changes; its output is what the product reads. Needs shapely and pypinyin:
    python tools/make_langfang.py ../shared/data city/langfang
"""

from __future__ import annotations

import csv
import json
import math
import random
import sys
from pathlib import Path
from typing import Any, NamedTuple

import shapely
import shapely.ops
from pypinyin import lazy_pinyin
from shapely.geometry import MultiPoint, Point, mapping, shape
from shapely.geometry.base import BaseGeometry

CITY = "131000000000"
ZONE = "131071000000"  # the development zone: a county-level unit of the list, no county in law, no outline of its own
WIDTH = {"city": 4, "county": 6, "town": 9, "village": 12}
# What the list writes after a village's own name.
TAILS = (
    "社区居民居委会",
    "社区居民委员会",
    "居民委员会",
    "社区居委会",
    "居委会",
    "村民委员会",
    "村委会",
    "街道委员会",
    "虚拟社区",
)


class Desk(NamedTuple):
    """One department of every county and of the city: {c} county, {z} its short form, names in Chinese and English."""

    word: str
    city: str
    county: str
    english: str
    line: str = ""  # the word of its own department on the same level; empty: the same word one level up
    hours: str = "default"


DESKS = [
    Desk("urban", "廊坊市城市管理综合行政执法局", "{c}城市管理综合行政执法局", "Urban Management Bureau", hours="rota"),
    Desk("lighting", "廊坊市路灯管理处", "{c}路灯管理所", "Street Lighting Office", "urban", "rota"),
    Desk("works", "廊坊市市政设施管理处", "{c}市政设施管理所", "Municipal Works Office", "urban", "rota"),
    Desk("sanitation", "廊坊市环境卫生管理处", "{c}环境卫生管理中心", "Sanitation Centre", "urban"),
    Desk("parks", "廊坊市园林绿化中心", "{c}园林绿化中心", "Parks and Trees Centre", "urban"),
    Desk("housing", "廊坊市住房和城乡建设局", "{c}住房和城乡建设局", "Housing and Construction Bureau"),
    Desk("heat", "廊坊市供热管理中心", "{c}供热管理中心", "Heat Supply Centre", "housing", "rota"),
    Desk("gas", "廊坊市燃气管理中心", "{c}燃气管理中心", "Gas Supply Centre", "housing", "rota"),
    Desk("water", "廊坊市供水管理中心", "{c}供水管理中心", "Water Supply Centre", "rivers", "rota"),
    Desk("rivers", "廊坊市水利局", "{c}水务局", "Water Affairs Bureau", hours="rota"),
    Desk("power", "国网廊坊供电公司", "国网{c}供电公司", "Power Supply Company", hours="rota"),
    Desk("telecom", "廊坊市通信发展服务中心", "{c}通信发展服务中心", "Telecom Service Centre"),
    Desk("postal", "廊坊市邮政管理局", "{c}邮政业发展中心", "Postal Service Centre"),
    Desk("transport", "廊坊市交通运输局", "{c}交通运输局", "Transport Bureau", hours="rota"),
    Desk("traffic", "廊坊市公安局交通警察支队", "{c}公安局交通警察大队", "Traffic Police Brigade", "police", "rota"),
    Desk("police", "廊坊市公安局", "{c}公安局", "Public Security Bureau", hours="rota"),
    Desk("justice", "廊坊市司法局", "{c}司法局", "Justice Bureau"),
    Desk("court", "廊坊市中级人民法院", "{c}人民法院", "People's Court"),
    Desk("labor", "廊坊市人力资源和社会保障局", "{c}人力资源和社会保障局", "Human Resources Bureau"),
    Desk("insurance", "廊坊市医疗保障局", "{c}医疗保障局", "Medical Insurance Bureau"),
    Desk("civil", "廊坊市民政局", "{c}民政局", "Civil Affairs Bureau"),
    Desk("health", "廊坊市卫生健康委员会", "{c}卫生健康局", "Health Bureau"),
    Desk("rescue", "廊坊市急救中心", "{c}急救中心（120）", "Emergency Medical Centre (120)", "health", "rota"),
    Desk("education", "廊坊市教育局", "{c}教育局", "Education Bureau"),
    Desk("culture", "廊坊市文化广电和旅游局", "{c}文化广电和旅游局", "Culture and Tourism Bureau"),
    Desk("agriculture", "廊坊市农业农村局", "{c}农业农村局", "Agriculture Bureau"),
    Desk("environment", "廊坊市生态环境局", "廊坊市生态环境局{z}分局", "Ecology and Environment Bureau", hours="rota"),
    Desk("market", "廊坊市市场监督管理局", "{c}市场监督管理局", "Market Supervision Bureau"),
    Desk("resources", "廊坊市自然资源和规划局", "{c}自然资源和规划局", "Natural Resources Bureau"),
    Desk("emergency", "廊坊市应急管理局", "{c}应急管理局", "Emergency Management Bureau", hours="rota"),
    Desk("fire", "廊坊市消防救援支队", "{c}消防救援大队", "Fire and Rescue Brigade", "emergency", "rota"),
    Desk("tax", "国家税务总局廊坊市税务局", "国家税务总局{c}税务局", "Tax Bureau"),
    Desk("permit", "廊坊市行政审批局", "{c}行政审批局", "Administrative Approval Bureau"),
    Desk("petition", "廊坊市信访局", "{c}信访局", "Petition Office"),
    Desk("discipline", "廊坊市纪委监委", "{c}纪委监委", "Discipline and Supervision Commission"),
    Desk("women", "廊坊市妇女联合会", "{c}妇女联合会", "Women's Federation", hours="rota"),
    Desk("disabled", "廊坊市残疾人联合会", "{c}残疾人联合会", "Disabled Persons' Federation"),
    Desk("veterans", "廊坊市退役军人事务局", "{c}退役军人事务局", "Veterans Affairs Bureau"),
]

# Departments whose real name in a district of the city, or in the development zone, follows another pattern.
DISTRICT = {
    "police": "廊坊市公安局{z}分局",
    "traffic": "廊坊市公安局交通警察支队{z}大队",
    "court": "廊坊市{z}人民法院",
    "power": "国网廊坊供电公司{z}供电中心",
    "resources": "廊坊市自然资源和规划局{z}分局",
}

SEATS = [  # word of the line parent, suffix, Chinese tail, English tail, hours
    ("urban", "enforcement", "综合行政执法队", "Law Enforcement Team", "default"),
    ("police", "police", "派出所", "Police Post", "rota"),
    ("justice", "judicial", "司法所", "Judicial Office", "default"),
    ("court", "court", "巡回审判点", "Court Visiting Point", "default"),
    ("permit", "permit", "便民服务中心", "Public Service Hall", "hall"),
]


COMMITTEES = ("131022100010", "131022101201")  # villages whose own committee the demonstration shows; elsewhere the township's serves


def latin(name: str, tail: str = "") -> str:
    """A place's name in pinyin, written as one word; an apostrophe before a vowel."""
    for first in ("河北", "廊坊", "北京"):
        if name.startswith(first) and len(name) > len(first):
            return f"{latin(first)} {latin(name[len(first) :], tail)}"
    parts = lazy_pinyin(name.replace("朝阳", "潮阳"))  # 朝 is read cháo here
    out = parts[0] + "".join("'" + p if p[0] in "aeo" else p for p in parts[1:])
    return (out[0].upper() + out[1:] + (" " + tail if tail else "")).strip()


def english(name: str, level: str) -> str:
    """A place's English name: own name in pinyin, then its class."""
    ends = {
        "city": [("市", "City")],
        "county": [("回族自治县", "Hui Autonomous County"), ("经济技术开发区", "Development Zone"), ("县", "County")]
        + [("区", "District"), ("市", "City")],
        "town": [("街道", "Street"), ("回族满族乡", "Hui and Manchu Township"), ("回族乡", "Hui Township")]
        + [
            ("高新技术产业开发区", "Hi-tech Zone"),
            ("经济开发区", "Economic Zone"),
            ("国家农业科技园区", "Agricultural Park"),
        ]
        + [
            ("温泉休闲商务产业园区", "Hot Spring Park"),
            ("新兴产业示范区", "Industry Zone"),
            ("镇", "Town"),
            ("乡", "Township"),
        ],
        "village": [
            ("农场生活区", "Farm"),
            ("社区", "Community"),
            ("小区", "Community"),
            ("村", "Village"),
            ("街", "Street Community"),
        ],
    }
    for tail, word in ends[level]:
        if name.endswith(tail) and len(name) > len(tail):
            return latin(name[: -len(tail)], word)
    return latin(name)


def plain(name: str) -> str:
    """A village's name as people say it: the committee's tail off, 村 or 社区 on."""
    for tail in TAILS:
        if name.endswith(tail) and len(name) > len(tail):
            name = name[: -len(tail)]
            if "村" in tail:
                return name if name.endswith("村") else name + "村"
            if "社区" in tail:
                return name if name.endswith("社区") else name + "社区"
            return name if name.endswith(("社区", "小区", "村", "街")) else name + "社区"
    return name


def spread(area: BaseGeometry, count: int, seed: int) -> list[Point]:
    """Count points inside the area, far from each other: candidates by a fixed seed, then three rounds of Lloyd."""
    rng = random.Random(seed)
    west, south, east, north = area.bounds
    inner = area.buffer(-0.004)
    inner = area if inner.is_empty else inner
    pool: list[Point] = []
    while len(pool) < max(300, count * 12):
        point = Point(rng.uniform(west, east), rng.uniform(south, north))
        if inner.contains(point):
            pool.append(point)
    chosen = pool[:count]
    for _ in range(3):
        groups: list[list[Point]] = [[] for _ in chosen]
        for point in pool:
            near = min(range(count), key=lambda k: (chosen[k].x - point.x) ** 2 + (chosen[k].y - point.y) ** 2)
            groups[near].append(point)
        means = [MultiPoint(g).centroid if g else c for g, c in zip(groups, chosen, strict=True)]
        chosen = [m if inner.contains(m) else c for m, c in zip(means, chosen, strict=True)]
    return sorted(chosen, key=lambda p: (-p.y, p.x))


def zone_area(outlines: dict[str, BaseGeometry]) -> BaseGeometry:
    """Where the zone's villages are drawn: about the seam of 安次 and 广阳, at the east of the town; a drawing, no claim."""
    seam = outlines["131002000000"].buffer(0.001).intersection(outlines["131003000000"].buffer(0.001))
    here = shapely.ops.nearest_points(seam, Point(116.76, 39.58))[0]
    both = outlines["131002000000"].union(outlines["131003000000"])
    return here.buffer(0.035).intersection(both)


def centres(rows: list[dict[str, str]], outlines: dict[str, BaseGeometry]) -> dict[str, Point]:
    """Schematic centres of all towns (spread over the county) and villages (spread over their town's cell)."""
    out: dict[str, Point] = {}
    areas = dict(outlines)
    areas[ZONE] = zone_area(outlines)
    for county, area in sorted(areas.items()):
        towns = [r["code"] for r in rows if r["parent"] == county]
        points = dict(zip(towns, spread(area, len(towns), int(county[:6])), strict=True))
        out.update(points)
        cells = shapely.voronoi_polygons(MultiPoint(list(points.values())), extend_to=area)
        for town, point in points.items():
            cell = next(c for c in cells.geoms if c.contains(point)).intersection(area)
            villages = [r["code"] for r in rows if r["parent"] == town]
            if villages:
                out.update(zip(villages, spread(cell, len(villages), int(town[:9])), strict=True))
        out[county] = area.representative_point() if county == ZONE else area.centroid
    return out


def name_of(desk: Desk, county: str, code: str) -> str:
    """A county department's Chinese name; districts and the zone have the city's branches where it is so in life."""
    short = county.removesuffix("回族自治县") + "县" if county.endswith("回族自治县") else county
    short = short.replace("廊坊经济技术开发区", "开发区")
    branch = code in ("131002", "131003", "131071")
    pattern = DISTRICT[desk.word] if branch and desk.word in DISTRICT else desk.county
    return pattern.format(c=county, z=short)


def departments(code: str, name: str, name_en: str, level: str) -> list[list[str]]:
    """All departments of one county or of the city, with both parents."""
    width = code[: WIDTH[level]]
    out = []
    for desk in DESKS:
        title = desk.city if level == "city" else name_of(desk, name, width)
        line = f"{width}-{desk.line}" if desk.line else ("" if level == "city" else f"1310-{desk.word}")
        row = [f"{width}-{desk.word}", title, f"{name_en} {desk.english}", "department", level, code, code]
        block = "" if desk.word == "discipline" else f"{width}-centre"  # no desk supervises what is reported against officials
        out.append([*row, block, line, desk.word, desk.hours, "0"])
    return out


def units(rows: list[dict[str, str]]) -> list[list[str]]:
    """Every unit: centre, departments, stations with their seats, points."""
    out = []
    for row in rows:
        code, level = row["code"], row["level"]
        width, name, name_en = code[: WIDTH[level]], row["name"], row["name_en"]
        up = row["parent"][: {"county": 4, "town": 6, "village": 9}.get(level, 0)]
        if level in ("city", "county"):
            block = f"{up}-centre" if up else ""
            title, title_en = f"{name}群众服务中心", f"{name_en} Public Service Centre"
            out.append(
                [f"{width}-centre", title, title_en, "centre", level, code, code, block, "", "centre", "rota", "1"]
            )
            out += departments(code, name, name_en, level)
        elif level == "town":
            head = [f"{width}-station", f"{name}说事站", f"{name_en} Speaking Station", "station", level, code, code]
            out.append([*head, f"{up}-centre", "", "station", "rota", "1"])
            for word, tail, zh, en, hours in SEATS:
                head = [f"{width}-{tail}", f"{name}{zh}", f"{name_en} {en}", "seat", level, code, code]
                out.append([*head, f"{width}-station", f"{up}-{word}", word, hours, "0"])
            out.append(committee(code, width, level, name, name_en, "default"))
        else:
            title = plain(name)
            head = [f"{width}-point", f"{title}说事点", f"{name_en} Speaking Point", "point", level, code, code]
            out.append([*head, f"{up}-station", "", "point", "village", "1"])
            if code in COMMITTEES:
                out.append(committee(code, width, level, title, name_en, "village"))
    return out


def committee(code: str, width: str, level: str, name: str, name_en: str, hours: str) -> list[str]:
    """The mediation committee of a township, or of a village: beside its station by block, under its judicial office by line."""
    town = code[: WIDTH["town"]]
    head = [f"{width}-mediation", f"{name}人民调解委员会", f"{name_en} Mediation Committee", "seat", level, code, code]
    return [*head, f"{town}-station", f"{town}-judicial", "mediation", hours, "0"]


def write(path: Path, header: str, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def main(source: Path, target: Path) -> None:
    with (source / "langfang_divisions.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if math.isfinite(int(r["code"]))]
    for row in rows:
        row["parent"] = "" if row["code"] == CITY else row["parent"]
        named = plain(row["name"]) if row["level"] == "village" else row["name"]
        row["name_en"] = english(named, row["level"])
    counties: dict[str, Any] = json.loads((source / "langfang_counties.geojson").read_text(encoding="utf-8"))
    outlines = {}
    for feature in counties["features"]:
        code = feature["properties"]["gb"][3:] + "000000"
        feature["properties"]["code"] = code
        outlines[code] = shape(feature["geometry"])
        assert mapping(outlines[code])
    lines = ",\n".join(json.dumps(f, ensure_ascii=False) for f in counties["features"])
    head = json.dumps({k: v for k, v in counties.items() if k != "features"}, ensure_ascii=False)[:-1]
    (target / "counties.geojson").write_text(f'{head}, "features": [\n{lines}\n]}}\n', encoding="utf-8")
    drawn = centres(rows, outlines)
    table = []
    for row in rows:
        real = outlines[row["code"]].centroid if row["code"] in outlines else None
        lon_lat = [f"{real.x:.5f}", f"{real.y:.5f}"] if real else ["", ""]
        point = None if real else drawn.get(row["code"])
        sketch = [f"{point.x:.5f}", f"{point.y:.5f}"] if point else ["", ""]
        if row["code"] == CITY:
            middle = shapely.union_all(list(outlines.values())).centroid
            lon_lat = [f"{middle.x:.5f}", f"{middle.y:.5f}"]
        table.append([row["code"], row["name"], row["level"], row["parent"], *lon_lat, *sketch, row["name_en"]])
    write(target / "places.csv", "code,name,level,parent,lon,lat,slon,slat,name_en", table)
    header = "id,name,name_en,kind,level,place,ranges,block,line,word,hours,lead"
    write(target / "units.csv", header, units(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
