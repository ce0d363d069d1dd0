"""Everything one needs to decide on one case, on one page: what was said, where, whose duty, by when, what happened, what next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from minan.kernel import (
    access,
    directory,
    duplicates,
    forms,
    glass_kept,
    labels,
    possible,
    registry,
    rota,
    sheet,
    speakers,
    vault,
)
from minan.kernel.act import Refused
from minan.kernel.calendar import Limit, Scale
from minan.kernel.clocks import FIXED
from minan.kernel.forms import StepForm
from minan.kernel.models import Case, Message
from minan.kernel.pages import drawing, handed, identifying, kin, listing, opened, straight
from minan.kernel.pages.guard import person
from minan.kernel.procedure import Step
from minan.kernel.sheet import ClockLine, Line, Sheet
from minan.lib import codes

CALL, NOTE = "call", "note"  # the step that opens a number; the one whose words stand on the record for staff
HEARD_MOST = 2
CALL_MINUTES = 10
CONTACT = ("name", "phone", "address")  # all that calling needs
OPENED = "opened_numbers"  # session: case → until when this person, in this browser, may read the number
OPENED_BY = "opened_by"  # session: case → hash of the event that opened it: the keeper writes it beside each look
MESSAGES_MOST = 12
FOLD_FROM = 3  # from so many steps without a letter on, the desk keeps them behind one word


@dataclass(slots=True)
class Chosen:
    """The step whose form stands open, and how the last try went."""

    step: Step
    form: StepForm
    told: str  # what the speaker will read
    refused: Refused | None = None


def step_of(case: Case, name: str) -> Step | None:
    procedure = registry.get(case.procedure)
    return procedure.step(name) if procedure and name else None


# ---- the number


def open_number(request: HttpRequest, case: Case, now: datetime, event: str) -> None:
    """From the step of calling on, this browser shows the number for CALL_MINUTES."""
    until = (now + timedelta(minutes=CALL_MINUTES)).isoformat()
    live = {k: v for k, v in request.session.get(OPENED, {}).items() if v > now.isoformat()}
    request.session[OPENED] = live | {case.id.hex: until}
    events = request.session.get(OPENED_BY, {})
    request.session[OPENED_BY] = {k: v for k, v in events.items() if k in live} | {case.id.hex: event}


def number_until(request: HttpRequest, case: Case, now: datetime) -> datetime | None:
    until = request.session.get(OPENED, {}).get(case.id.hex, "")
    return datetime.fromisoformat(until) if until > now.astimezone(UTC).isoformat() else None


def number(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What the vault tells who called; {"shut": True} where its keeper is away or wants it slower: the rest of the page stands."""
    event = request.session.get(OPENED_BY, {}).get(case.id.hex, "")
    try:
        return speakers.known(case, who=f"user:{person(request).pk}", why="call", event=event, fields=CONTACT)
    except vault.Held as held:
        return {"shut": True, "held": held.code}
    except vault.Sealed:
        return {"shut": True}


def broken(request: HttpRequest, case: Case, now: datetime) -> dict[str, Any]:
    """What a page shows whoever broke the glass: until when, and what the vault tells; {} for everybody else."""
    user = person(request)
    until = glass_kept.until(case, user.pk, now)
    return {"glass_until": until, "glass": glass_kept.identity(case, user.pk)} if until else {}


# ---- what happened


def _value(kind: str, value: Any, options: Mapping[str, Any]) -> str:
    """One fact as people read it."""
    if kind in ("units", "moment"):
        return labels.units(value) if kind == "units" else labels.moment(str(value))
    if value in options:
        return labels.into(options[value])
    if kind == "place":
        return directory.place_name(str(value), full=True)
    if kind == "unit":
        return labels.office_name(str(value)) or str(value)
    if kind == "kind":
        return labels.kind_name(str(value)) or str(value)
    if kind == "ground":
        return labels.name_of(directory.city().grounds.get(str(value))) or str(value)
    if kind == "yesno":
        return _("是") if value else _("否")
    return codes.pretty(str(value)) if kind == "case" else str(value)


