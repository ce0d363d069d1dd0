"""Finds a case by any Chinese word of any length: FTS5 phrases on SQLite, GIN over county and grams on PostgreSQL.

Both only propose: pairs of characters may lie apart, a phrase may run over a full stop. What was proposed is read again.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from minan.kernel import identify, reads
from minan.kernel.models import Case
from minan.kernel.procedure import Words
from minan.lib import codes
from minan.lib.text import QUERY_MAX, QUERY_TERMS_MAX, folded, grams, phrase, query_grams, runs, spaced

FOUND_MOST = 200
WALKED = 8_000  # of a unit's newest rows, looked through before the index is asked
COUNTIES_FEW = 3  # more are not named to the index: it would read the lists of all their cases
RARE = 0.005  # words in fewer of all texts are looked for by the index at once
SHARES_SECONDS = 600.0
PAGES_MOST = 10  # how often the next proposals are read while too few of the last ones held
LONG_NUMBER = re.compile(
    r"\d{7,}"
)  # a phone, an identity card, a bank card: no text of a work order holds one to be found
GRAMS_MOST = 20_000  # of one case: more than the longest text it may hold has


class AboutAPerson(ValueError):
    """A search that names a person by their number: nobody can ask about another person (DOMAIN.md, Red lines)."""

    words = Words(
        "不能按电话、证件号、车牌、卡号找事：这里不能查人。请用编号、地点、种类，或者话里的字来找",
        "Nothing is found by a phone, an identity card, a plate or a card: nobody can be looked up here. "
        "Use a code, a place, a kind or words",
    )


def about_a_person(query: str) -> bool:
    """True where what was typed is, or holds, a phone, ID, plate or card number, however it is spaced."""
    if codes.parse(query):
        return False  # the code of a case
    text = query[:QUERY_MAX]
    bare = re.sub(r"[\s\-_.·,，、()（）+]", "", text)
    return bool(identify.sure(text) or identify.sure(bare) or LONG_NUMBER.search(unicodedata.normalize("NFKC", bare)))


def _text(case: Case) -> str:
    return f"{case.title}\n{case.text}\n{case.place_words}"


def index(cases: Iterable[Case]) -> None:
    """Write (or write anew) what is searched of these cases; only work-order text, never the vault's."""
    rows = list(cases)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            last = {(case.county, case.id): case for case in rows}  # one statement may touch a row once
            given = [{"county": c.county, "case_id": c.id.hex, "grams": grams(_text(c), GRAMS_MOST)} for c in last.values()]
            cursor.execute(
                "INSERT INTO kernel_search (county, case_id, grams) SELECT county, case_id, grams "
                "FROM jsonb_populate_recordset(NULL::kernel_search, %s::jsonb) "
                "ON CONFLICT (county, case_id) DO UPDATE SET grams = EXCLUDED.grams",
                [json.dumps(given, ensure_ascii=False)],
            )
        else:
            for case in rows:
                cursor.execute("DELETE FROM kernel_search WHERE rowid = %s", [_rowid(case.id)])
            cursor.executemany(
                "INSERT INTO kernel_search (rowid, county, case_id, words) VALUES (%s, %s, %s, %s)",
                [[_rowid(case.id), case.county, case.id.hex, spaced(_text(case))] for case in rows],
            )


def _rowid(case_id: UUID) -> int:
    """A row number in time order that fits SQLite's 63 bits: the UUIDv7's 48 bits of time and 15 of chance."""
    return (case_id.int >> 80) << 15 | (case_id.int & 0x7FFF)


def forget(case: Case) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DELETE FROM kernel_search WHERE county = %s AND case_id = %s", [case.county, case.id])
        else:
            cursor.execute("DELETE FROM kernel_search WHERE rowid = %s", [_rowid(case.id)])


def ids(
    query: str,
    units: list[str],
    counties: list[str],
    limit: int = FOUND_MOST,
    where: str = "TRUE",
    params: Sequence[Any] = (),
) -> list[UUID]:
    """The newest cases with the words of `query` that lie with one of `units`; at most `limit`.

    Each word stands in the case exactly as typed, nothing in between. `counties` are the six-digit counties these units
    work in: they keep the look-up in one place. `where` with `params` says more of the units' inbox rows, called i.
    """
    terms = [found for term in folded(query[:QUERY_MAX]).split()[:QUERY_TERMS_MAX] if (found := runs(term))]
    if not terms or not units or not counties:
        return []
    wanted, out, last = [_exact(term) for term in terms], [], None
    postgres = connection.vendor == "postgresql"
    sure = postgres and all(len(term) == 1 and (len(term[0]) <= 2 or term[0].isascii()) for term in terms)
    for _ in range(PAGES_MOST):
        rows = (
            _postgres(query_grams(query), units, counties, limit, last, where, params)
            if postgres
            else _sqlite(phrase(query), units, limit, last, where, params)
        )
        out += [row[0] for row in rows if sure or all(form.search(folded("\n".join(row[2:]))) for form in wanted)]
        if len(out) >= limit or len(rows) < limit:
            break
        last = rows[-1][1]
    return [found if isinstance(found, UUID) else UUID(found) for found in out[:limit]]


