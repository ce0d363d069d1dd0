"""Applying for mediation stands on the resident's home and in the menus of who takes people in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ENTRIES: list[dict[str, Any]] = [
    {
        "label": _("申请人民调解"),
        "url": "disputes:apply",
        "roles": ("everyone",),
        "face": "home",
        "icon": "people",
        "words": _("不收钱，各方自愿，谈成了可以请法院确认"),
        "order": 40,
    },
    {
        "label": _("调解申请"),
        "url": "disputes:apply",
        "roles": ("clerk", "mediator", "supervisor"),
        "order": 23,
        "icon": "people",
    },
    {"label": _("调解数字"), "url": "disputes:numbers", "roles": ("supervisor",), "order": 32},
]
