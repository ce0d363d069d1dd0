"""The centre's page in the desk's menu."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ENTRIES: list[dict[str, Any]] = [
    {"label": _("外单位来件"), "url": "exchange:home", "roles": ("clerk@centre", "supervisor@centre"), "order": 35},
]
