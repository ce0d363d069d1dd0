"""The worst morning after a holiday: `python -m bench.morning --clocks 10000`: so many clocks due at 08:30; JSON on standard output.

The worker takes them 200 a turn, nearest legal limit first; meanwhile a clerk opens her pages, and how long these take is told.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import base, machine

MORNING = datetime(2026, 10, 8, 0, 30, tzinfo=UTC)  # Thursday 08:30 in Langfang, the first working day after National Day
LEGAL_DAYS, TOWNS = 40, 9
PAGE = "/desk/"


def prepare(clocks: int) -> None:
    """So many matters in nine townships whose clock `accept` runs out on this morning, two in three with a limit of the law."""
    from minan.kernel import directory
    from minan.kernel.access import SPEAKER
    from minan.kernel.act import open_case
    from minan.kernel.models import Case, Clock, Outbox

    villages = [s.code for s in directory.city().places.values() if s.level == "village" and s.code.startswith("131022")]
    by_town = list({code[:9]: code for code in villages}.values())[:TOWNS]
    for n in range(clocks):
        facts = {"text": f"路灯不亮 {n}", "place": by_town[n % len(by_town)], "kind": "lamp.out"}
        assert open_case("matter", by=SPEAKER, facts=facts, at=MORNING - timedelta(days=8, seconds=clocks - n))
    Outbox.objects.all().delete()  # the news of last week were told last week
    law = [MORNING + timedelta(days=d) for d in range(LEGAL_DAYS)]
    rows = list(Clock.objects.filter(name="accept").order_by("id"))
    for n, row in enumerate(rows):
        row.due_at = row.next_at = MORNING
        row.legal_due_at = law[n * 13 % LEGAL_DAYS] if n % 3 else None
    Clock.objects.bulk_update(rows, ["due_at", "next_at", "legal_due_at"], batch_size=500)
    assert Case.objects.count() >= clocks


def play(at: datetime = MORNING) -> dict[str, Any]:
    """Turn until nothing is left, at this moment; what was rung in which order, told how often, in how many turns."""
    from minan.kernel import worker
    from minan.kernel.models import Event, Message, Reminder

    order: list[tuple[datetime, datetime]] = []
    real, far = worker._ring, datetime.max.replace(tzinfo=UTC)

    def noted(row: dict[str, Any], now: datetime) -> None:
        order.append((row["legal_due_at"] or far, row["next_at"]))
        real(row, now)

    worker._ring, turns, begun = noted, [], time.perf_counter()
    try:
        while True:
            turn = time.perf_counter()
            if not worker.turn(at):
                break
            turns.append(time.perf_counter() - turn)
    finally:
        worker._ring = real
    lists = list(Reminder.objects.exclude(sent_at=None))
    twice = Counter(Event.objects.filter(step="remind").values_list("case_id", flat=True))
    told = Counter(Message.objects.values_list("case_id", "n", "to", "channel"))
    return {
        "rung": len(order), "in_order": order == sorted(order), "turns": len(turns), "longest_turn_s": round(max(turns, default=0), 3),
        "seconds": round(time.perf_counter() - begun, 2), "reminded_twice": sum(n > 1 for n in twice.values()),
        "told_twice": sum(n > 1 for n in told.values()), "lists": len([one for one in lists if one.items]),
        "listed": sum(len(one.items) for one in lists), "units_with_two_lists": len(lists) - len({one.unit for one in lists}),
    }  # fmt: skip


def _looking(stop: threading.Event, times: list[float]) -> None:
    """A clerk who opens her inbox every quarter second while the worker works."""
    from django.test import Client

    from minan.kernel.models import User

    client = Client()
    client.force_login(User.objects.get(username="clerk"))
    while not stop.is_set():
        begun = time.perf_counter()
        assert client.get(PAGE).status_code == 200
        times.append(time.perf_counter() - begun)
        stop.wait(0.25)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--clocks", type=int, default=10_000)
    words = parser.parse_args()
    with base.made(words.db) as made:
        made.enter()
        import django

        django.setup()
        from django.conf import settings

        settings.MFA_REQUIRED_FOR_STAFF, settings.ALLOWED_HOSTS = False, ["*"]
        begun = time.perf_counter()
        prepare(words.clocks)
        print(f"prepared in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
        stop, times = threading.Event(), list[float]()
        looking = threading.Thread(target=_looking, args=(stop, times))
        looking.start()
        found = play()
        stop.set()
        looking.join()
        found["pages"] = {"n": len(times), **machine.quantiles(times)}
    print(json.dumps({"bench": "morning", "db": words.db, "clocks": words.clocks, **found}))


if __name__ == "__main__":
    main()
