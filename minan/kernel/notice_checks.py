"""What the doctor asks of the notices: providers that rest, names that mean nothing, and how many people were told by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from minan.kernel import outgoing, ways
from minan.kernel.findings import Finding, fault, warning
from minan.kernel.models import Message, ProviderState
from minan.kernel.outcomes import REASONS
from minan.lib.english import many

SLOW = timedelta(minutes=15)


def notices(now: datetime) -> Iterator[Finding]:
    unknown = [name for name in settings.SMS if name not in outgoing.sms_names()]
    if unknown:
        yield warning(
            f"MINAN_SMS 里有不认识的服务商：{'、'.join(unknown)}", f"MINAN_SMS names providers nobody knows: {', '.join(unknown)}",
            "改成 aliyun、tencent、own 或 file", "use aliyun, tencent, own or file",
        )  # fmt: skip
    for row in ProviderState.objects.filter(rests_until__gt=now).order_by("name"):
        why = REASONS.get(row.reason)
        yield warning(
            f"发通知的 {row.name} 连续 {row.failures} 次不成，先歇着：{why.zh if why else ''}（{row.detail}）",
            f"{row.name} failed {many(row.failures, 'time')} in a row and rests: {why.en if why else ''} ({row.detail})",
            "看管理页“通知发得怎么样”；查余额、签名、模板、钥匙和网络", "see the administrator's page of notices; check balance, signature, template, key, network",
        )  # fmt: skip
    gone = Message.objects.filter(
        to="speaker", channel__in=list(ways.FACTS), made_at__gt=now - timedelta(days=1), sent_at=None, next_at=None, held_at=None,
        reason__in=outgoing.NOT_TOLD,
    )  # fmt: skip
    if count := gone.count():
        yield warning(
            f"最近一天有 {count} 条通知没有发成", f"{many(count, 'notice was', 'notices were')} given up in the last day",
            "看管理页“通知发得怎么样”里的原因；标着“没收到通知”的事请打电话", "see the reasons on the administrator's page; call the speakers of matters marked so",
        )  # fmt: skip
    late = Message.objects.filter(next_at__lt=now - SLOW, held_at=None).count()
    if late:
        yield fault(
            f"{late} 条通知早该发了还没有发", f"{many(late, 'notice is', 'notices are')} overdue",
            "看后台日志；后台在转而通知不走，多半是保险箱的看守不应答", "look at the worker's log; most likely the vault's keeper does not answer",
        )  # fmt: skip
