"""The questions about one injured person. What may come several times is a row of its own (damages_tree.py)."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minan.channels.web.forms_damages import NOT_SAID, Piece, chosen, days, name, per_cent, yuan


class Victim(Piece):
    id = name(_("叫什么"), _("如 伤者1，不用写姓名"))
    within = chosen(_("当时在哪辆车上"), [("", _("不在车上"))], needed=False, help_text=_("走路的人选他自己那一行"))
    driver = chosen(_("是自己骑、开、走的吗"), [NOT_SAID, ("yes", _("是")), ("no", _("不是，坐车的"))], needed=False)
    own_share = per_cent(_("自己承担百分之几"), _("和上面那一行一样就空着"))
    age = days(_("多大年纪"), _("定残或去世时的周岁"))
    standard = chosen(
        _("按城镇还是农村标准"), [("", _("不知道")), ("urban", _("城镇")), ("rural", _("农村"))], needed=False
    )
    medical, later_treatment = yuan(_("医疗费")), yuan(_("后续治疗费"))
    non_medicare, reimbursed = yuan(_("其中医保外用药")), yuan(_("医保已报销"))
    transport, lodging = yuan(_("交通费")), yuan(_("住宿费"))
    grades = forms.CharField(
        label=_("伤残等级"),
        required=False,
        max_length=40,
        help_text=_("一到十级，几处就都写上，如 8 10 10；没有就空着"),
    )
    coefficient = per_cent(_("伤残系数百分之几"), _("判好了系数的才填，不填等级"))
    disability_years, disability_amount = days(_("残疾赔偿年数"), _("空着按年龄")), yuan(_("残疾赔偿金（定好的）"))
    mental, appraisal = yuan(_("精神抚慰金")), yuan(_("鉴定费"))
    death = forms.BooleanField(label=_("人不在了（死亡赔偿金）"), required=False)
    funeral = forms.BooleanField(label=_("丧葬费"), required=False)
    death_years, death_amount = days(_("死亡赔偿年数"), _("空着按年龄")), yuan(_("死亡赔偿金（定好的）"))
    funeral_amount = yuan(_("丧葬费（定好的）"))
    dependants_amount = yuan(_("被扶养人生活费（定好的）"))
    items_coefficient = per_cent(_("扶养费按百分之几"), _("残疾赔偿金是定好的金额时才填"))
    aids_amount = yuan(_("辅助器具费（定好的）"))
    released = name(_("不要谁赔了"), _("没有告或者已经了结的，几个用顿号隔开"))

    GROUPS = (
        ("", ("id", "within", "driver", "age", "medical"), ()),
        (_("医药、住院、交通"), ("later_treatment", "non_medicare", "reimbursed", "transport", "lodging"), ("meals", "nutrition")),
        (_("误工、护理"), (), ("lost_income", "nursing")),
        (_("伤残"), ("standard", "grades", "coefficient", "disability_years", "disability_amount", "mental", "appraisal", "aids_amount"),
            ("aids",)),
        (_("人不在了"), ("death", "death_years", "death_amount", "funeral", "funeral_amount"), ("family_cost",)),
        (_("要扶养的人"), ("dependants_amount", "items_coefficient"), ("dependants",)),
        (_("车辆财产和别的损失"), (), ("property", "other")),
        (_("垫付"), (), ("advances",)),
        (_("诉请、了结"), ("own_share", "released"), ("claims",)),
    )  # fmt: skip

    def clean_grades(self) -> list[int]:
        """[8, 10, 10] of "8 10 10" or "8、10、10"."""
        words = [word for word in re.split(r"[\s,，、级]+", self.cleaned_data["grades"]) if word]
        if len(words) > 10 or any(not re.fullmatch(r"10|[1-9]", word) for word in words):
            raise forms.ValidationError(_("等级写 1 到 10 的数字，用空格隔开"))
        return [int(word) for word in words]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        ways = [one for one in ("grades", "coefficient", "disability_amount") if found.get(one) not in (None, [], "")]
        if len(ways) > 1:
            self.add_error(ways[1], _("等级、系数、定好的金额，只填一样"))
        return found
