"""The page of one call for who may open it: the desk, who was called, the person who pressed. What it shows, and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone

from minan.kernel import directory, forms, labels, possible, registry, sheet, speakers, vault
from minan.kernel.access import Actor
from minan.kernel.act import Refused, act
from minan.kernel.forms import StepForm
from minan.kernel.models import Case, Event, User
from minan.kernel.pages import entering
from minan.kernel.procedure import Step
from minan.systems.help import passing, told, wire
from minan.systems.help.procedure import CHANNELS, DONE, HOW, KIN, OPEN, RANG_BACK, WHY_120

HIDDEN = frozenset(
    {"defer", "hold", "lift", "card", "door_pass", "correct", "ask_erase", "consent", "tell_me", "ask_look"}
)
MAIN = {"ringing": "answer", "answered": "on_the_way", "coming": "there", "there": "close"}
CARD = ("name", "address", "door", "phone", "told")
CARD_LABELS = {"name": "称呼", "address": "住址", "door": "怎么进门", "phone": "电话", "told": "病和药"}
OPEN_MOST = 400
SHOWN = ("text", "long", "choice", "unit", "units", "staff")


@dataclass(slots=True)
class Here:
    """One reader before one call."""

    request: HttpRequest
    case: Case
    actor: Actor
    now: datetime
    steps: list[Step] = field(default_factory=list)
    chosen: Step | None = None
    form: StepForm | None = None
    refused: Refused | None = None
    card: dict[str, str] | None = None
    shut: bool = False
    lines: list[sheet.Line] = field(default_factory=list)
    pass_text: str = ""

    @property
    def by_link(self) -> bool:
        return self.actor.kind == "speaker"


def of(request: HttpRequest, code: str) -> Here:
    case, actor = entering.entered(request, code, ("help",))
    return Here(request, case, actor, timezone.now())


def choose(here: Here, name: str = "", data: Any = None) -> None:
    """What this reader may do now, and the form of the step asked for, with what was typed."""
    found = sheet.of(here.case, here.actor, here.now)
    here.lines = found.lines
    here.steps = [s for s in possible.steps(found, here.actor, here.now) if s.name not in HIDDEN and _has_partner(s)]
    here.chosen = next((s for s in here.steps if s.name == name), None)
    if here.chosen is not None:
        here.form = forms.of_step(here.chosen, here.case, data=data)
        if "unit" in here.form.fields:
            here.form.fields["unit"].help_text = ""  # a call is of no kind: what the duty list says of kinds is none of it


def _has_partner(step: Step) -> bool:
    """A city without improvements shows no button for one."""
    return step.name != "improve" or registry.get("improvement") is not None


def take(here: Here, name: str) -> bool:
    """Through the one door, and on to the lane. False: `here.refused` and `here.form` say why, with everything typed."""
    choose(here, name, here.request.POST)
    if here.chosen is None or here.form is None:
        raise Http404
    done = act(here.case, name, by=here.actor, facts=here.form.facts() or {}, key=here.form.key, at=here.now)
    if isinstance(done, Refused):
        here.refused = done
        here.form.tell(done)
        return False
    hand_on(here.case, name)
    return True


def hand_on(case: Case, step: str) -> None:
    """Tell the lane at once, so that it stops ringing; where it is away it finds it in the records."""
    if not case.open:
        passing.revoke(case)
    try:
        wire.ask(
            {"op": "step", "press": case.facts.get("press", ""), "s": step, "unit": case.unit, "end": not case.open},
            0.5,
        )
    except wire.Away:
        return


def open_card(here: Here) -> None:
    """The card to read out, only while the call is open; each look is an event that the person reads, and on the keeper's log."""
    done = act(here.case, "card", by=here.actor, at=here.now)
    if isinstance(done, Refused):
        here.refused = done
        return
    assert isinstance(done, Event)
    parent = Case.objects.filter(county=here.case.county, id=here.case.parent).first() if here.case.parent else None
    try:
        known = (
            speakers.known(parent, who=f"user:{here.actor.person}", why="help_card", event=done.hash) if parent else {}
        )
        here.card = {name: str(known[name]) for name in CARD if known.get(name)}
    except vault.Sealed:
        here.shut = True


def live(case: Case) -> dict[str, Any]:
    """What the lane knows just now; {} where it is away."""
    try:
        answer = wire.ask({"op": "calls_of", "press": case.facts.get("press", "")}, 0.5)
    except wire.Away:
        return {}
    return told.shown(answer["call"]) if answer.get("call") else {}


# ---- what the template shows


