"""A shop's own desk, by its link: its orders, what it says of itself, its objection; and the same page for the desk that checks it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone

from minan.kernel import access, forms, labels, registry, sheet
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Refused, act
from minan.kernel.models import Case
from minan.kernel.pages import entering
from minan.kernel.pages.filing import Filing
from minan.kernel.procedure import Words
from minan.systems.services import links, listing, room, shop

MERCHANT = ("edit", "object", "take_down")
DESK = ("check_licence", "refuse_shop", "suspend", "resume", "edit", "take_down", "uphold", "overturn")
READING = ("show_words", "hide_words")
HANDING = "hand_link"  # by its own address alone: it shows what was made
TOO_FAST = Words(
    "申请得太快了，过几分钟再来，写的都在", "Too many at once; try again in a few minutes, nothing typed is lost"
)


class Here(entering.Here):
    """One reader before one shop."""

    @property
    def reads_words(self) -> bool:
        return not self.by_link and any(step.name == "show_words" for step in self.steps)


def entered(request: HttpRequest, code: str) -> Here:
    """Http404 alike for what is missing and what is not theirs; SignIn where nobody is."""
    case, actor = entering.entered(request, code, (listing.NAME,))
    return _here(request, case, actor, MERCHANT if actor is SPEAKER else (*DESK, *READING, HANDING))


def _here(request: HttpRequest, case: Case, actor: Actor, names: tuple[str, ...]) -> Here:
    roles = access.roles_of(actor, case.as_view())
    steps = [step for step in sheet.steps_for(case, actor, roles) if step.name in names]
    if not case.marks.get("objection"):
        steps = [step for step in steps if step.name not in ("uphold", "overturn")]
    if case.facts.get("objected"):
        steps = [step for step in steps if step.name != "object"]
    return Here(request, case, actor, timezone.now(), steps)


def choose(here: Here, name: str, data: Any = None) -> None:
    here.chosen = next((step for step in here.steps if step.name == name and name not in (*READING, HANDING)), None)
    if here.chosen is not None:
        given = {n: v for n, v in here.case.facts.items() if isinstance(v, str)} | {
            "offers": "\n".join(here.case.facts["offers"])
        }
        given |= {n: "true" if here.case.facts.get(n) else "false" for n in (*shop.WAYS, "open")}
        here.form = forms.of_step(here.chosen, here.case, given=given if name == "edit" else None, data=data)


def take(here: Here, name: str) -> bool:
    if name == HANDING or not any(step.name == name for step in here.steps):
        raise Http404
    choose(here, name, here.request.POST)
    facts = (here.form.facts() or {}) if here.form is not None else {"k": here.request.POST.get("k", "")}
    key = here.form.key if here.form is not None else None
    try:
        done = act(here.case, name, by=here.actor, facts=facts, key=key, at=max(here.now, here.case.changed_at))
    except Case.DoesNotExist:
        raise Http404 from None
    if not isinstance(done, Refused):
        return True
    here.refused = done
    if here.form is not None:
        here.form.tell(done)
    return False


def hands(here: Here) -> bool:
    """Whether this reader may hand the shop a new link."""
    return not here.by_link and any(step.name == HANDING for step in here.steps) and links.ours(here.case)


def context(here: Here) -> dict[str, Any]:
    case = here.case
    said = case.facts.get("said") or []
    return {
        "here": here,
        "case": case,
        "shop": listing.row(case, here.now),
        "state": registry.label(case.procedure, case.version, "states", case.state),
        "why": case.facts.get("why", "") if case.state == "suspended" else "",
        "objected": case.facts.get("objected", ""),
        "jobs": room.jobs(case) if here.by_link else [],
        "waiting": [one for one in said if not one["shown"]] if here.reads_words else [],
        "buttons": [
            (s.name, labels.into(s.label), s.near, bool(s.fields))
            for s in here.steps
            if s.name not in (*READING, HANDING) and s is not here.chosen
        ],
        "form": here.form,
        "chosen": here.chosen,
        "desk": labels.office_name(case.desk),
        "link": hands(here),
        "handed": case.facts.get("links", 0),
        "shown": listing.checked(case, here.now),
    }


class Applying(Filing):
    """A shop asks to be listed, by itself or by the desk for it."""

    @classmethod
    def of(cls, request: HttpRequest, find: str = "") -> Applying:
        return cls.by(request, shop.OPENING, find)

    def take(self) -> bool:
        opened = self.opened(listing.NAME, "services.apply", TOO_FAST, "shop")
        if opened is not None:
            self.case, self.secret = opened.case, opened.secret
        return opened is not None
