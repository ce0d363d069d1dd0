"""The administrator's tables, declared once: what each shows, what may be changed in it, how it is searched and what is missing in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minan.kernel import directory, labels, registry, rota
from minan.kernel.city_checks import GROUNDS, PROOFS, QUESTION_TYPES, ROLES, SIZES, URGENCIES
from minan.kernel.models import (
    Duty,
    Edition,
    Ground,
    Kind,
    LimitRule,
    OfficeHours,
    Post,
    Question,
    RestDay,
    RoutingRule,
    StandardAnswer,
    Unit,
    User,
)
from minan.kernel.pages.admin_names import NAMES

Choices = Callable[[], list[tuple[str, Any]]]


def _words(names: Any) -> Choices:
    return lambda: [(name, NAMES.get(name, name)) for name in (names if isinstance(names, tuple) else sorted(names))]


def _groups() -> list[tuple[str, Any]]:
    english = labels.english()
    return sorted({(k.group, k.group_name_en if english else k.group_name) for k in directory.city().kinds.values()})


def _clocks() -> list[tuple[str, Any]]:
    return list({c.name: labels.into(c.label) for p in registry.procedures().values() for c in p.clocks}.items())


def _steps() -> list[tuple[str, Any]]:
    return list({s.name: labels.into(s.label) for p in registry.procedures().values() for s in p.steps}.items())


def _states() -> list[tuple[str, Any]]:
    known = sorted(registry.procedures().values(), key=lambda p: not p.counted)
    return list({s.name: labels.into(s.label) for p in reversed(known) for s in p.states if not s.final}.items())


def _kinds() -> list[tuple[str, Any]]:
    return [(k.code, f"{labels.name_of(k)}（{k.code}）") for k in directory.city().kinds.values()]


def _refusals() -> list[tuple[str, Any]]:
    return [(g.code, labels.name_of(g)) for g in directory.city().grounds.values() if g.list == "refuse"]


def _hours() -> list[tuple[str, Any]]:
    rows = OfficeHours.objects.order_by("name")
    return [(h.name, (labels.english() and (h.seasons or {}).get("label_en")) or h.label) for h in rows]


def _channels() -> list[tuple[str, Any]]:
    return list(labels.CHANNELS.items())


def _duty_words() -> list[tuple[str, Any]]:
    return sorted(labels.departments().items())


@dataclass(frozen=True, slots=True)
class Col:
    """One column: how it is called and typed. `to` is the model's field where that has another name."""

    name: str
    label: Any
    type: str = "text"  # text long bool choice date number unit user hours options condition
    hint: Any = ""
    choices: Choices | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    model: type[models.Model]
    title: Any
    words: Any
    cols: tuple[Col, ...]
    shown: tuple[str, ...]
    search: tuple[str, ...]
    order: tuple[str, ...]
    new: bool = True
    read_only: bool = False
    live: Mapping[str, Any] = field(default_factory=dict)  # only rows that hold, unless ?all=1
    narrow: Mapping[str, str] = field(default_factory=dict)  # query word → field, for links from one table to another
    join: tuple[str, ...] = ()
    holes: Mapping[str, Callable[[], Q]] = field(default_factory=dict)  # ?hole=… → what is missing

    def col(self, name: str) -> Col:
        return next(c for c in self.cols if c.name == name)

    def rows(self) -> QuerySet[Any]:
        found = self.model._default_manager.order_by(*self.order)
        return found.select_related(*self.join) if self.join else found


def no_duty() -> Q:
    """Kinds in use that no township, county or city unit has on its duty list."""
    city = directory.city()
    served = {kind for kind, level, *_rest, until in city.duties if level != "village" and until is None}
    return Q(active=True) & ~Q(code__in=served)


def no_night() -> Q:
    """Units urgent matters may come to, with nobody on the roster by night or on rest days."""
    return Q(until=None, id__in=rota.holes())



