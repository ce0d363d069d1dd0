"""Articles of law and rules 法条 by kind of matter: what a clerk may cite and anybody may read; one that was not checked in time says so."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from django.utils import timezone

from minan.kernel import directory
from minan.kernel.labels import english
from minan.kernel.models import Article, Case

BESIDE, FOUND = 5, 60  # shown beside a matter; on one page of the collection


class Cited(NamedTuple):
    """One article in the reader's language. `stale`: not held against what is published for longer than the city allows, or never."""

    code: str
    law: str
    article: str
    title: str
    text: str
    source: str
    checked: date | None
    stale: bool


def rows() -> list[Article]:
    """All in use, read once per change of the city."""
    city = directory.city()
    if "articles" not in city.beside:
        city.beside["articles"] = list(Article.objects.filter(active=True).order_by("code"))
    kept: list[Article] = city.beside["articles"]
    return kept


def stale(row: Article, today: date) -> bool:
    return row.checked is None or row.checked + timedelta(days=row.days) < today


def _cited(row: Article, today: date) -> Cited:
    en = english()
    return Cited(
        row.code, row.law, row.article, (en and row.title_en) or row.title, (en and row.text_en) or row.text, row.source, row.checked,
        stale(row, today),
    )  # fmt: skip


def of_kind(code: str) -> list[Cited]:
    """Those of one kind: its own first, then its group's; never those of any kind, which would stand beside everything."""
    kind = directory.city().kinds.get(code)
    if kind is None:
        return []
    today = timezone.localdate()
    own = [row for row in rows() if row.kind == code]
    group = [row for row in rows() if not row.kind and row.group == kind.group]
    return [_cited(row, today) for row in own + group]


def of_case(case: Case) -> list[Cited]:
    return of_kind(case.kind)[:BESIDE]


def found(words: str = "", kind: str = "") -> list[Cited]:
    """By words that all stand in law, article, title or text; with a kind those of it alone. At most FOUND."""
    asked, today = words.lower().split(), timezone.localdate()
    among = of_kind(kind) if kind else [_cited(row, today) for row in rows()]
    full = {
        row.code: "\n".join((row.law, row.article, row.title, row.title_en, row.text, row.text_en)).lower()
        for row in rows()
    }
    return [one for one in among if all(word in full[one.code] for word in asked)][:FOUND]
