"""How the administrator's pages call the program's own words: urgencies, levels, roles, lists."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

NAMES: dict[str, Any] = {
    "ordinary": _("一般"),
    "urgent": _("急"),
    "emergency": _("紧急"),
    "simple": _("简单"),
    "complex": _("复杂"),
    "photo": _("照片"),
    "text": _("文字"),
    "none": _("不要"),
    "choice": _("选一个"),
    "number": _("数"),
    "long": _("几行字"),
    "yesno": _("是或否"),
    "date": _("日期"),
    "refuse": _("不予受理"),
    "extend": _("延期"),
    "park": _("挂账"),
    "pause": _("暂停"),
    "send_back": _("退回"),
    "look": _("查看说事人信息"),
    "outcome": _("办理结果"),
    "village": _("村（社区）"),
    "town": _("乡镇（街道）"),
    "county": _("县（市、区）"),
    "city": _("市"),
    "operator": _("热线坐席"),
    "clerk": _("坐席"),
    "worker": _("网格员"),
    "handler": _("经办"),
    "supervisor": _("督办员"),
    "mediator": _("调解员"),
    "admin": _("系统管理员"),
    "signer": _("审签"),
    "head": _("负责人"),
    "discipline": _("纪检"),
    "security": _("安全管理员"),
    "audit": _("审计管理员"),
    "office": _("上班时间"),
    "off": _("下班以后"),
}
