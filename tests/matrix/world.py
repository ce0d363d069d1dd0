"""The matters of the matrix: one for every state, each field with a canary that names its matter and its field."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.http import SimpleCookie
from django.test import Client

from minan.kernel import attachments, directory, house, retention, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.commands.token import issue
from minan.kernel.models import Attachment, Case, Event, Post, Tie, User
from minan.kernel.pictures import Picture, clean
from minan.kernel.tests.made_pictures import encoded, scene
from minan.lib import codes
from tests.house import browser
from tests.matrix import people
from tests.matrix.oracle import Plan
from tests.matrix.people import CENTRE, DISCIPLINE, LIGHTING, STATION, Person

KINDS = {"B": "lamp.out", "D": "government.report", "R": ""}
PHONE = "1397{:02d}46{:03d}"  # the matter and, of two numbers, which
NUMBER = re.compile(r"1397(\d\d)46(\d\d\d)")
WORD = re.compile(r"鸑([A-Z])(.)鷟")
REGISTER = "Z"  # the register of the house, a matter of its own
PLACE, AWAY = "131022100010", "131023100203"


def canary(letter: str, name: str) -> str:
    return f"鸑{letter}{name}鷟"


def number(letter: str, which: int) -> str:
    return PHONE.format(ord(letter), which)


@dataclass
class World:
    people: dict[str, Person]
    plans: dict[str, Plan]
    cases: dict[str, Case] = field(default_factory=dict)
    photos: dict[str, str] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    prints: dict[str, str] = field(default_factory=dict)  # sha256 of a picture's bytes → whose
    secrets: dict[str, str] = field(default_factory=dict)
    nowhere: str = field(default_factory=lambda: codes.new("GA"))


def _picture(letter: str, n: int = 0) -> Picture:
    return clean(encoded(scene(ord(letter) * 7 + n, (80, 60))))


def _facts(letter: str, **more: Any) -> dict[str, Any]:
    text = f"{canary(letter, '题')}的事没人管。{canary(letter, '文')}一直这样，回电{number(letter, 1)}。"
    facts = {
        "text": text, "place": PLACE, "kind": KINDS.get(letter, "order.build"), "place_words": f"{canary(letter, '处')}旁",
        "name": canary(letter, "名"), "phone": number(letter, 2), "address": f"{canary(letter, '址')}里", "photos": [_picture(letter)],
    }  # fmt: skip
    return {k: v for k, v in (facts | more).items() if v is not None}


class Builder:
    """Says and moves the matters; every step must be taken, or the matrix would stand on nothing."""

    def __init__(self, users: dict[str, User]) -> None:
        self.users = users
        self.out: dict[str, Opened] = {}
        self.clerk, self.handler = self.who("clerk own"), self.who("handler lead")
        self.centre, self.line = self.who("supervisor parent by block"), self.who("supervisor parent by line")

    def who(self, name: str) -> Actor:
        return actor(self.users[name])

    def said(self, letter: str, at: datetime | None = None, *, anonymous: bool = False, account: str = "", **more: Any) -> None:
        facts = _facts(letter, **more)
        if anonymous:
            facts = {k: v for k, v in facts.items() if k not in ("name", "phone", "address")}
        opened = open_case("matter", by=SPEAKER, facts=facts, at=at, anonymous=anonymous, account=account)
        assert isinstance(opened, Opened), (letter, opened)
        self.out[letter] = opened

    def go(self, letter: str, step: str, by: Actor, at: datetime | None = None, **facts: Any) -> None:
        case = Case.objects.get(id=self.out[letter].case.id)
        done = act(case, step, by=by, facts=facts, at=at)
        assert isinstance(done, Event), (letter, step, done)

    def handed(self, letter: str, at: datetime | None = None, **accepting: Any) -> None:
        """Accepted, noted on, handed to the lighting office with a word, signed for."""
        self.go(letter, "accept", self.clerk, at, **accepting)
        self.go(letter, "assign", self.clerk, at, unit=LIGHTING, words=canary(letter, "交"))
        self.go(letter, "note", self.clerk, at, words=canary(letter, "注"), photos=[_picture(letter, 1)])
        self.go(letter, "sign", self.handler, at)

    def answered(self, letter: str, at: datetime | None = None) -> None:
        self.go(letter, "handle", self.handler, at)
        self.go(letter, "answer", self.handler, at, outcome="explained", article="第 2 条", words=canary(letter, "答"))


PLANS = (
    Plan("A", "open"),
    Plan("B", "public", public=True),
    Plan("C", "confidential", privacy="confidential", shut_fields=frozenset("名址话原题文")),
    Plan("D", "sealed", desk=DISCIPLINE, lead="", privacy="sealed", shut_fields=frozenset("名址话原题文处")),
    Plan("E", "passed on", lead="", privacy="passed"),
    Plan("F", "anonymous", walled_people=("recused",), posted=(STATION, people.POINT)),
    Plan("G", "closed"),
    Plan("H", "erased", gone=True),
    Plan("I", "about the lead", lead="", walled_units=(LIGHTING,)),
    Plan("J", "about a person", desk=CENTRE, walled_units=(STATION,), walled_people=("named",)),
    Plan("K", "stood aside", walled_people=("recused",)),
    Plan("L", "danger, sent back", ruler=STATION, called=(people.WOMEN,), opener="opener"),
    Plan("M", "by account"),
    Plan("N", "other county", desk="131023100-station", lead="", over=("131023100-station", "131023-centre", "1310-centre")),
    Plan("O", "confidential, closed", privacy="confidential", shut_fields=frozenset("名址话原题文")),
    Plan("R", "said", lead=""),
)  # fmt: skip


def _matters(b: Builder) -> None:
    """One of each."""
    b.said("A")
    b.handed("A")
    b.go("A", "supervise", b.centre, words=canary("A", "督"))
    b.go("A", "progress", b.handler, words=canary("A", "展"))
    b.go("A", "ask_look", b.handler, what="identity", ground="look_reach", words=canary("A", "申"))
    b.go("A", "defer", b.clerk, article=canary("A", "书"), document=canary("A", "件"), days=20)
    b.said("B")
    b.handed("B")
    b.said("C", confidential=True, photos=None)
    b.handed("C")
    b.said("D", address=None, photos=None)
    b.go("D", "take_up", b.who("discipline discipline"))
    b.go("D", "note", b.who("discipline discipline"), words=canary("D", "注"))
    b.said("E")
    b.go("E", "note", b.clerk, words=canary("E", "注"))
    b.go("E", "pass_on", b.clerk)
    b.said("F", anonymous=True)
    b.handed("F")
    b.go("F", "recuse", b.who("recused"))
    b.said("G")
    b.handed("G")
    b.answered("G")
    b.go("G", "rate", Actor("speaker", cast="own"), contacted=True, solved=True, satisfied=True)
    long_ago = datetime.now(UTC) - timedelta(days=1500)
    b.said("H", long_ago)
    b.handed("H", long_ago)
    b.go("H", "withdraw", SPEAKER, long_ago)
    b.said("I", about=LIGHTING)
    b.go("I", "accept", b.clerk)
    b.go("I", "note", b.clerk, words=canary("I", "注"))
    b.said("J")
    b.handed("J")
    b.go("J", "wall", b.centre, whom=str(b.users["named"].pk), words=canary("J", "墙"))
    b.said("K")
    b.handed("K")
    b.go("K", "recuse", b.who("recused"))
    b.said("L")
    b.handed("L")
    b.go("L", "danger", b.handler, to="women", words=canary("L", "险"))
    b.go("L", "break_glass", b.who("opener"), words=canary("L", "申"))
    b.go("L", "send_back", b.handler, article="第 1 条", words=canary("L", "据"))
    b.said("M", account=str(b.users["account"].pk))
    b.handed("M")
    b.said("N", place=AWAY)
    b.said("O", confidential=True, photos=None)
    b.handed("O")
    b.answered("O")
    b.go("O", "rate", Actor("speaker", cast="own"), contacted=True, solved=True, satisfied=True)
    b.said("R", kind=None)


def _users(everyone: Iterable[Person]) -> dict[str, User]:
    """Their accounts and posts, in two statements."""
    model = get_user_model()
    everyone = list(everyone)
    signed = [p for p in everyone if p.signed_in]
    model.objects.bulk_create([model(username=f"m{n}", name="马某") for n, _ in enumerate(signed)])
    stored = {u.username: u for u in model.objects.filter(username__startswith="m")}
    users = {p.name: stored[f"m{n}"] for n, p in enumerate(signed)}
    Post.objects.bulk_create(
        [Post(user=users[p.name], unit_id=s.unit, role=s.role, seat=s.seat) for p in everyone for s in p.seats]
    )
    for person in everyone:
        if person.kin:
            Tie.objects.create(user=users[person.name], other=users[person.kin])
    directory.touch()
    return users


def build() -> World:
    """The whole world, inside the caller's transaction."""
    world = World({p.name: p for p in people.everybody()}, {plan.letter: plan for plan in PLANS})
    world.users = _users(world.people.values())
    builder = Builder(world.users)
    _matters(builder)
    retention.sweep(datetime.now(UTC))
    _register(world)
    worker.settle()
    for letter, opened in builder.out.items():
        case = world.cases[letter] = Case.objects.get(id=opened.case.id)
        world.secrets[letter] = opened.secret
        found = list(Attachment.objects.filter(case_id=case.id).order_by("id"))
        world.photos[letter] = str(found[0].id) if found else "01a20606-b8cc-76ec-9a25-a10dc10e851c"
        order = Event.objects.filter(case_id=case.id, step="supervise").first()
        world.orders[letter] = order.n if order else 2
        for one in found:
            for small in (False, True):
                data = attachments.path_of(one.sha256, thumb=small).read_bytes()
                world.prints[hashlib.sha256(data).hexdigest()] = f"{letter}{'照' if one.n == 1 else '注'}"
    _browsers(world)
    return world


def _register(world: World) -> None:
    """A change that waits for a second person, and an export: both with reasons that are nobody else's."""
    house.propose(
        "row", world.users["security city"], "鸑Z由鷟", table="posts",
        values={"user_id": world.users["resident"].pk, "unit_id": CENTRE, "role": "audit", "title": "", "seat": ""},
    )  # fmt: skip
    house.note("export", world.users["clerk own"].username, "鸑Z据鷟", why="鸑Z因鷟")


def _browsers(world: World) -> None:
    for person in world.people.values():
        client = browser(world.users.get(person.name))
        client.raise_request_exception = False
        for letter in person.said if not person.signed_in else "":
            got = client.post("/m/", {"code": world.cases[letter].code, "secret": world.secrets[letter]})
            assert got.status_code == 302, (letter, got.status_code)
        world.clients[person.name] = client
        if person.name in world.users:
            world.tokens[person.name] = issue(world.users[person.name])
        world.cookies[person.name] = client.cookies.output(header="", sep=";")


def fresh_cookies(world: World, name: str) -> None:
    """What a request did to a browser is forgotten."""
    jar = SimpleCookie()
    jar.load(world.cookies[name])
    world.clients[name].cookies = jar
