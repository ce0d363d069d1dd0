"""The talk within a case, as its two sides read it: the household by its link, and of the desk whoever opened it this shift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils import timezone

from minan.kernel import access, forms, labels, registry, sheet, sounds, speakers, vault
from minan.kernel.access import Actor
from minan.kernel.act import Refused, act
from minan.kernel.models import Case, Event
from minan.kernel.pages import entering
from minan.kernel.procedure import Words
from minan.kernel.refusal import UNFIT
from minan.systems.emergencies import helping, modes, voices
from minan.systems.emergencies.mode import TERM

TALK = ("register", "say", "reply", "help_done")
PRESSED = ("open_it", "take_on", "listen", "call_off")  # nothing is asked
SAYING = ("say", "reply")
OFFERED = (*SAYING, "open_it", "take_on", "help_done", "call_off")
SILENT = Words("写几个字，或者录一段", "Write something, or record it")


@dataclass(frozen=True, slots=True)
class Said:
    n: int
    at: datetime
    mine: bool  # of who reads
    household: bool
    words: str
    voice: Any = None  # its row, without sound
    playing: bool = False


class Here(entering.Here):
    """One reader before one household's case."""

    @property
    def may_read(self) -> bool:
        return self.by_link or helping.reads(self.case.facts, self.actor.person, self.now)


def entered(request: HttpRequest, code: str) -> Here:
    """Who this is to the case. Http404 alike for what is missing, what is deleted and what is not theirs; SignIn where nobody is."""
    case, actor = entering.entered(request, code, (modes.HELP,), gone=("forgotten",))
    return _here(request, case, actor, timezone.now())


def _here(request: HttpRequest, case: Case, actor: Actor, now: datetime) -> Here:
    roles = access.roles_of(actor, case.as_view())
    steps = [step for step in sheet.steps_for(case, actor, roles) if step.name in OFFERED]
    here = Here(request, case, actor, now)
    shut = not here.may_read  # first it is opened, and that is an event
    here.steps = [step for step in steps if not shut or step.name == "open_it"] if not here.by_link else steps
    if not shut and not here.by_link:
        here.steps = [step for step in here.steps if step.name != "open_it"]
    return here


def choose(here: Here, name: str, data: Any = None) -> None:
    """The form of a step: what is asked for, or else of saying something."""
    wanted = name or next((step.name for step in here.steps if step.name in SAYING), "")
    here.chosen = next((step for step in here.steps if step.name == wanted and step.name not in PRESSED), None)
    if here.chosen is not None:
        here.form = forms.of_step(here.chosen, here.case, data=data)
        here.form.specs = tuple(spec for spec in here.form.specs if spec.name == "words")


def take(here: Here, name: str) -> bool:
    """Through the one door, a recording with it; False: `refused` says why and nothing typed is lost."""
    step = next((s for s in here.steps if s.name == name), None)
    if name == "listen" and here.may_read and not here.by_link:
        return _taken(here, "listen", {"n": here.request.POST.get("n", "")}, None)
    if step is None:
        raise Http404
    if name in PRESSED:
        return _taken(here, name, {}, None)
    choose(here, name, here.request.POST)
    if here.form is None:
        raise Http404
    facts = here.form.facts() or {}
    facts = {"words": facts.get("words", "")}
    try:
        note = voices.taken(here.request.FILES.get("voice")) if name in SAYING else None
    except sounds.Unfit as unfit:
        return _refuse(here, unfit.words)
    if name in SAYING and note is None and not str(facts["words"]).strip():
        return _refuse(here, SILENT)
    return _taken(here, name, facts, note)


def _refuse(here: Here, words: Words) -> bool:
    here.refused = Refused(UNFIT, 422, "facts", {"words": words})
    if here.form is not None:
        here.form.tell(here.refused)
    return False


def _taken(here: Here, name: str, facts: dict[str, Any], note: voices.Note | None) -> bool:
    key = here.form.key if here.form is not None else None
    try:
        with transaction.atomic():
            done = act(here.case, name, by=here.actor, facts=facts, key=key, at=max(here.now, here.case.changed_at))
            if not isinstance(done, Refused) and note is not None:
                note.keep(here.case, done)
    except Case.DoesNotExist:
        raise Http404 from None
    if not isinstance(done, Refused):
        return True
    here.refused = done
    if here.form is not None:
        here.form.tell(done)
    return False


