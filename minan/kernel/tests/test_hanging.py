"""Where every place waits for a database that hangs, the next are told at once, and a press for help goes through."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import RequestFactory

from minan.kernel import hanging


class City:
    """Requests that wait until the database goes on; `asked` of them are inside."""

    def __init__(self) -> None:
        self.goes_on, self.inside = threading.Event(), threading.Semaphore(0)
        self.places = hanging.Places(self.answer)  # type: ignore[arg-type]

    def answer(self, request: Any) -> HttpResponse:
        if request.path.startswith("/help/"):
            return HttpResponse("taken")
        with hanging.asking():
            self.inside.release()
            assert self.goes_on.wait(60)
        return HttpResponse("asked the records")

    def get(self, path: str) -> Any:
        return self.places(RequestFactory().get(path))


@pytest.fixture
def city(settings: Any, monkeypatch: pytest.MonkeyPatch) -> City:
    settings.DATABASE_URL, settings.THREADS = "postgresql:///x", 3
    monkeypatch.setattr(hanging, "HANGS_SECONDS", 0.0)
    return City()


def held(city: City, pool: ThreadPoolExecutor) -> list[Future[Any]]:
    """All places taken by requests that wait for the database."""
    waiting = [pool.submit(city.get, "/desk/") for _ in range(3)]
    for _ in waiting:
        assert city.inside.acquire(timeout=60)
    return waiting


def test_a_press_for_help_is_answered_while_every_place_hangs_and_the_next_are_told_so(city: City) -> None:
    with ThreadPoolExecutor(8) as pool:
        waiting = held(city, pool)
        try:
            assert pool.submit(city.get, "/help/").result(60).content == b"taken"
            told = pool.submit(city.get, "/desk/").result(60)
            assert (told.status_code, told["Retry-After"]) == (503, "2")
            assert "120" in told.content.decode()
        finally:
            city.goes_on.set()
        assert [one.result(60).status_code for one in waiting] == [200, 200, 200]
        assert pool.submit(city.get, "/desk/").result(60).status_code == 200, "the database is back, and so are the places"
        assert city.places.held == {}


def test_who_is_merely_slow_is_waited_for(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hanging, "HANGS_SECONDS", 3600.0)
    with ThreadPoolExecutor(8) as pool:
        waiting = held(city, pool)
        late = pool.submit(city.get, "/desk/")
        city.goes_on.set()
        assert [one.result(60).status_code for one in [*waiting, late]] == [200] * 4


def test_one_that_moves_keeps_the_others_waiting_instead_of_turned_away(city: City) -> None:
    begun, goes = threading.Event(), threading.Event()

    def thinks(request: Any) -> HttpResponse:  # a page that is being put together asks nobody just now
        begun.set()
        assert goes.wait(60)
        return HttpResponse("thought")

    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(city.get, "/desk/") for _ in range(2)]
        for _ in waiting:
            assert city.inside.acquire(timeout=60)
        city.places.get_response = thinks
        third = pool.submit(city.get, "/desk/")
        assert begun.wait(60)
        fourth = pool.submit(city.get, "/desk/")
        goes.set()
        assert (third.result(60).status_code, fourth.result(60).status_code) == (200, 200)
        city.goes_on.set()
        assert [one.result(60).status_code for one in waiting] == [200, 200]


def test_on_sqlite_there_is_nothing_of_it(settings: Any) -> None:
    settings.DATABASE_URL = ""
    with pytest.raises(MiddlewareNotUsed):
        hanging.Places(lambda request: HttpResponse())
