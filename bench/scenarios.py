"""What is asked of the server: each scenario makes request after request from a fixed seed, over the whole city."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from bench import lives
from bench.client import Source, request

TOWN, VILLAGE, LEAD = "131022100", "131022100010", "131022-lighting"
POOL = 5_000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Scenarios:
    """Sources of requests against the base Django is connected to; people and codes are looked up once."""

    def __init__(self, seed: int = 11) -> None:
        from django.utils import timezone

        from minan.kernel import directory
        from minan.kernel.commands.token import issue
        from minan.kernel.models import Inbox, Post, User

        self.rng, self.now = random.Random(seed), timezone.now()
        self.city = directory.city()
        self.villages = [s.code for s in self.city.places.values() if s.level == "village"]
        self.counties = [s.code for s in self.city.places.values() if s.level == "county"]
        self.kinds = [k.code for k in self.city.kinds.values() if k.active]
        self.centre = next(
            o.id for o in self.city.units.values() if o.kind == directory.CITY_DESK and o.level == "city"
        )
        self.clerk = User.objects.get(username="clerk")
        self.boss, _ = User.objects.get_or_create(username="bench", defaults={"name": "量"})
        Post.objects.get_or_create(user=self.boss, unit_id=self.centre, role="supervisor")
        directory.touch()
        self.head = {"Authorization": f"Bearer {issue(self.boss)}"}
        self.clerk_head = {"Authorization": f"Bearer {issue(self.clerk)}"}
        self.cookie = self._session(self.boss)
        rows = Inbox.objects.filter(unit=self.centre).order_by("-case_id").values_list("case_id", flat=True)
        self.codes = self._codes(list(rows[: POOL * 40 : 40]) + list(rows[:100]))
        self.open_codes = self._codes(list(rows.filter(open=True)[:POOL]))
        self.filters = self._full_pages()
        self.said: list[tuple[str, int]] = []

    def _codes(self, ids: list[Any]) -> list[str]:
        from minan.kernel.models import Case

        return [
            code
            for part in range(0, len(ids), 500)
            for code in Case.objects.filter(id__in=ids[part : part + 500]).values_list("code", flat=True)
        ]

    def _session(self, user: Any) -> dict[str, str]:
        """A browser that has signed in, second factor and all."""
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

        from minan.kernel.sessions import SessionStore

        session = SessionStore()
        for name, value in (
            (SESSION_KEY, str(user.pk)), (BACKEND_SESSION_KEY, "django.contrib.auth.backends.ModelBackend"),
            (HASH_SESSION_KEY, user.get_session_auth_hash()), ("second_factor", True),
        ):  # fmt: skip
            session[name] = value
        session.create()
        self.csrf = "x" * 32
        return {"Cookie": f"sessionid={session.session_key}; csrftoken={self.csrf}"}

    def prepare_steps(self, count: int) -> None:
        """Matters just said in the clerk's township, to be accepted and assigned."""
        from minan.kernel.access import SPEAKER
        from minan.kernel.act import Opened, open_case

        for _ in range(count - len(self.said)):
            made = open_case(
                "matter",
                by=SPEAKER,
                facts={"text": lives.words(self.rng), "place": VILLAGE, "kind": "lamp.out"},
                channel="bench",
            )
            assert isinstance(made, Opened), made
            self.said.append((made.case.code, made.case.moves))
        self._steps = itertools.chain(
            ((code, "accept", {}, moves) for code, moves in self.said), ((code, "assign", {"unit": LEAD}, None) for code, _ in self.said)
        )  # fmt: skip

    def open(self) -> bytes:
        body = urlencode(
            {"service_code": self.rng.choice(self.kinds), "address_id": self.rng.choice(self.villages), "description": lives.words(self.rng),
             "lat": "39.4371", "long": "116.2987", "phone": "13812345678"}
        )  # fmt: skip
        return request("POST", "/open311/v2/requests.json", FORM, body.encode())

    def step(self) -> bytes:
        code, name, facts, moves = next(self._steps)
        head = self.clerk_head | {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        return request(
            "POST",
            f"/api/v1/cases/{code}/steps/{name}",
            head,
            json.dumps({"facts": facts} | ({"moves": moves} if moves is not None else {})).encode(),
        )

    def step_page(self) -> bytes:
        body = urlencode({"csrfmiddlewaretoken": self.csrf, "words": "已看过现场，等材料。", "key": uuid4().hex})
        return request("POST", f"/desk/{self.rng.choice(self.open_codes)}/note/", self.cookie | FORM, body.encode())

    def _full_pages(self) -> list[dict[str, str]]:
        """Filters by state, kind and county that fill a page; in a small base by fewer of the three: equal work at every size."""
        from minan.kernel.inbox import PAGE
        from minan.kernel.models import Inbox

        rows = list(
            Inbox.objects.filter(unit=self.centre).order_by("-case_id").values("state", "kind", "place")[:200_000]
        )
        full: list[dict[str, str]] = []
        for names in (("state", "kind", "place"), ("state", "place"), ("place",), ("state",)):
            found = Counter(tuple(row[n][:6] + "000000" if n == "place" else row[n] for n in names) for row in rows)
            full = [dict(zip(names, key, strict=True)) for key, n in sorted(found.items()) if n > PAGE]
            full = [one for one in full if one.get("place", self.counties[0]) in self.counties]
            if len(full) >= 10:
                break
        return full

    def _filtered(self) -> dict[str, str]:
        return self.rng.choice(self.filters)

    def list(self) -> bytes:
        return request("GET", f"/api/v1/cases?{urlencode(self._filtered())}", self.head)

    def list_page(self) -> bytes:
        return request("GET", f"/desk/?{urlencode(self._filtered())}", self.cookie)

    def detail(self) -> bytes:
        return request("GET", f"/api/v1/cases/{self.rng.choice(self.codes)}", self.head)

    def detail_page(self) -> bytes:
        return request("GET", f"/desk/{self.rng.choice(self.codes)}/", self.cookie)

    def search(self) -> bytes:
        """One word in four is among the most frequent, the others come from the whole list."""
        word = self.rng.choice(lives.WORDS[:20] if self.rng.random() < 0.25 else lives.WORDS)
        return request("GET", f"/api/v1/cases?{urlencode({'q': word})}", self.head)

    def counts(self) -> bytes:
        return request(
            "GET",
            f"/api/v1/counts?{urlencode({'by': self.rng.choice(('state', 'kind', 'week')), 'place': self.rng.choice(self.counties)})}",
            self.head,
        )

    def desk(self) -> bytes:
        """The whole desk of the city's centre: its list by what is due, and all its counts."""
        return request("GET", "/desk/", self.cookie)

    def source(self, name: str) -> Source:
        made: Callable[[], bytes] = getattr(self, name)
        return made


# What reads comes first: it meets the base as it was loaded.
NAMES = ("list", "list_page", "detail", "detail_page", "search", "counts", "desk", "open", "step", "step_page")
