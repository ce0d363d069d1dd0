"""What the ten questions and their result say in words: titles, what to keep as proof, what is not counted, whom to ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from minan.lib.damages.questions import SPANS, WALKS

TITLES: dict[str, Any] = {
    "date": _("哪天、在哪个省出的事？"), "how": _("受伤的人当时在做什么？"), "blame": _("交警怎么认定的？"), "age": _("受伤的人多少岁？"),
    "medical": _("医药费到现在花了多少？"), "stay": _("住了几天医院？"), "leave": _("多少天不能干活？"), "nursing": _("要人照顾多少天？"),
    "grade": _("会留下残疾吗？"), "cover": _("对方的车有保险吗？"), "barred": _("开车的时候有没有这些情形？"), "advanced": _("您已经给过对方多少钱？"),
}  # fmt: skip
OWN_TITLES: dict[str, Any] = {"cover": _("您的车有什么保险？"), "blame": _("交警怎么认定您的？")}
WHY: dict[str, Any] = {
    "date": _("赔多少看事故那天的规定。"), "how": _("走路、骑车和开车，分担的比例不一样。"),
    "blame": _("看《道路交通事故认定书》。还没有下来，就点“还不知道”。"), "age": _("过了 60 岁，残疾赔偿金的年数会少。"),
    "medical": _("不用很准，以后还能改。"), "stay": _("看出院小结。"), "leave": _("看医院的休假证明或鉴定。还没有，就点“还不知道”。"),
    "nursing": _("看医嘱或鉴定。还没有，就点“还不知道”。"), "grade": _("要等治好以后由鉴定机构评。"),
    "cover": _("保险公司赔在前面。可以问交警，认定书上一般也写着。"), "barred": _("这些情形保险公司可能不赔，或者赔了再向您要。只在这一页算，不会告诉别人。"),
    "advanced": _("给过的钱最后要扣回来。"),
}  # fmt: skip
UNKNOWN_WORDS: dict[str, Any] = {
    "blame": _("责任没有认定"), "share": _("双方各担多少没有定"), "cover": _("不知道有什么保险"), "commercial": _("不知道有没有商业险、保多少"),
    "leave": _("不知道几天不能干活"), "nursing": _("不知道要照顾几天"), "grade": _("伤残等级没有评"),
}  # fmt: skip
LEFT_WORDS: dict[str, Any] = {
    "medical": _("医药费：还不知道花了多少"), "stay": _("住院伙食补助费：缺天数或一天多少元"), "leave": _("误工费：缺一天少挣多少元"),
    "nursing": _("护理费：缺照顾的人一天多少元"),
    "income": _("残疾赔偿金、死亡赔偿金：缺上一年城镇居民人均可支配收入。一年收入每有 1 万元，20 年、十级就是 2 万元，高一级多 2 万元"),
    "age": _("残疾赔偿金、死亡赔偿金：缺年龄"), "funeral": _("丧葬费：缺上一年职工平均工资（6 个月的）"),
}  # fmt: skip
NEVER: tuple[Any, ...] = (
    _("精神抚慰金：由双方或法院定，没有统一的数"), _("以后还要花的医药费、营养费、交通费、鉴定费、辅助器具、要扶养的人的生活费、车辆损失"),
    _("双方另外说好的，法院另外认定的"),
)  # fmt: skip
NOT_ASKED: tuple[Any, ...] = (_("护理费、住院伙食补助费：这里不问司机，要按对方的病历和凭据另加"),)  # of a driver
PROOFS: dict[str, Any] = {
    "blame": _("道路交通事故认定书；没有下来就留好受理的单子和照片"), "medical": _("门诊和住院的发票、费用清单、病历、出院小结、检查片子"),
    "leave": _("医院的休假证明；收入的证明：劳动合同、工资流水、种地打零工的由村里证明"), "nursing": _("医嘱里写的要人照顾；护工的合同和收条，家里人误工的证明"),
    "stay": _("出院小结（写着住了几天）"), "grade": _("鉴定意见书和鉴定费发票；没有评的，治好以后再评"),
    "cover": _("对方的姓名电话车牌、保单号；给过钱的收条、转账记录"),
}  # fmt: skip
OWN_PROOFS: tuple[Any, ...] = (
    _("道路交通事故认定书"), _("两张保单（交强险、商业险），给保险公司报案的时间和报案号"), _("垫付的每一笔：收条、转账记录，写明是垫付"),
    _("修车的发票、照片；不要私下签“一次了结”又没有保险公司知道的协议"),
)  # fmt: skip
ORDER: tuple[Any, ...] = (
    _("先由机动车的交强险赔，分医疗、死亡伤残、财产三个限额，不看责任大小"),
    _("不够的部分按责任分，机动车一方的先由商业险赔"),
    _("商业险不赔的、超过保额的，由开车的人或车主赔"), _("自己有责任的那一份自己承担"), _("最后扣掉已经给过的钱"),
)  # fmt: skip
HELPERS: tuple[tuple[Any, str], ...] = (
    (_("认定、救助基金：交警队"), "122"), (_("法律援助、人民调解：公共法律服务热线"), "12348"), (_("保险公司不理赔：金融消费者热线"), "12378"),
)  # fmt: skip
NO_MONEY = _(
    "没钱交医院：请交警通知保险公司先付抢救费；没有保险、逃逸或不够的，可以向交警申请道路交通事故社会救助基金垫付。也可以请调解员叫对方先垫。"
)
SOURCES = _(
    "依据：民法典第1179、1213条，道路交通安全法第76条，法释〔2022〕14号，法释〔2020〕18号，GA/T 1193—2014（误工、护理的天数；凭记忆写的）。引用前请核对。"
)


def title(side: str, name: str) -> Any:
    return OWN_TITLES.get(name, TITLES[name]) if side == "driver" else TITLES[name]


def proofs(side: str, answers: Mapping[str, str]) -> list[Any]:
    """What to keep, for what was answered; a driver keeps other papers."""
    if side == "driver":
        return list(OWN_PROOFS)
    return [words for name, words in PROOFS.items() if name not in answers or answers[name] not in ("0", "none")]


def spans(side: str, unknown: Collection[str]) -> Any:
    """How unknown days are counted; "" where all are known."""
    told = {"leave": _("不能干活 %(a)d–%(b)d 天"), "nursing": _("要人照顾 %(a)d–%(b)d 天")}
    named = [told[name] % dict(zip("ab", SPANS[name], strict=True)) for name in told if name in unknown and name in WALKS[side]]
    return _("不知道的天数按常见范围算：%(days)s。") % {"days": " · ".join(map(str, named))} if named else ""
