"""The questions a matter's steps ask, each with its label, its data class and whether the speaker reads the answer."""

from __future__ import annotations

from dataclasses import replace

from minan.kernel.procedure import Field, Words

W = Words
OPEN_TASK = ("assigned", "signed", "handling")  # a lead has it

URGENCY = (
    ("ordinary", W("普通", "Ordinary")),
    ("urgent", W("急件", "Urgent")),
    ("emergency", W("紧急：关系人身财产", "Emergency: life or property")),
)
SIZE = (
    ("simple", W("简单", "Simple")),
    ("ordinary", W("一般", "Ordinary")),
    ("complex", W("复杂", "Complex")),
)
OUTCOMES = (
    ("solved", W("解决了", "Solved")),
    ("part_solved", W("解决了一部分", "Partly solved")),
    ("explained", W("解释说明", "Explained")),
    ("not_supported", W("不支持", "Not supported")),
)
DUTY_POSTS = (
    ("police", W("派出所", "Police")),
    ("ambulance", W("120 急救", "Ambulance 120")),
    ("women", W("妇女维权值班", "Duty post for women")),
    ("children", W("未成年人保护值班", "Duty post for children")),
)


def words(
    label: Words, *, required: bool = True, hint: Words | None = None, shown: bool = True, name: str = "words"
) -> Field:
    return Field(name, label, "long", required=required, hint=hint, shown=shown, scrubbed=True)


TEXT = Field(
    "text", W("什么事", "What is it about"), "long", required=True, scrubbed=True, max_length=8000,
    hint=W("在哪里、什么时候、怎么了，想到什么写什么", "Where, when, what happened; write as it comes"),
)  # fmt: skip
KIND = Field("kind", W("种类", "Kind"), "kind")
PLACE = Field("place", W("地点", "Place"), "place")
PLACE_WORDS = Field("place_words", W("具体在哪", "Where exactly"), "text", max_length=200, scrubbed=True)
PHOTOS = Field("photos", W("照片", "Photos"), "photos")
ANSWERS = Field("answers", W("几个小问题", "A few questions"), "answers")
NAME = Field("name", W("怎么称呼您", "Your name"), "text", data="P2", max_length=40)
PHONE = Field("phone", W("电话", "Phone"), "phone", data="P2")
ADDRESS = Field("address", W("住址", "Address"), "text", data="P2", max_length=120)
VISIT = Field("visit", W("办好后打电话告诉我", "Call me when it is done"), "yesno")
CONFIDENTIAL = Field(
    "confidential", W("保密：除了办这件事的人，谁都看不到内容", "Confidential: nobody reads it but those who handle it"), "yesno", shown=False,
)
URGENCY_FIELD = Field("urgency", W("紧急程度", "Urgency"), "choice", options=URGENCY, shown=False)
SIZE_FIELD = Field("size", W("办理难度", "Size"), "choice", options=SIZE, shown=False)
UNIT = Field("unit", W("主办，只能一家", "Lead unit, one only"), "unit", required=True)
OUTCOME = Field("outcome", W("结果", "Outcome"), "choice", required=True, options=OUTCOMES)
ARTICLE = Field("article", W("依据哪条规定", "The rule it rests on"), "text", max_length=200)
REVIEW_ON = Field("review_on", W("下次哪天再看", "Looked at again on"), "date", required=True)
INTO = Field("into", W("并到哪一件（编号）", "Merged into (code)"), "case", required=True, shown=False)
REACHED = Field("reached", W("联系上了", "Reached"), "yesno", required=True)
CONTACTED = Field("contacted", W("有人联系过您吗", "Did somebody contact you"), "yesno")
SOLVED = Field("solved", W("真的好了吗", "Is it really solved"), "yesno")
SATISFIED = Field("satisfied", W("您满意吗", "Are you satisfied"), "yesno")


def title_of(text: str) -> str:
    """The first sentence, at most 36 characters: what a list shows."""
    first = text.strip()
    for mark in "。！？!?\n；;":
        first = first.split(mark)[0] or first
    first = " ".join(first.split())
    return first if len(first) <= 36 else first[:35] + "…"


def needed(field: Field) -> Field:
    return replace(field, required=True)


def ground(label: Words, source: str) -> Field:
    return Field("ground", label, "ground", required=True, source=source)
