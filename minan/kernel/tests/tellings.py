"""A made-up city's matters, two hundred of them told again by somebody else; for judging the search for duplicates.

As dense as Guan county in 2021: some 45 matters a village in 75 days, sixteen kinds. What two tellings of one matter share
is the kind of thing, perhaps a landmark (the second teller may go by another one, or by none), perhaps a detail. The second
teller's sentence is one no first teller uses. A fixed seed gives the same city always.
"""

import math
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from minan.kernel.likeness import Candidate
from minan.kernel.tests.tellings_words import DETAILS, PHRASINGS
from minan.lib import geo

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

KINDS = {kind: block.split("\n")[1:] for kind, block in PHRASINGS.items()}
FIRST_TELLERS = 5  # of the ten sentences; the others are second tellers'
FACTS = {kind: [fact.split("|") for fact in block.split(";")] for kind, block in DETAILS.items()}

OPENINGS = ["", "", "", "您好，", "你好，", "反映个事，", "领导好，", "我是村民，", "麻烦问一下，", "请问有人管吗？"]
CLOSINGS = [
    "",
    "",
    "",
    "。谢谢",
    "，请尽快处理",
    "，都反映好几回了",
    "。盼回复",
    "，求解决",
    "，没人管",
    "，有半个月了",
    "，从上周到现在",
]
LANDMARKS = (
    "小学 幼儿园 卫生室 供销社 老槐树 村委会 文化广场 加油站 信用社 邮局 菜市场 敬老院 水塔 变电箱 大桥 粮站 派出所 修车铺 澡堂 药店 "
    "超市 快递点 理发店 五金店 早点铺 公交站 篮球场 砖厂 家具厂 蔬菜大棚 礼堂 戏台 牌楼 饺子馆 网吧 停车场 锅炉房 汽车站 驾校 面粉厂"
).split()
NAMES = "东关 西关 南街 北街 柳园 张庄 李营 王各庄 大韩寨 小高庄 马村 牛驼 新立 太平 永丰 知子营 杨家务 渠沟 礼让 宫家 彭村 英国庄".split()
SIDES = ["", "门口", "东边", "西边", "南侧", "北口", "对面", "后头", "旁边", "往里走", "拐角", "跟前"]
SHOP_NAMES = "幸福 华联 福顺 老王家 鑫源 好又多 兴旺 万家 永发 聚源 顺达 天天 佳美 宏图".split()


@dataclass(frozen=True)
class Village:
    """A place of a kilometre or so, with some landmarks people go by."""

    place: str
    name: str
    centre: geo.Point
    landmarks: tuple[tuple[str, geo.Point], ...]


@dataclass(frozen=True)
class Told:
    """A matter and, if planted, the same one as somebody else told it later."""

    matter: Candidate
    again: Candidate | None = None


