"""The field's place in the phone's bottom bar."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ENTRIES = [
    {
        "label": _("离线"),
        "url": "field:home",
        "roles": ("worker", "handler", "mediator"),
        "face": "phone",
        "icon": "offline",
        "order": 12,
    },
]
