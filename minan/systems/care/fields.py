"""What the steps of care share: who asks, by which hour, by which way, the few care needs; and the words of a step."""

from __future__ import annotations

from minan.kernel.procedure import Field, Words

W = Words
KEEP = 180  # days: what is left of a stay or a visit when it has ended; an agreement that is ended is erased at once
HOURS = tuple((f"{h:02d}:00", W(f"{h:02d}:00 前", f"By {h:02d}:00")) for h in (7, 8, 9, 10, 11, 12, 14, 17, 20))
PAGE, HAND, PAPER, HOME = "page", "hand", "paper", "home"
WAYS = (
    (PAGE, W("我自己在手机上点一下", "I tap on my phone")),
    (HAND, W("邻居、亲友看到了点一下", "A neighbour or friend who saw me taps")),
    (PAPER, W("纸上排好，网格员来看我", "By a paper plan: the grid worker comes")),
    (HOME, W("家里装的小盒子看着，不对劲才告诉人", "A small box at home watches, and tells only when something is wrong")),
)
ASKERS = (
    ("self", W("我自己", "I myself")),
    ("guardian", W("监护人替他（她）约", "The guardian, for them")),
)
# Few, closed, and only what a bed must be ready for: no illness is asked for anywhere.
NEEDS = (
    ("none", W("能自己走、自己吃", "Walks and eats alone")),
    ("arm", W("要人扶着走", "Walks on an arm")),
    ("chair", W("坐轮椅", "Wheelchair")),
    ("fed", W("吃饭、翻身要人帮", "Fed and turned by somebody")),
)


def words(label: Words, *, required: bool = True, shown: bool = False, most: int = 600) -> Field:
    return Field("words", label, "long", required=required, scrubbed=True, shown=shown, max_length=most)


NAME = Field("name", W("怎么称呼", "Name"), "text", required=True, data="P2", max_length=40, keep_days=KEEP)
PHONE = Field("phone", W("电话", "Phone"), "phone", data="P2", keep_days=KEEP)
ADDRESS = Field("address", W("住在哪里（楼号门牌）", "Address"), "text", required=True, data="P2", max_length=120, keep_days=KEEP)
KIN_NAME = Field("kin_name", W("先告诉哪位家人", "Whom to tell first"), "text", data="P2", max_length=40, keep_days=KEEP)
KIN_PHONE = Field("kin_phone", W("他（她）的电话", "Their phone"), "phone", data="P2", keep_days=KEEP)
PLACE = Field("place", W("哪个村、社区", "Which village or community"), "place", required=True)
