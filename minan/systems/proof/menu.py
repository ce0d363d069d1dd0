"""The public page stands on the resident's home."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ENTRIES: list[dict[str, Any]] = [
    {
        "label": _("谁都能查"),
        "url": "proof:page",
        "roles": ("everyone",),
        "face": "home",
        "icon": "shield",
        "words": _("数都能重算，谁签过字也写着"),
        "order": 90,
    },
]
