"""What a speaker asks to have kept apart: which unit it is about, that it is confidential, that it is a report on an official."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from minan.kernel import choices, directory, registry, routing
from minan.lib.text import neutral

REPORT = "report"  # the procedure that takes in reports on officials, where its folder is there
WORDS_MOST = 60


@dataclass(frozen=True, slots=True)
class Apart:
    confidential: bool = False
    report: bool = False
    about: str = ""  # a unit chosen from the list
    about_words: str = ""  # … or named in words

    @classmethod
    def read(cls, post: QueryDict) -> Apart:
        about = post.get("about", "")
        return cls(
            bool(post.get("confidential")), bool(post.get("report")) and registry.get(REPORT) is not None,
            about if directory.office(about) else "", neutral(post.get("about_words", "")).strip()[:WORDS_MOST],
        )  # fmt: skip

    @property
    def reports(self) -> bool:
        """Whether somebody takes in reports here."""
        return registry.get(REPORT) is not None

    @property
    def asked(self) -> bool:
        return bool(self.confidential or self.report or self.about or self.about_words)

    def named(self, place: str) -> list[str]:
        """The units the words name, of those that work at the place (of all, where none is known yet): its name in full wins."""
        if not self.about_words:
            return []
        offices = routing.candidates(place) if place else list(directory.city().units.values())
        whole = [o.id for o in offices if self.about_words in (o.name, o.name_en)]
        return whole or [o.id for o in offices if self.about_words in o.name or o.name in self.about_words]

    def unit(self, place: str) -> str:
        """The one unit that is meant; "" where none is, or where the words fit several."""
        found = self.named(place)
        return self.about or (found[0] if len(found) == 1 else "")

    def unclear(self, place: str) -> bool:
        return bool(self.about_words) and not self.unit(place)

    @staticmethod
    def options(place: str) -> list[Any]:
        """The units over the place, nearest first, as a list offers them."""
        return choices.units(place)[1:] if place else []
