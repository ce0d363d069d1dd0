"""The closed lists a form offers: kinds by group, offices that work at a place, grounds, places near, named or looked for."""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.translation import gettext as _

from minan.kernel import directory, places, routing
from minan.kernel.labels import english, into, name_of
from minan.kernel.models import Case, User
from minan.kernel.procedure import Words

Option = tuple[str, str]
Group = tuple[str, list[Option]]

FOUND_MOST, NAMED_MOST = 20, 5
BARE_LEAST = 2  # a place of one character is named by chance
# What stands behind the name people use: 朝阳社区居民委员会 is 朝阳社区 or 朝阳 in what they say.
OFFICIAL = re.compile(r"(?:社区)?(?:居民委员会|居委会|村民委员会|村委会)$|(?:地区)?(?:办事处|街道|镇|乡)$")
LEVELS = {
    "city": Words("市", "City"), "county": Words("县（市、区）", "County"), "town": Words("乡镇（街道）", "Township"),
    "village": Words("村（社区）", "Village or community"),
}  # fmt: skip


def kinds() -> list[Option | Group]:
    """Every kind in use, by group; an empty first line."""
    groups: dict[str, list[Option]] = {}
    for kind in directory.city().kinds.values():
        if kind.active:
            title = kind.group_name_en if english() and kind.group_name_en else kind.group_name
            groups.setdefault(title, []).append((kind.code, name_of(kind)))
    return [("", "—"), *groups.items()]


def units(place: str) -> list[Option | Group]:
    """The offices that work at a place, by level, the nearest first."""
    groups: dict[str, list[Option]] = {}
    for office in routing.candidates(place):
        groups.setdefault(into(LEVELS[office.level]) if office.level in LEVELS else office.level, []).append(
            (office.id, name_of(office))
        )
    return [("", "—"), *groups.items()]


def staff(place: str) -> list[Option | Group]:
    """Who works in the offices of a place, by office: to name the one a matter is about."""
    ids = {office.id: name_of(office) for office in routing.candidates(place)}
    posts = [(p.unit, user) for user, rows in directory.city().posts.items() for p in rows if p.unit in ids]
    named_ = User.objects.in_bulk({user for _unit, user in posts})
    groups: dict[str, list[Option]] = {name: [] for name in ids.values()}
    for unit, user in dict.fromkeys(posts):
        if user in named_:
            groups[ids[unit]].append((str(user), name_of(named_[user]) or named_[user].username))
    return [("", "—"), *((title, rows) for title, rows in groups.items() if rows)]


def grounds(source: str) -> list[Option]:
    """One closed list of grounds, each with its article."""
    rows = [g for g in directory.city().grounds.values() if g.list == source and g.active]
    return [("", "—"), *((g.code, f"{name_of(g)}（{g.article}）" if g.article else name_of(g)) for g in rows)]


@lru_cache(maxsize=4)
def _bare(stamp: int) -> list[tuple[str, str]]:
    """Each town and village by the name people use, the longest first: (name, code)."""
    rows = [
        (OFFICIAL.sub("", s.name), s.code)
        for s in directory.city().places.values()
        if s.level in ("town", "village") and not s.successor
    ]
    return sorted(
        ((name, code) for name, code in rows if len(name) >= BARE_LEAST), key=lambda row: (-len(row[0]), row[1])
    )


def named(text: str, county: str = "", most: int = NAMED_MOST) -> list[str]:
    """The places whose everyday name stands in a text, the longest names first; `county`: six digits that hold them, "" for any."""
    out, covered = [], ""
    for name, code in _bare(directory.city().stamp):
        if name in text and name not in covered and (not county or code.startswith(county)):
            out.append(code)
            covered += f"|{name}"
            if len(out) >= most:
                break
    return out


def looked_for(find: str) -> list[str]:
    """The places whose name contains what was typed, towns before villages; at most FOUND_MOST."""
    find = find.strip()
    if not find:
        return []
    rows = [s for s in directory.city().places.values() if not s.successor and (find in s.name or s.code == find)]
    order = ("city", "county", "town", "village")
    rows.sort(key=lambda s: (order.index(s.level) if s.level in order else 9, len(s.name), s.code))
    return [s.code for s in rows[:FOUND_MOST]]


def _option(code: str, hint: str = "") -> Option:
    name = directory.place_name(code, full=directory.level_of(code) not in ("city", "county"))
    return (code, f"{name}（{hint}）" if hint else name)


def near(case: Case) -> Group | None:
    """The five nearest villages of the point the speaker gave: proposals from schematic centres, for a person to confirm."""
    if case.lon is None or case.lat is None:
        return None
    found = places.near(case.lon, case.lat)
    hint = _("示意，约 %(metres)d 米")
    return (
        (_("离说的那一点最近，请认一下"), [_option(f.code, hint % {"metres": f.metres or 0}) for f in found])
        if found
        else None
    )


def own(unit: str) -> Group | None:
    """The asker's own town and its villages; for a county or the city, its towns."""
    office = directory.office(unit)
    if office is None:
        return None
    root = directory.within(office.place, "town") or directory.within(office.place, "county") or office.place
    below = [s.code for s in directory.city().places.values() if s.parent == root and not s.successor]
    return (directory.place_name(root), [(c, directory.place_name(c)) for c in (root, *sorted(below))])


def places_for(case: Case | None, unit: str, find: str) -> list[Group]:
    """The places a form offers: looked for, where it is now, nearest, named in the words, and the asker's own."""
    groups: list[Group] = []
    if find:
        groups.append(
            (
                _("找到的"),
                [_option(code) for code in looked_for(find)] or [("", _("没有找到“%(find)s”") % {"find": find[:20]})],
            )
        )
    if case is not None:
        county = case.place[:6] if directory.within(case.place, "county") else ""
        groups.append((_("现在"), [_option(case.place)]))
        groups += [group for group in [near(case)] if group]
        if said := named(f"{case.place_words}\n{case.text}", county):
            groups.append((_("话里提到的"), [_option(code) for code in said]))
    mine = own(unit)
    seen = {code for _title, rows in groups for code, _label in rows}
    if mine:
        groups.append((mine[0], [row for row in mine[1] if row[0] not in seen]))
    return groups
