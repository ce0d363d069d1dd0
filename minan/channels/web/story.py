"""A matter as its own speaker reads it: in whose hands, by when and why, what happened, who looked at their name, what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minan.channels.web import lines, promise, proofs
from minan.kernel import access, cards, directory, draws, inbox, registry, rights, routing, sheet, speakers
from minan.kernel.labels import title_of
from minan.kernel.models import Case, Message
from minan.kernel.procedure import Ask, Procedure, Step
from minan.kernel.vault import Sealed

NOTICES_MOST = 20
STATIONS = ("said", "accepted", "assigned", "handling", "answered", "closed")
ICONS = {"add": "plus", "supply": "plus", "urge": "urge", "rate": "check", "object": "flag", "appeal": "flag"}
QUIET = ("supply",)  # where a rule refuses these, they are not shown at all


def label(case: Case) -> dict[str, str]:
    return registry.label(case.procedure, case.version, "states", case.state)


def unit_name(unit: str) -> dict[str, str]:
    office = directory.office(unit)
    return {"zh": office.name, "en": office.name_en or office.name} if office else {"zh": unit, "en": unit}


def holder(case: Case) -> dict[str, Any] | None:
    """Who must act next: {unit, lead}; None where nobody of the staff must."""
    procedure = registry.get(case.procedure)
    who = procedure.state(case.state).holder if procedure else ""
    unit = {"desk": case.desk, "lead": case.unit, "ruler": case.ruler}.get(who, "")
    return (
        {"unit": unit_name(unit), "lead": who == "lead", "ruler": who == "ruler"}
        if unit and case.state != "answered"
        else None
    )


def is_guest(case: Case) -> bool:
    """True where who follows it was asked by a link and is not who said a matter."""
    procedure = registry.get(case.procedure)
    return bool(procedure and procedure.guest)


def kind_name(case: Case) -> dict[str, str] | None:
    kind = directory.city().kinds.get(case.kind)
    return {"zh": kind.name, "en": kind.name_en} if kind else None


def place_name(case: Case, vaulted: Mapping[str, Any] | None = None) -> str:
    """Place and words in one line, the words as the speaker wrote them where the vault has them; what nobody knows yet is said so."""
    first = (vaulted or {}).get("say.place_words") or (vaulted or {}).get("hidden.place_words")
    written = str(first) if first and "［" in case.place_words else case.place_words
    known = "" if case.marks.get("place_unknown") else directory.place_name(case.place, full=True)
    return " ".join(filter(None, (known, written))) or _("还没定，说事站会按您写的找")


def said(case: Case) -> tuple[str, dict[str, Any]]:
    """(the speaker's words as they were said, what else the vault knows); the work order's text where the vault is shut."""
    try:
        known = speakers.known(case, who="speaker", why="own")
    except Sealed:
        known = {}
    return str(known.get("say.text") or known.get("hidden.text") or case.text), known


def status(case: Case) -> dict[str, Any]:
    """All that a code without its secret shows: state and times (CONTRACTS.md "Open311")."""
    due_at = promise.expected(case)
    until = promise.last_day(due_at) if due_at else None
    return {
        "label": label(case),
        "open": case.open,
        "said_at": case.opened_at,
        "changed_at": case.changed_at,
        "due_at": due_at,
        "until": until,
    }


def offered(case: Case, steps: list[Step], now: datetime) -> list[dict[str, Any]]:
    """The speaker's steps as {name, label, icon, url, why}; `why` says why it cannot be pressed just now."""
    lang, rows = get_language() or "zh-hans", []
    for step in steps:
        refused = refusal(case, step, now)
        if "speaker" not in step.who or step.name in rights.OWN or (refused and step.name in QUIET):
            continue
        row = {"name": step.name, "label": step.label.into(lang), "icon": ICONS.get(step.name, "")}
        why = refused.into(lang) if refused else ""
        rows.append(row | {"why": why, "url": reverse("web:step", args=[case.code, step.name])})
    names = {row["name"] for row in rows}
    return [row for row in rows if not (row["name"] == "add" and "supply" in names)]


def refusal(case: Case, step: Step, now: datetime) -> Any:
    """The first rule that stands against this step before anything is filled in."""
    ask = Ask(
        step.name,
        case.state,
        {},
        case.as_view() | {"clocks": {}},
        frozenset({"speaker"}),
        "",
        "",
        now,
        routing.Offices(case.edition),
    )
    return next((words for rule in step.rules if (words := rule(ask))), None)


def waits(case: Case) -> str:
    """What the matter waits for from its speaker, in words; "" where it waits for nothing."""
    if case.marks.get("waiting"):
        return _("等您补充")
    return _("等您说好没好") if case.state == "answered" else ""


def next_words(case: Case) -> str:
    """What comes now, for the states in which the speaker would wonder."""
    above = unit_name(case.ruler)
    zh = not (get_language() or "").startswith("en")
    name = above["zh"] if zh else above["en"]
    if case.marks.get("parked"):
        return _("现在办不了，定了 %(day)s 再看一次，到那天自动恢复办理。") % {"day": lines.day(case.marks["parked"])}
    if case.marks.get("paused"):
        return _("办理时间暂停，到 %(day)s 自动接着算；法律规定的时限不停。") % {"day": lines.day(case.marks["paused"])}
    return {
        "sent_back": _("办的单位说不归它管，%(unit)s在裁定归谁。时限照走，不用您再找人。") % {"unit": name},
        "answered": _("请您说一句好没好。没好，自动交到上一级。"),
        "visited": _("您的话记下了，这件事正在办结。"),
        "reopened": _("您说还没好。已经交到上一级：%(unit)s来裁定怎么重办，不由原来的人自己说了算。") % {"unit": name},
        "under_review": _("已经交到上一级：%(unit)s来复核，要么维持并说明理由，要么重办。") % {"unit": name},
        "closed": _("办结了。30 天内觉得没办好，还可以提一次异议，由上一级看。"),
        "unheard": _("没有等到您的话，按“未回应”办结，不算解决。30 天内还可以说没好。"),
        "refused": _("这件事这里不能受理，理由和该去哪儿写在下面。不服可以在 30 天内请上一级看一次。"),
        "withdrawn": _("您撤回了，不再办理。"),
        "joined": _("和另一件同样的事一起办，时限照走。办好了凭您自己的编号答复您，您自己说好没好。"),
        "appealed": _("您不服不予受理。已经交到上一级：%(unit)s来看，要么维持并说明理由，要么责令受理。") % {"unit": name},
        "mediated": _("转给了人民调解委员会，愿不愿意调由您定。下面的那一件凭同一个取件码看。"),
        "turned": _("转成了信访件，按信访的法定期限办。下面的那一件凭同一个取件码看。"),
    }.get(case.state, "")


def stations(case: Case) -> list[dict[str, Any]]:
    """The line with its stops, for cards."""
    words = (_("说"), _("受理"), _("交办"), _("办理"), _("答复"), _("办结"))
    at = {"signed": "handling", "sent_back": "assigned", "visited": "closed", "unheard": "closed"}.get(
        case.state, case.state
    )
    here = STATIONS.index(at) if at in STATIONS else -1
    if here < 0:
        return []
    return [
        {"label": word, "state": "past" if n < here else "here" if n == here else ""} for n, word in enumerate(words)
    ]


def card(case: Case, now: datetime | None = None) -> dict[str, Any]:
    """For the list of my matters (parts/matter_card.html)."""
    if own := cards.of(case):
        return own
    now = now or timezone.now()
    held = holder(case)
    clock = (
        {"light": inbox.light_of(case, now), "due_at": case.due_at, "now": now} if case.open and case.due_at else None
    )
    return {
        "code": case.code, "title": title_of(case), "url": reverse("web:matter", args=[case.code]), "waits": waits(case), "clock": clock,
        "state": label(case), "kind": "" if case.open else "done", "now": next_words(case) or _held(held), "stations": stations(case),
    }  # fmt: skip


def _held(held: dict[str, Any] | None) -> str:
    if held is None:
        return ""
    zh = not (get_language() or "").startswith("en")
    return _("现在在%(unit)s手里") % {"unit": held["unit"]["zh" if zh else "en"]}


def told(case: Case, now: datetime | None = None) -> dict[str, Any]:
    """Everything for web/follow.html, some eight queries."""
    now = now or timezone.now()
    words, known = said(case)
    page = sheet.of(case, access.SPEAKER, now, known)
    procedure: Procedure | None = registry.get(case.procedure)
    events = page.lines if procedure else [line for line in page.lines if line.event.by == "resident"]
    happened = lines.of(case, events, procedure)
    notices = Message.objects.filter(county=case.county, case_id=case.id, to="speaker", channel="page")
    first = promise.first(case, page.clocks, procedure, now)
    now_step = promise.other(case, page.clocks, procedure, first, now)
    return {
        "case": case, "label": label(case), "holder": holder(case),
        "asker": unit_name(case.desk), "kind": kind_name(case), "place": place_name(case, known),
        "words": words, "phone_end": str(known.get("phone", ""))[-4:], "promise": first, "now_step": now_step,
        "log": [*promise.next_lines(case, first), *happened], "photos": lines.photos(case, events, 1),
        "voices": lines.voices(case, events, 1),
        "answer": lines.answer(case, events, procedure), "looks": lines.looks(page.lines), "waits": waits(case),
        "notices": list(notices.order_by("-made_at")[:NOTICES_MOST]), "steps": offered(case, page.steps, now),
        "asked": lines.asked(case, events), "promises": proofs.promised(case),
        "draw": draws.told([line.event for line in page.lines]), "next_words": next_words(case), "readonly": procedure is None,
    }  # fmt: skip
