"""What may become of a message that left for a provider, and why it was not sent, as a closed list; pure.

A channel's provider returns where the message was taken and raises one of these where it was not. Whoever cannot tell raises
Unsure: then nobody else is asked, for at most one message is better than two (the page has it in any case).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minan.kernel.procedure import Words

W = Words
# Why a message has not gone (Message.reason). The waiting ones first, then those that ended it.
WAITING: dict[str, Words] = {
    "quiet": W("夜里不打扰，早上发", "Quiet hours: it goes in the morning"),
    "turn": W("这个号码刚收过，排着队", "The same address got one just now: it waits its turn"),
    "rate": W("服务商说太快了，等一会儿", "The provider says: too fast; it waits"),
    "limit": W("服务商限了这个号码，晚些再试", "The provider holds this number back; later"),
    "down": W("服务商连不上或出错，等一会儿", "The provider is away or broken; it waits"),
    "setup": W(
        "服务商不认我们的签名、模板、钥匙或余额", "The provider refuses our signature, template, key or balance"
    ),
    "refused": W("服务商退回", "The provider sent it back"),
    "resting": W("所有服务商都停歇着", "All providers are resting after failures"),
    "budget": W("全市这一小时发得太多，等一会儿", "The city sent too many within the hour; it waits"),
}
ENDED: dict[str, Words] = {
    "too_many": W("一天之内排不下了，不再发", "It does not fit in the day any more"),
    "unsure": W("可能收下了，也可能没有：不再发第二遍", "Perhaps taken, perhaps not: not sent twice"),
    "number": W("号码或地址是错的，或在对方黑名单里", "The number or address is wrong or blocked"),
    "declined": W("收信人在微信里没有同意", "The receiver did not agree to it in WeChat"),
    "gone": W("这台设备退订了", "The device ended its subscription"),
    "no_address": W("地址擦掉了，或不同意再发", "The address was erased, or consent taken back"),
    "folded": W("并进了同一件事的另一条", "Folded into another one of the same matter"),
    "old": W("一个星期没有发出去，不再发", "Not sent for a week: given up"),
}
REASONS = WAITING | ENDED


class Outcome(Exception):
    """Not sent; `reason` is a word of REASONS, `detail` the provider's own code (never an address, at most 60 characters)."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail[:60]


class Later(Outcome):
    """Certainly not taken; the same provider later, nobody else: it is about the number, not about the provider."""


class Failed(Outcome):
    """Certainly not taken, and the provider's fault: the next one may have it, and it counts against this one."""


class Never(Outcome):
    """Certainly not taken, and it would not be by anybody."""


class Unsure(Outcome):
    """It may have been taken."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("unsure", detail)


class Gone(Never):
    """The address itself is no more: it is forgotten."""


Send = Callable[[str, str, str], None]  # (message id, address, words)


@dataclass(frozen=True, slots=True)
class Provider:
    """One way of a channel. `idempotent`: asked twice with the same message id it delivers once, so an unsure one is asked again."""

    name: str
    send: Send
    idempotent: bool = False
