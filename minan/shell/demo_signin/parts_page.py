"""Made-up things for the page of all parts; nothing here is a real matter."""

from __future__ import annotations

import pathlib
import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms

from minan import shell

NOW = datetime(2026, 11, 19, 2, 24, tzinfo=UTC)  # Thursday, 10:24 in Langfang
ICONS = pathlib.Path(shell.__file__).parent / "static" / "minan" / "icons.svg"


class Sample(forms.Form):
    """One field of each shape."""

    where = forms.CharField(label="在哪儿", help_text="写门牌、路口，或者旁边有什么", initial="新源街北社区 东门外")
    phone = forms.RegexField(r"^\d{11}$", label="手机号", error_messages={"invalid": "少了 1 位。手机号是 11 位数字"})
    kind = forms.ChoiceField(label="事项", choices=[("lamp", "路灯照明"), ("heat", "供热")])
    words = forms.CharField(label="说一句", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    result = forms.ChoiceField(
        label="结果怎么样", choices=[("yes", "解决了"), ("no", "没解决")], widget=forms.RadioSelect
    )
    seen = forms.ChoiceField(
        label="到现场看到什么",
        choices=[("all", "属实"), ("part", "部分属实"), ("none", "没发现")],
        widget=forms.RadioSelect,
    )
    again = forms.BooleanField(label="再打一次电话", required=False, help_text="下午三点到五点方便接")
    photos = forms.FileField(label="加照片", required=False)


def clocks() -> list[dict[str, Any]]:
    """One of each light."""
    due = NOW.replace(hour=9, minute=30)
    return [
        {"label": {"zh": "受理", "en": "Accept"}, "light": "met", "used": timedelta(minutes=38), "limit": "限 2 时"},
        {"label": {"zh": "交办", "en": "Assign"}, "light": "yellow", "due_at": NOW + timedelta(minutes=34), "now": NOW},
        {"label": {"zh": "签收", "en": "Sign for"}, "light": "red", "due_at": NOW - timedelta(hours=26), "now": NOW},
        {"label": {"zh": "办理", "en": "Handle"}, "light": "green", "due_at": due + timedelta(days=6), "now": NOW},
        {"label": {"zh": "补充", "en": "Wait"}, "light": "paused", "until": date(2026, 12, 15)},
        {"label": {"zh": "回访", "en": "Visit"}, "light": "idle", "limit": "3 个工作日"},
    ]


def matters() -> list[dict[str, Any]]:
    """Two matters as a phone's cards and a desk's rows."""
    names = ["说", "受理", "交办", "办理", "答复", "回访"]
    steps = [{"label": name, "state": "past" if n < 3 else "here" if n == 3 else ""} for n, name in enumerate(names)]
    first = {"code": "GAH4K2M7QX0TW5J", "title": "3 号楼门口的井盖一踩就响", "url": "#", "waits": "等您看一眼"}
    first["now"] = "昨天换好了。真的好了吗？"
    second = {
        "code": "GAC7P3V9ND8RE2Y",
        "title": "家里暖气一直只有 14 度",
        "url": "#",
        "clock": clocks()[3],
        "stations": steps,
    }
    marks = [{"label": "督办", "order": True}, {"label": "催 2"}]
    row = {"place": "新源街北", "kind": "路灯", "state": "交办", "by": "待定", "overlays": marks}
    return [
        first | row | {"clock": clocks()[2]},
        second | row | {"overlays": [], "open": True, "now": "供热服务站今天下午上门测温。"},
    ]


def sample() -> dict[str, Any]:
    """The context of the page."""
    kinds = [(17, "event"), (18, "counted"), (19, "counted"), (20, "due"), (21, "rest")]
    counted = {18: 1, 19: 2, 20: 3}
    days = [
        SimpleNamespace(date=date(2026, 11, d), kind=k, n=counted.get(d), makeup=False, holiday="") for d, k in kinds
    ]
    log = [
        {"label": "答复", "words": "路灯管理所，最晚 11 月 25 日", "state": "next"},
        {"label": "办理中", "by": "路灯管理所 赵强", "at": NOW - timedelta(minutes=54), "state": "now"},
        {"label": "受理", "by": "固安镇说事站 陈静", "at": NOW - timedelta(days=1)},
    ]
    form = Sample(
        {"where": "新源街北社区 东门外", "phone": "1380000441", "result": "yes", "seen": "all", "kind": "lamp"}
    )
    return {
        "clocks": clocks(), "matters": matters(), "days": days, "log": log, "form": form, "now": NOW,
        "icons": re.findall(r'<symbol id="(\w+)"', ICONS.read_text("utf-8")),
        "facts": [("说的时间", "2026 年 11 月 18 日（周三）09:20"), ("地点", "固安镇 新源街北社区"), ("附件", "照片 1 张")],
        "said": "小区东门外三盏路灯不亮了。\n<b>不是</b>标签，是她写的字。",
    }  # fmt: skip
