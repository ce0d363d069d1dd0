"""The limits the house sets itself, as data: read from the very values the program uses, with who may change each and its source.

A system or channel adds its own by `also`. Nothing here is typed a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from minan.kernel import common, glass, house, judged, retention, viewer
from minan.kernel.keeper import limits as keeper_limits
from minan.kernel.pages import exports
from minan.kernel.procedure import Words
from minan.lib.english import many

W = Words


@dataclass(frozen=True, slots=True)
class HouseLimit:
    """One limit: what it bounds, its value in words, who may change it, where it comes from."""

    group: Words
    what: Words
    value: Words
    by: Words
    source: Words


CODE = W("只能改程序，要审查、测试、发布", "Only by changing the program: reviewed, tested, released")
MACHINE = W("运行单位改设置，重启生效", "The operator's setting, at a restart")
KEEPER = W("只有钥匙保管进程的用户能改，体检会报警", "Only the keeper's own user; the doctor then warns")
TWO = W("系统管理员提，第二人确认", "A system administrator and a second person")
LINES = W("民安红线", "Minan's red lines")
LOOKS, TIME, HANDS, OUT = (
    W("看身份", "Looking at who spoke"), W("留多久", "How long it is kept"), W("谁能给谁权限", "Who gives whom a role"),
    W("往外给的", "What goes out"),
)  # fmt: skip
_more: list[Callable[[], Iterator[HouseLimit]]] = []


def also(fn: Callable[[], Iterator[HouseLimit]]) -> Callable[[], Iterator[HouseLimit]]:
    """Add the limits of a system or channel."""
    if fn not in _more:
        _more.append(fn)
    return fn


def _span(length: timedelta) -> Words:
    hours = int(length.total_seconds() // 3600)
    if hours >= 48 and hours % 24 == 0:
        return days(hours // 24)
    if hours:
        return W(f"{hours} 小时", f"{hours} h")
    minutes = int(length.total_seconds() // 60)
    return W(f"{minutes} 分钟", f"{minutes} min")


def days(n: int) -> Words:
    return W(f"{n} 天", many(n, "day"))


def times(n: int, of: Words) -> Words:
    return W(f"{of.zh}，{n} 次", f"{of.en}: {many(n, 'time')}")


PARTS = {
    "case_minute": W("每件每分钟", "a case and minute"), "person_minute": W("每人每分钟", "a person and minute"),
    "person_hour": W("每人每小时", "a person and hour"), "person_day": W("每人每天", "a person and day"),
    "alarm_person_day": W("每人每天，超过就报警", "a person and day, beyond it an alarm"),
    "all_minute": W("全城合计每分钟", "for the whole city and minute"),
}  # fmt: skip
ROLES = {
    "admin": W("系统管理员", "system administrator"), "security": W("安全管理员", "security administrator"),
    "audit": W("审计管理员", "audit administrator"), "discipline": W("纪检", "discipline post"),
}  # fmt: skip
CLASSES = {
    "call": W("办事的人联系说事人", "Who holds the task calls the speaker"),
    "unmask": W("两人同意后查看", "Looks by two people's word"),
    "glass": W("紧急打开", "Break glass"),
    "caller": W("来电人同意，看自己的事", "A live caller's own matters, with their yes"),
    "dial": W("给新的事做记号，来电人本人才找得到", "Marking new matters so that their own caller finds them"),
}


def _looks() -> Iterator[HouseLimit]:
    table = {rule.name: rule for rule in keeper_limits.read().values()}
    for name, label in CLASSES.items():
        for part, words in PARTS.items():
            if n := getattr(table[name], part):
                yield HouseLimit(
                    LOOKS,
                    label,
                    times(n, words),
                    KEEPER,
                    W("等保 8.1.4；民安红线", "GB/T 22239-2019 8.1.4; Minan's red lines"),
                )
    for what, value in (
        (W("两人同意后，多久内有效", "How long a second person's yes holds"), _span(common.VALID)),
        (W("看到以后，页面上留多久", "How long it stays on the page"), _span(common.SHOWN_FOR)),
        (W("推迟告知，一次最多", "A deferral of telling, at most"), days(common.DEFER_DAYS)),
        (W("紧急打开，管多久", "Break glass, for how long"), _span(glass.OPEN_FOR)),
        (W("紧急打开，一年内被否定几次就没有这个权利", "Rejected openings in a year that end the right"), W(f"{glass.STRIKES} 次", str(glass.STRIKES))),
        (W("评价，满几件一起给被评单位看", "Judgements a unit reads together"), W(f"{judged.TOGETHER} 件", str(judged.TOGETHER))),
    ):  # fmt: skip
        yield HouseLimit(LOOKS, what, value, CODE, LINES)


def _kept() -> Iterator[HouseLimit]:
    names = {
        "P2": W("姓名、电话、原话", "Names, numbers, original words"),
        "P3": W("敏感信息", "Sensitive data"),
        "P4": W("检举控告", "Reports"),
    }
    for level, n in retention.CLASS_DAYS.items():
        yield HouseLimit(
            TIME,
            names.get(level, W(level, level)),
            W(f"办结后 {n} 天", f"{many(n, 'day')} after the end"),
            CODE,
            W("个人信息保护法 19、47 条", "PIPL art. 19, 47"),
        )
    yield HouseLimit(
        TIME, W("通知", "Notices"), days(retention.MESSAGE_DAYS), CODE, W("个人信息保护法 19 条", "PIPL art. 19")
    )
    hours = settings.SESSION_COOKIE_AGE // 3600
    yield HouseLimit(
        TIME,
        W("登录一次", "One sign-in"),
        W(f"最多 {hours} 小时", f"at most {hours} h"),
        CODE,
        W("等保 8.1.4.1", "GB/T 22239-2019 8.1.4.1"),
    )


def _hands() -> Iterator[HouseLimit]:
    roles = [ROLES[name] for name in sorted(house.TWO_ROLES)]
    yield HouseLimit(
        HANDS,
        W("要两个人才给的岗位", "Roles that take two people"),
        W("、".join(r.zh for r in roles), ", ".join(r.en for r in roles)),
        CODE,
        W("等保 8.1.5", "GB/T 22239-2019 8.1.5"),
    )
    yield HouseLimit(
        HANDS,
        W("三种管理员", "The three administrators"),
        W("不能由一个人兼任，都看不到事", "nobody holds two; none reads a matter"),
        CODE,
        W("等保 8.1.5", "GB/T 22239-2019 8.1.5"),
    )
    yield HouseLimit(
        HANDS,
        W("代班", "A stand-in for the head"),
        W(f"最多 {house.STAND_IN_DAYS} 天", f"at most {house.STAND_IN_DAYS} days"),
        CODE,
        LINES,
    )
    yield HouseLimit(
        HANDS, W("第二人多久不确认就作废", "A proposal nobody confirms ends after"), _span(house.KEPT), CODE, LINES
    )
    yield HouseLimit(
        HANDS,
        W("改动在办事项日期的规则（放假、办公时间）", "Rules that move dates of open cases"),
        W("两个人", "two people"),
        TWO,
        LINES,
    )


def _out() -> Iterator[HouseLimit]:
    n = exports.ROWS
    yield HouseLimit(
        OUT,
        W("一个人能导出的行数", "Rows one person exports"),
        W(f"{n} 行，再多要两个人", f"{n}; more takes two"),
        CODE,
        LINES,
    )
    yield HouseLimit(
        OUT,
        W("带姓名电话的名单", "Lists with names and numbers"),
        W("没有：一次一件，两个人同意", "none: one case at a time, by two people"),
        CODE,
        LINES,
    )
    yield HouseLimit(OUT, W("导出的记号查得到几天", "An export's mark is traced back"), days(viewer.DAYS), CODE, LINES)


def rows() -> list[HouseLimit]:
    """Every limit, in the order of the page."""
    out = [*_looks(), *_kept(), *_hands(), *_out()]
    for fn in _more:
        out += list(fn())
    return out
