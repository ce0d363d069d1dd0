"""A call for help and an enrolment in the household's own list: when it was, whose post took it on, and that it is over."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from minan.kernel import labels, registry
from minan.kernel.models import Case


def _state(case: Case) -> dict[str, str]:
    return registry.label(case.procedure, case.version, "states", case.state)


def _now(case: Case) -> str:
    """The post of who took it on first, never a name; where the family went alone, the state says enough."""
    first = next(iter(case.facts.get("responders") or []), None)
    unit = labels.office_name(first["unit"]) if first else ""
    if case.closed_at is not None:
        over = labels.moment(case.closed_at.isoformat())
        return _("%(unit)s接的，%(at)s 结束了") % {"unit": unit, "at": over} if unit else _("%(at)s 结束了") % {"at": over}
    if first is None:
        return _("正在叫人，一个一个叫下去，直到有人答应") if case.state == "ringing" else ""
    since = first.get("answer") or first.get("way") or first.get("there") or case.opened_at.isoformat()
    return _("%(unit)s %(at)s 接的") % {"unit": unit, "at": labels.moment(since)}


def call(case: Case) -> dict[str, Any]:
    title = _("%(at)s 的一键呼叫") % {"at": labels.moment(case.opened_at.isoformat())}
    return {"title": title, "url": reverse("help:call", args=[case.code]), "state": _state(case), "now": _now(case)}


def enrolment(case: Case) -> dict[str, Any]:
    now = _("随时可以改、试一试、退出。") if case.open else ""
    return {"title": _("一键呼叫登记"), "url": reverse("help:person", args=[case.code]), "state": _state(case), "now": now}