def _words(line: Line, procedure: str) -> str:
    declared = registry.get(procedure)
    step = declared.step(line.event.step) if declared else None
    own = declared is not None and bool(declared.room)  # its own page shows what was entered, to each what they may read
    options = {f.label.zh: dict(f.options) for f in step.fields} if step else {}
    out = [labels.numbered(line.note["number"])] if line.note.get("number") else []
    ground = directory.city().grounds.get(str(line.note.get("ground", ""))) if "what" not in line.note else None
    out += [labels.name_of(ground)] if ground is not None else []
    for label, kind, value in line.facts:
        shown_above = kind == "answers" or (line.event.n == 1 and kind in ("long", "place", "kind"))
        if own or shown_above or (kind != "units" and isinstance(value, dict | list)):
            continue  # stands above, as what was said; or rows from another part
        said = _value(kind, value, options.get(label["zh"], {}) if isinstance(value, str) else {})
        out.append(said if kind in ("long", "unit") else _("%(label)s：%(value)s") % {"label": labels.into(label), "value": said})
    return "\n".join(out)


def _done_at(line: Line) -> str:
    """When whoever did it says it was done, by their own phone: told beside our time, which alone the clocks go by."""
    said = line.note.get("done_at")
    if not isinstance(said, str):
        return ""
    return _("手机上记的时间 %(at)s") % {"at": f"{timezone.localtime(datetime.fromisoformat(said)):%m-%d %H:%M}"}


def timeline(sheet_: Sheet) -> list[dict[str, Any]]:
    """What happened, newest first; the next clock that runs stands above it."""
    case, out = sheet_.case, []
    for line in reversed(sheet_.lines):
        by = line.by_en if labels.english() else line.by
        later = line.event.n > 1  # what was said stands above
        by = by or (_("说事人") if line.event.by == "resident" else _("自动记下"))
        shown = "" if line.public else _("说事人看不到")
        done = _done_at(line)
        label: Any = (
            registry.label(case.procedure, case.version, "steps", line.event.step) if later else _("收到")
        )
        out.append(
            {
                "label": label, "at": line.event.at, "by": "·".join(filter(None, (by, done, shown))), "words": _words(line, case.procedure),
                "photos": handed.photos(line.pictures, case.code) if later else [],
                "voices": handed.voices(line.voices, case.code) if later else [],
                "state": "now" if line is sheet_.lines[-1] else "", "heard": line.heard,
            }
        )  # fmt: skip
    return out


