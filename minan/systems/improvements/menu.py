"""Projects in the desks' menus; for everybody a page without names."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ENTRIES: list[dict[str, Any]] = [
    {
        "label": _("改进项目"), "url": "improvements:public", "roles": ("everyone",), "face": "home", "icon": "chart", "order": 80,
        "words": _("大家说过的事，后来怎么改的，改前改后数一数"),
    },
    {"label": _("改进项目"), "url": "improvements:mine", "roles": ("clerk", "supervisor", "handler"), "order": 33, "icon": "chart"},
]  # fmt: skip
