"""The boxes in the menus of points and stations."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from minan.channels.box import custody

# Who works with boxes (custody.offices_of): not the centres, nor any office's staff.
ROLES = tuple(f"{role}@{desk}" for role in custody.ROLES for desk in custody.DESKS)
ENTRIES: list[dict[str, Any]] = [
    {"label": _("说事箱"), "url": "box:boxes", "roles": ROLES, "order": 22, "icon": "box"},
]
