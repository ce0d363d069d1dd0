"""The forms of this system: what a desk writes, what a resident posts; through the one door, with nothing typed lost."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from minan.kernel import access, callers, choices, directory, forms, oneform
from minan.kernel.access import CLOCK, SPEAKER, Actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.forms import StepForm
from minan.kernel.models import Case
from minan.kernel.procedure import Step, Words
from minan.lib import throttle
from minan.systems.bulletins import showing
from minan.systems.bulletins import words as w

POSTS = (3600.0, 5)  # of one device or account: seconds, how many in them
BOOKINGS = (3600.0, 60)  # of one address, behind which a whole building may be
TOO_FAST = Words("登得太快了，一小时最多五条。写的都在", "Too many: five an hour. Nothing typed is lost")
NO_PHONE = Words("没有登录的，留手机号核对；不想留就到说事点登记", "Without an account leave a mobile number to be checked, or come to the desk")


def form_of(request: HttpRequest, step: Step, unit: str, *, find: str = "", values: dict[str, Any] | None = None) -> StepForm:
    """The form of an opening; `find` a word of a place's name. What was chosen before stays among the choices."""
    post = request.method == "POST"
    data: Any = request.POST.copy() if post else None
    found = choices.looked_for(find)
    if data is not None and find and len(found) == 1:
        data["place"] = found[0]
    if data is not None and not find and data.get("place"):
        find = str(data["place"])[:15]
    form = forms.of_opening(step, None, unit, find=find, data=data, files=request.FILES if post else None)
    form.initial.update(values or {})
    office = directory.office(unit) if unit else None
    if office is not None and not find and any(office.place == code for code, _l in _options(form)):
        form.initial["place"] = office.place  # a desk mostly speaks for its own place
    for name in {"since", "until", "day"} & set(form.fields):
        form.fields[name].widget.attrs |= {"min": timezone.localdate().isoformat()}
    return form


def _options(form: StepForm) -> list[tuple[str, str]]:
    """Every place the form offers, without the groups."""
    field: Any = form.fields["place"]
    return [row for _title, rows in field.choices if isinstance(rows, list | tuple) for row in rows]


def staff_unit(request: HttpRequest) -> tuple[Actor, str]:
    """Who writes, and for which desk; "" for who may take nothing in."""
    who = access.actor(request.user)  # type: ignore[arg-type]
    post = access.intake_post(who)
    return who, post.unit if post else ""


def written(request: HttpRequest, form: StepForm, procedure: str, more: dict[str, Any]) -> Case | None:
    """A bulletin or an event by its desk, public at once where its sort is; None: the form says why."""
    who, _unit = staff_unit(request)
    facts = form.facts()
    if facts is None:
        return None
    key = oneform.event_key(int(who.person or 0), form.key)
    done = open_case(procedure, by=who, facts=facts | more, key=key, channel="station", at=timezone.now())
    if isinstance(done, Refused):
        form.tell(done)
        return None
    showing.refresh(done.case)
    return done.case


# ---- lost and found


def subject(request: HttpRequest) -> str:
    """Whom the pace of posting counts: the account, else the device's address."""
    return f"user:{request.user.pk}" if request.user.is_authenticated else callers.subject(request)


def posted(request: HttpRequest, form: StepForm) -> Opened | None:
    """A resident's post, on the board at once where they are known; else a code goes to their phone. None: the form says why."""
    facts = form.facts()
    if facts is None:
        return None
    user: Any = request.user
    staff = access.is_staff(user)
    refused: Refused | None = None
    if not user.is_authenticated and not facts.get("phone"):
        refused = Refused(NO_PHONE, 422, "facts", {"phone": NO_PHONE})
    elif not throttle.allow("bulletins.post", subject(request), *POSTS):
        refused = Refused(TOO_FAST, 429)
    done = refused if refused is not None else _open(request, facts, form.key, staff)
    if isinstance(done, Refused):
        form.tell(done)
        return None
    _prove(request, done.case)
    return done


def _open(request: HttpRequest, facts: dict[str, Any], key: str, staff: bool) -> Opened | Refused:
    user: Any = request.user
    account = str(user.pk) if user.is_authenticated and not staff else ""
    return open_case(
        "lost", by=SPEAKER, facts=facts, key=f"lost:{user.pk or 'own'}:{key}", channel="walkin" if staff else "web",
        lang=get_language() or "zh-hans", at=timezone.now(), account=account, by_hand=staff,
    )  # fmt: skip


def _prove(request: HttpRequest, case: Case) -> None:
    """On the board: at once for an account or a desk, else after six digits."""
    if case.state != "unproven":
        return
    user: Any = request.user
    if not user.is_authenticated:
        act(case, "ask_code", by=SPEAKER, key=f"code:{case.id.hex}")
        return
    who = access.actor(user) if access.is_staff(user) else CLOCK
    if isinstance(act(case, "known", by=who, key=f"known:{case.id.hex}"), Refused):
        act(case, "known", by=CLOCK, key=f"known:{case.id.hex}")
    showing.refresh(case)


def template_of(topic: str) -> dict[str, Any]:
    """What an emergency of this topic begins with."""
    title, text, hours = w.TEMPLATES.get(topic, ("", "", 6))
    return {"sort": w.EMERGENCY, "topic": topic if topic in w.TEMPLATES else "", "title": title, "text": text, "hours": hours}


def in_a_week() -> str:
    return date.fromordinal(timezone.localdate().toordinal() + 7).isoformat()
