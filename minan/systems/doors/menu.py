"""The doors in the menus: a household's under 社区 and behind the home page, the property's desk in its bar."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

DESKS = ("clerk@point", "worker@point", "clerk@station", "supervisor@station")
ENTRIES: list[dict[str, Any]] = [
    {"label": _("开门"), "url": "doors:mine", "roles": ("everyone",), "face": "home", "icon": "key", "order": 40,
     "words": _("门禁码、请客人来、我家的车")},
    {"label": _("门禁"), "url": "doors:desk", "roles": DESKS, "order": 35, "icon": "key"},
]  # fmt: skip
