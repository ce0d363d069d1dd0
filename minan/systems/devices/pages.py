"""What the pages show: rows with a light, one device with its values, what sounds, what waits, a place's cameras."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minan.kernel import labels
from minan.kernel import registry as registry_of
from minan.kernel.models import BusCount, Case, User
from minan.kernel.pages import listing as listing_of
from minan.kernel.procedure import Words
from minan.systems.devices import cameras, registry, silence
from minan.systems.devices.kinds import ALARMS, KINDS
from minan.systems.devices.models import Camera, Device, LookCount, Ring, Value, Waiting

SHOWN = 200
LIGHTS = ("red", "yellow", "", "green")
PROBES = {
    "ok": gettext_lazy("能打开"),
    "closed": gettext_lazy("打不开"),
    "refused": gettext_lazy("不认这个地址"),
    "late": gettext_lazy("没有回应"),
    "forbidden": gettext_lazy("地址不在名单里"),
    "": gettext_lazy("没有探测"),
}


def light_words(light: str) -> str:
    return {"red": _("有告警或故障"), "yellow": _("不正常"), "": _("不知道"), "green": _("正常"), "off": _("停用")}[light]


def _why(device: Device, light: str, sounding: bool, since: datetime | None) -> str:
    if sounding:
        return _("在报警")
    if device.fault:
        return _("故障，在办")
    if light == "":
        return _("从未有过声音") if device.heard_at is None else _("平台现在听不到设备")
    if device.lost_at:
        return _("断线")
    if device.skew:
        return _("设备的钟不对")
    return light_words(light)


def rows(devices: list[Device], now: datetime) -> list[dict[str, Any]]:
    """Each with its light, the worst first. Two queries."""
    since, rings = silence.listening(now), silence.sounding(devices)
    out = []
    for device in devices:
        light = silence.light(device, now, since, rings)
        clock = {"light": light or "idle", "words": _why(device, light, device.id in rings, since)}
        out.append(
            {"device": device, "kind": KINDS[device.kind], "light": light, "clock": clock, "place": labels.place_short(device.place)}
        )
    return sorted(
        out, key=lambda row: (LIGHTS.index(row["light"]) if row["light"] in LIGHTS else 9, row["device"].kind, row["device"].mounted)
    )


def listing(user: User, kind: str, light: str, now: datetime) -> dict[str, Any]:
    """The devices of this person's places: counts by light and kind, and the rows that were asked for."""
    found = list(registry.seen_by(user).filter(live=True).order_by("place", "kind", "id")[: SHOWN * 10])
    every = rows(found, now)
    shown = [
        row for row in every if (not kind or row["device"].kind == kind) and (not light or row["light"] == light.replace("unknown", ""))
    ]
    lights, kinds = Counter(row["light"] for row in every), Counter(row["device"].kind for row in every)
    return {
        "rows": shown[:SHOWN],
        "more": max(0, len(shown) - SHOWN),
        "total": len(every),
        "kind": kind,
        "light": light,
        "lights": [(name or "unknown", light_words(name), lights[name]) for name in LIGHTS],
        "kinds": [(name, KINDS[name].label, n) for name, n in sorted(kinds.items())],
        "deaf": silence.listening(now) is None,
        "may_keep": registry.may_keep(user),
        "waiting": Waiting.objects.count() if registry.may_keep(user) else 0,
    }


# What a device that describes nothing calls its values: said in people's words all the same.
USUAL = {
    "signal": Words("信号", "Signal"), "battery": Words("电量", "Battery"), "level": Words("水位", "Water level"),
    "temp": Words("温度", "Temperature"), "floor": Words("楼层", "Floor"),
}  # fmt: skip


def one(device: Device, user: User, now: datetime) -> dict[str, Any]:
    """One device: its last values, its open cases, what the law asks where it is a camera."""
    values = []
    for value in Value.objects.filter(device=device).order_by("prop"):
        about = device.properties.get(value.prop, {})
        label = about.get("label") or (labels.into(USUAL[value.prop]) if value.prop in USUAL else value.prop)
        values.append({"label": label, "value": value.value, "unit": about.get("unit", ""), "at": value.at})
    camera = Camera.objects.filter(device=device).select_related("device").first()
    rings = [{"ring": ring, "alarm": ALARMS[ring.alarm]} for ring in Ring.objects.filter(device=device)]
    return {
        "device": device,
        "row": rows([device], now)[0],
        "values": values,
        "camera": camera,
        "rings": rings,
        "lacks": cameras.lacks(camera) if camera else [],
        "unit": labels.office_name(device.unit),
        "place": labels.place_short(device.place),
        "probe": PROBES.get(camera.probe, "") if camera else "",
        "may_keep": registry.may_keep(user) and device.unit in registry.owners(user),
    }


def sounding(user: User, now: datetime) -> list[dict[str, Any]]:
    """The open alarms of this person's places, the most urgent and longest first. Two queries."""
    found = Ring.objects.filter(device__in=registry.seen_by(user)).select_related("device")
    cases = {case.id: case for case in Case.objects.filter(id__in=[ring.case_id for ring in found], closed_at=None)}
    out = []
    for ring in found:
        case = cases.get(ring.case_id)
        if case is not None:
            place = labels.place_short(ring.device.place)
            told = {"clock": listing_of.clock(case, now), "place": place, "url": _case(case), "state": _state(case)}
            out.append({"ring": ring, "case": case, "alarm": ALARMS[ring.alarm]} | told)
    return sorted(out, key=lambda row: (row["alarm"].urgency != "emergency", row["ring"].since))


def _state(case: Case) -> Any:
    return registry_of.label(case.procedure, case.version, "states", case.state)


def _case(case: Case) -> str:
    return reverse("kernel:desk_case", args=[case.code])


def waiting(user: User) -> list[Waiting]:
    """Announced by gateways of this person's places."""
    gateways = registry.seen_by(user).filter(kind="gateway").values("id")
    return list(Waiting.objects.filter(gateway__in=gateways).order_by("-at")[:SHOWN])


def told_of_bus() -> list[tuple[str, int]]:
    """What the bus took today, and what it left out and why."""
    names = {
        "heard": _("收到"),
        "folded": _("并成一条（只留最新）"),
        "overflow": _("太多，按规则丢弃"),
        "refused": _("不合规矩，没收"),
        "retained": _("旧消息，没收"),
        "parked": _("处理不了，停放"),
    }
    found = dict(BusCount.objects.filter(day=timezone.localdate()).values_list("reason", "count"))
    return [(label, found.get(name, 0)) for name, label in names.items()]


def looks_of(found: list[Camera], now: datetime) -> dict[str, LookCount]:
    month = f"{timezone.localtime(now):%Y-%m}"
    return {row.camera: row for row in LookCount.objects.filter(camera__in=[c.device_id for c in found], month=month)}


def cameras_of(user: User, now: datetime) -> list[dict[str, Any]]:
    """The cameras of this person's places with their health, their signs and how often they were looked through."""
    found = list(Camera.objects.filter(device__in=registry.seen_by(user), device__live=True).select_related("device"))
    looks = looks_of(found, now)
    by_id = {row["device"].id: row for row in rows([c.device for c in found], now)}
    return [
        {
            "camera": c,
            "row": by_id[c.device_id],
            "lacks": cameras.lacks(c),
            "looks": looks.get(c.device_id),
            "probe": PROBES.get(c.probe, ""),
        }
        for c in sorted(found, key=lambda c: (c.device.place, c.device.mounted))
    ]
