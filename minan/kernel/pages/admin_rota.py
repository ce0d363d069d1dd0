"""The duty roster 值班 as the administrator edits it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from minan.kernel.models import Rota
from minan.kernel.pages.admin_names import NAMES
from minan.kernel.pages.admin_tables import TABLES, C, Table, _words
from minan.kernel.rota import WHEN

NAMES |= {"night": _("夜间"), "rest": _("节假日"), "always": _("夜间和节假日")}
ROTA = Table(
    "rota",
    Rota,
    _("值班"),
    _("办公时间以外谁接、电话多少。急件按 7×24 小时算，没有排值班的单位夜里一定超时。"),
    (
        C("unit", _("单位编号"), "unit", _("如 131022100-station"), required=True),
        C("when", _("何时"), "choice", choices=_words(WHEN), required=True),
        C("weekday", _("星期几"), hint=_("空着是每天；67 是周六和周日")),
        C("post", _("值班室"), required=True),
        C("telephone", _("电话"), required=True),
    ),
    ("unit", "when", "weekday", "post", "telephone"),
    ("unit", "post", "telephone"),
    ("unit", "when"),
    narrow={"unit": "unit"},
)
TABLES[ROTA.name] = ROTA
