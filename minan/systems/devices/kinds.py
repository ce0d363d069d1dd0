"""What kinds of devices and alarms there are, how often a device must speak, how urgent an alarm is. Pure.

A smoke detector is missed within five minutes (RELIABILITY.md S7): three beats of at most 100 seconds. An alarm's two limits,
answered and settled, stand in the city's limits.toml by the urgency and size named here (LF-LIMIT-2026 第60条，示例).
"""

from __future__ import annotations

from typing import NamedTuple

from minan.kernel.procedure import Words

W = Words
BEATS = 3  # missed, then a device is silent
BEAT_LEAST, BEAT_MOST = 10, 3600  # seconds


class Kind(NamedTuple):
    label: Words
    beat: int  # seconds, as it is registered where nothing else is said
    most: int  # the longest that may be said
    alarm: str  # what its bare "ON" means
    icon: str = "info"


class Alarm(NamedTuple):
    label: Words
    urgency: str
    size: str
    say: Words  # what to do first
    proof: bool = False  # settled only with a photo from the place


KINDS: dict[str, Kind] = {
    "smoke": Kind(W("烟感", "Smoke detector"), 60, 100, "smoke", "alert"),
    "water": Kind(W("水位计", "Water level"), 120, 600, "water"),
    "manhole": Kind(W("井盖", "Manhole cover"), 600, 3600, "manhole"),
    "lift": Kind(W("电梯", "Lift"), 60, 300, "lift"),
    "fence": Kind(W("电子围栏", "Electronic fence"), 60, 300, "fence"),
    "perimeter": Kind(W("周界", "Perimeter"), 60, 300, "perimeter"),
    "highpoint": Kind(W("高点瞭望（只认烟火）", "High-point lookout (smoke and fire only)"), 60, 300, "fire"),
    "camera": Kind(W("摄像机", "Camera"), 300, 600, "tamper", "camera"),
    "button": Kind(W("呼叫按钮", "Help button"), 300, 3600, "tamper", "phone"),
    "door": Kind(W("门禁", "Door"), 60, 300, "forced", "lock"),
    "barrier": Kind(W("道闸", "Barrier"), 60, 300, "forced", "lock"),
    "screen": Kind(W("墙屏", "Wall screen"), 60, 300, "tamper"),
    "gateway": Kind(W("网关", "Gateway"), 60, 300, "tamper"),
    "env": Kind(W("环境传感器", "Environment sensor"), 300, 3600, "tamper"),
}
ALARMS: dict[str, Alarm] = {
    "smoke": Alarm(W("烟雾", "Smoke"), "emergency", "simple", W("先打电话给这户和 119，再去看", "Ring the home and 119, then go"), True),
    "lift": Alarm(
        W("电梯困人或故障", "Lift stuck"),
        "emergency",
        "ordinary",
        W("先和轿厢里的人通话，叫维保和 119", "Speak with who is inside, call maintenance and 119"),
    ),
    "fire": Alarm(
        W("烟火", "Fire seen from a high point"), "emergency", "complex", W("先打 119，再派人", "Call 119, then send somebody"), True
    ),
    "water": Alarm(
        W("水位超线", "Water above its mark"),
        "urgent",
        "simple",
        W("先封路、断电，再叫排水", "Close the road, cut the power, call the pumps"),
        True,
    ),
    "manhole": Alarm(
        W("井盖开了或移了", "Manhole cover open"),
        "urgent",
        "ordinary",
        W("先围挡，再找权属单位", "Fence it off, then call its owner"),
        True,
    ),
    "fence": Alarm(W("电子围栏越线", "Electronic fence crossed"), "urgent", "complex", W("去看一眼", "Go and look")),
    "perimeter": Alarm(W("周界入侵", "Perimeter crossed"), "ordinary", "simple", W("去看一眼", "Go and look")),
    "forced": Alarm(
        W("门被强开或久开", "Door forced or held open"), "ordinary", "ordinary", W("去看门关上没有", "See whether it is shut")
    ),
    "tamper": Alarm(W("设备被拆动", "Device tampered with"), "ordinary", "complex", W("去看设备", "See to the device")),
}
KIND_OPTIONS = tuple((name, kind.label) for name, kind in KINDS.items())
ALARM_OPTIONS = tuple((name, alarm.label) for name, alarm in ALARMS.items())
# Properties that are a sign of life and no value.
SIGNS = frozenset({"beat", "press", "taken", "state"})


def silent_after(beat: int) -> int:
    """Seconds without a word after which a device is silent."""
    return BEATS * beat


def alarm_of(kind: str, said: str) -> str:
    """The alarm a message means: the one it names, else its device's own."""
    return said if said in ALARMS else KINDS[kind].alarm
