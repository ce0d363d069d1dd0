"""The boxes in the menus of points and stations."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ENTRIES: list[dict[str, Any]] = [
    {"label": _("说事箱"), "url": "box:boxes", "roles": ("clerk", "worker", "supervisor"), "order": 22, "icon": "box"},
]
