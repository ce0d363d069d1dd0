"""The register of the house: one a year, and every act of administration is one event of it, in the same ledger as the matters.

Nobody has it in an inbox and it counts in no rate; auditors read it (roles apart as 等保 GB/T 22239-2019 8.1.5 asks).
"""

from __future__ import annotations

from minan.kernel.procedure import Ask, Change, Field, Procedure, State, Step, Words

W = Words
FIELDS = (
    Field("what", W("什么", "What"), "long", required=True, shown=False, max_length=2000),
    Field("why", W("为什么", "Why"), "long", shown=False, max_length=400),
    Field("who", W("谁的", "Whose"), shown=False, max_length=200),
    Field("second", W("第二人", "Second person"), shown=False, max_length=60),
    Field("edition", W("规则版次", "Edition"), "number", shown=False),
)
ACTS = (
    ("rule", W("改了规则", "A rule was changed")),
    ("try", W("按字句试算派单", "A rule by words was tried")),
    ("grant", W("给了岗位", "A role was given")),
    ("end_grant", W("收回岗位", "A role was taken back")),
    ("account", W("改了账号", "An account was changed")),
    ("propose", W("提请两人办的事", "Put forward for a second person")),
    ("decline", W("第二人没有同意", "The second person declined")),
    ("export", W("导出", "Exported")),
    ("erase", W("到期擦除", "Erased on its day")),
    ("key", W("钥匙", "Keys")),
    ("call", W("来电人同意，看了自己的事", "A live caller agreed and saw their own matters")),
    ("look_over", W("查看登记簿", "The register was read")),
)


def _opened(ask: Ask) -> Change:
    return Change(set={"title": "登记簿"})


PROCEDURE = Procedure(
    name="register",
    version=1,
    label=W("登记簿", "Register"),
    states=(
        State("open", W("在用", "In use")),
        State("ended", W("年终封存", "Closed for the year"), final=True, keep_days=36_500),
    ),
    steps=(
        *(Step(name, label, ("house", "clock"), ("open",), fields=FIELDS, public=False) for name, label in ACTS),
        Step("end_year", W("封存", "Close the year"), ("clock",), ("open",), "ended", public=False),
    ),
    clocks=(),
    opening=Step(
        "begin_year",
        W("启用", "Begin the year"),
        ("house", "clock"),
        to="open",
        fields=(Field("place", W("地点", "Place"), "place"),),
        effect=_opened,
        public=False,
    ),
    first="open",
)