def context(here: Here) -> dict[str, Any]:
    """Everything for help/call.html; at most twelve queries."""
    case = here.case
    end = case.closed_at or here.now
    people = _people(here)
    main, chosen = MAIN.get(case.state, ""), here.chosen.name if here.chosen else ""
    buttons = [
        {"name": s.name, "label": labels.into(s.label), "main": s.name == main, "direct": not s.fields, "near": s.near or s.name == main}
        for s in here.steps
    ]
    return {
        "here": here, "case": case, "state": registry.label("help", case.version, "states", case.state), "open": case.open,
        "since": told.seconds((end - case.opened_at).total_seconds()), "place": directory.place_name(case.place, full=True),
        "how": labels.into(dict(HOW).get(str(case.facts.get("how")))), "desk": labels.office_name(case.unit or case.desk),
        "buttons": sorted((b for b in buttons if b["name"] != chosen), key=lambda b: (not b["main"], not b["near"])),
        "chosen": here.chosen, "form": here.form, "live": live(case) if case.open else {}, "lines": timeline(here, people),
        "responders": [(people.get(r["who"], ""), labels.office_name(r["unit"]), r) for r in _responders(case)],
        "needs_120": bool(case.marks.get("needs_120")) and case.open, "rang_120": case.marks.get("rang_120"),
        "rang_back": labels.into(dict(RANG_BACK).get(str(case.marks.get("rang_back")))),
        "why_120": labels.into(dict(WHY_120).get(str(case.facts.get("why_120")))), "said_false": case.marks.get("said_false"),
        "unanswered": bool(case.marks.get("unanswered")) and case.state == "ringing",
        "may_card": case.open and not here.by_link and not case.marks.get("drill"), "drill": bool(case.marks.get("drill")),
        "may_pass": case.open and not here.by_link and not case.marks.get("drill"),
        "card": _card(here), "card_phone": (here.card or {}).get("phone", ""), "pass_text": here.pass_text,
    }  # fmt: skip


def _card(here: Here) -> list[tuple[str, str]]:
    from django.utils.translation import gettext as _  # the labels are looked up in the reader's language

    return [(_(CARD_LABELS[name]), here.card[name]) for name in CARD if name in here.card] if here.card else []


def _responders(case: Case) -> list[dict[str, Any]]:
    return list(case.facts.get("responders") or [])


def _people(here: Here) -> dict[str, str]:
    """Who of the staff is named on this page: who goes, and whose link was used."""
    linked = [str(value) for line in here.lines for _label, kind, value in line.facts if kind == "staff"]
    wanted = {one for one in (*linked, *(r["who"] for r in _responders(here.case))) if one}
    return {str(u.pk): labels.name_of(u) for u in User.objects.filter(pk__in=wanted)}


def timeline(here: Here, people: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every event with its second after the press, newest first; who pressed reads what is public."""
    out = []
    for line in here.lines:
        if here.by_link and not line.public:
            continue
        after = told.seconds((line.event.at - here.case.opened_at).total_seconds())
        facts = [] if line.event.step == "door_pass" else line.facts  # the pass's number is for the doors' list alone
        said = [
            people.get(str(value), "") if kind == "staff" else _value(line.event.step, value, kind)
            for _label, kind, value in facts
            if kind in SHOWN
        ]
        words = " · ".join(word for word in said if word)
        by = line.by if not here.by_link or line.event.by != "resident" else ""
        out.append(
            {
                "label": line.label,
                "after": after,
                "words": words,
                "by": {"zh": by, "en": line.by_en},
                "at": line.event.at,
            }
        )
    return out[::-1]


SAID: dict[str, Any] = {
    "press": dict(HOW),
    "ring_120": dict(WHY_120),
    "ring_back": dict(RANG_BACK),
    "close": dict(DONE),
}
LISTED = dict((*CHANNELS, *KIN))


def _value(step: str, value: Any, kind: str) -> str:
    """One answer in the reader's words."""
    if kind == "choice":
        words = SAID.get(step, LISTED).get(value)
        return labels.into(words) if words else str(value)
    if kind == "units":
        return " ".join(labels.office_name(str(unit)) for unit in value)
    return labels.office_name(str(value)) if kind == "unit" else str(value)


def by_press(press: str) -> Case | None:
    """The case a press became: the lane knows its code; while it is away, among the open ones. None while the records have it not."""
    try:
        call = wire.ask({"op": "calls_of", "press": press}, 0.5).get("call")
    except wire.Away:
        call = None
    if call and call["code"]:
        return Case.objects.filter(code=call["code"]).first()
    open_ones = Case.objects.filter(procedure="help", closed_at=None).order_by("-id")[:OPEN_MOST]
    return next((case for case in open_ones if case.facts.get("press") == press), None)


def is_over(case: Case) -> bool:
    return case.state not in OPEN
