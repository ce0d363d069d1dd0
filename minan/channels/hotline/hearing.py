"""What stands beside the operator's text while they type: danger, kinds, places, what to ask, what may be the same matter."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import QueryDict

from minan.channels.hotline import landmarks
from minan.channels.hotline.landmarks import Spot
from minan.kernel import choices, directory, duplicates, emergency, guess, labels, questions, registry
from minan.kernel.duplicates import Likely
from minan.kernel.emergency import Danger
from minan.kernel.models import Case, User
from minan.kernel.opening import home_place
from minan.lib.text import folded, neutral
from minan.lib.uuid7 import uuid7

SCRIPTS, ANSWER = "hotline.toml", "q_"
PROCEDURE, DANGER = "matter", "danger"
WORDS = ("text", "place_words", "find", "name", "phone", "kind", "place", "key", "call")
MOST = 8_000
LEAST = 4  # characters before anything is looked for


@lru_cache(maxsize=2)
def _scripts(path: Path, stamp: int) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def scripts() -> dict[str, Any]:
    """What to ask, by group of kinds and for all, in both languages; {} where the city has no such file or it has a mistake."""
    path = Path(settings.CITY) / SCRIPTS
    try:
        return _scripts(path, path.stat().st_mtime_ns)
    except (OSError, tomllib.TOMLDecodeError):
        return {}


def state_name(case: Case) -> str:
    """What its state is called, in the page's language."""
    return labels.into(registry.label(case.procedure, case.version, "states", case.state))


