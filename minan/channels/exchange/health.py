"""What the doctor says of the exchange: a wrong partners.toml, missing keys, answers that could not be delivered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from minan.channels.exchange import known
from minan.channels.exchange.models import Hand, Sent
from minan.channels.exchange.partners import PartnersError
from minan.kernel import findings

SILENT = timedelta(days=3)  # a file that was taken brings a receipt within that time


def left_behind(now: datetime) -> Iterator[findings.Finding]:
    """Every fault by itself; nothing where no partner is declared."""
    try:
        partners = known.partners()
    except PartnersError as error:
        yield findings.fault(
            f"对接单位配置有错，来件和答复都停着：{error.faults[0]}", f"partners.toml is wrong, nothing comes or goes: {error.faults[0]}",
            "改 partners.toml，再运行 minan exchange check", "mend partners.toml, then run minan exchange check",
        )  # fmt: skip
        return
    waiting = set(Sent.objects.filter(state="waiting").values_list("partner", flat=True).distinct())
    bare = sorted(
        code
        for code in waiting & partners.keys()
        if partners[code].way_out == "call" and not known.keys(code).get("out_key")
    )
    if bare:
        yield findings.fault(
            f"有答复要送，但没有密钥：{'、'.join(bare)}", f"answers wait, but there is no key: {', '.join(bare)}",
            "运行 minan exchange key 代码，把密钥交给对方", "run minan exchange key CODE and hand it to the partner",
        )  # fmt: skip
    told = Sent.objects.filter(foreign__case_id__isnull=False)  # of a sealed report nobody hears, not even by a count
    if stuck := told.filter(state__in=("parked", "refused")).count():
        yield findings.warning(
            f"{stuck} 份答复被退回或送不到", f"{stuck} answers were refused or could not be delivered",
            "看“外单位来件”页，改好再报", "look at the page of matters from other systems and send them anew",
        )  # fmt: skip
    if silent := told.filter(state="sent", sent_at__lt=now - SILENT).count():
        yield findings.warning(
            f"{silent} 份答复送出三天没有回执", f"{silent} answers have had no receipt for three days",
            "问对方收到没有", "ask the partner whether they arrived",
        )  # fmt: skip
    if lying := Hand.objects.filter(done_at=None).count():
        yield findings.warning(
            f"{lying} 封邮件或回执要人看", f"{lying} mails or receipts wait for a person",
            "看“外单位来件”页", "look at the page of matters from other systems",
        )  # fmt: skip