# ---- what the page shows


def _event(case: Case, step: str) -> str:
    """The hash of the last event of this step: what justifies the look."""
    events = Event.objects.filter(county=case.county, case_id=case.id, step=step).order_by("-n")
    return events.values_list("hash", flat=True).first() or ""


def known(here: Here) -> dict[str, Any]:
    """What the vault gives this reader; {} where they have not opened it. Raises vault.Sealed."""
    if here.by_link:
        return speakers.known(here.case, who="speaker", why="own")
    if not here.may_read:
        return {}
    return speakers.known(here.case, who=f"user:{here.actor.person}", why="paper", event=_event(here.case, "open_it"))


def sound(here: Here, n: int) -> tuple[bytes, str] | None:
    """The sound of one note: the household's own at any time, the desk's after pressing for this very one."""
    if here.by_link:
        return voices.opened(here.case, n, who="speaker", why="own")
    if not helping.hears(here.case.facts, here.actor.person, n, here.now):
        return None
    return voices.opened(here.case, n, who=f"user:{here.actor.person}", why="paper", event=_event(here.case, "listen"))


def said(here: Here, facts: Mapping[str, Any]) -> list[Said]:
    """The talk, oldest first. Two queries."""
    if not here.may_read:
        return []
    notes = voices.of(here.case)
    out = []
    for event in Event.objects.filter(county=here.case.county, case_id=here.case.id, step__in=TALK).order_by("n"):
        prefix = event.step if event.n == 1 else f"{event.step}@{event.n}"
        words, note = str(facts.get(f"{prefix}.words") or ""), notes.get(event.n + 1)
        if not words and note is None:
            continue
        household = event.step in ("register", "say")
        plays = here.by_link or helping.hears(here.case.facts, here.actor.person, event.n + 1, here.now)
        out.append(Said(event.n, event.at, household == here.by_link, household, words, note, plays))
    return out


def context(here: Here) -> dict[str, Any]:
    """Everything for emergencies/room.html; at most twelve queries."""
    case, shut = here.case, False
    try:
        facts = known(here)
    except vault.Sealed:
        facts, shut = {}, True
    mode = next((m for m in modes.of(modes.KNOWN) if modes.covers(m, case.place) and _within(m, case)), None)
    returns = (mode.facts.get("returns") or []) if mode else []
    came = case.facts.get("came")
    looks = Event.objects.filter(county=case.county, case_id=case.id, step__in=("open_it", "listen")).order_by("n")
    return {
        "here": here,
        "case": case,
        "talk": said(here, facts),
        "shut": shut,
        "address": facts.get("address", ""),
        "phone": facts.get("phone", ""),
        "state": registry.label(case.procedure, case.version, "states", case.state),
        "need": labels.into(dict(helping.NEEDS).get(case.facts.get("need", ""))),
        "came": returns[came - 1] if isinstance(came, int) and 0 < came <= len(returns) else "",
        "people": case.facts.get("people"),
        "desk": labels.office_name(case.desk),
        "mode": mode,
        "until": _moment(mode, "until"),
        "gone": _gone(mode),
        "looks": list(looks) if here.by_link else [],
        "form": here.form,
        "chosen": here.chosen,
        "buttons": [
            (step.name, labels.into(step.label), step.near)
            for step in here.steps
            if step.name not in SAYING and step is not here.chosen
        ],
        "seconds": voices.SECONDS_MOST,
    }


def _within(mode: Case, case: Case) -> bool:
    return datetime.fromisoformat(mode.facts["since"]) <= case.opened_at < datetime.fromisoformat(mode.facts["until"])


def _moment(mode: Case | None, name: str) -> datetime | None:
    return datetime.fromisoformat(mode.facts[name]) if mode else None


def _gone(mode: Case | None) -> datetime | None:
    """When everything is deleted, as it stands."""
    until = _moment(mode, "until")
    return until + TERM if until else None
