"""Twenty people want one slot at once: as many get it as there are seats, on both databases; the others choose another and lose no word."""

from __future__ import annotations

import threading
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone

from minan.kernel.models import Case
from minan.systems.services import slots
from minan.systems.services.models import Job
from minan.systems.services.tests.cast import ADDRESS, WHAT, listed

AT_ONCE = 20


def press(shop: Case, slot: datetime, n: int, out: list[int], ready: threading.Barrier) -> None:
    said = {
        "what": WHAT,
        "how": "visit",
        "slot": slot.isoformat(),
        "address": ADDRESS,
        "name": f"第{n}位",
        "phone": "",
        "at": "3",
        "do": "next",
    }
    client = Client(REMOTE_ADDR=f"198.51.100.{n}")
    ready.wait()
    try:
        answer = client.post(f"/services/{shop.code}/order/", said | {"key": f"{n:032x}"})
        out.append(answer.status_code)
        if answer.status_code == 409:
            assert ADDRESS in answer.content.decode()
    finally:
        close_old_connections()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seats", [1, 3])
def test_of_twenty_at_once_as_many_get_the_slot_as_there_are_seats(people: dict[str, Any], seats: int) -> None:
    shop = listed(people, timezone.now(), seats=str(seats))
    slot = slots.free(shop, timezone.now())[-1]
    out: list[int] = []
    ready = threading.Barrier(AT_ONCE)
    threads = [threading.Thread(target=press, args=(shop, slot, n, out, ready)) for n in range(1, AT_ONCE + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(out) == [200] * seats + [409] * (AT_ONCE - seats)
    held = Job.objects.filter(shop=shop.id, starts_at=slot, held=True)
    assert sorted(held.values_list("seat", flat=True)) == list(range(seats))
    assert Case.objects.filter(procedure="service_order").count() == seats, "who was slower left nothing behind"
    assert slot not in slots.free(shop, timezone.now())


@pytest.mark.django_db
def test_slots_are_of_one_length_and_never_overlap(people: dict[str, Any]) -> None:
    now = timezone.now()
    grid = slots.grid(listed(people, now, minutes="50"), now)
    gaps = [(b - a).total_seconds() / 60 for a, b in pairwise(grid)]
    assert grid
    assert min(gaps) == 50
    assert all(at - now >= slots.LEAST for at in grid)
    assert slots.grid(listed(people, now, minutes="0", licence="n"), now) == []
