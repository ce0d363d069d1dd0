"""The house's own pages: what waits for a second person, the people of one's unit, and the register that auditors read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import access, config, directory, house, house_limits, labels, planned, registry, viewer
from minan.kernel.models import Body, Event, Post, Proposal, User
from minan.kernel.opening import home_place
from minan.kernel.pages import exports, foresight, rulebook_pages
from minan.kernel.pages.admin_names import NAMES
from minan.kernel.pages.admin_tables import TABLES
from minan.kernel.pages.guard import person, staff

SHOWN = 50


def _only(request: HttpRequest, *roles: str) -> User:
    """The signed-in person where they hold one of these roles today; to everybody else the page is not there."""
    if not access.has_role(request.user, *roles):
        raise Http404
    return person(request)


# ---- what waits for a second person


def _told(found: Proposal) -> dict[str, Any]:
    """A proposal as people read it."""
    table = TABLES.get(found.table)
    columns = {c.name: c.label for c in table.cols} if table else {}
    told = found.values if found.what != "rulebook" else {}
    facts = [(columns.get(name, name), value) for name, value in told.items() if value not in ("", None)]
    words = {"change": _("改一行"), "password": _("发新密码"), "export": _("导出名单"), "rulebook": _("规则文件")}
    what = words.get(found.what, found.what)
    return {"one": found, "title": f"{what}·{table.title}" if table else what, "facts": facts, "row": found.row}


@require_safe
@staff
def waiting(request: HttpRequest) -> HttpResponse:
    """What was put forward and what became of it; who confirms nothing finds their own, with what they may fetch. Three queries."""
    me = person(request)
    rows = Proposal.objects.select_related("by", "second").order_by("-at")
    if not access.has_role(me, *house.CONFIRMING):
        rows = rows.filter(by=me)
    now = datetime.now(UTC)
    live = [_told(one) | {"mine": one.by_id == me.pk} for one in rows.filter(state="waits", until__gte=now)[:SHOWN]]
    past = [_told(one) | {"fetch": exports.to_fetch(one, me, now)} for one in rows.exclude(state="waits")[:10]]
    return render(request, "kernel/house_waiting.html", {"live": live, "past": past})


def _typed(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    """Values as the model's fields have them: dates were kept as text."""
    columns = {f.attname: f for f in model._meta.concrete_fields}
    return {name: columns[name].to_python(value) if value is not None else None for name, value in values.items()}


def _ahead(found: Proposal, me: User) -> dict[str, Any]:
    """What a change of rest days or office hours, or a rulebook, would do by now; {} where it does nothing. Raises config.Wrong."""
    if found.what == "rulebook":
        told = rulebook_pages.foreseen(found.values["file"].encode(), me.username)
        return {} if told["nothing"] else told
    table = TABLES.get(found.table)
    if found.what != "change" or table is None or table.model not in planned.DATED:
        return {}
    seen = config.moves(table.model, found.row or None, _typed(table.model, found.values))
    return {"ahead": foresight.moves(seen), "base": seen.mark} if seen.moves else {}


def _done(found: Proposal, second: User, base: str | None) -> str:
    """Do what was put forward; returns a new password where that was it. Raises config.Wrong."""
    if found.what == "export":
        return ""  # who asked fetches it (exports.py)
    if found.what == "password":
        return config.password(found.row, found.by.username, found.why, second=second.username)
    if found.what == "rulebook":
        rulebook_pages.brought(found, second.username, base)
        return ""
    table = TABLES[found.table]
    values = _typed(table.model, found.values)
    config.change(table.model, found.row or None, values, found.by.username, found.why, second=second.username, base=base)
    return ""