def villages(chance: random.Random, towns: int = 5, each: int = 14) -> list[Village]:
    """Villages some 1.5 to 3 km apart, in towns of fourteen."""
    found = []
    for town in range(towns):
        middle = geo.moved((116.30, 39.43), (town % 3) * 9000, (town // 3) * 9000)
        for n in range(each):
            centre = geo.moved(
                middle, (n % 4) * 1800 + chance.uniform(-400, 400), (n // 4) * 1800 + chance.uniform(-400, 400)
            )
            marks = []
            for kind in chance.sample(LANDMARKS, 7):
                name = chance.choice(SHOP_NAMES) + kind if chance.random() < 0.4 else kind
                marks.append((name, geo.moved(centre, chance.uniform(-500, 500), chance.uniform(-500, 500))))
            name = chance.choice(NAMES) + chance.choice(["", "村", "一村", "二村", "小区", "家园"])
            found.append(Village(f"131022{100 + town:03d}{200 + n:03d}", name, centre, tuple(marks)))
    return found


def spot(chance: random.Random, village: Village, point: geo.Point, silent: float) -> str:
    """How a person says where it is: by one of the nearest two landmarks, by the village, or hardly at all."""
    if chance.random() < silent:
        return chance.choice(["我们这儿", "这边", "家门口", "我家附近", "村里"])
    near = sorted(village.landmarks, key=lambda mark: geo.metres(mark[1], point))[:2]
    mark = chance.choices([name for name, _ in near], weights=[3, 1])[0]
    return chance.choice(["", "", village.name]) + mark + chance.choice(SIDES)


def words(chance: random.Random, sentence: str, at: str, facts: list[str]) -> str:
    mentioned = [fact for fact in facts if chance.random() < 0.45]
    return "，".join([chance.choice(OPENINGS) + sentence.format(at=at), *mentioned]) + chance.choice(CLOSINGS)


def told(chance: random.Random, number: int, village: Village, kind: str) -> tuple[Candidate, int, geo.Point]:
    """A matter of the last 75 days, which of its kind's details are true of it, and where it is."""
    point = geo.moved(village.centre, chance.gauss(0, 300), chance.gauss(0, 300))
    sentence = chance.choice(KINDS[kind][:FIRST_TELLERS])
    true = chance.randrange(len(FACTS[kind]))
    fact = chance.choice(FACTS[kind][true])
    text = words(chance, sentence, spot(chance, village, point, 0.12), [fact])
    lon, lat = point if chance.random() < 0.75 else (None, None)
    at = NOW - timedelta(days=chance.uniform(0.1, 75))
    return Candidate(str(number), text, kind, kind.split(".", maxsplit=1)[0], lon, lat, village.place, at), true, point


def retold(
    chance: random.Random, first: Candidate, true: int, village: Village, sentence: str = "", thing: geo.Point | None = None
) -> Candidate:
    """The same matter in other words, up to 300 m off and 14 days later; its kind is right, unknown or a neighbouring one (7:2:1).

    The words go by what is near the thing, where that is given; else by what is near the second teller.
    """
    start = (first.lon, first.lat) if first.lon is not None and first.lat is not None else village.centre
    start = thing or start
    off, turn = 300 * math.sqrt(chance.random()), chance.uniform(0, 2 * math.pi)
    point = geo.moved(start, off * math.cos(turn), off * math.sin(turn))
    sentence = sentence or chance.choice(KINDS[first.kind][FIRST_TELLERS:])
    fact = chance.choice(FACTS[first.kind][true])
    text = words(chance, sentence, spot(chance, village, thing or point, 0.2), [fact])
    beside = [kind for kind in sorted(KINDS) if kind != first.kind and kind.startswith(first.group + ".")]
    kind = chance.choices([first.kind, "", chance.choice(beside or [""])], weights=[7, 2, 1])[0]
    lon, lat = point if chance.random() < 0.75 else (None, None)
    at = min(NOW, first.at + timedelta(days=chance.uniform(0, 14)))
    group = kind.split(".", maxsplit=1)[0]
    return replace(first, id=first.id + "'", text=text, kind=kind, group=group, lon=lon, lat=lat, at=at)


def city(seed: int, matters: int = 3200, planted: int = 200) -> list[Told]:
    """A city's matters, `planted` of them told a second time; the second tellings are not among the matters."""
    chance = random.Random(seed)
    places = villages(chance)
    kinds = sorted(KINDS)
    again = set(chance.sample(range(matters), planted))
    out = []
    for number in range(matters):
        village = chance.choice(places)
        matter, true, _ = told(chance, number, village, chance.choice(kinds))
        out.append(Told(matter, retold(chance, matter, true, village) if number in again else None))
    return out


def often(seed: int, matters: int = 3200, planted: int = 200, near_thing: bool = True) -> list[list[Candidate]]:
    """A city's matters, each with all its tellings: `planted` of them told two to six times, most of these twice.

    No two tellings of a matter use one sentence; which kind a teller or desk chose, how far off and how late as in `city`.
    `near_thing`: every teller says where the thing is (their point may be 300 m off); else where they stand, as in `city`.
    """
    chance = random.Random(seed)
    places = villages(chance)
    kinds = sorted(KINDS)
    again = set(chance.sample(range(matters), planted))
    out = []
    for number in range(matters):
        village = chance.choice(places)
        first, true, thing = told(chance, number, village, chance.choice(kinds))
        tellings = [first]
        if number in again:
            more = chance.choices((1, 2, 3, 4, 5), weights=(60, 20, 10, 6, 4))[0]
            for nth, sentence in enumerate(chance.sample(KINDS[first.kind][FIRST_TELLERS:], more)):
                later = retold(chance, first, true, village, sentence, thing if near_thing else None)
                tellings.append(replace(later, id=f"{first.id}'{nth}"))
        out.append(tellings)
    return out
