"""Hands what is due to the channels, each in threads of its own, so that one that hangs holds up none of the others."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from typing import Any

from minan.kernel import live, outgoing
from minan.kernel.outcomes import Failed, Outcome, Provider
from minan.systems.help import sealing, texts
from minan.systems.help.lane import Lane
from minan.systems.help.rungs import ERROR, TAKEN, Call, Send

THREADS = {"screen": 2, "push": 8, "sms": 8, "voice": 8}
WAITING_MOST = 2_000  # sends of one channel; what is more is an error at once, and the next channel's
TOPIC = "help"
log = logging.getLogger("minan.help")


def tell(units: Sequence[str], **data: Any) -> None:
    """To the duty screens of these units by the live process; where this city has none, their pages ask by themselves."""
    live.tell(list(units), TOPIC, **data)


class Channels:
    """The way out. `found`: channel → its providers, for tests; else what the operator switched on."""

    def __init__(self, found: dict[str, Sequence[Provider]] | None = None) -> None:
        self.found = found
        self.queues: dict[str, queue.Queue[tuple[Lane, Call, Send] | None]] = {
            name: queue.Queue(WAITING_MOST) for name in THREADS
        }
        for name, count in THREADS.items():
            for _n in range(count):
                threading.Thread(target=self._work, args=(self.queues[name],), name=f"help-{name}", daemon=True).start()

    def __call__(self, lane: Lane, call: Call, send: Send) -> None:
        """Never waits; called with the lane's lock held."""
        try:
            self.queues[send.channel].put_nowait((lane, call, send))
        except queue.Full:
            threading.Thread(target=lane.result, args=(send, ERROR, "full"), daemon=True).start()

    def providers(self, channel: str) -> Sequence[Provider]:
        found = self.found if self.found is not None else outgoing.gateways()
        return outgoing.providers_of(found, channel)

    def _work(self, waiting: queue.Queue[tuple[Lane, Call, Send] | None]) -> None:
        while (one := waiting.get()) is not None:
            lane, call, send = one
            try:
                seen = self._one(call, send)
            except Outcome as outcome:
                lane.result(send, ERROR, f"{outcome.reason} {outcome.detail}".strip())
            except Exception as broken:  # whatever a provider's answer breaks in us, the next channel is tried
                log.warning("not sent", extra={"channel": send.channel, "error": type(broken).__name__})
                lane.result(send, ERROR, type(broken).__name__)
            else:
                lane.result(send, TAKEN, seen=seen)

    def _one(self, call: Call, send: Send) -> bool:
        """True where the channel itself knows that a device has it. Raises an Outcome where nobody took it."""
        if send.channel == "screen":
            tell(
                [send.target.unit], press=call.press, unit=send.target.unit, seen=sealing.token(call.press, send.target.id, "seen"),
                place=call.about.get("place", ""), at=call.begun, drill=call.drill, turn=send.turn,
            )  # fmt: skip
            return False
        some = self.providers(send.channel)
        if call.drill:  # the dry run: is there a provider, is there an address; nobody's phone rings
            if not some:
                raise Failed("setup", "no provider")
            return True
        last: Outcome = Failed("setup", "no provider")
        for provider in some:
            try:
                provider.send(send.key.replace(":", "")[:64], send.target.ways[send.channel], texts.words(call, send))
                return False
            except Outcome as outcome:
                last = outcome
            except OSError as broken:
                last = Failed("down", type(broken).__name__)
        raise last