@dataclass
class Hearing:
    """The form as it stands, and everything that follows from its words. `said`: the fields by name."""

    said: dict[str, str]
    user: User
    now: datetime
    answers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, post: QueryDict | dict[str, str], user: User, now: datetime) -> Hearing:
        said = {name: neutral(str(post.get(name, ""))).strip("\x00")[:MOST] for name in WORDS}
        said["text"] = said["text"].strip()
        said["kind"] = str(post.get("kind_list", ""))[:24] or said["kind"]
        given = {n[len(ANSWER) :]: neutral(str(v)).strip()[:400] for n, v in post.items() if n.startswith(ANSWER)}
        return cls(said, user, now, {name: value for name, value in given.items() if value})

    @property
    def text(self) -> str:
        return self.said["text"]

    # ---- danger

    @cached_property
    def dangers(self) -> list[Danger]:
        return emergency.heard(f"{self.text}\n{self.said['place_words']}")

    @property
    def calls(self) -> list[str]:
        return emergency.calls(self.dangers)

    @property
    def because(self) -> list[str]:
        return list(dict.fromkeys(word for danger in self.dangers for word in danger.because))[:6]

    @property
    def titles(self) -> str:
        return "、".join(labels.into(danger.title) for danger in self.dangers)

    @property
    def duty(self) -> str:
        """Whom the step "danger" calls first: police where anybody threatens or is threatened, else the ambulance."""
        return next(
            (danger.to for danger in self.dangers if danger.to == "police"), "ambulance" if self.dangers else "police"
        )

    @property
    def duties(self) -> list[tuple[str, str, bool]]:
        """Whom the step "danger" may call: value, label, chosen."""
        procedure = registry.get(PROCEDURE)
        step = procedure.step(DANGER) if procedure is not None else None
        options = next((f.options for f in step.fields if f.name == "to"), ()) if step is not None else ()
        return [(value, labels.into(label), value == self.duty) for value, label in options]

    @property
    def kinds(self) -> list[Any]:
        return choices.kinds()

    # ---- kind

    @cached_property
    def guesses(self) -> list[dict[str, Any]]:
        """At most three kinds by their words or their name, and the chosen one: {kind, name, because, on}."""
        found = [(g.kind, g.because) for g in guess.kinds(self.text)] if len(self.text) >= 2 else []
        said = folded(self.text)
        named = [k for k in directory.city().kinds.values() if k.active and folded(k.name) in said]
        found = [(k, (k.name,)) for k in named if all(k.code != f[0].code for f in found)] + found
        chosen = directory.city().kinds.get(self.said["kind"])
        if chosen is not None and chosen.active and all(k.code != chosen.code for k, _ in found[:3]):
            found = [(chosen, ()), *found]
        on = chosen.code if chosen is not None and chosen.active else found[0][0].code if found else ""
        return [{"code": k.code, "name": labels.name_of(k), "because": why, "on": k.code == on} for k, why in found[:4]]

    @property
    def kind(self) -> str:
        return next((row["code"] for row in self.guesses if row["on"]), "")

    # ---- place

    @cached_property
    def spots(self) -> list[Spot]:
        found = landmarks.found(self.said["find"]) if self.said["find"].strip() else landmarks.named(self.text)
        chosen = self.said["place"]
        if chosen in directory.city().places and all(s.code != chosen for s in found):
            found = [Spot(chosen, directory.place_name(chosen), directory.place_name(chosen, full=True)), *found]
        return found

    @property
    def place(self) -> str:
        """The chosen place; with nothing chosen the first that was found, which the operator sees marked."""
        codes = [spot.code for spot in self.spots]
        return self.said["place"] if self.said["place"] in codes else next(iter(codes), "")

    @property
    def places(self) -> list[dict[str, Any]]:
        on, out = self.place, []
        for spot in self.spots:
            out.append({"code": spot.code, "name": spot.name, "within": spot.within, "on": spot.code == on})
            on = "" if spot.code == on else on  # of two landmarks in one village the first is marked
        return out

    # ---- the same matter

    @cached_property
    def likely(self) -> list[Likely]:
        """Earlier matters that may be this one, among those the operator sees; one query, nothing before the place is known."""
        place = self.place
        if len(self.text) < LEAST or directory.level_of(place) in ("", "city"):
            return []
        county = (directory.within(place, "county") or home_place())[:6]
        asked = Case(
            id=uuid7(),
            county=county,
            place=place,
            text=self.text,
            title=self.text[:80],
            kind=self.kind,
            opened_at=self.now,
        )
        return duplicates.likely(asked, self.user, self.now)

    @property
    def same(self) -> list[dict[str, Any]]:
        return [
            {"case": one.case, "state": state_name(one.case), "days": one.days, "because": "、".join(one.because[:4])}
            for one in self.likely
        ]

    # ---- what to ask

    @property
    def script(self) -> list[str]:
        table, kind = scripts(), directory.city().kinds.get(self.kind)
        lang = "en" if labels.english() else "zh"
        rows = table.get("group", {}).get(kind.group if kind is not None else "", {}).get(lang, [])
        return [str(line) for line in [*rows, *table.get("all", {}).get(lang, [])]][:6]

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The city's own questions of this kind that apply to what was answered so far."""
        told = questions.asked(questions.of_kind(self.kind), self.answers) if self.kind else []
        rows = []
        for q in told:
            options = [(value, labels.into(words)) for value, words in questions.values(q).items()]
            rows.append({"ask": q, "name": ANSWER + q.code, "value": self.answers.get(q.code, ""), "options": options})
        return rows

    def facts(self) -> dict[str, Any]:
        """What the opening step is handed."""
        asked = {row["ask"].code for row in self.questions}
        return {
            "text": self.text, "place": self.place, "kind": self.kind, "place_words": self.said["place_words"].strip() or self.landmark,
            "name": self.said["name"].strip(), "phone": self.said["phone"].strip(), "photos": [], "visit": False,
            "answers": {code: value for code, value in self.answers.items() if code in asked},
        }  # fmt: skip

    @property
    def landmark(self) -> str:
        """The landmark by which the place was found, where it is more than the division's own name."""
        spot = next((row for row in self.places if row["on"]), None)
        return spot["name"][:200] if spot is not None and spot["name"] not in spot["within"] else ""
