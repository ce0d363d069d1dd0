"""Care in the menus: one door for residents, today's visits for who walks, the bed board for the street's desk."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

WALKERS = ("worker@point", "clerk@point", "supervisor@point")
DESKS = ("clerk@station", "supervisor@station", "supervisor@centre", "clerk@centre")
ENTRIES: list[dict[str, Any]] = [
    {
        "label": _("照料：平安约定、短期托养"), "url": "care:index", "roles": ("everyone",), "face": "home", "icon": "heart", "order": 60,
        "words": _("每天点一下“我很好”；家里没人照看时来住几天，不收钱"),
    },
    {"label": _("看望"), "url": "care:visits", "roles": WALKERS, "order": 26, "icon": "home"},
    {"label": _("看望"), "url": "care:visits", "roles": WALKERS, "order": 12, "face": "phone", "icon": "home"},
    {"label": _("床位"), "url": "care:beds", "roles": DESKS, "order": 27, "icon": "calendar"},
]  # fmt: skip