@require_POST
@never_cache
@staff
def decide(request: HttpRequest, pk: Any) -> HttpResponse:
    """Confirm or decline. A new password is shown to who confirmed it, on this page and once."""
    me = _only(request, *house.CONFIRMING)
    text = ""
    try:
        with transaction.atomic():
            found = house.take(pk, me)
            if request.POST.get("do") == "confirm":
                if (ahead := {} if "base" in request.POST else _ahead(found, me)):
                    return render(request, "kernel/house_ahead.html", {"row": _told(found), **ahead})
                text = _done(found, me, request.POST.get("base"))
            house.settle(found, me, "done" if request.POST.get("do") == "confirm" else "refused")
    except house.Declined as no:
        messages.error(request, labels.into(no.words))
        return redirect("kernel:house_waiting")
    except config.Wrong as wrong:
        for words in wrong.errors.values():
            messages.error(request, labels.into(words))
        return redirect("kernel:house_waiting")
    if text:
        someone = User.objects.get(pk=found.row)
        return render(request, "kernel/house_password.html", {"someone": someone, "text": text})
    messages.success(request, _("生效了。") if found.state == "done" else _("驳回了。"))
    return redirect("kernel:house_waiting")


# ---- the people of one's unit


class Giving(forms.Form):
    """An ordinary role for somebody who has an account; a stand-in for the head for at most a fortnight."""

    username = forms.CharField(label=gettext_lazy("登录名"), max_length=40)
    unit = forms.ChoiceField(label=gettext_lazy("单位"))
    role = forms.ChoiceField(label=gettext_lazy("做什么"))
    title = forms.CharField(label=gettext_lazy("职务"), max_length=40, required=False)
    until = forms.DateField(
        label=gettext_lazy("到哪天"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    why = forms.CharField(label=gettext_lazy("为什么"), max_length=120)

    def __init__(self, units: list[str], *args: Any) -> None:
        super().__init__(*args)
        self.fields["until"].help_text = _("代班必填，最多 %(n)d 天；其他岗位空着就是一直") % {"n": house.STAND_IN_DAYS}
        roles = [(r, NAMES[r]) for r in house.ORDINARY]
        roles += [(r, _("代班：%(role)s") % {"role": NAMES[r]}) for r in house.STAND_IN]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["unit"].choices = [(u, labels.office_name(u) or u) for u in units]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        last = timezone.localdate() + timedelta(days=house.STAND_IN_DAYS)
        if data.get("role") in house.STAND_IN and not (data.get("until") and data["until"] <= last):
            self.add_error("until", _("代班要写到哪天，最多 %(n)d 天") % {"n": house.STAND_IN_DAYS})
        return data

    def give(self, by: str) -> bool:
        """Give it; False: refused, the form says why."""
        data = self.cleaned_data
        someone = User.objects.filter(username=data["username"].strip(), is_active=True).first()
        if someone is None:
            self.add_error("username", _("没有这个登录名。新账号请安全管理员开"))
            return False
        if house.works_elsewhere(someone, [u for u, _name in self.fields["unit"].choices]):  # type: ignore[attr-defined]
            self.add_error("username", _("这个人在别的单位有岗位，请安全管理员来给"))
            return False
        values = {
            "user_id": someone.pk, "unit_id": data["unit"], "role": data["role"], "title": data["title"], "seat": "",
            "since": timezone.localdate(), "until": data["until"],
        }  # fmt: skip
        try:
            config.change(Post, None, values, by, data["why"])
        except config.Wrong as wrong:
            for name, words in wrong.errors.items():
                self.add_error({"user_id": "username", "unit_id": "unit"}.get(name, name) or None, labels.into(words))
            return False
        return True


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def people(request: HttpRequest) -> HttpResponse:
    """Who does what in the units one heads; ordinary roles are given and ended here, by the head alone, each written down."""
    me = _only(request, *house.HEADS)
    units = house.units_headed(me)
    form = Giving(units, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.give(me.username):
        messages.success(request, _("给了。登记簿上有这一笔，上一级每周看得到。"))
        return redirect("kernel:house_people")
    posts = Post.objects.filter(unit_id__in=units).select_related("user", "unit").order_by("unit_id", "user__username")
    today = timezone.localdate()
    held = [post for post in posts if post.until is None or post.until >= today]
    rows = [{"post": post, "role": NAMES.get(post.role, post.role), "may_end": _may_end(post, me)} for post in held]
    below = weekly(units)
    return render(
        request,
        "kernel/house_people.html",
        {"rows": rows, "form": form, "below": below},
        status=422 if form.errors else 200,
    )


def _may_end(post: Post, me: User) -> bool:
    return (post.role in house.ORDINARY or house.stands_in(post)) and post.user_id != me.pk


@require_POST
@staff
def end_post(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role in a unit one heads."""
    me = _only(request, *house.HEADS)
    post = Post.objects.filter(pk=pk, unit_id__in=house.units_headed(me)).first()
    if post is None or not _may_end(post, me):
        raise Http404
    try:
        config.end(Post, post.pk, me.username, request.POST.get("why", ""))
    except config.Wrong as wrong:
        for words in wrong.errors.values():
            messages.error(request, labels.into(words))
        return redirect("kernel:house_people")
    messages.success(request, _("收回了，马上生效。"))
    return redirect("kernel:house_people")


def _acts(steps: tuple[str, ...], since: datetime | None = None, before: str = "") -> list[dict[str, Any]]:
    """Events of the register with what they say, newest first; three queries. Raises ValueError for a mark that is none."""
    declared, books = registry.get(house.REGISTER), house.books()
    if declared is None or not books:
        return []
    county = home_place()[:6]
    events = Event.objects.filter(county=county, case_id__in=books, step__in=steps).order_by("-id")
    if since is not None:
        events = events.filter(at__gte=since)
    if before:
        events = events.filter(id__lt=UUID(before))
    held = list(events[: SHOWN + 1])
    found = Body.objects.filter(county=county, case_id__in=books, n__in={e.n for e in held})
    bodies = {(b.case_id, b.n): json.loads(b.text) for b in found}
    out = []
    for event in held:
        facts = bodies.get((event.case_id, event.n), {}).get("facts", {})
        label = labels.into(registry.label(house.REGISTER, declared.version, "steps", event.step))
        unit = event.by.split(":", 1)[0] if ":" in event.by else ""
        out.append(
            {
                "event": event,
                "label": label,
                "unit": labels.office_name(unit),
                "facts": facts,
                "at": event.at,
                "in": unit,
            }
        )
    return out


def weekly(units: list[str]) -> list[dict[str, Any]]:
    """Which roles were given and ended last week in the units right below these, by block: the list for the level above."""
    city = directory.city()
    below = {u for unit in units for u in city.below.get(unit, ())} | set(units)
    since = datetime.now(UTC) - timedelta(days=7)
    out = []
    for act in _acts(("grant", "end_grant"), since):
        said = json.loads(act["facts"].get("what", "{}") or "{}")
        whose = str(said.get("after", {}).get("unit_id") or said.get("before", {}).get("unit_id") or act["in"])
        if whose in below:
            out.append(act | {"what": said.get("what", ""), "unit": labels.office_name(whose)})
    return out


# ---- the limits


@require_safe
def limits(request: HttpRequest) -> HttpResponse:
    """The limits the house sets itself, for everybody to read. No query."""
    groups: dict[Any, list[Any]] = {}
    for one in house_limits.rows():
        groups.setdefault(one.group, []).append(one)
    base = "shell/face_desk.html" if access.is_staff(request.user) else "shell/face_phone.html"
    return render(request, "kernel/house_limits.html", {"groups": groups.items(), "base": base})


# ---- the register


@require_safe
@staff
def read_register(request: HttpRequest) -> HttpResponse:
    """Every act of administration, newest first, for auditors; that somebody reads it is itself written down, once a day each."""
    _only(request, "audit")
    declared = registry.get(house.REGISTER)
    steps = tuple(s.name for s in declared.steps) if declared else ()
    asked, mark = request.GET.get("act", ""), request.GET.get("mark", "").strip()[:20]
    before = request.GET.get("before", "")
    try:
        rows = _acts((asked,) if asked in steps else steps, None, before)
    except ValueError:
        raise Http404 from None
    kinds = [(s.name, labels.into(s.label)) for s in declared.steps] if declared else []
    more = str(rows[SHOWN - 1]["event"].id) if len(rows) > SHOWN else ""
    here = {"rows": rows[:SHOWN], "kinds": kinds, "asked": asked, "more": more, "mark": mark}
    here["whose"] = viewer.whose(mark, timezone.localdate()) if mark else []
    return render(request, "kernel/house_register.html", here)
