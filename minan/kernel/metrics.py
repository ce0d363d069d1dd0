"""/metrics for Prometheus: requests by route and class, cases by state, and what waits. No personal data, no case codes.

Every web process counts for itself and writes its sums to a small file under DATA/metrics at most once a second; whoever
is asked adds all of them up, so that a scrape sees the whole server whichever process answers.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from minan.kernel import callers, health
from minan.kernel.models import Clock, Delivery, Outbox, Place, Tally

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)  # seconds
FLUSH_SECONDS = 1.0
ROUTES_MOST = 500
FILES_DAYS = 7
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")

Key = tuple[str, str, str]  # method, route, class


class Sums:
    """Counts of one process: requests and seconds by key, and how many took at most each of BOUNDS."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rows: dict[Key, list[float]] = {}
        self.flushed = 0.0
        self.name = ""
        self.pid = 0

    def add(self, key: Key, seconds: float) -> None:
        with self.lock:
            if self.pid != os.getpid():  # after a fork the child counts from nothing, under its own name
                self.pid, self.rows = os.getpid(), {}
                self.name = f"{self.pid}-{time.time_ns():x}"
            row = self.rows.get(key)
            if row is None:
                if len(self.rows) >= ROUTES_MOST:
                    return
                row = self.rows[key] = [0.0] * (2 + len(BOUNDS))
            row[0] += 1
            row[1] += seconds
            for i, bound in enumerate(BOUNDS):
                if seconds <= bound:
                    row[2 + i] += 1
        now = time.monotonic()
        if now - self.flushed > FLUSH_SECONDS:
            self.flushed = now
            self.flush()

    def flush(self) -> None:
        """Write the sums for the other processes; a disk that does not take them must not stop a request."""
        with self.lock:
            text = json.dumps([[*key, row] for key, row in self.rows.items()])
        with suppress(OSError):
            folder().mkdir(mode=0o700, exist_ok=True)
            part = folder() / f".{self.name}"
            part.write_text(text, "utf-8")
            part.replace(folder() / self.name)


here = Sums()


def folder() -> Path:
    return Path(settings.DATA) / "metrics"


class Counted:
    """The outermost middleware: counts every answer and how long it took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = match.route if match is not None else "other"
        method = (
            request.method
            if request.method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH")
            else "other"
        )
        here.add((str(method), route or "/", f"{response.status_code // 100}xx"), time.perf_counter() - begun)
        return response


def _all() -> dict[Key, list[float]]:
    if here.name:
        here.flush()
    total: dict[Key, list[float]] = defaultdict(lambda: [0.0] * (2 + len(BOUNDS)))
    for path in folder().glob("[0-9]*"):
        with suppress(OSError, ValueError):
            if time.time() - path.stat().st_mtime > FILES_DAYS * 86400:
                path.unlink()
                continue
            for method, route, kind, row in json.loads(path.read_text("utf-8")):
                sums = total[(method, route, kind)]
                for i, value in enumerate(row):
                    sums[i] += value
    return total


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _requests() -> Iterator[str]:
    yield "# HELP minan_requests_total Requests answered, by route and class of status."
    yield "# TYPE minan_requests_total counter"
    rows = sorted(_all().items())
    for (method, route, kind), row in rows:
        yield f'minan_requests_total{{method="{_quoted(method)}",route="{_quoted(route)}",status="{kind}"}} {row[0]:.0f}'
    yield "# HELP minan_request_seconds How long answers took."
    yield "# TYPE minan_request_seconds histogram"
    for (method, route, kind), row in rows:
        labels = f'method="{_quoted(method)}",route="{_quoted(route)}",status="{kind}"'
        for bound, count in zip(BOUNDS, row[2:], strict=True):
            yield f'minan_request_seconds_bucket{{{labels},le="{bound:g}"}} {count:.0f}'
        yield f'minan_request_seconds_bucket{{{labels},le="+Inf"}} {row[0]:.0f}'
        yield f"minan_request_seconds_sum{{{labels}}} {row[1]:.6f}"
        yield f"minan_request_seconds_count{{{labels}}} {row[0]:.0f}"


def _gauge(name: str, words: str, rows: list[tuple[str, float]]) -> Iterator[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} gauge"
    for labels, value in rows:
        yield f"{name}{{{labels}}} {value:g}" if labels else f"{name} {value:g}"


def _records() -> Iterator[str]:
    city = Place.objects.filter(level="city").values_list("code", flat=True).first() or ""
    states = (
        Tally.objects.filter(place=city, by="state")
        .values("key")
        .annotate(n=Sum("open"), all=Sum("opened"))
        .order_by("key")
    )
    yield from _gauge(
        "minan_cases_open", "Open cases by state.", [(f'state="{_quoted(s["key"])}"', s["n"]) for s in states if s["n"]]
    )
    total = Tally.objects.filter(place=city, by="all").aggregate(
        open=Sum("open"), opened=Sum("opened"), late=Sum("late")
    )
    for name, words in (("opened", "Cases ever opened."), ("late", "Open cases with a clock past its end.")):
        yield from _gauge(f"minan_cases_{name}", words, [("", float(total[name] or 0))])
    yield from _gauge("minan_outbox_rows", "Events not yet handed out.", [("", Outbox.objects.count())])
    waiting = Delivery.objects.filter(next_at__isnull=False).count()
    yield from _gauge("minan_deliveries_waiting", "Deliveries not yet made.", [("", waiting)])
    parked = Delivery.objects.filter(next_at=None).count()
    yield from _gauge(
        "minan_deliveries_parked", "Deliveries given up after their last try; see minan doctor.", [("", parked)]
    )
    due = Clock.objects.filter(next_at__lte=datetime.now(UTC), paused_at=None, done_at=None).count()
    yield from _gauge(
        "minan_clocks_due", "Clocks past their moment that the worker has not looked at yet.", [("", due)]
    )


def _parts() -> Iterator[str]:
    rows = [(f'part="{name}"', float(said == "ok")) for name, said in health.parts().items() if said != "off"]
    yield from _gauge("minan_part_up", "1 where a part lives; see /healthz.", rows)


def text() -> str:
    """The whole page in Prometheus' text format 0.0.4."""
    lines = [*_requests(), *_parts()]
    if health.database() == "ok":
        lines += _records()
    return "\n".join(lines) + "\n"


def allowed(request: HttpRequest) -> bool:
    """Whoever asks from this very machine and through no proxy, or with MINAN_METRICS_TOKEN as bearer."""
    token, given = settings.METRICS_TOKEN, callers.bearer(request)
    if token and given and constant_time_compare(given, token):
        return True
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not any(name in request.META for name in FORWARDED)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The page; 404 for everybody else."""
    if not allowed(request):
        raise Http404
    return HttpResponse(text(), content_type="text/plain; version=0.0.4; charset=utf-8")
