"""A lane whose seconds are counted, not waited for: channels answer as they are told to, well or in one of three bad ways."""

from __future__ import annotations

import heapq
import itertools
import pathlib
import random
from collections.abc import Callable
from typing import Any

from minan.systems.help import sealing
from minan.systems.help.book import Book
from minan.systems.help.journal import Journal
from minan.systems.help.lane import Lane
from minan.systems.help.rungs import ERROR, TAKEN, TIMEOUT, Call, Send

WELL, SILENT = "well", "silent"
BAD = (TIMEOUT, ERROR, SILENT)  # no answer; refused; taken and never delivered
DEVICE_SECONDS = 1.1  # the slowest device, from the sending until it says that it has it
CHANNELS = ("screen", "push", "sms", "voice")
POINT, STATION, CENTRE, CITY = "131022100010-point", "131022100-station", "131022-centre", "1310-centre"


def person(n: int = 1, family: int = 2) -> dict[str, Any]:
    """王秀兰's enrolment (or her neighbours'): two of the family, the point of 朝阳社区."""
    kin = [
        {"n": k, "name": f"家人{k}", "phone": f"1390000{n:04d}"[:10] + str(k), "push": f"push-{n}-{k}"}
        for k in range(1, family + 1)
    ]
    return {
        "code": f"GA{n:013d}", "n": 1, "cap": sealing.mark(f"SECRET{n}"), "place": "131022100010", "unit": POINT, "name": "王秀兰",
        "address": "朝阳社区 3 号楼 2 单元 101", "phone": "13800000001", "told": "高血压，吃氨氯地平", "family": kin, "devices": [f"button-{n}"],
    }  # fmt: skip


def units() -> dict[str, Any]:
    """The desk of the community, its township, county and city, each with people on duty."""
    named = {
        POINT: ("朝阳社区说事点", STATION, 2),
        STATION: ("固安镇说事站", CENTRE, 2),
        CENTRE: ("固安县中心", CITY, 1),
        CITY: ("廊坊市中心", "", 1),
    }
    return {
        unit: {
            "name": name,
            "above": above,
            "people": [{"id": k, "phone": f"1370000{k:04d}", "push": f"{unit}-{k}"} for k in range(count)],
        }
        for unit, (name, above, count) in named.items()
    }


class Town:
    """A lane with `people` enrolled, a clock that jumps, and channels that behave as `how` says."""

    def __init__(
        self,
        folder: pathlib.Path,
        people: int = 1,
        how: dict[str, str] | None = None,
        size: int = 1 << 20,
        seed: int = 7,
    ) -> None:
        self.now, self.how, self.folder, self.size = 1_800_000_000.0, how or {}, folder, size
        self.soon: list[tuple[float, int, Callable[[], None]]] = []
        self.count, self.chance = itertools.count(), random.Random(seed)
        self.sent: list[tuple[float, Send]] = []
        self.book = Book({p["code"]: p for p in (person(n) for n in range(1, people + 1))}, units())
        self.lane = self.born()

    def born(self) -> Lane:
        """A lane that begins on what lies on the disk."""
        lane = Lane(Journal(self.folder, self.size), self.hand, lambda: self.now)
        lane.book = self.book
        lane.load()
        self.lane = lane
        return lane

    def kill(self) -> Lane:
        """kill -9: nothing is said to anybody, and another begins."""
        self.soon = []
        self.lane.journal.close()
        return self.born()

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        heapq.heappush(self.soon, (self.now + seconds, next(self.count), what))

    def hand(self, lane: Lane, call: Call, send: Send) -> None:
        self.sent.append((self.now, send))
        how = self.how.get(send.channel, WELL)
        if how == TIMEOUT:
            self.later(9.0, lambda: lane.result(send, TIMEOUT))
        elif how == ERROR:
            self.later(0.02 + self.chance.random() * 0.1, lambda: lane.result(send, ERROR, "500"))
        else:
            self.later(0.02 + self.chance.random() * 0.2, lambda: lane.result(send, TAKEN))
            if how == WELL:
                token = sealing.token(send.call, send.target.id, "seen")
                seen = {"op": "seen", "token": token, "channel": send.channel}
                self.later(0.3 + self.chance.random() * (DEVICE_SECONDS - 0.3), lambda: lane.take(seen) and None)

    def press(self, n: int = 1, press: str = "", **more: Any) -> dict[str, Any]:
        answer = self.lane.take({"op": "press", "cap": f"SECRET{n}", "press": press} | more)
        return answer.get("call", answer)

    def run(self, seconds: float) -> None:
        """So much of the clock, each turn at the moment it is due."""
        until = self.now + seconds
        while True:
            due = self.lane.turn()
            times = [until, *([self.soon[0][0]] if self.soon else []), *([due] if due is not None else [])]
            at = min(times)
            if at >= until:
                self.now = until
                return
            self.now = max(self.now, at)
            while self.soon and self.soon[0][0] <= self.now:
                heapq.heappop(self.soon)[2]()

    def call(self, press: str) -> Call:
        return self.lane.calls[press]

    def first(self, press: str, kind: str = "duty") -> float | None:
        """Seconds from the press to the first device of this kind that had it."""
        call = self.call(press)
        seen = [e["t"] for e in call.entries if e["k"] == "seen" and e["g"].startswith(kind)]
        return min(seen) - call.begun if seen else None

    def tried(self, press: str) -> list[tuple[float, str, str]]:
        begun = self.call(press).begun
        return [(round(at - begun, 2), s.target.id, s.channel) for at, s in self.sent if s.call == press]
