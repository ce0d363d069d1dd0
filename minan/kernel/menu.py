"""What the staff's pages add to the menus."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DESKS = ("clerk", "supervisor", "handler", "mediator", "signer", "discipline")
HANDS = ("clerk", "worker", "handler", "mediator", "supervisor")
TAKERS = ("clerk", "worker", "supervisor", "handler")

ENTRIES = [
    {"label": _("收件箱"), "url": "kernel:desk", "roles": DESKS, "order": 10},
    {"label": _("我的活"), "url": "kernel:tasks", "roles": HANDS, "order": 15},
    {"label": _("登记"), "url": "kernel:new", "roles": TAKERS, "order": 20},
    {
        "label": pgettext_lazy("menu", "督办"),
        "url": "kernel:supervise",
        "roles": ("supervisor",),
        "order": 30,
        "key": "s",
    },
    {"label": _("通知"), "url": "kernel:board", "roles": (*DESKS, "worker"), "order": 40},
    {"label": _("值班屏"), "url": "kernel:duty", "roles": (*TAKERS, "operator"), "order": 18, "key": "z", "icon": "bell"},
    {"label": _("挂牌"), "url": "kernel:listed", "roles": (*DESKS, "worker", "head"), "order": 42, "icon": "flag"},
    {"label": _("法条"), "url": "kernel:articles", "roles": (*DESKS, "worker", "operator"), "order": 44},
    {"label": _("管理"), "url": "kernel:admin", "roles": ("admin", "security", "audit"), "order": 25, "key": "m"},
    {"label": _("本单位的人"), "url": "kernel:house_people", "roles": ("head", "supervisor"), "order": 45},
    {"label": _("依法保全"), "url": "kernel:holds", "roles": ("security", "discipline"), "order": 46},
    {"label": _("登记簿"), "url": "kernel:house_register", "roles": ("audit",), "order": 26},
    {"label": _("我的活"), "url": "kernel:tasks", "roles": HANDS, "order": 5, "face": "phone", "icon": "list"},
    {"label": _("随手报"), "url": "kernel:new", "roles": TAKERS, "order": 10, "face": "phone", "icon": "plus"},
    {
        "label": _("通知"),
        "url": "kernel:board",
        "roles": (*DESKS, "worker"),
        "order": 15,
        "face": "phone",
        "icon": "bell",
    },
]
