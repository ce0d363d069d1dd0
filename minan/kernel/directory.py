"""The city in memory: units, places, kinds, limits, duties, hours, posts; read once, re-read when another process changed them.

Every writer of these tables calls `touch()`; readers look at the stamp at most every `TTL` seconds, so a change (and a
revoked post) holds everywhere within that time.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Max

from minan.kernel.calendar import DEFAULT_HOURS, Calendar, Hours
from minan.kernel.models import (
    Duty,
    Edition,
    Ground,
    Kind,
    LimitRule,
    OfficeHours,
    Place,
    Post,
    RestDay,
    RoutingRule,
    Serial,
    Unit,
)  # fmt: skip
from minan.kernel.procedure import Words

TTL = 2.0  # seconds
YEAR = timedelta(days=365)
LOCAL = ZoneInfo("Asia/Shanghai")
LEVELS = {"city": 4, "county": 6, "town": 9, "village": 12, "grid": 15}  # width of a place code by level
# The three administrators: nobody holds two of these, and none of them reads a case (GB/T 22239-2019 8.1.5).
APART = ("admin", "security", "audit")
CITY_DESK, TOWN_DESK, POINT = "centre", "station", "point"


class Office(NamedTuple):
    id: str
    name: str
    name_en: str
    kind: str
    level: str
    place: str
    ranges: list[str]
    block: str
    line: str
    word: str
    hours: str
    lead: bool


class Spot(NamedTuple):
    code: str
    name: str
    level: str
    parent: str
    tag: str
    successor: str


class PostRow(NamedTuple):
    unit: str
    role: str
    title: str
    seat: str


class LimitRow(NamedTuple):
    clock: str
    urgency: str
    size: str
    group: str
    limit: str
    rule: str
    article: str
    article_en: str
    legal: str
    legal_article: str


class Why(NamedTuple):
    """Which unit, and by which routing rule or row of the duty list; `words` say in both languages what fitted."""

    unit: str
    rule: str
    article: str
    words: Words = Words("职责清单", "Duty list")
    by: str = "duty"  # "rule": a routing rule


class RuleRow(NamedTuple):
    """One line of the routing table, as read."""

    id: int
    rank: int
    kind: str
    group: str
    place: str
    words: str
    channel: str
    urgency: str
    hours: str
    level: str
    word: str
    unit: str
    rule: str
    article: str
    since: int
    until: int | None


@dataclass
class _City:
    stamp: int = -1
    day: date | None = None  # posts begin and end with a day, without anybody writing
    edition: int = 1
    units: dict[str, Office] = field(default_factory=dict)
    at: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # (kind or word, place) → unit ids
    below: dict[str, list[str]] = field(default_factory=dict)  # block parent → unit ids
    places: dict[str, Spot] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    grounds: dict[str, Ground] = field(default_factory=dict)
    duties: list[tuple[str, str, str, str, str, int, int | None]] = field(default_factory=list)
    rules: list[RuleRow] = field(default_factory=list)
    limits: list[tuple[LimitRow, int, int | None]] = field(default_factory=list)
    hours: dict[str, Hours] = field(default_factory=dict)
    rest: dict[date, bool] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    posts: dict[int, tuple[PostRow, ...]] = field(default_factory=dict)
    left: dict[int, tuple[str, ...]] = field(default_factory=dict)  # units a person left within the last year
    found: dict[tuple[Any, ...], LimitRow | None] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)  # what other modules read of the city's tables, once a change


_city = _City()
_as_if: ContextVar[_City | None] = ContextVar("city", default=None)
_looked = 0.0
_lock = threading.Lock()


def touch() -> None:
    """Say that units, places, kinds, rules, hours or posts changed."""
    if not Serial.objects.filter(unit="", series="stamp", year=0).update(last=F("last") + 1):
        Serial.objects.create(unit="", series="stamp", year=0, last=1)
    forget()


def forget() -> None:
    """Read everything anew at the next look (tests, and after `touch`)."""
    global _looked, _city
    with _lock:
        _city, _looked = _City(), 0.0


def _stamp() -> int:
    return Serial.objects.filter(unit="", series="stamp", year=0).values_list("last", flat=True).first() or 0


def _read(stamp: int) -> _City:
    today = datetime.now(LOCAL).date()
    city = _City(stamp=stamp, day=today, edition=Edition.objects.aggregate(m=Max("number"))["m"] or 1)
    columns = ("id", "name", "name_en", "kind", "level", "place", "ranges", "block", "line", "word", "hours", "lead")
    at, below = defaultdict(list), defaultdict(list)
    for row in Unit.objects.filter(until=None).order_by("id").values_list(*columns):
        office = Office(*row)
        city.units[office.id] = office
        at[(office.kind, office.place)].append(office.id)
        if office.word != office.kind:
            at[(office.word, office.place)].append(office.id)
        below[office.block].append(office.id)
    city.at, city.below = dict(at), dict(below)
    for spot in Place.objects.values_list("code", "name", "level", "parent", "tag", "successor"):
        city.places[spot[0]] = Spot(*spot)
    city.kinds = {k.code: k for k in Kind.objects.order_by("rank", "code")}
    city.grounds = {g.code: g for g in Ground.objects.order_by("rank", "code")}
    city.duties = list(
        Duty.objects.order_by("id").values_list("kind", "level", "word", "rule", "article", "since", "until")
    )
    rules = RoutingRule.objects.order_by("rank", "id").values_list(*RuleRow._fields)
    city.rules = [RuleRow(*row) for row in rules]
    for limit in LimitRule.objects.order_by("id").values_list(*LimitRow._fields, "since", "until"):
        city.limits.append((LimitRow(*limit[:-2]), limit[-2], limit[-1]))
    city.hours = {h.name: Hours.from_json(h.seasons) if h.seasons else DEFAULT_HOURS for h in OfficeHours.objects.all()}
    city.rest = dict(RestDay.objects.values_list("date", "working"))
    city.posts, city.left = _posts(today)
    return city


def _posts(today: date) -> tuple[dict[int, tuple[PostRow, ...]], dict[int, tuple[str, ...]]]:
    """Who holds which posts that day, and whose units they left within the year before."""
    posts, left = defaultdict(list), defaultdict(list)
    for post in Post.objects.filter(user__is_active=True).order_by("id"):
        if (post.since is None or post.since <= today) and (post.until is None or post.until >= today):
            posts[post.user_id].append(PostRow(post.unit_id, post.role, post.title, post.seat))
        elif post.until is not None and today - YEAR <= post.until < today:
            left[post.user_id].append(post.unit_id)
    return {k: tuple(v) for k, v in posts.items()}, {k: tuple(v) for k, v in left.items()}


def read() -> _City:
    """The city as the database says just now, inside this transaction: for a rehearsal."""
    return _read(_stamp())


@contextmanager
def as_if(other: _City) -> Iterator[None]:
    """Everything asked inside is answered by this city: how things would be after a change."""
    mark = _as_if.set(other)
    try:
        yield
    finally:
        _as_if.reset(mark)


def city() -> _City:
    """The city as last read; at most one small query every TTL seconds, one full read after a change."""
    global _city, _looked
    if (given := _as_if.get()) is not None:
        return given
    now = time.monotonic()
    if _city.stamp >= 0 and now - _looked < TTL:
        return _city
    with _lock:
        if _city.stamp >= 0 and now - _looked < TTL:
            return _city
        stamp, today = _stamp(), datetime.now(LOCAL).date()
        if stamp != _city.stamp:
            _city = _read(stamp)
        elif today != _city.day:  # only posts change by the day; what else was read before the fork stays shared by all processes
            posts, left = _posts(today)
            _city = replace(_city, day=today, posts=posts, left=left, beside={})
        _looked = time.monotonic()
        return _city


def office(unit: str) -> Office | None:
    return city().units.get(unit)


def posts_of(user_id: int | None) -> tuple[PostRow, ...]:
    return city().posts.get(user_id or 0, ())


def left_by(user_id: int | None) -> tuple[str, ...]:
    """The units this person left within the last year: a wall before such a unit keeps them away as well."""
    return city().left.get(user_id or 0, ())


def place_name(code: str, *, full: bool = False) -> str:
    """「朝阳社区居民委员会」, or with `full` its town and county before it."""
    here, names = city().places.get(code), []
    while here:
        names.append(here.name)
        here = city().places.get(here.parent) if full and here.level != "county" else None
    return "".join(reversed(names)) or code


def level_of(code: str) -> str:
    spot = city().places.get(code)
    return spot.level if spot else "grid" if len(code) == 15 and code.isascii() and code.isdigit() else ""


def holds(edition: int, since: int, until: int | None) -> bool:
    """Whether what began with one edition and ended with another (None: not yet) holds in `edition`."""
    return since <= edition and (until is None or until > edition)


def within(code: str, level: str) -> str:
    """The full code of the place of `level` that contains `code`; "" where `code` is wider than that."""
    here = city().places.get(code)
    while here and here.level != level:
        here = city().places.get(here.parent)
    return here.code if here else ""


def calendar(hours: str) -> Calendar:
    """The calendar of a set of office hours, with the city's own table of days over the official one."""
    now = city()
    if hours not in now.calendars:
        now.calendars[hours] = Calendar(now.rest, now.hours.get(hours, DEFAULT_HOURS))
    return now.calendars[hours]


def limit(clock: str, urgency: str, size: str, kind: str, edition: int) -> LimitRow | None:
    """The limit of a clock in an edition of the rules: the most exact row that fits (group, then urgency, then size)."""
    now, asked = city(), (clock, urgency, size, kind, edition)
    if asked not in now.found:
        group = now.kinds[kind].group if kind in now.kinds else ""
        best: tuple[int, LimitRow] | None = None
        for row, since, until in now.limits:
            if row.clock != clock or not holds(edition, since, until):
                continue
            if row.urgency not in ("", urgency) or row.size not in ("", size) or row.group not in ("", group):
                continue
            score = 4 * bool(row.urgency) + 2 * bool(row.group) + bool(row.size)
            if best is None or score > best[0]:
                best = (score, row)
        now.found[asked] = best[1] if best else None
    return now.found[asked]
