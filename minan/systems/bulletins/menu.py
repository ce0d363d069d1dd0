"""The community's page on the resident's home; the desk's page in the staff's menus."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

DESKS = ("clerk", "supervisor")
ENTRIES: list[dict[str, Any]] = [
    {
        "label": _("社区公告"), "url": "bulletins:index", "roles": ("everyone",), "face": "home", "icon": "bell",
        "words": _("公告、活动、失物招领"), "order": 60,
    },
    {"label": _("公告"), "url": "bulletins:desk", "roles": (*DESKS, "worker"), "order": 46},
    {"label": _("公告"), "url": "bulletins:desk", "roles": (*DESKS, "worker"), "order": 46, "face": "phone", "icon": "bell"},
]  # fmt: skip
