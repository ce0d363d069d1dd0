"""The house with one matter in it that must not leak, and everybody who may knock at its doors."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from minan.channels.web.tests import phone
from minan.kernel import access, directory, worker
from minan.kernel.act import act
from minan.kernel.commands.token import issue
from minan.kernel.models import Attachment, Case, Event, Post, User
from minan.lib import codes, throttle

TEXT, PLACE_WORDS = "紫檀金丝雀路灯不亮", "旧磨坊金丝雀拐角"
PHONE, NAME, NOTE = "13987654321", "王金丝雀", "备注里的金丝雀"
KIND = "order.build"  # no kind that is shown to the world
PEOPLE = ("resident", "worker", "clerk", "handler", "supervisor", "stranger", "admin", "keeper", "security", "audit", "operator")
LIGHTING, VILLAGE = "131022-lighting", "131022100010"
STAMP = '"kernel_serial"."series" = \'stamp\''  # whether the city changed: asked every two seconds by whoever comes first, of no matter
BEARER = ("/api/", "/open311/")
# A page's own token against forged forms, its one-time keys, and what one asked for in the address.
CHANGING = re.compile(
    rb'name="(?:csrfmiddlewaretoken|key|next)" value="[^"]*"|hx-headers=\'[^\']*\'|data-token="[^"]*"|next=[^"&]*'
)


def routes(patterns: Any = None, before: str = "") -> list[str]:
    """Every address pattern the house answers to."""
    out: list[str] = []
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            out += routes(one.url_patterns, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            out.append(before + str(one.pattern))
    return out


@dataclass
class Answer:
    """What somebody got, and how many questions it cost the database."""

    status: int
    body: bytes
    to: str
    queries: list[str]

    def bare(self, *said: str) -> bytes:
        """The body without tokens and without what the asker said."""
        body = CHANGING.sub(b"", self.body)
        for word in said:
            body = body.replace(word.encode(), b"")
        return body


@dataclass
class House:
    """The matter, its secret, and each person's browser and token."""

    case: Case
    secret: str
    photo: str
    order: int
    clients: dict[str, Client] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    nowhere: str = field(default_factory=lambda: codes.new("GA"))  # a code that could be one and is none

    @property
    def canaries(self) -> tuple[str, ...]:
        return (TEXT, PLACE_WORDS, PHONE, NAME, NOTE, "金丝雀", self.secret)

    def path(self, path: str, code: str = "") -> str:
        return path.format(code=code or self.case.code, photo=self.photo, order=self.order)

    def ask(self, who: str, path: str, method: str = "get", **more: Any) -> Answer:
        """One request as one of the people; programs' addresses with their token, pages with their browser."""
        throttle.forget()
        client = self.clients[who]
        if path.startswith(BEARER):
            client = Client()
            scheme = "" if path.startswith("/open311/") and who == "nobody" else "Bearer "
            more["headers"] = (
                {"Authorization": f"{scheme}{self.tokens[who]}"} if who in self.tokens else {}
            ) | more.get("headers", {})
            if method == "post" and path.startswith("/api/"):
                more["content_type"] = "application/json"
                more["headers"] |= {"Idempotency-Key": f"{who}{path}"[:190]}
        with CaptureQueriesContext(connection) as asked:
            got = getattr(client, method)(path, **more)
            body = b"".join(got.streaming_content) if got.streaming else got.content
        return Answer(
            got.status_code,
            body,
            got.headers.get("Location", ""),
            [q["sql"] for q in asked.captured_queries if STAMP not in q["sql"]],
        )


def browser(user: User | None = None, **more: Any) -> Client:
    """A browser, signed in with password and second factor where somebody is named."""
    client = Client(**more)
    if user is not None:
        client.force_login(user)
        session = client.session
        session["second_factor"] = True
        session.save()
    return client


def keeper() -> User:
    """The administrator of the next township only: no unit of theirs has anything to do with the matter."""
    user = User.objects.create(username="keeper", name="隔壁镇管理员")
    Post.objects.create(user=user, unit_id="131022101-station", role="admin")
    directory.touch()
    return user


def build(people: dict[str, User]) -> House:
    """王秀兰 says it without an account; it is accepted, handed to the lighting office, ordered and noted on."""
    wang, people = Client(), people | {"keeper": keeper()}
    words = {"text": f"{TEXT}，电话 {PHONE}", "place_words": PLACE_WORDS, "kind": KIND, "phone": PHONE, "name": NAME}
    case, secret = phone.said(wang, **words, photos=phone.picture())
    steps = (
        ("accept", "clerk", {}),
        ("assign", "clerk", {"unit": LIGHTING}),
        ("note", "clerk", {"words": NOTE}),
        ("sign", "handler", {}),
    )
    for step, who, facts in (*steps, ("supervise", "supervisor", {"words": "三天内办"})):
        assert act(case, step, by=access.actor(people[who]), facts=facts), step
    worker.settle()
    case.refresh_from_db()
    house = House(
        case,
        secret,
        str(Attachment.objects.get(case_id=case.id).id),
        Event.objects.filter(case_id=case.id).latest("n").n,
    )
    house.clients = {"nobody": browser(), "speaker": wang, "loopback": browser()} | {
        name: browser(people[name]) for name in PEOPLE
    }
    house.tokens = {name: issue(people[name]) for name in PEOPLE}
    return house


def records() -> dict[str, str]:
    """Each table with a hash of all its rows, but for sessions, which a visit may begin."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table in ("kernel_session", "django_session", "minan_cache") or not model._meta.managed:
            continue
        rows = sorted(repr(row) for row in model._default_manager.values_list())
        found[model._meta.label] = f"{len(rows)}:{hashlib.sha256(''.join(rows).encode()).hexdigest()}"
    return found
