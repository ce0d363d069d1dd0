"""The cells: person × address × method × matter, made of tests/pages.py; each asked once, and what came back held against the oracle."""

from __future__ import annotations

import hashlib
import html
import io
import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minan.kernel import registry
from minan.lib import codes, throttle
from tests.house import BEARER, CHANGING, STAMP
from tests.matrix import oracle, world
from tests.matrix.people import Person
from tests.matrix.world import NUMBER, REGISTER, WORD, World
from tests.pages import PAGES

STEPS = {  # every address with a step in it is asked for these; with MINAN_DEEP the desk's and the API's for all there are
    "desk/<str:code>/<slug:step>/": ("note", "merge", "call", "break_glass"),
    "tasks/<str:code>/<slug:step>/": ("answer", "look"),
    "m/<str:code>/<slug:name>/": ("add", "rate"),
    "api/v1/cases/<str:code>/steps/<str:step>": ("note", "allow_look"),
}
# What lists are asked for besides their bare address: {word} is a matter's own, {code} its code.
ASKED = {
    "desk/": ("?q={word}", "?q={code}", "?closed=1", "?flag=supervised", "?place=131022100000"),
    "tasks/": ("?q={word}",),
    "board/": ("?all=1",),
    "supervise/": ("?by=unit",),
    "supervise/cases/": ("?at=131022100-station", "?lead=131022-lighting"),
    "m/": ("?code={code}",),
    "api/v1/cases": ("?q={word}", "?limit=100", "?state=closed"),
    "api/v1/counts": ("?place=131022000000", "?place=131022000000&by=kind"),
    "open311/v2/requests.<open311format:form>": ("?service_request_id={code}",),
}
ALONE = ("account/", "login/", "logout/", "proof/", "places/", "open311/v2/d", "open311/d", "open311/v2/s", "admin/<", "admin/c", "admin/p")
QUIET = ("about/", "offline/", "manifest", "sw.js", "healthz", "metrics", "api/v1/o", "api/v1/<", "api/v1/p", "elder/", "language/")
MISSING = "-"


class Door(NamedTuple):
    """One address with one method; `about` as in pages.py, `per_case`: asked for every matter, else once."""

    route: str
    path: str
    method: str
    about: str
    per_case: bool


class Cell(NamedTuple):
    person: str
    door: Door
    letter: str  # of the matter, "" for an address of none, "-" for a code that is nobody's


@dataclass
class Found:
    """What somebody got, as far as it is compared."""

    status: int
    bare: bytes
    to: str
    shapes: tuple[str, ...]


@dataclass
class Report:
    cells: Counter[str] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)  # canaries read by those who may, by field

    def __str__(self) -> str:
        rows = [f"{n:6d}  {route or '/'}" for route, n in sorted(self.cells.items())]
        return "\n".join([*rows, f"{sum(self.cells.values()):6d}  cells, {len(self.leaks)} leaks"])


def _every_step() -> list[str]:
    return sorted({step.name for procedure in registry.procedures().values() for step in procedure.steps})


@cache
def doors() -> list[Door]:
    """Every address of the house with what to put into it, by each method it takes."""
    out = []
    for route, row in PAGES.items():
        paths = [row.path]
        if route in STEPS:
            names = _every_step() if os.environ.get("MINAN_DEEP") and route.startswith(("desk/", "api/")) else STEPS[route]
            paths = [re.sub(r"/[^/]+(/?)$", rf"/{step}\1", row.path) for step in names]
        paths += [row.path + more for more in ASKED.get(route, ())]
        if "{photo}" in row.path:
            paths.append(row.path.replace("{photo}", "{foreign}"))
        for path in paths:
            per_case = "{" in path
            out += [
                Door(route, path, method, row.about, per_case)
                for method, on in (("get", row.get), ("head", row.get and row.about == "case"), ("post", row.post and "?" not in path))
                if on
            ]
    return out


def chosen(person: Person, n: int, door: Door, thin: int) -> bool:
    """A Latin square over roles, relations and addresses: each pair of them stands in it, whatever `thin` is."""
    x, y = person.at
    if door.about:
        return x < 0 or (x + y + n) % thin == 0
    if x < 0:
        if door.route.startswith(ALONE) and door.method == "post":
            return person.name in ("nobody", "two hats")
        return True
    if door.route.startswith(QUIET) or door.route.startswith(ALONE):
        return door.method != "post" and (x + y + n) % (thin * 4) == 0
    return (x + y + n) % thin == 0


