"""What a screen says of a call: only what truly happened, in the reader's language; pure but for the translation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

State = dict[str, Any]


def who(one: State) -> str:
    """The family's first, or a desk by its name."""
    if one["kind"] == "family":
        return _("第 %(n)s 位家人") % {"n": one["n"]}
    other = one.get("name_en") if (get_language() or "").startswith("en") else ""
    return str(other or one.get("name") or one.get("unit") or _("值班的人"))


def names(rows: list[State]) -> str:
    joint = "、" if not (get_language() or "").startswith("en") else ", "
    return joint.join(dict.fromkeys(who(one) for one in rows))


def seconds(after: float) -> str:
    """ "12 秒", "3 分 5 秒", "2 小时 5 分", "5 天"."""
    minutes, rest = divmod(round(after), 60)
    hours, days = minutes // 60, minutes // 1440
    if days:
        return ngettext("%(d)s 天", "%(d)s 天", days) % {"d": days}
    if hours:
        return _("%(h)s 小时 %(m)s 分") % {"h": hours, "m": minutes % 60}
    if not minutes:
        return _("%(s)s 秒") % {"s": rest}
    if not rest:
        return _("%(m)s 分") % {"m": minutes}
    return _("%(m)s 分 %(s)s 秒") % {"m": minutes, "s": rest}


def head(call: State) -> tuple[str, str]:
    """(class, one sentence) for the caller: "wait", "sent", "reached", "coming", "there", "over"."""
    steps, going = call["steps"], names(call["going"])
    if call["closed"] is not None:
        return "over", _("这次呼叫结束了")
    if "there" in steps:
        return "there", _("来帮您的人到了")
    if "on_the_way" in steps:
        return "coming", _("来帮您的人在路上")
    if going:
        return "coming", _("%(who)s说马上去") % {"who": going}
    if "answer" in steps:
        return "coming", _("有人接了，说马上去")
    if call["reached"]:
        had = {one["id"] for one in call["reached"]}
        still = names([one for one in call["sent"] if one["id"] not in had])
        if still:
            return "reached", _("已经叫到%(who)s，还在叫%(still)s") % {"who": names(call["reached"]), "still": still}
        return "reached", _("已经叫到%(who)s，还没有人说去") % {"who": names(call["reached"])}
    if call["sent"]:
        return "sent", _("已经发出，正在叫%(who)s") % {"who": names(call["sent"])}
    return "sent", _("已经发出，正在叫人")


def lines(call: State) -> list[tuple[str, str]]:
    """(when, what) of a call, oldest first, for the caller and the family."""
    found = [(0.0, _("按下了一键呼叫"))]
    found += [(one["after"], _("叫到%(who)s") % {"who": who(one)}) for one in call["reached"]]
    found += [(one["after"], _("%(who)s说“我去”") % {"who": who(one)}) for one in call["going"]]
    found += [(one["after"], _("%(who)s说去不了") % {"who": who(one)}) for one in call["cannot"]]
    named = {
        "answer": _("值班的人接了"),
        "on_the_way": _("在路上"),
        "there": _("到了"),
        "ring_120": _("打了 120"),
        "hand_over": _("移交，重新叫人"),
    }
    found += [(after, named[name]) for name, after in call["steps"].items() if name in named]
    if call["late"]:
        found.append((call["late_at"], _("没有人接：请打 120，上级也在叫")))
    if call["false"] is not None:
        found.append((call["false"], _("说是按错了，值班的人会核实")))
    if call["closed"] is not None:
        found.append((call["closed"], _("结束")))
    return [(seconds(after), words) for after, words in sorted(found, key=lambda pair: pair[0])]


def shown(call: State | None) -> dict[str, Any]:
    """For press.html, link.html and their scripts."""
    if call is None:
        return {"call": None}
    kind, words = head(call)
    open_ = call["closed"] is None
    return {
        "call": call, "kind": kind, "words": words, "lines": lines(call), "open": open_, "again": call["again"],
        "urgent": open_ and call["late"] and not call["stopped"], "said_false": call["false"] is not None,
    }  # fmt: skip
