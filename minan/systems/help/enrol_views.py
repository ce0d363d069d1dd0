"""Enrolling for help under /help/enrol/ and the page of an enrolment: changed, bound to a button, drilled, ended at any time."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import forms, labels, possible, sheet, speakers, vault
from minan.kernel.act import Refused, act
from minan.kernel.forms import StepForm
from minan.kernel.models import Case
from minan.kernel.pages import entering, filing
from minan.kernel.pages.entering import ours
from minan.kernel.pages.guard import face_of
from minan.kernel.procedure import Step, Words
from minan.systems.help import drills, enrolment, gather, pressing, wire

TOO_FAST = Words(
    "登记得太快了，过几分钟再来，写的都在", "Too many at once; try again in a few minutes, nothing typed is lost"
)
AGREE = Words("要打这个勾才能登记", "This must be ticked to enrol")
NOBODY = Words(
    "至少写一位家人的电话；没有家人就写一位邻居", "Give at least one family member's number, or a neighbour's"
)
SHOWN = ("change", "bind", "loose", "end")


class Enrolling(filing.Filing):
    """A person for themselves, or the point's worker for who sits before them."""

    @classmethod
    def of(cls, request: HttpRequest, find: str = "") -> Enrolling:
        mine = cls.by(request, enrolment.OPENING, find)
        for name in ("duty", "consent"):
            mine.form.fields.pop(name, None)
        mine.form.fields["agree"] = django_forms.BooleanField(required=True)
        mine.form.fields["address"].required = True
        return mine

    def take(self) -> bool:
        """False: the form says why."""
        post = self.request.POST
        if not post.get("agree"):
            return self._wrong("agree", AGREE)
        if not any(post.get(f"family{n}_phone", "").strip() for n in range(1, enrolment.FAMILY + 1)):
            return self._wrong("family1_phone", NOBODY)
        place = post.get("place", "")
        more = {"consent": enrolment.CONSENT} | ({"duty": gather.duty_of(place)} if place else {})
        opened = self.opened("help_enrolment", "help.enrol", TOO_FAST, "enrol", more)
        if opened is not None:
            self.case, self.secret = opened.case, opened.secret
            wire.fresh()
        return opened is not None

    def _wrong(self, name: str, words: Words) -> bool:
        self.form.tell(Refused(words, 422, "facts", {name: words}))
        self.status = 422
        return False


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol; the slip with the secret is shown this once, and a resident's own phone keeps it at once."""
    mine = Enrolling.of(request)
    base = face_of(request) if mine.staff else "shell/face_phone.html"
    if request.method == "POST" and mine.take():
        assert mine.case is not None
        url = request.build_absolute_uri(f"{reverse('help:keep')}#{mine.secret}")
        here = {
            "base": base,
            "mine": mine,
            "case": mine.case,
            "url": url,
            "secret": vault.shown(mine.secret),
            "scan": _("用要按的那部手机扫一扫"),
        }
        response = render(request, "help/enrolled.html", here)
        return response if mine.staff else pressing.kept(response, request, mine.secret)
    return render(
        request,
        "help/enrol.html",
        {"base": base, "mine": mine, "form": mine.form, "family": range(1, 4)},
        status=mine.status,
    )


@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Look for the village by a word of its name; what was typed stays."""
    mine = Enrolling.of(request, find=request.POST.get("find", "")[:40])
    base = face_of(request) if mine.staff else "shell/face_phone.html"
    return render(request, "help/enrol.html", {"base": base, "mine": mine, "form": mine.form, "family": range(1, 4)})


# ---- the page of an enrolment


def _here(request: HttpRequest, code: str, name: str = "", data: Any = None) -> dict[str, Any]:
    case, actor = entering.entered(request, code, ("help_enrolment",))
    now = timezone.now()
    found = sheet.of(case, actor, now)
    steps = [s for s in possible.steps(found, actor, now) if s.name in SHOWN]
    chosen: Step | None = next((s for s in steps if s.name == name), None)
    form: StepForm | None = forms.of_step(chosen, case, data=data) if chosen is not None else None
    known, shut = _known(case) if actor.kind == "speaker" else ({}, False)
    if form is not None and chosen is not None and chosen.name == "change" and data is None:
        for field, value in known.items():
            if field in form.fields:
                form.fields[field].initial = value
    lines = [
        {"label": line.label, "at": line.event.at, "by": {"zh": line.by, "en": line.by_en}} for line in found.lines
    ][::-1]
    return {
        "case": case, "actor": actor, "now": now, "steps": [s for s in steps if s is not chosen], "chosen": chosen, "form": form,
        "lines": lines,
        "known": known, "numbers": _numbers(known), "shut": shut,
        "own": actor.kind == "speaker", "devices": case.facts.get("devices") or [],
        "drill": case.facts.get("drill"), "drill_at": drills.last(case),
        "base": "shell/face_phone.html" if actor.kind == "speaker" else face_of(request), "desk": labels.office_name(case.desk),
    }  # fmt: skip


def _known(case: Case) -> tuple[dict[str, str], bool]:
    try:
        found = speakers.known(case, who="speaker", why="own")
    except vault.Sealed:
        return {}, True
    return {name: str(found[name]) for name in enrolment.SEALED if found.get(name)}, False


def _numbers(known: dict[str, str]) -> list[tuple[str, str]]:
    """(telephone, name) of each of the family that is known to who enrolled."""
    each = range(1, enrolment.FAMILY + 1)
    return [(known[f"family{n}_phone"], known.get(f"family{n}_name", "")) for n in each if f"family{n}_phone" in known]


@require_safe
@never_cache
@ours
def person(request: HttpRequest, code: str) -> HttpResponse:
    """One enrolment: all of it for who enrolled; for the desk that it is there, its buttons and its drills."""
    return render(request, "help/person.html", _here(request, code, request.GET.get("step", "")[:40]))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@ours
def take(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One step; refused, the page comes again with the reason and every word."""
    if request.method != "POST":
        case, _actor = entering.entered(request, code, ("help_enrolment",))
        return redirect(f"{reverse('help:person', args=[case.code])}?step={step}")
    here = _here(request, code, step, request.POST)
    if here["chosen"] is None:
        raise Http404
    form: StepForm = here["form"]
    done = act(here["case"], step, by=here["actor"], facts=form.facts() or {}, key=form.key, at=here["now"])
    if isinstance(done, Refused):
        form.tell(done)
        return render(request, "help/person.html", here, status=done.status)
    wire.fresh()
    messages.success(request, _("记下了：%(step)s。半分钟内起作用") % {"step": labels.into(here["chosen"].label)})
    return redirect("help:person", here["case"].code)


@require_POST
@ours
def drill(request: HttpRequest, code: str) -> HttpResponse:
    """Try this enrolment's whole chain without disturbing anybody."""
    case, _actor = entering.entered(request, code, ("help_enrolment",))
    if drills.press(case.code):
        messages.success(request, _("演练开始了，不打扰任何人。十几秒后这里看结果"))
    else:
        messages.error(request, _("叫人的程序没有应答，过一会儿再试"))
    return redirect("help:person", case.code)
