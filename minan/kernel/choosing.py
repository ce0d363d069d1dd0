"""Whose is it: the routing table read line by line, the first that fits wins, then the duty list; always with why.

A case is judged by the edition it began under, and by the moment it was said: the same case always gets the same answer.
Nothing above a village's duties is handed down by a rule: such a line is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from minan.kernel import directory
from minan.kernel.calendar import DEFAULT_HOURS
from minan.kernel.directory import LOCAL, RuleRow, Why
from minan.kernel.procedure import Words

UP = ("town", "county", "city")
POINT, OFFICE, OFF = "point", "office", "off"
LEVEL_WIDTH = directory.LEVELS


class Asked(NamedTuple):
    """All that decides whose a matter is."""

    kind: str
    place: str
    edition: int
    text: str = ""
    channel: str = ""
    urgency: str = ""
    at: datetime | None = None


def asked(case: Mapping[str, Any]) -> Asked:
    text = f"{case['title']}\n{case['text']}" if needs_text() else ""
    return Asked(case["kind"], case["place"], case["edition"], text, case["channel"], case["urgency"], case["opened_at"])


def one(word: str, place: str) -> str:
    """The unit with this department word or kind in a place."""
    found = directory.city().at.get((word, place), [])
    return found[0] if found else ""


def holds(row: Any, edition: int) -> bool:
    """Whether a versioned row holds in an edition; `row` has since and until."""
    return directory.holds(edition, row.since, row.until)


def needs_text() -> bool:
    return any(row.words for row in directory.city().rules)


def office_time(at: datetime) -> bool:
    """Whether the offices of the city are open at a moment: its calendar and default hours."""
    calendar, local = directory.calendar("default"), at.astimezone(LOCAL)
    minute = local.hour * 60 + local.minute
    hours = directory.city().hours.get("default", DEFAULT_HOURS)
    spans = hours.season(local.date()).spans
    return calendar.is_workday(local.date()) and any(a <= minute < b for a, b in spans)


def said(row: RuleRow, text: str) -> str:
    """The first word of a line that stands in the text; "" where none does."""
    return next((word for word in row.words.split() if word in text), "")


def fits(row: RuleRow, ask: Asked) -> bool:
    """Whether every condition of a line holds."""
    city = directory.city()
    kind = city.kinds.get(ask.kind)
    width = LEVEL_WIDTH.get(directory.level_of(row.place), 15)
    return bool(
        (not row.kind or row.kind == ask.kind)
        and (not row.group or (kind is not None and kind.group == row.group))
        and (not row.place or ask.place[:width] == row.place[:width])
        and (not row.channel or row.channel == ask.channel)
        and (not row.urgency or row.urgency == ask.urgency)
        and (not row.hours or (ask.at is not None and office_time(ask.at) == (row.hours == OFFICE)))
        and (not row.words or said(row, ask.text))
    )


def village_duty(kind: str, edition: int | None = None) -> bool:
    """True where the duty list of that edition gives this kind to villages."""
    city = directory.city()
    here = city.edition if edition is None else edition
    return any(
        code == kind and level == "village" and directory.holds(here, since, until)
        for code, level, _word, _rule, _article, since, until in city.duties
    )


def _unit(row: RuleRow, ask: Asked) -> str:
    """The unit a line names for this place; "" where there is none, or where it would be pushed down to a village."""
    city = directory.city()
    found = row.unit if row.unit in city.units else ""
    levels = ("village", *UP)
    for wider in levels[levels.index(row.level) if row.level in levels else 1 :] if row.word else ():
        where = directory.within(ask.place, wider)
        if not found and where:
            found = one(row.word, where)
    office = city.units.get(found)
    return "" if office is None or (office.kind == POINT and not village_duty(ask.kind, ask.edition)) else found


def whose(ask: Asked) -> Why | None:
    """The lead unit with its rule: routing rules by rank, then the duty list; None where neither says."""
    for row in directory.city().rules:
        if holds(row, ask.edition) and fits(row, ask) and (unit := _unit(row, ask)):
            return Why(unit, row.rule, row.article, _because(row, ask), "rule")
    return by_duty(ask.kind, ask.place, ask.edition)


def by_duty(kind: str, place: str, edition: int) -> Why | None:
    """The nearest unit with the department word of the first row of the duty list (职责清单) that fits."""
    for code, level, word, rule, article, since, until in directory.city().duties:
        if code != kind or not directory.holds(edition, since, until):
            continue
        start = UP.index(level) if level in UP else 0
        for wider in UP[start:]:
            where = directory.within(place, wider)
            if where and (unit := one(word, where)):
                kind_ = directory.city().kinds.get(kind)
                zh, en = (kind_.name, kind_.name_en) if kind_ else (kind, kind)
                return Why(unit, rule, article, Words(f"职责清单：“{zh}”归这个部门", f"Duty list: “{en}” is this department's"))
    return None


def _because(row: RuleRow, ask: Asked) -> Words:
    """What fitted, in words."""
    city = directory.city()
    zh: list[str] = []
    en: list[str] = []
    kind = city.kinds.get(ask.kind)
    if row.kind and kind:
        zh, en = [*zh, f"种类是“{kind.name}”"], [*en, f"its kind is “{kind.name_en}”"]
    elif row.group and kind:
        zh, en = [*zh, f"属于“{kind.group_name}”"], [*en, f"it belongs to “{kind.group_name_en}”"]
    if row.place:
        name = directory.place_name(row.place)
        zh, en = [*zh, f"在{name}"], [*en, f"it lies in {name}"]
    if word := said(row, ask.text):
        zh, en = [*zh, f"写了“{word}”"], [*en, f"it says “{word}”"]
    if row.channel:
        zh, en = [*zh, "渠道符合"], [*en, "by its channel"]
    if row.urgency:
        zh, en = [*zh, "急缓符合"], [*en, "by its urgency"]
    if row.hours:
        zh = [*zh, "说的时候在上班" if row.hours == OFFICE else "说的时候已下班"]
        en = [*en, "said in office hours" if row.hours == OFFICE else "said outside office hours"]
    return Words(f"派单规则：{'，'.join(zh) or '都归这里'}", f"Routing rule: {', '.join(en) or 'everything'}")