C = Col
# A group of kinds, one kind of it, or neither: any.
OF_KIND = (C("group", _("种类组"), "choice", choices=_groups), C("kind", _("只用于一类"), "choice", choices=_kinds))
KINDS = Table(
    "kinds",
    Kind,
    pgettext_lazy("table", "种类"),
    _("一件事是哪一类、多急、答复要什么凭据、公不公开。"),
    (
        C("code", _("代码"), hint=_("组.名，如 lamp.out；定了不改"), required=True),
        C("group", _("组代码"), required=True),
        C("group_name", _("组名"), required=True),
        C("group_name_en", _("组名（英文）"), required=True),
        C("name", _("名称"), required=True),
        C("name_en", _("名称（英文）"), required=True),
        C("words", _("常用说法"), "long", _("空格隔开；说事人写到这些词就先猜这一类")),
        C("urgency", _("急缓"), "choice", choices=_words(URGENCIES)),
        C("size", _("难易"), "choice", choices=_words(SIZES)),
        C("proof", _("答复要的凭据"), "choice", choices=_words(PROOFS)),
        C("public", _("可以公开"), "bool"),
        C("turn_to", _("不归这里管时"), "choice", choices=_refusals),
        C("active", _("在用"), "bool"),
    ),
    ("code", "group_name", "name", "urgency", "size", "proof", "public", "active"),
    ("code", "name", "name_en", "group_name", "words"),
    ("rank", "code"),
    holes={"duty": no_duty},
)
QUESTIONS = Table(
    "questions",
    Question,
    _("补充问题"),
    _("选了种类以后多问的几句，中英文都写。改了就是新的一版，问过的事还按当时的问。"),
    (
        C("kind_id", _("种类"), "choice", choices=_kinds, required=True),
        C("code", _("代码"), required=True),
        C("label", _("问什么"), required=True),
        C("label_en", _("问什么（英文）"), required=True),
        C("type", _("怎么答"), "choice", choices=_words(QUESTION_TYPES)),
        C("required", _("必须答"), "bool"),
        C("options", _("选项"), "options", _("每行一个：值 | 中文 | 英文")),
        C("condition", _("只在这样时问"), "condition", _("写“问题=值”，几个值用逗号，如 danger=live,falling；空着就总是问")),
        C("rank", _("顺序"), "number"),
    ),
    ("kind_id", "code", "label", "type", "required", "condition"),
    ("kind__name", "kind__code", "label", "label_en"),
    ("kind__rank", "rank", "id"),
    live={"until": None},
    narrow={"kind": "kind_id"},
)
LIMITS = Table(
    "limits",
    LimitRule,
    _("时限"),
    _("每个时钟多长、凭哪条规定。改了只管以后的事，除非另选；最具体的一行有效。"),
    (
        C("clock", _("时钟"), "choice", choices=_clocks, required=True),
        C("urgency", _("急缓"), "choice", choices=_words(URGENCIES)),
        C("size", _("难易"), "choice", choices=_words(SIZES)),
        C("group", _("种类组"), "choice", choices=_groups),
        C(
            "limit",
            _("期限"),
            hint=_("15m、2h 自然时间；30wm、2wh 工作时间；3wd 工作日；60d 日；1mo、1y"),
            required=True,
        ),
        C("rule", _("依据编号"), required=True),
        C("article", _("依据"), "long", required=True),
        C("article_en", _("依据（英文）"), "long", required=True),
        C("legal", _("法定期限"), hint=_("有法律规定的才写，和承诺的并排显示")),
        C("legal_article", _("法定依据"), "long"),
    ),
    ("clock", "urgency", "size", "group", "limit", "rule", "legal", "since"),
    ("clock", "rule", "article", "limit"),
    ("clock", "urgency", "size", "group", "since"),
    live={"until": None},
)
DUTIES = Table(
    "duties",
    Duty,
    _("职责清单"),
    _("哪类事归哪级哪个部门。按顺序读，头一行合适的算。"),
    (
        C("kind", _("种类"), "choice", choices=_kinds, required=True),
        C("level", _("级别"), "choice", choices=_words(("village", "town", "county", "city")), required=True),
        C("word", _("部门"), "choice", choices=_duty_words, required=True),
        C("rule", _("依据编号"), required=True),
        C("article", _("依据"), "long"),
    ),
    ("kind", "level", "word", "rule", "since"),
    ("kind", "word", "rule", "article"),
    ("kind", "id"),
    live={"until": None},
    narrow={"kind": "kind"},
)
ROUTING = Table(
    "routing",
    RoutingRule,
    _("派单规则"),
    _("先看这张表，按顺序，头一行全符合的算；都不符合再看职责清单。条件空着就是不限。"),
    (
        C("rank", _("顺序"), "number", _("小的在前"), required=True),
        C("kind", _("种类"), "choice", choices=_kinds),
        C("group", _("种类组"), "choice", choices=_groups),
        C("place", _("地方"), hint=_("地方编码，连同它下面的；如 131022100000")),
        C("words", _("写了哪些词"), "long", _("空格隔开，写到一个就算")),
        C("channel", _("渠道"), "choice", choices=_channels),
        C("urgency", _("急缓"), "choice", choices=_words(URGENCIES)),
        C("hours", _("什么时候说的"), "choice", choices=_words(("office", "off"))),
        C("level", _("级别"), "choice", _("和部门一起写：从这一级往上，最近的"), choices=_words(("village", "town", "county", "city"))),
        C("word", _("部门"), "choice", choices=_duty_words),
        C("unit", _("或者指定一个单位"), "unit", _("单位编号，如 131022-works")),
        C("rule", _("依据编号"), required=True),
        C("article", _("依据"), "long", required=True),
    ),
    ("rank", "rule", "kind", "group", "place", "words", "level", "word", "unit", "since"),
    ("rule", "article", "kind", "words", "unit"),
    ("rank", "id"),
    live={"until": None},
    narrow={"kind": "kind"},
)
GROUND_TABLE = Table(
    "grounds",
    Ground,
    _("理由"),
    _("不予受理、延期、挂账、退回只能从这里选；办理结果也是。"),
    (
        C("code", _("代码"), required=True),
        C("list", _("哪张清单"), "choice", choices=_words(GROUNDS), required=True),
        C("label", _("理由"), required=True),
        C("label_en", _("理由（英文）"), required=True),
        C("article", _("依据")),
        C("days", _("挂起最多几天"), "number", _("只用于“暂停”的理由；0 按 30 天")),
        C("where", _("去哪里办")),
        C("where_en", _("去哪里办（英文）")),
        C("active", _("在用"), "bool"),
    ),
    ("list", "code", "label", "article", "active"),
    ("code", "label", "label_en", "article"),
    ("list", "rank", "code"),
)
ANSWERS = Table(
    "answers",
    StandardAnswer,
    pgettext_lazy("table", "标准答复"),
    _("一按就写上的话，人再改。"),
    (
        C("code", _("代码"), required=True),
        C("step", _("用在哪一步"), "choice", choices=_steps, required=True),
        *OF_KIND,
        C("state", _("只在这一步之后"), "choice", choices=_states),
        C("title", _("标题"), required=True),
        C("title_en", _("标题（英文）"), required=True),
        C("text", _("正文"), "long", _("可用 {place} {kind} {due} {unit} {code} {date}"), required=True),
        C("text_en", _("正文（英文）"), "long"),
        C("active", _("在用"), "bool"),
    ),
    ("step", "title", "group", "kind", "state", "text", "active"),
    ("code", "title", "text"),
    ("step", "code"),
)
PEOPLE = Table(
    "people",
    User,
    _("人员"),
    _("谁能登录。人不删，只停用。"),
    (
        C("username", _("登录名"), required=True),
        C("name", _("姓名"), required=True),
        C("name_en", _("姓名（英文）")),
        C("is_active", _("能登录"), "bool"),
    ),
    ("username", "name", "is_active", "last_login"),
    ("username", "name", "name_en"),
    ("username",),
)
POSTS = Table(
    "posts",
    Post,
    _("岗位"),
    _("谁在哪个单位做什么；岗位一停，两秒内哪里都不能再办。"),
    (
        C("user_id", _("登录名"), "user", required=True),
        C("unit_id", _("单位编号"), "unit", _("如 131022100-station"), required=True),
        C("role", _("做什么"), "choice", choices=_words(ROLES), required=True),
        C("title", _("职务")),
        C("seat", _("派驻的中心"), "unit"),
        C("since", _("从"), "date"),
        C("until", _("到"), "date", _("这一天还在岗")),
    ),
    ("user_id", "unit_id", "role", "title", "since", "until"),
    ("user__username", "user__name", "unit__name", "unit__id"),
    ("unit__id", "user__username"),
    narrow={"user": "user_id", "unit": "unit_id"},
    join=("user", "unit"),
)
UNITS = Table(
    "units",
    Unit,
    _("单位"),
    _("办公时间、能不能自己办、什么时候停。新单位和上下级随城市数据一起装。"),
    (
        C("name", _("名称"), required=True),
        C("name_en", _("名称（英文）")),
        C("hours", _("办公时间"), "choice", choices=_hours, required=True),
        C("lead", _("能自己主办"), "bool"),
        C("until", _("停用日期"), "date", _("今天或以前；手里没有在办的才能停")),
    ),
    ("id", "name", "kind", "level", "hours", "lead", "until"),
    ("id", "name", "name_en", "word"),
    ("id",),
    new=False,
    holes={"night": no_night},
)
HOURS = Table(
    "hours",
    OfficeHours,
    _("办公时间"),
    _("工作时间怎么算。改了，正在走的也重算：只会推后，不会提前。"),
    (
        C("name", _("名"), required=True),
        C("label", _("叫什么"), required=True),
        C(
            "seasons",
            _("时段"),
            "hours",
            _("每行一季：月-日 起-止 起-止，如 01-01 08:30-12:00 13:30-17:30；夜里有人值班的加一行“夜间有人”"),
            required=True,
        ),
    ),
    ("name", "label", "seasons"),
    ("name", "label"),
    ("name",),
)
DAYS = Table(
    "days",
    RestDay,
    _("放假调休"),
    _("本市自己定的日子，优先于国务院公布的。改了，正在走的也重算：只会推后，不会提前。"),
    (C("date", _("日期"), "date", required=True), C("working", _("这天上班"), "bool"), C("name", _("为什么"))),
    ("date", "working", "name"),
    ("name",),
    ("-date",),
)
EDITIONS = Table(
    "editions",
    Edition,
    _("改动记录"),
    _("谁在什么时候改了什么，改前改后。"),
    (C("number", _("版")), C("at", _("何时"), "date"), C("by", _("谁")), C("what", _("改了什么"))),
    ("number", "at", "by", "what"),
    ("what", "by"),
    ("-number",),
    new=False,
    read_only=True,
)
TABLES = {
    t.name: t
    for t in (KINDS, QUESTIONS, LIMITS, DUTIES, ROUTING, GROUND_TABLE, ANSWERS, PEOPLE, POSTS, UNITS, HOURS, DAYS, EDITIONS)
}
# One more table stands in a file of its own (admin_rota.py), which needs what is above.
EXTRA = {"since": _("自第几版"), "last_login": _("上次登录"), "id": _("编号"), "kind": _("类型"), "level": _("级别")}