def heard(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last words meant for whoever acts next: an order, a ruling, what the speaker added or why they are not satisfied."""
    return [item | {"state": ""} for item in items if item["heard"] and (item["words"] or item["voices"])][:HEARD_MOST]


# ---- clocks


def clock_rows(lines: list[ClockLine], now: datetime) -> list[dict[str, Any]]:
    """Each clock with its light and its limit; limits of law stand in the same table."""
    out: list[dict[str, Any]] = []
    for line in lines:
        row, limit = line.row, labels.limit(line.row.limit)
        entry: dict[str, Any] = {
            "label": line.label,
            "light": line.light,
            "due_at": row.due_at,
            "now": now,
            "limit": limit,
        }
        if row.done_at is not None:
            entry |= {
                "used": row.done_at - row.started_at,
                "late": row.done_at - row.due_at,
                "limit": _("限 %(limit)s") % {"limit": limit} if limit else "",
            }
        elif row.limit == FIXED:
            entry |= {"light": line.light}
        if row.provisional:
            entry["label"] = _("%(clock)s（暂定）") % {"clock": labels.into(line.label)}
        out.append(entry)
        if row.legal_due_at is not None and row.done_at is None:
            light = "red" if now > row.legal_due_at else "green"
            out.append(
                {
                    "label": _("法定"),
                    "light": light,
                    "due_at": row.legal_due_at,
                    "now": now,
                    "limit": labels.limit(row.legal),
                }
            )
    return out


def explained(lines: list[ClockLine]) -> list[dict[str, Any]]:
    """For each clock that runs: its days, the rule it rests on and the limit of law beside it."""
    out = []
    for line in lines:
        row = line.row
        if row.done_at is not None or row.limit == FIXED:
            continue
        minutes = Limit.parse(row.limit).scale in (Scale.WORKING, Scale.CLOCK)
        rule = "，".join(filter(None, (row.rule, row.article)))
        legal = (
            _("法定 %(limit)s：%(article)s") % {"limit": labels.limit(row.legal), "article": row.legal_article}
            if row.legal
            else ""
        )
        counted = _("%(clock)s %(limit)s") % {"clock": labels.into(line.label), "limit": labels.limit(row.limit)}
        out.append(
            {
                "clock": labels.into(line.label),
                "words": counted,
                "days": line.days(),
                "minutes": minutes,
                "rule": rule,
                "legal": legal,
            }
        )
    return out


# ---- what next


def told(step: Step, case: Case) -> str:
    """What the speaker will be told by a step, in the words of the message; "" where it tells them nothing."""
    if "speaker" not in step.tells:
        return ""
    unit = forms.proposal(case)[0] if any(f.type == "unit" for f in step.fields) else ""
    name = labels.office_name(unit or case.unit or case.desk)
    return _("说事人会收到：“%(done)s。%(unit)s”") % {"done": labels.into(step.done or step.label), "unit": name}


def main_step(sheet_: Sheet) -> Step | None:
    """The step this case waits for from this reader: the nearest one forward; None where it waits for somebody else."""
    procedure = registry.get(sheet_.case.procedure)
    if procedure is None or procedure.state(sheet_.case.state).holder not in sheet_.roles:
        return None
    if (before := next((s for s in sheet_.steps if s.ahead), None)) is not None:
        return before
    order = [s.name for s in procedure.states]
    here = order.index(sheet_.case.state)

    def ahead(step: Step) -> int:
        states = [procedure.state(t) for t in step.targets]
        jumps = [
            order.index(s.name) - here
            for s in states
            if not s.final and s.holder != "ruler" and sheet_.case.state not in step.targets
        ]
        return min((j for j in jumps if j > 0), default=0)

    forward = [s for s in sheet_.steps if ahead(s)]
    if forward:
        return min(forward, key=ahead)
    moving = [s for s in sheet_.steps if s.key and s.targets]
    return next((s for s in moving if s.fields), None) or next(iter(moving), None)


def tabs(sheet_: Sheet, chosen: Step | None, url: str, keep: str, *, face: str) -> list[dict[str, Any]]:
    """A button a step that is possible now: the one it waits for, what moves the case, the rest; each with its letter.

    `direct` ones ask nothing and are taken by the press itself; on the desk only the one the case waits for.
    """
    main = main_step(sheet_)
    steps = sorted(sheet_.steps, key=lambda s: (s is not main, not (s.key and s.targets), not s.key))
    keys, query = straight.letters(steps), f"&{keep}" if keep else ""
    anchor = (
        "#step" if face == "tasks" else ""
    )  # on the desk the form is pinned, and a fragment would keep the field from its focus
    rows = [
        {
            "name": s.name, "label": labels.into(s.label), "key": keys.get(s.name, ""), "url": f"{url}?step={s.name}{query}{anchor}",
            "here": chosen is not None and s.name == chosen.name, "main": s is main,
            "plain": not (s.near or (s.key and (s.targets or s is main))), "seed": uuid4().hex,
            "direct": not s.fields and (s is main or face == "tasks"),
        }
        for s in steps
    ]  # fmt: skip
    rare = [row for row in rows if row["plain"] and not row["key"] and not row["main"] and not row["here"]]
    for row in rows:
        row["folded"] = len(rare) >= FOLD_FROM and row in rare
    return rows


def chosen_step(request: HttpRequest, sheet_: Sheet, name: str, *, first: bool) -> Chosen | None:
    """The form of the step asked for; with `first`, where none is asked for, of the one the case waits for from this reader."""
    step = next((s for s in sheet_.steps if s.name == name), None)
    if step is None and first and not name:
        step = main_step(sheet_)
        step = step if step and step.fields else None
    if step is None:
        return None
    case, unit = sheet_.case, next(iter(access.units_of(person(request))), "")
    given = {f.name: request.GET.get("into", "") for f in step.fields if f.type == "case" and request.GET.get("into")}
    form = forms.of_step(
        step, case, unit=unit, find=request.GET.get("find", "")[:40], fill=request.GET.get("standard", "")[:40], given=given
    )  # fmt: skip
    if name and form.specs:
        form.fields[form.specs[0].name].widget.attrs["autofocus"] = True
    return Chosen(step, form, told(step, case))


def likely(request: HttpRequest, sheet_: Sheet, now: datetime) -> list[dict[str, Any]]:
    """Earlier matters that may be this one, while it can still be merged."""
    if sheet_.case.privacy or not any(f.type == "case" for s in sheet_.steps for f in s.fields):
        return []
    notes = [str(v) for line in sheet_.lines if line.event.step == NOTE for _label, _kind, v in line.facts]
    out = []
    for one in duplicates.likely(sheet_.case, person(request), now, duplicates.apart(notes)):
        far = (
            _("相距 %(metres)d 米") % {"metres": one.metres}
            if one.metres is not None
            else labels.place_short(one.case.place)
        )
        when = ngettext("%(days)d 天前", "%(days)d 天前", one.days) % {"days": one.days} if one.days else _("同一天")
        shared = _("都写了%(words)s") % {"words": "".join(f"“{w}”" for w in one.because[:3])}
        state = registry.label(one.case.procedure, one.case.version, "states", one.case.state)
        out.append(
            {
                "case": one.case,
                "why": "·".join((far, when, shared, labels.into(state))),
                "apart": duplicates.APART + codes.pretty(one.case.code),
            }
        )
    return out


def of(
    request: HttpRequest, case: Case, now: datetime, *, face: str, chosen: Chosen | None = None, keep: str = ""
) -> dict[str, Any]:
    """The context of the case pane. At most ten queries: three of the sheet, messages, duplicates or number, kin, a stamp, duty."""
    user = person(request)
    actor = access.actor(user)
    sheet_ = sheet.of(case, actor, now)
    held_up = possible.held_up(sheet_, actor, now)
    sheet_.steps = possible.steps(sheet_, actor, now)
    line = straight.of(case, sheet_.steps) if face == "desk" else None
    first = next(iter(sheet_.lines), None)  # how it was said
    chosen = chosen or chosen_step(request, sheet_, request.GET.get("step", ""), first=line is None)
    until = number_until(request, case, now)
    unit, why = forms.proposal(case)
    url = reverse(f"kernel:{face}_case", args=[case.code])
    merging = next((s.name for s in sheet_.steps if any(f.type == "case" for f in s.fields)), "")
    noting = NOTE if any(s.name == NOTE for s in sheet_.steps) else ""
    return {
        "case": case, "sheet": sheet_, "now": now, "clock": listing.clock(case, now), "url": url, "face": face, "keep": keep,
        "state": registry.label(case.procedure, case.version, "states", case.state), "final": not case.open,
        "overlays": labels.overlays(case.marks), "place": directory.place_name(case.place, full=True), "kind": labels.kind_name(case.kind),
        "channel": str(labels.CHANNELS.get(case.channel, case.channel)), "desk": labels.office_name(case.desk),
        "lead": labels.office_name(case.unit), "on_duty": rota.of_case(case, now),
        "said_photos": handed.photos(first.pictures, case.code) if first else [],
        "said_voices": handed.voices(first.voices, case.code) if first else [], "duty": labels.office_name(unit), "why": why,
        "clocks": clock_rows(sheet_.clocks, now), "explained": explained(sheet_.clocks),
        "items": (items := timeline(sheet_)), "heard": heard(items), "merging": merging,
        "noting": noting, "likely": [] if until or face != "desk" else likely(request, sheet_, now), "drawing": drawing.of(case),
        "messages_sent": Message.objects.filter(county=case.county, case_id=case.id).order_by("-made_at")[:MESSAGES_MOST],
        "calling": any(s.name == CALL for s in sheet_.steps), "until": until, "speaker": number(request, case) if until else {},
        "chosen": chosen, "tabs": (rows := tabs(sheet_, chosen.step if chosen else None, url, keep, face=face)), "straight": line,
        "folded": sum(row["folded"] for row in rows),
        "seed": uuid4().hex, "held_up": [labels.into(words) for words in held_up],
        "straight_label": _straight_label(line),
        "action": reverse(f"kernel:{face}_step", args=[case.code, chosen.step.name]) if chosen else "",
    } | kin.of(request, case, now, face) | broken(request, case, now) | opened.of(request, case, now) | identifying.of(
        case, sheet_.steps, [item["words"] for item in items], face=face, keep=keep
    )  # fmt: skip


def _straight_label(line: straight.Straight | None) -> str:
    if line is None:
        return ""
    return _("%(steps)s给 %(unit)s") % {"steps": straight.names(line.steps), "unit": labels.office_name(line.unit)}
