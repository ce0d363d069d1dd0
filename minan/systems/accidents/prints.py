"""The printed papers of an accident: what it comes to, the finding in short, and the forms by which the hospital is paid."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from minan.kernel import labels
from minan.kernel.papers import Sheet
from minan.lib.codes import pretty
from minan.systems.accidents import figures, page, rescue, seen


def sheet(here: page.Here, what: str) -> Sheet | None:
    """The paper with this name as data; None where this reader may not print it now."""
    titles = dict(page.printable(here))
    if what not in titles:
        return None
    told = seen.told(here.own, here.top, here.children, here.reader)
    made = Sheet(
        titles[what], pretty(here.top.code), "en" if figures.english() else "zh",
        issuer=labels.office_name(here.top.desk), day=date_format(here.now, "Y-m-d"), foot=_("数字出自本案材料，可以逐项复核"),
    )  # fmt: skip
    return {"reckoning": _reckoning, "rescue": _rescue, "advance": _advance, "finding": _finding}[what](here, made, told)


def _reckoning(here: page.Here, made: Sheet, told: seen.Told) -> Sheet:
    shown = figures.shown(here.top.facts, told.names)
    assert shown is not None
    made.facts.extend(figures.duties(here.top.facts, told.names))
    made.head.extend((_("项目"), _("金额"), _("怎么算的、依据"), _("谁")))
    for one in shown["victims"]:
        for row in one["rows"]:
            how = row["formula"] if row["formula"] != row["amount"] else ""
            made.rows.append([row["label"], row["amount"], f"{how}  {row['law']}".strip(), one["who"]])
        made.rows.append([_("一共"), one["total"] or "", "", one["who"]])
    for row in shown["payments"]:
        made.rows.append([_("由谁赔"), row["amount"], row["formula"], row["who"]])
    for row in shown["transfers"]:
        made.rows.append([_("扣垫付后转账"), row["amount"], row.get("why", ""), f"{row['from']} → {row['to']}"])
    made.words.extend(shown["warnings"])
    return made


def _rescue(here: page.Here, made: Sheet, told: seen.Told) -> Sheet:
    facts = here.own.facts
    made.facts.extend(
        [
            (_("致"), labels.office_name(here.own.unit)),
            (_("伤者"), figures.name_of(facts["who"], told.names)),
            (_("申请金额（元）"), str(facts["wanted"])),
        ]
    )
    if facts.get("ground"):
        made.facts.append((_("情形"), labels.into(dict(rescue.GROUNDS)[facts["ground"]])))
    if facts.get("granted"):
        made.facts.append((_("同意金额（元）"), str(facts["granted"])))
    law = (
        _("依据《道路交通安全法》第七十五条、《道路交通事故社会救助基金管理办法》，请在三个工作日内审核并书面告知。（引用前请核对）")
        if facts["way"] == "fund"
        else _("依据《道路交通安全法》第七十五条、《机动车交通事故责任强制保险条例》第三十一条，请在责任限额内及时支付抢救费用。（引用前请核对）")
    )
    made.words.extend([law, *(said.words for said in told.said if said.of == "rescue")])
    return made


def _advance(here: page.Here, made: Sheet, told: seen.Told) -> Sheet:
    facts = here.own.facts
    if facts.get("wanted"):
        made.facts.append((_("请垫付（元）"), str(facts["wanted"])))
    made.facts.extend((_("已垫付（元）"), f"{row['amount']}  {row['on']}") for row in facts.get("paid") or [])
    made.words.append(_("垫付的钱凭收据登记在本案里，从垫付人该赔的数额中扣除；多垫的按协议返还。垫付不等于认责任。"))
    return made


def _finding(here: page.Here, made: Sheet, told: seen.Told) -> Sheet:
    finding = here.top.facts["finding"]
    made.facts.extend(
        [(_("认定书编号"), finding["number"]), (_("事故日期"), finding["happened_on"]), (_("认定日期"), finding["made_on"])]
    )
    made.facts.extend(figures.duties(here.top.facts, told.names))
    made.words.extend(said.words for said in told.said if said.of == "finding")
    made.words.append(_("对认定不服的，可以自认定书送达之日起三日内向上一级公安机关交通管理部门书面申请复核。（引用前请核对）"))
    return made
