"""While a mode is on, help at home stands on everybody's home; putting one forward in the menu of a county's head."""

from __future__ import annotations

import time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from minan.kernel import directory
from minan.systems.emergencies import modes

KEPT_SECONDS = 5.0  # the home page is everybody's: what it asks is asked once for all who come within them
_kept: dict[str, Any] = {"city": None, "until": 0.0, "on": False}


def on() -> bool:
    """Whether a mode is on, as it was within the last KEPT_SECONDS; where the city was read anew it is asked anew."""
    city, now = directory.city(), time.monotonic()
    if _kept["city"] is not city or now >= _kept["until"]:
        _kept.update(on=bool(modes.running(timezone.now())), city=city, until=now + KEPT_SECONDS)
    return bool(_kept["on"])


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
