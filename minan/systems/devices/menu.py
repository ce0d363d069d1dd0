"""Devices stand in the menus of whoever keeps them; the signs of cameras on the residents' page of the community."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

HANDS = ("clerk", "worker", "supervisor", "operator")

ENTRIES: list[dict[str, Any]] = [
    {"label": _("设备"), "url": "devices:index", "roles": HANDS, "order": 34},
    {"label": _("告警"), "url": "devices:alarms", "roles": ("worker",), "order": 14, "face": "phone", "icon": "alert"},
]
