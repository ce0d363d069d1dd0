"""What the resident's pages put into the phone's bottom bar; nothing where no matter can be said."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from minan.channels.web.saying import open_to_all

# The damages page stands open to everybody; those who settle disputes have it in their menu.
RECKONING: dict[str, Any] = {"label": _("赔付试算"), "url": "web:damages", "roles": ("mediator",), "order": 44, "icon": "list"}

ESTIMATE: dict[str, Any] = {
    "label": _("出了交通事故，大概能赔多少"), "url": "web:estimate", "roles": ("everyone",), "face": "home", "icon": "road", "order": 70,
    "words": _("十个问题，不用会填表，不留姓名"),
}  # fmt: skip

ENTRIES: list[dict[str, Any]] = [RECKONING, ESTIMATE] + (
    [
        {"label": _("首页"), "url": "shell:home", "roles": ("everyone",), "face": "phone", "icon": "home", "order": 60},
        {
            "label": _("说一件事"),
            "url": "web:say",
            "roles": ("everyone",),
            "face": "phone",
            "icon": "speak",
            "order": 61,
        },
        {
            "label": _("我说的事"),
            "url": "web:mine",
            "roles": ("everyone",),
            "face": "phone",
            "icon": "list",
            "order": 62,
        },
    ]
    if open_to_all()
    else []
)
