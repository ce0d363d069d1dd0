"""The list of an inbox: what the filters ask for, what stands in the left column with its counts, and one row a case."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minan.kernel import directory, inbox, labels, registry, search
from minan.kernel.inbox import BadCursor, Counts, Wanted
from minan.kernel.models import Case, User
from minan.kernel.procedure import Procedure

NAME = re.compile(r"[a-z][a-z0-9_.]{0,39}")
ASKED = ("light", "procedure", "state", "flag", "kind", "place", "mine", "closed", "q")
LIGHTS = (
    ("red", "red", gettext_lazy("超时")),
    ("yellow", "amber", gettext_lazy("快到期")),
    ("green", "green", gettext_lazy("正常")),
    ("paused", "paused", gettext_lazy("暂停")),
)
FLAGS = (
    "danger",
    "glass",
    "listed",
    "supervised",
    "ordered",
    "urged",
    "refusal_asked",
    "extension_asked",
    "pause_asked",
    "paused",
    "park_asked",
    "parked",
    "waiting",
    "untold",
    "place_unknown",
)


@dataclass(slots=True)
class Listing:
    """One page of a list, ready for its template."""

    title: str
    total: int
    rows: list[dict[str, Any]]
    next: str
    back: str  # the first page, where this is a later one
    keep: str  # the filters as query words
    filters: list[dict[str, Any]] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)  # filters that stand in no column: kind, place, search
    told: str = ""  # why nothing was looked for
    paused: int = 0  # left out of a list by time because nothing runs

    @property
    def asked(self) -> list[tuple[str, str]]:
        """The filters as a form carries them on; a query's own `items` could be a parameter of that name."""
        return parse_qsl(self.keep)


def wanted(query: QueryDict) -> Wanted:
    """The filters of an address; what cannot be one is left out."""

    def named(name: str) -> str:
        text = str(query.get(name, ""))
        return text if NAME.fullmatch(text) else ""

    place = query.get("place", "")
    asked = Wanted(
        light=named("light"), procedure=named("procedure"), state=named("state"), flag=named("flag"), kind=named("kind"),
        place=place if directory.level_of(place) else "",
        q=query.get("q", "").strip()[:60], mine=query.get("mine") == "1", cursor=query.get("cursor", "")[:80],
    )  # fmt: skip
    closed = query.get("closed") == "1" or _final(asked)
    by_time = not (asked.q or closed or asked.light == "paused")
    return replace(asked, open=False if closed else None if asked.q else True, order="due" if by_time else "new")


def _final(ask: Wanted) -> bool:
    found = [s.final for p in _procedures(ask.procedure) for s in p.states if s.name == ask.state]
    return bool(found) and all(found)  # two procedures may call an open and a final state alike


def kept(query: QueryDict) -> str:
    """The filters of an address as query words, without the cursor."""
    return urlencode({name: query[name] for name in ASKED if query.get(name)})


def listed(user: User, query: QueryDict, now: datetime, page: str, one: str, current: str = "") -> Listing:
    """The list an address asks for; `page` and `one` name the pages of list and case. Three queries, one more for a word or a filter."""
    ask, keep = wanted(query), kept(query)
    counts, told = inbox.counts(user, now), ""
    try:
        found = inbox.listed(user, ask, now)
    except BadCursor:
        ask = replace(ask, cursor="")
        found = inbox.listed(user, ask, now)
    except search.AboutAPerson as refused:
        found, told = inbox.Page(), labels.into(refused.words)
    back = reverse(page) + (f"?{keep}" if keep else "") if ask.cursor else ""
    bare = ask.order == "due" and not (ask.light or ask.procedure or ask.state or ask.flag or ask.kind or ask.place or ask.mine)
    paused = counts.light["paused"] if bare and not found.next else 0
    if ask.order == "due" and not bare and not ask.light and not found.next and not told:
        paused = _resting(user, ask, found, now) * counts.light["paused"]
    rows = [
        row(c, now, reverse(one, args=[c.code]) + (f"?{keep}" if keep else ""), c.code == current) for c in found.items
    ]
    title, total = _title(ask, counts)
    return Listing(
        title,
        total,
        rows,
        found.next or "",
        back,
        keep,
        columns(ask, counts, reverse(page)),
        _chosen(ask),
        told,
        paused,
    )


def _resting(user: User, ask: Wanted, found: inbox.Page, now: datetime) -> bool:
    """Behind what runs, what was asked for and rests: no clock of it runs, yet it was counted. True: more rests than there is room."""
    room = ask.limit - len(found.items)
    if room <= 0:
        return True
    more = inbox.listed(user, replace(ask, light="paused", order="new", cursor="", limit=room), now)
    found.items += more.items
    found.mine |= more.mine
    return bool(more.next)


def row(case: Case, now: datetime, url: str, here: bool = False) -> dict[str, Any]:
    """A case as one line of a list."""
    return {
        "code": case.code, "title": labels.title_of(case), "url": url,
        "open": here, "clock": clock(case, now), "kind": labels.kind_name(case.kind),
        "place": labels.place_short(case.place), "state": registry.label(case.procedure, case.version, "states", case.state),
        "by": labels.office_short(labels.holder(case)), "overlays": labels.overlays(case.marks, few=True),
    }  # fmt: skip


