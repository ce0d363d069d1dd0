"""Filing an accident stands on the resident's home and in the menus of who takes people in; the findings in the police's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ENTRIES: list[dict[str, Any]] = [
    {
        "label": _("出了交通事故"),
        "url": "accidents:report",
        "roles": ("everyone",),
        "face": "home",
        "icon": "alert",
        "words": _("登记一次，交警、保险、调解都在一件里办；医药费交不起也在这里说"),
        "order": 41,
    },
    {
        "label": _("事故登记"),
        "url": "accidents:report",
        "roles": ("clerk", "mediator", "supervisor"),
        "order": 24,
        "icon": "alert",
    },
]
