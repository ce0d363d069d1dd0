"""Two workers on one log, and one that is killed: every event still becomes one leaf, every size one root."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection

from minan.kernel import merkle, worker
from minan.kernel.access import SPEAKER
from minan.kernel.act import act
from minan.kernel.models import Event, Outbox
from minan.systems.proof import publication, sequencer
from minan.systems.proof.models import CITY, Checkpoint, Leaf, Log
from minan.systems.proof.tests.test_life import AT, NEXT, say


def _told(rows: list[Outbox]) -> list[worker.Told]:
    return [worker.Told(o.id, o.county, o.case_id, o.n, o.name, o.at) for o in rows]


def _whole() -> None:
    """One leaf an event, without a gap, in the order of n; the city's tree over all of them."""
    assert Leaf.objects.count() == Event.objects.count()
    for log in Log.objects.exclude(name=CITY):
        leaves = list(Leaf.objects.filter(log=log.name).order_by("index").values_list("index", "case_id", "n"))
        assert [index for index, _, _ in leaves] == list(range(log.size))
        for case_id in {case for _, case, _ in leaves}:
            numbers = [n for _, case, n in leaves if case == case_id]
            assert numbers == sorted(numbers)
    last = Checkpoint.objects.latest("size")
    hashes = Leaf.objects.filter(city_index__lt=last.size).order_by("city_index").values_list("hash", flat=True)
    assert merkle.root(bytes.fromhex(h) for h in hashes).hex() == last.root


@pytest.mark.django_db(transaction=True)
def test_eight_threads_that_hear_the_same_news_in_any_order_make_one_log(city: None) -> None:
    for n in range(12):
        opened = say(n, place="131022100010" if n % 3 else "131002000000")
        for words in ("一", "二", "三"):
            assert act(opened.case, "add", by=SPEAKER, facts={"words": words}, at=AT)
    news = list(Outbox.objects.order_by("id"))
    errors: list[Exception] = []

    def hear(number: int) -> None:
        try:
            mine = news[number:] + news[:number]
            for at in range(0, len(mine), 7):
                sequencer.sequence(_told(mine[at : at + 7][:: -1 if number % 2 else 1]))
                publication.publish(AT + (number + at + 1) * NEXT)
        except Exception as error:  # told below: a thread's own is not seen
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=hear, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    assert errors == []
    worker.settle(AT + timedelta(days=2))
    _whole()


@pytest.mark.django_db(transaction=True)
def test_a_publication_that_breaks_off_leaves_nothing_half_done(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        say(n)
    worker.settle(AT)
    before = (Log.objects.get(name=CITY).note, Leaf.objects.filter(city_index=None).count())
    say(4)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Checkpoint.objects, "create", killed)
        with pytest.raises(KeyboardInterrupt):
            worker.settle(AT + NEXT)
    assert (Log.objects.get(name=CITY).note, Leaf.objects.filter(city_index=None).count()) == (before[0], before[1] + 1)
    worker.settle(AT + NEXT)
    _whole()


@pytest.mark.django_db
def test_the_log_bites_where_the_lock_is_left_out(city: None) -> None:
    """Without its own row's number the same place would be given twice: the database says no."""
    from django.db import IntegrityError, transaction  # only here

    opened = say()
    worker.settle(AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Leaf.objects.create(log=opened.case.county, index=0, case_id=opened.case.id, n=2, hash="0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        Leaf.objects.create(log=opened.case.county, index=1, case_id=opened.case.id, n=1, hash="0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        Checkpoint.objects.create(size=1, root="0" * 64, at=AT, note="another history of the same size")
