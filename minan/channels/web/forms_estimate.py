"""The ten questions for those who are afraid of forms: one small form a screen, every figure may be "还不知道"."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from minan.channels.web.forms_damages import YUAN_MOST, day
from minan.lib.damages.questions import HEAVY, UNKNOWN

DAYS_MOST, AGE_MOST = 3650, 130
NOT_YET = _("还不知道")


def _radio(label: Any, *choices: tuple[str, Any]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect, error_messages={"required": _("点一个，不知道就点“还不知道”")},
    )  # fmt: skip


def _yuan(label: Any, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=help_text, required=False, min_value=0, max_value=YUAN_MOST, decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": _("写成数字，如 1500 或 1500.50")},
    )  # fmt: skip


def _whole(label: Any, most: int, help_text: Any = "", *, needed: bool = False) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, required=needed, min_value=0, max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": _("写成整数，如 27"), "required": _("写一个数")},
    )  # fmt: skip


def _not_yet() -> forms.BooleanField:
    return forms.BooleanField(label=NOT_YET, required=False)


class Question(forms.Form):
    """One screen. `figure` names the field that wants a number or a tick at 还不知道."""

    figure = ""

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        name = self.figure
        if name and name not in self.errors and found.get(name) is None and not found.get(f"{name}_{UNKNOWN}"):
            self.add_error(name, _("写一个数，或者点“还不知道”"))
        return found

    def answers(self) -> dict[str, str]:
        """The cleaned answers as questions.py reads them; a figure wins over a tick beside it."""
        found = {}
        for name, value in self.cleaned_data.items():
            if name.endswith(f"_{UNKNOWN}"):
                continue
            if value in (None, ""):
                found[name] = UNKNOWN if self.cleaned_data.get(f"{name}_{UNKNOWN}") else ""
            elif hasattr(value, "isoformat"):
                found[name] = value.isoformat()
            else:
                found[name] = value if isinstance(value, str) else str(value)
        return found


class When(Question):
    date = day(_("哪天出的事"))
    province = forms.ChoiceField(
        label=_("在哪个省"), choices=[("13", _("河北")), ("37", _("山东")), ("61", _("陕西")), ("", _("别的省"))], required=False,
    )  # fmt: skip


class How(Question):
    how = _radio(
        _("受伤的人当时在做什么"), ("ride", _("骑电动自行车、自行车")), ("walk", _("走路")), ("passenger", _("坐在别人的电动车、三轮车上")),
        ("drive", _("开摩托车、汽车")),
    )  # fmt: skip


class Blame(Question):
    blame = _radio(
        _("交警认定机动车一方"), ("full", _("全部责任")), ("main", _("主要责任")), ("equal", _("同等责任")), ("secondary", _("次要责任")),
        ("none", _("无责任")), (UNKNOWN, NOT_YET),
    )  # fmt: skip


class Cover(Question):
    cover = _radio(_("机动车有保险吗"), ("yes", _("有")), ("no", _("什么保险都没有")), (UNKNOWN, NOT_YET))
    commercial = _yuan(_("商业三者险的保额"), _("一百万写 1000000；只有交强险就写 0；不知道就空着"))
    advanced = _yuan(_("对方已经给过多少钱"), _("垫的医药费也算；没有就空着"))

    def answers(self) -> dict[str, str]:
        found = super().answers()
        return found | {"commercial": found["commercial"] or UNKNOWN}


class OwnCover(Cover):
    advanced = None


class Barred(Question):
    barred = _radio(
        _("开车的人有没有这些"), ("", _("都没有")), ("drunk", _("醉酒驾驶")), ("unlicensed", _("无证驾驶")), ("drugs", _("吸毒后驾驶")),
        ("fled", _("出事后离开了现场（逃逸）")),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["barred"].required = False


class Age(Question):
    figure = "age"
    age = _whole(_("受伤的人多少岁"), AGE_MOST, _("周岁"))
    age_unknown = _not_yet()


class Medical(Question):
    figure = "medical"
    medical = _yuan(_("医药费到现在一共花了多少元"), _("把医院的票加起来"))
    medical_unknown = _not_yet()


class Stay(Question):
    figure = "stay"
    stay = _whole(_("住了几天医院"), DAYS_MOST, _("没住院写 0"))
    stay_unknown = _not_yet()
    stay_daily = _yuan(_("伙食补助一天多少元"), _("按当地的标准；不知道就空着"))


class Leave(Question):
    figure = "leave"
    leave = _whole(_("受伤的人几天不能干活"), DAYS_MOST, _("本来就不上班、不干活写 0"))
    leave_unknown = _not_yet()
    leave_daily = _yuan(_("一天少挣多少元"), _("不知道就空着"))


class Nursing(Question):
    figure = "nursing"
    nursing = _whole(_("要人照顾几天"), DAYS_MOST, _("不用人照顾写 0"))
    nursing_unknown = _not_yet()
    nursing_daily = _yuan(_("照顾的人一天多少元"), _("请护工写护工的钱，家里人写他少挣的钱；不知道就空着"))


GRADE_WORDS: list[str | Promise] = [
    _("十级（最轻）"), _("九级"), _("八级"), _("七级"), _("六级"), _("五级"), _("四级"), _("三级"), _("二级"), _("一级（最重）"),
]  # fmt: skip


class Grade(Question):
    grade = _radio(
        _("会不会评上伤残"), ("none", _("医生说不会留下残疾")), (UNKNOWN, _("还不知道，伤得不算很重（按没有到八级算）")),
        (HEAVY, _("还不知道，伤得很重（按没有到一级算）")), ("rated", _("已经评了，在下面选等级")), ("death", _("人不在了")),
    )  # fmt: skip
    rated = forms.ChoiceField(
        label=_("评了几级"), help_text=_("几处伤残选最重的一级"), required=False,
        choices=[("", _("没有评")), *((str(10 - n), word) for n, word in enumerate(GRADE_WORDS))],
    )  # fmt: skip
    income = _yuan(_("上一年城镇居民人均可支配收入"), _("一年多少元，省统计局公布；表里有的自动用，不知道就空着"))

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if found.get("grade") == "rated" and not found.get("rated"):
            self.add_error("rated", _("选一个等级"))
        return found

    def answers(self) -> dict[str, str]:
        found = super().answers()
        return found | {"grade": found["rated"] if found["grade"] == "rated" else found["grade"]}


class Advanced(Question):
    figure = "advanced"
    advanced = _yuan(_("您已经给过对方多少元"), _("垫的医药费也算；没有写 0"))
    advanced_unknown = _not_yet()


QUESTIONS: dict[str, type[Question]] = {
    "date": When, "how": How, "blame": Blame, "cover": Cover, "barred": Barred, "age": Age, "medical": Medical, "stay": Stay,
    "leave": Leave, "nursing": Nursing, "grade": Grade, "advanced": Advanced,
}  # fmt: skip


def question(side: str, name: str) -> type[Question]:
    """The form of a question; a driver is not asked twice what was given."""
    return OwnCover if (side, name) == ("driver", "cover") else QUESTIONS[name]