def clock(case: Case, now: datetime) -> dict[str, Any]:
    """The light of the clock that ends first, as a template draws it."""
    light = inbox.light_of(case, now)
    out: dict[str, Any] = {"light": light, "due_at": case.due_at, "now": now}
    if case.light:
        out["label"] = registry.label(case.procedure, case.version, "clocks", case.light)
    for mark, shown in (("parked", "parked"), ("paused", "held")):
        if case.marks.get(mark) and case.open and light != "red":  # what was late before it was put aside stays red
            out |= {"light": shown, "until": labels.until(case.marks, mark)}
    return out | {"light": "idle", "words": _standing(case)} if inbox.stands(case) else out


def _standing(case: Case) -> str:
    """What only stands says its state, and until when where its own facts name the end: published until Thursday."""
    state = labels.into(registry.label(case.procedure, case.version, "states", case.state))
    if not (ends := case.facts.get("ends")):
        return state
    at = datetime.fromisoformat(ends).astimezone(directory.LOCAL)
    day = labels.day((at - timedelta(days=1)).date()) if at.time() == time() else labels.moment(ends)  # 24:00 is the end of its last day
    return _("%(state)s，到 %(day)s") % {"state": state, "day": day}


def _title(ask: Wanted, counts: Counts) -> tuple[str, int]:
    light = counts.light
    if ask.q:
        return _("找“%(q)s”") % {"q": ask.q}, -1
    if ask.open is False:
        return _("已办结"), -1
    if ask.kind or ask.place:
        return _("在办"), -1
    names = [str(label) for name, _shape, label in LIGHTS if name == ask.light]
    names += [labels.into(p.label) for p in _procedures(ask.procedure) if ask.procedure]
    names += [_state_name(ask)] if ask.state else []
    names += [str(labels.MARKS.get(ask.flag, ask.flag))] if ask.flag else []
    names += [_("等我办")] if ask.mine else []
    if ask.procedure and not (ask.light or ask.flag or ask.mine):
        held = counts.of.get(ask.procedure, {})
        return "·".join(names) or _("在办"), held.get(ask.state, 0) if ask.state else sum(held.values())
    if len(names) > 1:
        return "·".join(names), -1
    total = counts.flag.get(ask.flag, -1) if ask.flag and not ask.light else light.get(ask.light or ("mine" if ask.mine else "all"), -1)
    return (names or [_("在办全部")])[0], counts.state.get(ask.state, 0) if ask.state else total


def _state_name(ask: Wanted) -> str:
    found = [*_procedures(ask.procedure), *_procedures()]
    return next((labels.into(s.label) for p in found for s in p.states if s.name == ask.state), ask.state)


def _procedures(name: str = "") -> list[Procedure]:
    """What people say first, then the tasks inside it: a word both have is the former's. With `name` that one alone."""
    return sorted((p for p in registry.procedures().values() if name in ("", p.name)), key=lambda p: not p.counted)


def _chosen(ask: Wanted) -> list[str]:
    out = [labels.kind_name(ask.kind) or ask.kind] if ask.kind else []
    return out + ([directory.place_name(ask.place)] if ask.place else [])


def columns(ask: Wanted, counts: Counts, url: str) -> list[dict[str, Any]]:
    """The left column: lights, what asks for a decision, and what there is; of one sort of work its states, each with its live count."""
    light = counts.light
    plain = not (ask.light or ask.procedure or ask.state or ask.flag or ask.mine or ask.q or ask.open is False)

    def entry(label: Any, count: int | None, query: str, here: bool, shape: str = "", level: str = "") -> dict[str, Any]:
        return {"label": str(label), "count": count, "url": url + query, "here": here, "shape": shape, "level": level}

    work = [entry(_("在办全部"), light["all"], "", plain), entry(_("等我办"), light["mine"], "?mine=1", ask.mine)]
    shown = [p for p in _procedures() if counts.of.get(p.name) or p.name == ask.procedure]
    shown.sort(key=lambda p: (not p.counted, -sum(counts.of.get(p.name, {}).values())))  # what people say, and what there is most of
    opened = _opened(ask, shown)
    sorts: list[dict[str, Any]] = []
    for p in shown:
        held, here = counts.of.get(p.name, {}), p.name == ask.procedure
        one = f"?procedure={p.name}"
        sorts.append(entry(labels.into(p.label), sum(held.values()), one, here and not ask.state, level="open" if p is opened else "shut"))
        for s in p.states if p is opened else ():
            chosen = s.name == ask.state and (here or not ask.procedure)
            if not s.final and (held.get(s.name) or chosen):
                sorts.append(entry(labels.into(s.label), held.get(s.name, 0), f"{one}&state={s.name}", chosen, level="in"))
    work.append(entry(_("已办结"), None, "?closed=1", ask.open is False and not ask.procedure))
    flags = [entry(labels.MARKS[f], counts.flag[f], f"?flag={f}", f == ask.flag) for f in FLAGS if counts.flag[f] or f == ask.flag]
    lights = [entry(label, light[name], f"?light={name}", name == ask.light, shape) for name, shape, label in LIGHTS]
    groups = [(_("灯"), lights), (_("在办"), work), (_("要留意的"), flags), (_("到哪一步"), sorts)]
    return [{"title": title, "rows": rows} for title, rows in groups if rows]


def _opened(ask: Wanted, shown: list[Procedure]) -> Procedure | None:
    """The one sort of work whose states stand open: the one asked for, else the first, which is what people say."""
    asked = [p for p in shown if p.name == ask.procedure] or [p for p in shown if ask.state and any(s.name == ask.state for s in p.states)]
    return next(iter(asked or shown), None)
