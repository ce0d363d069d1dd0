"""The operator's screen in the menu of who sits there."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ENTRIES: list[dict[str, Any]] = [
    {"label": _("热线"), "url": "hotline:screen", "roles": ("operator", "clerk@centre"), "order": 5, "key": "h"},
    {"label": _("收件箱"), "url": "kernel:desk", "roles": ("operator",), "order": 11},
]
