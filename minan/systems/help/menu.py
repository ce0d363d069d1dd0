"""The one red door on the resident's home, the duty desk's screen, and enrolling for who takes people in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

DUTY = ("clerk", "worker", "supervisor")
ENTRIES: list[dict[str, Any]] = [
    {
        "label": _("一键呼叫"), "url": "help:press", "roles": ("everyone",), "face": "home", "icon": "help", "tone": "help", "order": 5,
        "words": _("一按，家人和社区值班的人同时知道"),
    },
    {"label": _("求助值班"), "url": "help:duty", "roles": DUTY, "order": 16, "icon": "bell"},
    {"label": _("求助值班"), "url": "help:duty", "roles": DUTY, "face": "phone", "order": 8, "icon": "sound"},
    {"label": _("登记一键呼叫"), "url": "help:enrol", "roles": ("clerk", "worker"), "order": 24, "icon": "help"},
]  # fmt: skip
