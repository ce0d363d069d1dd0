"""What the demo shows of this system: some forty devices of 朝阳社区, one that is silent, one that sounds, one that waits, six cameras."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from minan.kernel import bus
from minan.kernel.access import actor
from minan.kernel.act import act
from minan.kernel.models import Case, User
from minan.lib import folders
from minan.systems.devices import cameras, ears, process, registry, silence
from minan.systems.devices.kinds import KINDS
from minan.systems.devices.models import Device

PLACE, POINT, POLICE, FILED = "131022100010", "131022100010-point", "131022100-police", "固公视备〔2026〕"
ROWS: tuple[tuple[str, str], ...] = (
    ("water", "南门地道口"), ("gateway", "物业机房"),
    *(("smoke", f"{house} 号楼 {unit} 单元楼道") for house in range(1, 5) for unit in (1, 2, 3)),
    *(("lift", f"{house} 号楼电梯") for house in (1, 2, 3, 4)),
    ("manhole", "育才路西口雨水井"), ("manhole", "中心花园污水井"), ("water", "地下车库集水井"),
    ("fence", "北侧围墙东段"), ("fence", "北侧围墙西段"), ("perimeter", "配电房"), ("highpoint", "水塔瞭望"),
    ("door", "1 号楼单元门"), ("door", "3 号楼单元门"), ("barrier", "东门道闸"), ("screen", "东门墙屏"), ("screen", "社区服务站墙屏"),
    ("button", "2 号楼 101 客厅"), ("button", "日间照料中心"), ("env", "垃圾房"), ("env", "地下车库"),
)  # fmt: skip
EYES = ("东门路口", "南门路口", "中心花园", "地下车库入口", "育才路西口", "水塔瞭望")


def rows() -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = [
        {"kind": kind, "place": PLACE, "unit": POINT, "mounted": where, "maker": "示例厂", "serial": f"DEMO-{n:03}"}
        for n, (kind, where) in enumerate(ROWS)
    ]
    for n, where in enumerate(EYES):
        sign = {"address": "test:", "purpose": "维护公共安全", "filing": f"{FILED}{n + 11} 号" if n != 4 else "", "answers": "固安镇派出所",
                "telephone": "0316-6100110", "sign_on": date(2026, 5, 1) if n != 3 else None}  # fmt: skip
        out.append(
            {
                "kind": "camera",
                "place": PLACE,
                "unit": POLICE,
                "mounted": where,
                "maker": "示例厂",
                "serial": f"DEMO-C{n}",
                "camera": sign,
            }
        )
    return out


def make(empty: bool) -> None:
    """Called by `minan demo`."""
    if not empty:
        seed(datetime.now(UTC))


def seed(now: datetime) -> list[Device]:
    """Register them, let each say something, and tell of one alarm and one silence."""
    made = registry.enter_many("", rows(), "示例社区")
    played = [[d.id, d.place, d.kind, secret, d.beat] for d, secret in made]
    folders.write_whole(process.file(), json.dumps({"members": played, "silent": 1}))
    ears.known.forget()
    devices = [d for d, _ in made]
    for device in devices[1:]:
        bus.hand_over(bus.topic(device.place, device.id, "signal"), "良好" if device.kind == "camera" else "-61", now)
    values = {"water": ("level", "0.42"), "smoke": ("battery", "93"), "env": ("temp", "17.5"), "lift": ("floor", "1")}
    labels = {"level": ("水位", "米"), "battery": ("电量", "%"), "temp": ("温度", "°C"), "floor": ("楼层", "层")}
    for device in devices[2:]:
        if device.kind in values:
            prop, value = values[device.kind]
            bus.hand_over(bus.topic(device.place, device.id, prop), value, now)
            Device.objects.filter(pk=device.pk).update(properties={prop: {"label": labels[prop][0], "unit": labels[prop][1]}})
    gateway = devices[1]
    bus.hand_over(
        bus.topic(PLACE, gateway.id, "config/smoke-new01"),
        json.dumps({"dev": {"mf": "示例厂", "mdl": "YG-2", "sn": "DEMO-900"}, "cmps": {}}),
        now,
    )
    _told(devices, now)
    return devices


def _told(devices: list[Device], now: datetime) -> None:
    """南门地道口 is silent since an hour; smoke in a stairwell, somebody is on the way."""
    silent, smoke = devices[0], devices[4]
    hour = now - timedelta(hours=1)
    Device.objects.filter(pk=silent.pk).update(heard_at=hour, silent_at=hour + timedelta(seconds=3 * KINDS["water"].beat))
    silence.begin([silent], "silent", hour + timedelta(seconds=3 * KINDS["water"].beat))
    at = now - timedelta(minutes=6)
    bus.hand_over(bus.topic(PLACE, smoke.id, "alarm"), "ON", at)
    bus.hand_over(bus.topic(PLACE, smoke.id, "alarm"), "OFF", at + timedelta(minutes=4))
    case = Case.objects.filter(procedure="alarm").order_by("-opened_at").first()
    point = User.objects.filter(username="gu.point").first()
    if case is not None and point is not None:
        act(case, "take", by=actor(point), facts={"words": "网格员去看"}, at=max(at + timedelta(minutes=1), case.changed_at))
    cameras.count(next(d.id for d in devices if d.kind == "camera"), now, looks=3)