def _exact(term: list[str]) -> re.Pattern[str]:
    """One typed word: Han as they follow each other, Latin words and numbers whole, only a blank or a comma between the two."""
    return re.compile(
        r"[\W_]*".join(
            rf"(?<![a-z0-9]){re.escape(run)}(?![a-z0-9])" if run.isascii() else re.escape(run) for run in term
        )
    )


def _postgres(
    pairs: list[str], units: list[str], counties: list[str], limit: int, last: Any, where: str, params: Sequence[Any]
) -> list[Any]:
    """Rows (case, where to go on, title, text, place words) whose grams hold all that a text with these words must have.

    Words that are not rare are looked for among the newest rows of a unit: they are found there at once, and the index would
    find too many. Rare ones, and what that did not find, by the index, which then has few. Planned anew for these very words.
    """
    before, more = ("AND i.case_id < %s", [last]) if last else ("", [])
    told = (
        f"SELECT c.id, c.id, c.title, c.text, c.place_words FROM {{}} f "
        f"JOIN kernel_case c ON c.county = f.county AND c.id = f.case_id ORDER BY c.id DESC LIMIT {limit}"
    )
    newest = "ORDER BY i.case_id DESC LIMIT"
    if len(units) == 1 and not _rare(pairs):
        held = (
            f"SELECT i.county, i.case_id FROM kernel_inbox i WHERE i.unit = %s AND {where} {before} {newest} {WALKED}"
        )
        holds = "SELECT s.grams @> %s::text[] FROM kernel_search s WHERE s.county = i.county AND s.case_id = i.case_id"
        walk = f"(SELECT i.county, i.case_id FROM ({held}) i WHERE ({holds}) {newest} {limit})"
        rows = reads.fetch(told.format(walk), [units[0], *params, *more, pairs], anew=True)
        if len(rows) >= limit:
            return rows
    here, own = ("s.county = ANY(%s::varchar[]) AND ", [counties]) if len(counties) <= COUNTIES_FEW else ("", [])
    found = (
        "SELECT s.county, s.case_id FROM kernel_search s "
        f"WHERE {here}s.grams @> %s::text[] ORDER BY s.case_id DESC OFFSET 0"
    )
    seen = (
        "SELECT TRUE FROM kernel_inbox i WHERE i.county = f.county AND i.case_id = f.case_id "
        f"AND i.unit = ANY(%s::varchar[]) AND {where} {before} LIMIT 1"
    )
    asked = f"(SELECT f.county, f.case_id FROM ({found}) f WHERE ({seen}) LIMIT {limit})"
    return reads.fetch(told.format(asked), [*own, pairs, units, *params, *more], anew=True)


_shares: tuple[float, dict[str, float]] = (-SHARES_SECONDS, {})


def _rare(pairs: list[str]) -> bool:
    """True where the database's own statistics know that fewer than RARE of all texts hold one of these grams."""
    global _shares
    if time.monotonic() - _shares[0] > SHARES_SECONDS:
        known = (
            "SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats "
            "WHERE tablename = 'kernel_search' AND attname = 'grams'"
        )
        rows = [row for row in reads.fetch(known, []) if row[0] and row[1]]
        _shares = time.monotonic(), dict(zip(*rows[0], strict=False)) if rows else {}
    shares = _shares[1]
    return bool(shares) and min((shares.get(pair, 0.0) for pair in pairs), default=1.0) < RARE


def _sqlite(words: str, units: list[str], limit: int, last: Any, where: str, params: Sequence[Any]) -> list[Any]:
    """The same from the full-text index, newest first by its row number."""
    marks = ", ".join("%s" for _ in units)
    before, more = ("AND s.rowid < %s ", [last]) if last else ("", [])
    return reads.fetch(
        "SELECT c.id, s.rowid, c.title, c.text, c.place_words FROM kernel_search s "
        "JOIN kernel_case c ON c.county = s.county AND c.id = s.case_id "
        "WHERE s.words MATCH %s AND EXISTS "
        f"(SELECT 1 FROM kernel_inbox i WHERE i.county = s.county AND i.case_id = s.case_id AND i.unit IN ({marks}) AND {where}) "
        f"{before}ORDER BY s.rowid DESC LIMIT {limit}",
        [words, *units, *params, *more],
    )
