"""The questions of the damages page: one car, one who was hurt. More victims or vehicles go by file (docs/damages.md)."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

YUAN_MOST, DAYS_MOST = 1_000_000_000, 40_000


def yuan(label: Any, help_text: Any = "") -> forms.DecimalField:
    """An amount in yuan, to the cent."""
    return forms.DecimalField(
        label=label, help_text=help_text, required=False, min_value=0, max_value=YUAN_MOST, decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}), error_messages={"invalid": _("写成数字，如 1500 或 1500.50")},
    )  # fmt: skip


def days(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_value=DAYS_MOST, decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"invalid": _("写成数字，如 27")},
    )  # fmt: skip


def whole(label: Any, most: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, required=False, min_value=0, max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _("写成整数")},
    )  # fmt: skip


def chosen(label: Any, choices: list[tuple[str, Any]], *, needed: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=needed, error_messages={"required": _("选一个")})


def day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("选一个日期"), "invalid": _("日期写成 2026-11-20")},
    )  # fmt: skip


class Damages(forms.Form):
    """What is asked, in the order of the page; GROUPS says under which heading."""

    accident_date = day(_("哪天出的事故"))
    as_of = day(_("按哪天算"), _("达成协议或开庭结束的那天；用它上一年的统计数据"))
    province = chosen(_("在哪个省"), [("13", _("河北")), ("37", _("山东")), ("61", _("陕西")), ("", _("别的省"))], needed=False)
    other = chosen(
        _("受伤的人当时"),
        [("non_motor", _("骑电动自行车、自行车")), ("pedestrian", _("走路")), ("motor", _("开摩托车、汽车"))],
    )
    driver = chosen(_("受伤的人是"), [("yes", _("自己骑、开或走的")), ("no", _("坐车的"))])
    responsibility = chosen(
        _("交警认定对方机动车"),
        [
            ("full", _("全部责任")), ("main", _("主要责任")), ("equal", _("同等责任")), ("secondary", _("次要责任")),
            ("none", _("无责任")),
        ],
    )  # fmt: skip
    share = whole(_("对方承担百分之几"), 100, _("双方或法院定了才填，如 70；没定就空着"))
    insured = chosen(_("对方机动车有交强险吗"), [("yes", _("有")), ("no", _("没有"))])
    commercial = yuan(_("对方商业险保额"), _("没有商业险就空着"))
    barred = chosen(
        _("对方有没有这些"),
        [
            ("", _("都没有")), ("drunk", _("醉酒驾驶")), ("unlicensed", _("无证驾驶")), ("drugs", _("吸毒后驾驶")),
            ("fled", _("逃逸")),
        ],
        needed=False,
    )  # fmt: skip
    age = whole(_("受伤的人多大年纪"), 130)
    standard = chosen(
        _("按城镇还是农村标准"), [("", _("不知道")), ("urban", _("城镇")), ("rural", _("农村"))], needed=False
    )
    medical, later_treatment = yuan(_("医疗费")), yuan(_("后续治疗费"))
    stay, stay_daily = days(_("住院几天")), yuan(_("伙食补助每天"))
    nutrition, nutrition_daily = days(_("营养期几天")), yuan(_("营养费每天"))
    leave, leave_daily = days(_("误工几天")), yuan(_("每天少挣"))
    nursing, nursing_daily = days(_("护理几天")), yuan(_("护理费每天"))
    transport, mental = yuan(_("交通费")), yuan(_("精神抚慰金"))
    appraisal, property = yuan(_("鉴定费")), yuan(_("车辆等财产损失"))
    grades = forms.CharField(
        label=_("伤残等级"), required=False, max_length=40, help_text=_("一到十级，几处就都写上，如 8 10 10；没有就空着")
    )
    extra = whole(_("每多一处伤残加百分之几"), 10, _("几处伤残才用；按当地法院的做法，如 2"))
    death = forms.BooleanField(label=_("人不在了（死亡赔偿金、丧葬费）"), required=False)
    kept_years, kept_by = whole(_("要扶养的人还要几年"), 20), whole(_("几个人一起扶养"), 30)
    more_years, more_by = whole(_("另一位还要几年"), 20), whole(_("几个人一起扶养"), 30)
    income = yuan(_("上一年人均可支配收入"), _("当地统计局公布的，一年多少元；空着就用表里有的"))
    consumption, wage = yuan(_("上一年人均消费支出")), yuan(_("上一年职工平均工资"))
    advance = yuan(_("对方司机已经垫付"))
    advances = chosen(
        _("垫付的怎么退"),
        [
            ("refund_by_insurer", _("保险公司退给他")), ("refund_by_victim", _("受伤的人退给他")),
            ("off_debt", _("只抵他自己该赔的")), ("separate", _("他自己找保险公司")),
        ],
    )  # fmt: skip

    GROUPS: tuple[tuple[Any, bool, tuple[str, ...]], ...] = (
        (_("事故"), True, ("accident_date", "as_of", "province", "other", "driver",
            "responsibility", "share", "insured", "commercial", "barred")),
        (_("花的钱"), True, (
            "medical", "later_treatment", "stay", "stay_daily", "nutrition", "nutrition_daily", "leave", "leave_daily", "nursing",
            "nursing_daily", "transport", "mental", "appraisal", "property",
        )),
        (_("伤残、死亡"), True, (
            "age", "standard", "grades", "extra", "death", "kept_years", "kept_by", "more_years", "more_by",
            "income", "consumption", "wage",
        )),
        (_("垫付"), True, ("advance", "advances")),
    )  # fmt: skip

    def clean_grades(self) -> list[int]:
        """[8, 10, 10] of "8 10 10" or "8、10、10"."""
        words = [word for word in re.split(r"[\s,，、级]+", self.cleaned_data["grades"]) if word]
        if len(words) > 10 or any(not re.fullmatch(r"10|[1-9]", word) for word in words):
            raise forms.ValidationError(_("等级写 1 到 10 的数字，用空格隔开"))
        return [int(word) for word in words]

    def groups(self) -> list[tuple[Any, bool, list[forms.BoundField]]]:
        return [(title, open_, [self[name] for name in names]) for title, open_, names in self.GROUPS]
