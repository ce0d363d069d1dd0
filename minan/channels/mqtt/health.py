"""What the doctor says of the bus: nobody hears it, messages no handler could take, messages left out because there were too many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from minan.kernel import findings
from minan.kernel.bus.hearing import OVERFLOW, PARKED
from minan.kernel.bus.line import configured
from minan.kernel.models import BusCount, BusEar, BusParked
from minan.lib.english import many

DEAF = timedelta(minutes=1)


def bus(now: datetime) -> Iterator[findings.Finding]:
    """Nothing where no bus is configured."""
    if not configured():
        return
    ear = BusEar.objects.filter(pk=1).first()
    if ear is not None and now - ear.at > DEAF:
        yield findings.fault(
            f"平台从 {timezone.localtime(ear.at):%m-%d %H:%M} 起听不到设备",
            f"the city has not heard its devices since {timezone.localtime(ear.at):%m-%d %H:%M}",
            "看 /healthz 的 bus 和 broker，看 MINAN_BUS 写得对不对",
            "look at bus and broker in /healthz, and at MINAN_BUS",
        )
    last = BusParked.objects.filter(at__gt=now - timedelta(days=1)).order_by("-at").first()
    counts = dict(BusCount.objects.filter(day=timezone.localdate(now)).values_list("reason", "count"))
    if last is not None:
        n = max(counts.get(PARKED, 0), BusParked.objects.filter(at__gt=now - timedelta(days=1)).count())
        yield findings.warning(
            f"最近一天有 {n} 条设备消息处理不了，停放着；最近一条来自 {last.topic}：{last.error}",
            f"{many(n, 'message')} of devices could not be taken in the last day; the last from {last.topic}: {last.error}",
            "看是哪台设备、发的什么；改设备的配置，或者停用它",
            "see which device and what it sends; mend its configuration, or take it out of service",
        )
    if left := counts.get(OVERFLOW, 0):
        yield findings.warning(
            f"今天有 {left} 条设备消息太多，按规则丢弃",
            f"{many(left, 'message')} of devices were left out by rule today: too many at once",
            "看哪台设备发得太勤，报平安的间隔调长一点",
            "see which device speaks too often, and let it speak less",
        )
