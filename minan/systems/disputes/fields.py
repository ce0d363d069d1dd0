"""What the steps of a dispute share: the kinds, who is who, fields for papers, what the law says one may do instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minan.kernel.procedure import Ask, Field, Words

W = Words
KEEP = 1825
A, B = "a", "b"
FIRST = (A, B)  # who is there from the beginning; others are brought in
LETTERS, ORDINAL = "abcdef", "甲乙丙丁戊己"  # a side in the records, and as a paper names it; six at most
PARTY = (
    (A, W("申请人", "The applicant")),
    (B, W("对方", "The other side")),
    *((ref, W(f"{name}方", f"Side {ref.upper()}")) for ref, name in zip(LETTERS[2:], ORDINAL[2:], strict=True)),
)
SORTS = (  # 人民调解法 names none; the ministry's statistics do (引用前请核对)
    ("neighbour", W("邻里纠纷", "Neighbours")),
    ("family", W("婚姻家庭纠纷", "Family")),
    ("homestead", W("房屋宅基地纠纷", "House and homestead")),
    ("land", W("山林土地、征地拆迁纠纷", "Land and demolition")),
    ("labour", W("劳动争议", "Labour")),
    ("debt", W("合同、借贷纠纷", "Contracts and debts")),
    ("property", W("物业纠纷", "Property management")),
    ("medical", W("医疗纠纷", "Medical")),
    ("consumer", W("消费纠纷", "Consumer")),
    ("injury", W("损害赔偿纠纷", "Injury and damage")),
    ("road", W("道路交通事故纠纷", "Road accident")),
    ("other", W("其他纠纷", "Other")),
)
TITLES = tuple(words for _, words in SORTS)  # by its sort a dispute, its sides and its confirmation are called
OTHER = "other"
# 人民调解法 art. 26: who does not reach agreement is told of the ways of law.
WAYS = W(
    "没有达成调解协议。您可以依法通过仲裁、行政、司法等途径维护自己的权利（《人民调解法》第二十六条）："
    "向人民法院起诉；有仲裁协议的申请仲裁，劳动争议先向劳动人事争议仲裁委员会申请仲裁；依法归行政机关处理的，向有权的机关提出。"
    "起诉和仲裁都有时效，别等过了。法律咨询可拨 12348。",
    "No agreement was reached. The ways of law stay open to you (People's Mediation Act, art. 26): an action before the people's court; "
    "arbitration where there is a clause, and for labour the labour arbitration first; "
    "the competent authority where the law gives it to one. "
    "Mind the time limits. Legal advice: call 12348.",
)
# art. 32 and 33: about the agreement itself.
BROKEN = W(
    "对方没有履行调解协议的，可以就协议的履行或者内容向人民法院起诉（《人民调解法》第三十二条）；"
    "协议经人民法院确认有效的，可以向人民法院申请强制执行（第三十三条）。法律咨询可拨 12348。",
    "Where the other side does not perform, an action on the agreement lies before the people's court (art. 32); "
    "an agreement that the court has confirmed can be enforced (art. 33). Legal advice: call 12348.",
)


def paper(name: str, label: Words, *, required: bool = True, shown: bool = True, most: int = 4000) -> Field:
    """Words that go to the vault, whoever writes them."""
    return Field(name, label, "long", required=required, paper=True, shown=shown, data="P1", max_length=most)


def words(label: Words, *, required: bool = True, shown: bool = False) -> Field:
    """Words that stand on the record of the committee: reasons, never what was said in mediation."""
    return Field("words", label, "long", required=required, scrubbed=True, shown=shown, max_length=1000)


DRAWN = Field("drawn", W("手写签名", "Drawn signature"), "drawn", paper=True)
SEEN = Field("k", W("看的是第几份", "Which one was read"), "number", required=True, shown=False)


def facts(ask: Ask) -> dict[str, Any]:
    return dict(ask.case["facts"])


def sides(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Everybody whose consent, confirmation and signature it needs: two, or more where others were brought in."""
    return tuple(facts.get("sides") or FIRST)


def is_own_desk(ask: Ask) -> bool:
    """True on the case of a side that is an organisation (an insurer), where somebody of its own unit acts."""
    return bool(ask.person) and ask.case["unit"] != ask.case["desk"] and "lead" in ask.roles


# ---- who may


def is_mediator(ask: Ask) -> Words | None:
    """The one named and no other, nor a colleague."""
    if ask.person and ask.person == ask.case["facts"].get("mediator"):
        return None
    return W("只有本案的调解员能办这一步", "Only the mediator of this dispute may do this")


def is_head(ask: Ask) -> Words | None:
    if ask.person and ask.offices.heads(ask.case["desk"], ask.person):
        return None
    return W("由调解委员会主任办", "The head of the committee does this")


def acts_for_side(ask: Ask) -> Words | None:
    """A side acts itself, or by the hand of the mediator (before one is named: of whoever of the committee sits with them)."""
    person, mediator = ask.facts.get("person"), ask.case["facts"].get("mediator")
    if person and mediator and person != mediator:
        return W(
            "当事人自己办，或者由本案的调解员当面代记",
            "The side does this, or the mediator of this dispute enters it for them",
        )
    return None