def cells(world_: World, thin: int) -> Iterator[Cell]:
    """All cells, in an order in which each person's own stand together; thinned, a person asks at an address for every fifth matter."""
    known = doors()
    each = 1 if thin == 1 else 5
    for p, person in enumerate(world_.people.values()):
        for n, door in enumerate(known):
            if not chosen(person, n, door, thin):
                continue
            if not door.per_case:
                yield Cell(person.name, door, "")
                continue
            if door.about == "case":
                yield Cell(person.name, door, MISSING)
            for letter in list(world_.plans)[(p + n) % each :: each]:
                yield Cell(person.name, door, letter)


def shape(sql: str) -> str:
    """A statement without what differs from call to call."""
    return re.sub(r"\d+", "9", re.sub(r"'[^']*'", "?", re.sub(r"\b[0-9a-f]{32}\b|\b[0-9A-Z]{15}\b", "?", sql)))


class Matrix:
    """Asks cell after cell and keeps what must not have been."""

    def __init__(self, world_: World) -> None:
        self.world, self.report = world_, Report()
        self.missing: dict[tuple[str, Door], Found] = {}
        self.codes = {case.code: letter for letter, case in world_.cases.items()}
        self.any_code = re.compile("|".join(self.codes))
        self.secret = re.compile("|".join(re.escape(s) for s in world_.secrets.values() if s))
        self.bearer = Client(raise_request_exception=False)
        self.turn = 0

    # ---- asking

    def path(self, door: Door, letter: str) -> str:
        w = self.world
        real = letter in w.cases
        code = w.cases[letter].code if real else w.nowhere
        order = list(w.plans)
        foreign = order[(order.index(letter) + 3) % len(order)] if real else "A"
        return door.path.format(
            code=code, photo=w.photos.get(letter, w.photos["A"]), foreign=w.photos[foreign], order=w.orders.get(letter, 2),
            word=quote(world.canary(letter if real else "A", "文")),
        )  # fmt: skip

    def ask(self, name: str, door: Door, letter: str) -> tuple[Any, bytes, list[str]]:
        """The answer, its body, and the statements it took."""
        throttle.forget()
        self.turn += 1
        path, more, client = self.path(door, letter), {}, self.world.clients[name]
        if path.startswith(BEARER):
            client = self.bearer
            client.cookies.clear()
            token = self.world.tokens.get(name)
            more["headers"] = {"Authorization": f"Bearer {token}"} if token else {}
            if door.method == "post" and path.startswith("/api/"):
                more |= {"content_type": "application/json", "data": json.dumps({"facts": {"words": "新的话"}})}
                more["headers"] |= {"Idempotency-Key": f"k{self.turn:09d}"}
        elif door.method == "post":
            more["data"] = {"words": "新的话", "key": f"{self.turn:032x}", "moves": str(self._moves(letter))}
        connection.queries_log.clear()  # it holds 9,000 at most: a full one would capture nothing
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            got: Any = getattr(client, door.method)(path, **more)
            body = b"".join(got.streaming_content) if got.streaming else got.content
            if door.method == "post":
                transaction.set_rollback(True)
        if client is not self.bearer and (door.method == "post" or got.cookies):
            world.fresh_cookies(self.world, name)
        assert len(connection.queries_log) < connection.queries_limit
        return got, body, [q["sql"] for q in asked.captured_queries if STAMP not in q["sql"]]

    def _moves(self, letter: str) -> int:
        return self.world.cases[letter].moves if letter in self.world.cases else 1

    # ---- judging

    def run(self, cell: Cell) -> None:
        """One cell."""
        door, name = cell.door, cell.person
        person, plan = self.world.people[name], self.world.plans.get(cell.letter)
        got, body, sqls = self.ask(name, door, cell.letter)
        self.report.cells[door.route] += 1
        where = f"{name} ({', '.join(f'{s.role}@{s.unit}' for s in person.seats) or person.role}) {door.method} {door.path}"
        where += f" [{plan.state}]" if plan else ""
        if got.status_code >= 500 and 503 not in PAGES[door.route].found:
            self.report.leaks.append(f"{where}: status {got.status_code} {getattr(got, 'exc_info', ('', ''))[1]!r}")
        self._canaries(where, person, door, cell.letter, got, body)
        stranger = plan is not None and not (oracle.works_on(person, plan) or oracle.speaks(person, plan))
        if door.about == "case" and (stranger or cell.letter == MISSING):
            found = self._found(got, body, sqls, cell.letter)
            if cell.letter == MISSING:
                self.missing[name, door] = found
            elif wrong := self._unlike(cell, found):
                self.report.leaks.append(f"{where}: a refusal unlike a missing case: {wrong}")
        theirs = plan is not None and door.path == "/desk/{code}/" and door.method == "get" and oracle.works_on(person, plan)
        if theirs and got.status_code != 200:
            self.report.leaks.append(f"{where}: kept from whom it belongs to, {got.status_code}")

    def _found(self, got: Any, body: bytes, sqls: list[str], letter: str) -> Found:
        code = self.world.cases[letter].code if letter in self.world.cases else self.world.nowhere
        bare = CHANGING.sub(b"", body)
        for one in (code, codes.pretty(code)):
            bare = bare.replace(one.encode(), b"")
        headers = sorted(f"{k}: {v}" for k, v in got.headers.items() if k not in ("Content-Security-Policy", "Location", "Content-Length"))
        headers += [f"cookie {k}" for k in sorted(got.cookies)]
        bare += "\n".join(headers).encode()
        to = got.headers.get("Location", "").split("?")[0].replace(code, "")  # where to sign in; behind it stands only what was asked
        return Found(got.status_code, bare, to, tuple(shape(sql) for sql in sqls))

    def _unlike(self, cell: Cell, found: Found) -> str:
        """How a refusal differs from that for a code that is nobody's; asked again before it is said."""
        for again in (False, True):
            if again or (cell.person, cell.door) not in self.missing:
                self.missing[cell.person, cell.door] = self._found(*self.ask(cell.person, cell.door, MISSING), MISSING)
            gone = self.missing[cell.person, cell.door]
            if again:
                found = self._found(*self.ask(cell.person, cell.door, cell.letter), cell.letter)
            if found == gone and found.status != 403:
                return ""
        parts = [n for n in ("status", "bare", "to", "shapes") if getattr(found, n) != getattr(gone, n)]
        more = [s for s in found.shapes if s not in gone.shapes] + [s for s in gone.shapes if s not in found.shapes]
        return f"{found.status} and {gone.status}, {parts} {' | '.join(s[:300] for s in more[:2])}"

    def _text(self, got: Any, body: bytes) -> str:
        """All that can be read in an answer: body, headers, cookies, what is packed in it."""
        if body[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(body)) as packed:
                body = b"\n".join(name.encode() + packed.read(name) for name in packed.namelist())
        text = body.decode("utf-8", "replace")
        if "\\u" in text:
            text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
        heads = "\n".join(f"{k}: {v}" for k, v in got.headers.items()) + got.cookies.output()
        text += "\n" + heads
        if "%E" in text or "%e" in text:
            text += unquote(text)
        return html.unescape(text) if "&#" in text else text

    def _canaries(self, where: str, person: Person, door: Door, letter: str, got: Any, body: bytes) -> None:
        """Every canary in the answer is one this person may read, or one they typed themselves."""
        text, path = self._text(got, body), self.path(door, letter)
        hits = {(m[1], m[2]) for m in WORD.finditer(text)}
        hits |= {(chr(int(m[1])), "原" if m[2] == "001" else "话") for m in NUMBER.finditer(text.replace("-", "").replace(" ", ""))}
        if one := self.world.prints.get(hashlib.sha256(body).hexdigest()):
            hits.add((one[0], one[1]))
        typed = unquote(path)
        for whose, name in sorted(hits):
            if world.canary(whose, name) in typed:
                continue
            if whose == REGISTER:
                allowed = any(seat.role in ("audit", "security", "admin") for seat in person.seats)
            else:
                allowed = oracle.may_read(person, self.world.plans[whose], name, path, door.method)
            if allowed:
                self.report.seen[name] += 1
            else:
                self.report.leaks.append(f"{where}: reads {whose}{name}")
        self._names(where, person, text, path)

    def _names(self, where: str, person: Person, text: str, path: str) -> None:
        """Codes of matters that are not theirs, and anybody's secret."""
        for code in set(self.any_code.findall(text.replace("-", ""))):
            plan = self.world.plans[self.codes[code]]
            theirs = oracle.works_on(person, plan) or oracle.speaks(person, plan)
            told = (plan.public and path.startswith("/open311/")) or (path == "/board/posted/" and oracle.hangs_up(person, plan))
            if code not in path and not theirs and not told:
                self.report.leaks.append(f"{where}: finds the code of {plan.state}")
        if found := self.secret.search(text):
            self.report.leaks.append(f"{where}: reads a secret, {found[0][:6]}…")
