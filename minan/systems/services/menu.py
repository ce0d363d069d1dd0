"""The neighbourhood's shops stand on the resident's home."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ENTRIES: list[dict[str, Any]] = [
    {
        "label": _("便民生活圈"),
        "url": "services:shops",
        "roles": ("everyone",),
        "face": "home",
        "icon": "box",
        "words": _("买菜、送水、理发、修家电，执照都核过"),
        "order": 60,
    },
    {"label": _("便民商户"), "url": "services:apply", "roles": ("clerk", "supervisor"), "order": 49},
]
