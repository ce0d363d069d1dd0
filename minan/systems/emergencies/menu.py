"""While a mode is on, help at home stands on everybody's home; putting one forward in the menu of a county's head."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from minan.systems.emergencies import modes


def on() -> bool:
    return bool(modes.running(timezone.now()))


ENTRIES: list[dict[str, Any]] = [
    {
        "label": _("在家求助"),
        "url": "emergencies:here",
        "roles": ("everyone",),
        "face": "home",
        "icon": "home",
        "words": _("出不了门，缺吃的、药，或者想找大夫"),
        "order": 5,
        "when": on,
    },
    {"label": _("健康应急"), "url": "emergencies:propose", "roles": ("supervisor@centre",), "order": 48},
]
