"""The contract's names of items, headings and payers as people say them."""

from __future__ import annotations

from minan.lib.damages.said import Said

ITEM_WORDS = {
    "medical": Said("医疗费", "medical"), "later_treatment": Said("后续治疗费", "later treatment"), "meals": Said("住院伙食补助费", "hospital meals"),
    "nutrition": Said("营养费", "nutrition"), "lost_income": Said("误工费", "lost income"), "nursing": Said("护理费", "nursing"),
    "transport": Said("交通费", "transport"), "lodging": Said("住宿费", "lodging"), "disability": Said("残疾赔偿金", "disability"),
    "death": Said("死亡赔偿金", "death"), "funeral": Said("丧葬费", "funeral"), "dependants": Said("被扶养人生活费", "dependants"),
    "aids": Said("残疾辅助器具费", "aids"), "family_cost": Said("亲属办丧事的费用", "family's cost"), "mental": Said("精神损害抚慰金", "mental harm"),
    "appraisal": Said("鉴定费", "appraisal"), "property": Said("财产损失", "property"), "other": Said("其他", "other"),
}  # fmt: skip
PAYERS = {
    "compulsory": Said("交强险", "compulsory insurance"), "commercial": Said("商业险", "commercial insurance"),
    "self": Said("自己承担", "borne by oneself"),
}  # fmt: skip
HEADS = {
    "medical": Said("医疗费用", "medical"), "death_disability": Said("死亡伤残", "death and disability"), "property": Said("财产损失", "property"),
    "outside": Said("保险不赔、按责任分", "no insurer, by share"), "outside_full": Said("保险不赔、责任方全担", "no insurer, in full"),
    "commercial": Said("只归商业险", "commercial only"), "costs": Said("诉讼费用", "costs"),
}  # fmt: skip
