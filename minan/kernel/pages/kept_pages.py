"""Two pages about keeping: the public map of what is kept why and how long, and legal holds by a numbered document."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from minan.kernel import access, backup, datamap, house, labels, registry, retention, rights, speakers
from minan.kernel.access import Actor
from minan.kernel.act import Refused, act
from minan.kernel.models import Case, Clock
from minan.kernel.pages.guard import person, staff

HOLDERS = ("security", "discipline")
SHOWN = 200


def _days() -> list[dict[str, str]]:
    """How many days each sort is kept after a case ended, from the code that erases it."""
    out = [
        {"label": datamap.CLASS_WORDS[level].into(_lang()), "words": labels.kept_for(days)}
        for level, days in retention.CLASS_DAYS.items()
    ]
    spoken = [p for p in registry.procedures().values() if p.name != house.REGISTER]
    keeps = sorted({s.keep_days for p in spoken for s in p.states if s.keep_days})
    out += [{"label": _("说的话、照片、答复"), "words": labels.kept_for(days)} for days in keeps]
    more = ((_("通知"), retention.MESSAGE_DAYS), (_("备份"), backup.KEEP_DAYS))
    return [*out, *({"label": label, "words": ngettext("%(n)d 天", "%(n)d 天", days) % {"n": days}} for label, days in more)]


def _by_table() -> list[dict[str, Any]]:
    """One row a table, its classes with their columns inside; what is not used is left out."""
    out: dict[str, dict[str, Any]] = {}
    for row in datamap.table(_lang()):
        out.setdefault(row["table"], row | {"classes": []})["classes"].append(row)
    return list(out.values())


def _lang() -> str:
    return "en" if labels.english() else "zh"


@require_safe
def kept(request: HttpRequest) -> HttpResponse:
    """The map, for everybody. No query."""
    rows = _by_table()
    titles = {"speaker": _("说事人的"), "staff": _("工作人员和账号的"), "none": _("事情、规则和凭据")}
    groups = [{"whose": w, "title": t, "rows": [r for r in rows if r["personal"] == w]} for w, t in titles.items()]
    return render(request, "kernel/rights.html", {"groups": groups, "days": _days(), "backup_days": backup.KEEP_DAYS})


class Holding(forms.Form):
    """A case by its code, and the document that orders it kept."""

    code = forms.CharField(label=gettext_lazy("编号"), max_length=24, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    document = forms.CharField(label=gettext_lazy("文书编号"), max_length=80)
    article = forms.CharField(label=gettext_lazy("依据哪一条"), max_length=200, required=False)
    until = forms.DateField(
        label=gettext_lazy("到哪天，最长一年"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("提前解除时不用填"),
    )  # fmt: skip

    def take(self, step: str, by: Actor) -> bool:
        """Through the one door. False: the form says why."""
        case, data = speakers.find(self.cleaned_data["code"]), self.cleaned_data
        procedure = registry.get(case.procedure) if case is not None else None
        if case is None or procedure is None or procedure.step(step) is None:
            self.add_error("code", _("没有这个编号"))
            return False
        facts: dict[str, Any] = {name: data[name] for name in ("document", "article", "until") if data.get(name)}
        done = act(case, step, by=by, facts=facts)
        if isinstance(done, Refused):
            for name, words in (dict(done.errors) or {"": done.reason}).items():
                self.add_error(name if name in self.fields else None, labels.into(words))
            return False
        return True


def _held() -> list[dict[str, Any]]:
    """Every case that is held just now, by the clock that ends it; two queries."""
    ids = Clock.objects.filter(name=rights.HOLD.name, done_at=None).values_list("case_id", flat=True)[:SHOWN]
    cases = Case.objects.filter(id__in=list(ids)).order_by("code")
    return [{"code": case.code, "until": rights.held_until(case.marks)} for case in cases]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff
def holds(request: HttpRequest) -> HttpResponse:
    """Hold a case by law, or lift the hold; nothing of the case is shown."""
    if not access.has_role(request.user, *HOLDERS):
        raise Http404
    form = Holding(request.POST or None, label_suffix="")
    step = {"hold": rights.HOLD_STEP, "lift": rights.LIFT}.get(request.POST.get("do", ""), "")
    if request.method == "POST" and step and form.is_valid() and form.take(step, _by(request)):
        messages.success(request, _("记下了，说事人看得到。"))
        return redirect("kernel:holds")
    return render(request, "kernel/holds.html", {"form": form, "rows": _held()}, status=422 if form.errors else 200)


def _by(request: HttpRequest) -> Actor:
    """The person by the post that may hold a case."""
    me = access.actor(person(request))
    return Actor("house", me.user_id, tuple(p for p in me.posts if p.role in HOLDERS))
