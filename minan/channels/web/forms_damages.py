"""The questions of the damages page, one small form for each thing the contract has a place for (docs/damages.md).

damages_tree.py joins them.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minan.lib.damages.case import ITEMS

YUAN_MOST, DAYS_MOST = 1_000_000_000, 40_000
NOT_SAID = ("", _("没有说"))


def yuan(label: Any, help_text: Any = "", places: int = 2) -> forms.DecimalField:
    """An amount in yuan, to the cent."""
    return forms.DecimalField(
        label=label, help_text=help_text, required=False, min_value=0, max_value=YUAN_MOST, decimal_places=places,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}), error_messages={"invalid": _("写成数字，如 1500 或 1500.50")},
    )  # fmt: skip


def days(label: Any, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=help_text, required=False, min_value=0, max_value=DAYS_MOST, decimal_places=8,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}), error_messages={"invalid": _("写成数字，如 27")},
    )  # fmt: skip


def per_cent(label: Any, help_text: Any = "") -> forms.DecimalField:
    """0 to 100; the contract has it as a share of one."""
    return forms.DecimalField(
        label=label, help_text=help_text, required=False, min_value=0, max_value=100, decimal_places=8,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}), error_messages={"invalid": _("写成数字，如 70")},
    )  # fmt: skip


def whole(label: Any, most: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, required=False, min_value=0, max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _("写成整数")},
    )  # fmt: skip


def chosen(
    label: Any, choices: list[tuple[str, Any]], *, needed: bool = True, help_text: Any = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, required=needed, help_text=help_text,
        error_messages={"required": _("选一个"), "invalid_choice": _("这里选的已经没有了，重新选一个")},
    )  # fmt: skip


def several(label: Any, choices: list[tuple[str, Any]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


def name(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("选一个日期"), "invalid": _("日期写成 2026-11-20")},
    )  # fmt: skip


class Piece(forms.Form):
    """One thing. `GROUPS`: heading, fields under it, kinds of rows under it; a heading of "" is never folded."""

    GROUPS: tuple[tuple[Any, tuple[str, ...], tuple[str, ...]], ...] = ()

    def add_prefix(self, field_name: str) -> str:
        return f"{self.prefix}.{field_name}" if self.prefix else field_name

    @property
    def blank(self) -> bool:
        """Nothing typed at all."""
        return not any(value for value in self.cleaned_data.values())


class Frame(Piece):
    """The accident as a whole, the figures of the year, and what courts do differently."""

    accident_date = day(_("哪天出的事故"))
    as_of = day(_("按哪天算"), _("达成协议或开庭结束的那天；用它上一年的统计数据"))
    place = chosen(
        _("在哪个省"),
        [("130000000000", _("河北")), ("370000000000", _("山东")), ("610000000000", _("陕西")), ("", _("别的省"))], needed=False,
    )  # fmt: skip
    urban_income = yuan(_("城镇居民人均可支配收入"), _("当地统计局公布的，一年多少元；空着就用表里有的"), 4)
    urban_consumption = yuan(_("城镇居民人均消费支出"), places=4)
    rural_income, rural_consumption = yuan(_("农村居民人均收入"), places=4), yuan(_("农村居民人均消费支出"), places=4)
    average_wage = yuan(_("上一年职工平均工资"), places=4)
    advances = chosen(
        _("垫付的怎么退"),
        [
            ("refund_by_insurer", _("保险公司退给垫付的人")), ("refund_by_victim", _("受伤的人退给垫付的人")),
            ("off_debt", _("只抵垫付的人自己该赔的")), ("separate", _("垫付的人自己找保险公司")),
        ],
    )  # fmt: skip
    grade_extra = forms.CharField(
        label=_("每多一处伤残加百分之几"), required=False, max_length=80,
        help_text=_("几处伤残才用，按当地法院的做法：都一样写 2，各级不同写 10:1 9:2"),
    )  # fmt: skip
    appraisal = chosen(
        _("鉴定费谁出"),
        [
            ("outside", _("保险不赔，各人按比例")), ("disability", _("放在死亡伤残限额里")), ("commercial", _("商业险按比例赔")),
            ("full", _("保险不赔，责任人全出")), ("costs", _("随诉讼费，不算在里面")),
        ],
    )  # fmt: skip
    mental = chosen(
        _("精神抚慰金"), [("as_fixed", _("定多少赔多少，不再按比例")), ("by_share", _("超过交强险的按比例"))]
    )
    mental_first = chosen(_("精神抚慰金在交强险里"), [("yes", _("最先赔")), ("no", _("和别的一起，按比例"))])
    reimbursed = chosen(_("医保已经报销的"), [("ignore", _("不扣")), ("deduct", _("从医疗费里扣"))])
    bar_property = chosen(_("醉驾、无证等时的财产损失"), [("unpaid", _("交强险不赔")), ("paid", _("交强险照赔"))])
    compulsory = chosen(_("交强险限额"), [("headings", _("医疗、伤残、财产分开")), ("lump", _("合成一个总数"))])
    rounding = chosen(
        _("怎么进位"),
        [
            ("item", _("每项四舍五入到分")), ("daily_wage_cents", _("日工资先到分")), ("daily_wage_yuan", _("日工资先到元")),
            ("jiao", _("到角")), ("yuan", _("每项到元")), ("cut", _("分以下去掉")),
        ],
    )  # fmt: skip
    day_base = chosen(_("一年按几天"), [("365", "365"), ("360", "360"), ("366", "366")])

    GROUPS = (
        ("", ("accident_date", "as_of", "place", "advances"), ()),
        (_("这一年的统计数据"), ("urban_income", "urban_consumption", "rural_income", "rural_consumption", "average_wage"), ()),
        (_("各地做法不一样的地方"), ("grade_extra", "appraisal", "mental", "mental_first", "reimbursed", "bar_property", "compulsory",
            "rounding", "day_base"), ()),
    )  # fmt: skip

    def clean_grade_extra(self) -> dict[str, str]:
        """{"10": "0.01", …} of "2" or "10:1 9:2"."""
        text = self.cleaned_data["grade_extra"].strip()
        if not text:
            return {}
        if re.fullmatch(r"\d{1,2}(\.\d{1,4})?", text):
            return dict.fromkeys(map(str, range(1, 11)), f"{Decimal(text) / 100:f}")
        found = {}
        for word in re.split(r"[\s,，、;；]+", text):
            if not re.fullmatch(r"(10|[1-9])[:：级]\d{1,2}(\.\d{1,4})?", word):
                raise forms.ValidationError(_("写成 2，或者 10:1 9:2"))
            grade, more = re.split(r"[:：级]", word)
            found[grade] = f"{Decimal(more) / 100:f}"
        return found


class Vehicle(Piece):
    """A vehicle, or somebody on foot, with a responsibility of their own."""

    id = name(_("叫什么"), _("如 1号车、电动车、行人"))
    kind = chosen(
        _("是什么"),
        [("motor", _("机动车")), ("non_motor", _("非机动车（自行车、电动自行车）")), ("pedestrian", _("走路的人"))],
    )
    responsibility = chosen(
        _("交警认定的责任"),
        [
            NOT_SAID, ("full", _("全部责任")), ("main", _("主要责任")), ("equal", _("同等责任")), ("secondary", _("次要责任")),
            ("none", _("无责任")),
        ],
        needed=False,
    )  # fmt: skip
    share = per_cent(_("承担百分之几"), _("双方或法院定了才填，合起来 100；没定就都空着"))
    insured = chosen(_("有交强险吗"), [NOT_SAID, ("yes", _("有")), ("no", _("没有"))], needed=False)
    insurer = name(_("交强险是哪家保险公司"))
    driver = name(_("谁开的"), _("受伤的人自己开的，写他的叫法，如 伤者1；空着也行"))
    owner = name(_("车主"), _("就是开车的人就空着"))
    liable = name(_("由谁负责"), _("单位的车写单位；空着就是开车的人"))
    jointly = name(_("还有谁一起承担（连带）"), _("几个人用顿号隔开"))
    bar = several(
        _("有没有这些"),
        [
            ("drunk", _("醉酒驾驶")), ("unlicensed", _("无证驾驶")), ("drugs", _("吸毒后驾驶")), ("deliberate", _("故意制造事故")),
            ("fled", _("逃逸")),
        ],
    )  # fmt: skip
    limit_medical, limit_death_disability = yuan(_("医疗费用限额")), yuan(_("死亡伤残限额"))
    limit_property = yuan(_("财产损失限额"))
    used_medical, used_death_disability = yuan(_("医疗费用已用")), yuan(_("死亡伤残已用"))
    used_property = yuan(_("财产损失已用"))

    GROUPS = (
        ("", ("id", "kind", "responsibility", "share"), ()),
        (_("保险"), ("insured", "insurer"), ("commercial",)),
        (_("谁开的、车主是谁、有没有醉驾等"), ("driver", "owner", "liable", "jointly", "bar"), ()),
        (_("交强险限额（空着按事故那天的规定）"), ("limit_medical", "limit_death_disability", "limit_property", "used_medical",
            "used_death_disability", "used_property"), ()),
    )  # fmt: skip


class Policy(Piece):
    """A commercial policy."""

    insurer = name(_("哪家保险公司"))
    limit, used = yuan(_("保额")), yuan(_("已经赔出去的"))
    unlimited = forms.BooleanField(label=_("保额不知道，按够赔算"), required=False)
    deductible = per_cent(_("免赔率百分之几"))
    excludes = several(
        _("合同里不赔的"), [("non_medicare", _("医保外用药")), ("appraisal", _("鉴定费")), ("mental", _("精神抚慰金"))]
    )
    GROUPS = (
        ("", ("insurer", "limit"), ()), ("", ("unlimited",), ()), ("", ("deductible", "used"), ()), ("", ("excludes",), ()),
    )  # fmt: skip


class Entry(Piece):
    """Days or months at a rate, or an amount that is already fixed."""

    how = chosen(
        _("怎么算"),
        [
            ("dd", _("几天 × 一天多少元")), ("dy", _("几天 × 一年多少元")), ("mm", _("几个月 × 一月多少元")),
            ("my", _("几个月 × 一年多少元")), ("fixed", _("定好的金额")),
        ],
    )  # fmt: skip
    count, rate = days(_("几天或几个月")), yuan(_("多少元"), places=8)
    GROUPS = (("", ("how",), ()), ("", ("count", "rate"), ()))

    @property
    def blank(self) -> bool:
        return self.cleaned_data.get("count") is None and self.cleaned_data.get("rate") is None


class Nursing(Entry):
    carers = days(_("几个人护理"))
    dependence = per_cent(_("护理依赖百分之几"))
    GROUPS = (("", ("how",), ()), ("", ("count", "rate"), ()), ("", ("carers", "dependence"), ()))


class Dependant(Piece):
    """Somebody the victim keeps."""

    span = days(_("还要扶养多久"))
    unit = chosen(_("单位"), [("years", _("年")), ("months", _("月"))])
    supporters = days(_("几个人一起扶养"))
    standard = chosen(
        _("城镇还是农村标准"), [("", _("和受伤的人一样")), ("urban", _("城镇")), ("rural", _("农村"))], needed=False
    )
    coefficient = per_cent(_("丧失能力百分之几"))
    GROUPS = (("", ("span", "unit"), ()), ("", ("supporters", "coefficient"), ()), ("", ("standard",), ()))

    @property
    def blank(self) -> bool:
        return self.cleaned_data.get("span") is None and self.cleaned_data.get("supporters") is None


class Aid(Piece):
    """An assistive device."""

    price, every_years, years = yuan(_("一件多少元"), places=8), days(_("几年换一次")), days(_("一共用几年"))
    upkeep = per_cent(_("每年维护费百分之几"))
    GROUPS = (("", ("price", "every_years"), ()), ("", ("years", "upkeep"), ()))


class Goods(Piece):
    """Damage to a thing."""

    what, amount = name(_("什么东西")), yuan(_("多少元"))
    GROUPS = (("", ("what", "amount"), ()),)


class Other(Piece):
    """A loss of another kind, under the heading it is paid from."""

    what, amount = name(_("什么损失")), yuan(_("多少元"))
    head = chosen(
        _("谁来赔"),
        [
            ("medical", _("交强险医疗费用")), ("death_disability", _("交强险死亡伤残")), ("property", _("交强险财产")),
            ("commercial", _("商业险，按比例")), ("outside", _("保险不赔，按比例")), ("outside_full", _("保险不赔，责任人全出")),
        ],
    )  # fmt: skip
    GROUPS = (("", ("what", "amount"), ()), ("", ("head",), ()))

    @property
    def blank(self) -> bool:
        return not self.cleaned_data.get("what") and self.cleaned_data.get("amount") is None


class Claim(Piece):
    """What was asked for in court: it caps its item."""

    item, amount = chosen(_("哪一项"), [(one, one) for one in ITEMS]), yuan(_("诉请多少元"))
    GROUPS = (("", ("item", "amount"), ()),)

    @property
    def blank(self) -> bool:
        return self.cleaned_data.get("amount") is None


class Advance(Piece):
    """Money somebody has already given."""

    by = name(_("谁垫的"), _("写上面的名字：开车的人、保险公司；救助基金写 fund"))
    amount = yuan(_("垫了多少元"))
    how = chosen(
        _("怎么退"),
        [
            ("", _("按上面选的")), ("off_debt", _("只抵垫付的人自己该赔的")), ("refund_by_insurer", _("保险公司退给垫付的人")),
            ("refund_by_victim", _("受伤的人退给垫付的人")), ("separate", _("垫付的人自己找保险公司")),
        ],
        needed=False,
    )  # fmt: skip
    through = name(_("从哪家保险公司的赔款里扣"), _("不限就空着"))
    GROUPS = (("", ("by",), ()), ("", ("amount", "how"), ()), ("", ("through",), ()))
