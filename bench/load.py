"""Fills an empty base with cases whose chains hold: `python -m bench.load --db postgres --cases 100000 --keep FOLDER`.

Lives are played once by the kernel's own steps (lives.py); each case is one of them with its own id, code, words, salts,
hashes, secret and vault, so that `minan verify` passes and every vault opens. The seed fixes everything but nonces.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from bench import base, behind, machine

CHUNK, LIVES_MOST = 2_000, 8_000
TABLES = (
    "kernel_case",
    "kernel_event",
    "kernel_body",
    "kernel_clock",
    "kernel_inbox",
    "kernel_speaker",
    "kernel_search",
    "kernel_judged",
)
Stamp = list[tuple[str, list[list[Any]]]]


class Mould:
    """One life as rows of database values, and where in them each case's own values go."""

    def __init__(self, life: Any) -> None:
        from django.db import connection

        from minan.kernel import judged
        from minan.kernel.models import Body, Case, Clock, Event, Inbox, Speaker

        self.life, self.case = life, life.write.case
        self.postgres = connection.vendor == "postgresql"
        rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for model, found in life.write.inserts:
            rows[model] += found
        self.events, self.bodies = rows[Event], rows[Body]
        first = {"id", "case_id"}
        own = {
            Case: {"id", "code", "head", "title", "text"},
            Event: first | {"body", "prev", "hash", "key"},
            Body: first | {"salt", "text"},
            Speaker: first,
        }
        self.tables: dict[Any, tuple[dict[str, int], list[list[Any]]]] = {}
        rows[Case] = [self.case]
        for model, found in rows.items():
            if model is Speaker or not found or model._meta.db_table not in TABLES:
                continue
            names = [f.attname for f in model._meta.concrete_fields]
            cells = [
                [None if n in own.get(model, first) else self._value(model, n, row.get(n)) for n in names]
                for row in found
            ]
            self.tables[model] = ({n: i for i, n in enumerate(names)}, cells)
        self.inbox = Inbox
        self.clocks = rows[Clock]
        self.judged = [
            (t.n, t.delta["a"]["unit"]) for t in life.told if judged._is_judgement(t) and t.delta["a"]["unit"]
        ]
        self.texts = [b["text"] for b in self.bodies]
        self.kept = json.loads(self.texts[-1])[
            "kept"
        ]  # the last event vouches for the row and clocks: each case has its own

    def _value(self, model: Any, name: str, value: Any) -> Any:
        from django.db import connection

        f = model._meta.get_field(name)
        if not self.postgres:
            return f.get_db_prep_save(value if value is not None or f.null else f.get_default(), connection)
        if isinstance(value, bool):
            return "t" if value else "f"
        if isinstance(value, dict | list):
            return json.dumps(value, ensure_ascii=False)
        if value is None:
            return None if f.null else self._value(model, name, f.get_default())
        return value.isoformat() if isinstance(value, datetime) else str(value)


def _code(tag: str, rng: random.Random) -> str:
    from minan.lib import codes

    body = tag + "".join(rng.choices(codes.ALPHABET, k=12))
    return body + codes._check(body)


def _ids(at: float, rng: random.Random, count: int, plain: bool) -> list[Any]:
    """Ids in order of time, made of the seed's chance."""
    millis, out = int(at * 1000), []
    for _ in range(count):
        noise = rng.getrandbits(74)
        value = UUID(int=millis << 80 | 0x7 << 76 | (noise >> 62) << 64 | 0b10 << 62 | noise & (1 << 62) - 1)
        out.append(str(value) if plain else value.hex)
    return out


def stamp(mould: Mould, rng: random.Random, out: dict[str, list[list[Any]]]) -> None:
    """One case of a mould, added to the rows of each table."""
    from bench import lives
    from minan.kernel import draft, ledger, vault
    from minan.kernel.models import Body, Case, Clock, Event

    case, plain = mould.case, mould.postgres
    at = case["opened_at"].timestamp() + rng.random() * 60  # of the ids only: those of one life differ in their order
    (case_id,) = _ids(at, rng, 1, plain)
    code, text = _code(case["code"][:2], rng), lives.words(rng)
    links = []
    head, hashes = ledger.ZERO, []
    of_clocks = _ids(at, rng, len(mould.clocks), plain)
    now = case | {"id": UUID(case_id), "code": code, "title": text, "text": text}
    runs = [row | {"id": UUID(pk), "case_id": UUID(case_id)} for pk, row in zip(of_clocks, mould.clocks, strict=True)]
    vouched = draft.kept(now, runs)
    for event, body in zip(mould.events, mould.texts, strict=True):
        salt, words = rng.randbytes(32), body.replace(lives.MARK, text).replace(mould.kept, vouched)
        link = ledger.Link(
            case["county"],
            code,
            event["n"],
            head,
            event["step"],
            event["at"],
            event["by"],
            hashlib.sha256(salt + words.encode()).hexdigest(),
        )
        links.append((salt, words, link.body, head))
        head = link.leaf()
        hashes.append(head)
    for model, (where, rows) in mould.tables.items():
        ids = [case_id] if model is Case else of_clocks if model is Clock else _ids(at, rng, len(rows), plain)
        table = out[model._meta.db_table]
        for i, mould_row in enumerate(rows):
            row = mould_row.copy()
            row[where["id"]] = ids[i]
            if model is Case:
                row[where["code"]], row[where["head"]], row[where["title"]], row[where["text"]] = code, head, text, text
            else:
                row[where["case_id"]] = case_id
            if model is Event:
                _, _, row[where["body"]], row[where["prev"]] = links[i]
                row[where["hash"]], row[where["key"]] = hashes[i], ids[i]
            elif model is Body:
                salt, row[where["text"]], _, _ = links[i]
                row[where["salt"]] = "\\x" + salt.hex() if plain else salt
            table.append(row)
    wrapped, sealed = vault.seal(code, mould.life.sealed | {"phone": f"138{rng.randrange(10**8):08d}"})
    _speaker(out, mould, case_id, _ids(at, rng, 1, plain)[0], rng, wrapped, sealed)
    _searched(out, mould, case_id, text)
    for pk, (n, unit) in zip(_ids(at, rng, len(mould.judged), plain), mould.judged, strict=True):
        out["kernel_judged"].append([pk, case["county"], case_id, n, unit])


def _speaker(
    out: dict[str, list[list[Any]]],
    mould: Mould,
    case_id: str,
    row_id: str,
    rng: random.Random,
    wrapped: bytes,
    sealed: bytes,
) -> None:
    if mould.postgres:
        cells: list[Any] = ["\\x" + wrapped.hex(), "\\x" + sealed.hex(), "", "t", "zh-hans", "", "server", "", ""]
    else:
        cells = [wrapped, sealed, "", True, "zh-hans", "", "server", "", ""]
    out["kernel_speaker"].append([row_id, mould.case["county"], case_id, rng.randbytes(32).hex(), *cells])


def _searched(out: dict[str, list[list[Any]]], mould: Mould, case_id: str, text: str) -> None:
    from minan.kernel import search
    from minan.lib.text import grams, spaced

    if mould.postgres:
        out["kernel_search"].append(
            [mould.case["county"], case_id, "{" + ",".join(f'"{g}"' for g in grams(text)) + "}"]
        )
    else:
        out["kernel_search"].append(
            [search._rowid(UUID(case_id)), mould.case["county"], case_id, spaced(f"{text}\n{text}\n")]
        )


COLUMNS = {
    "kernel_speaker": '"id", "county", "case_id", "secret", "wrapped", "sealed", "owner", "phone", "lang", "capability", "issued", "ways", "caller"',
    "kernel_judged": '"id", "county", "case_id", "n", "unit"',
}


def _names(table: str, postgres: bool) -> str:
    from minan.kernel import models

    if table == "kernel_search":
        return '"county", "case_id", "grams"' if postgres else '"rowid", "county", "case_id", "words"'
    if table in COLUMNS:
        return COLUMNS[table]
    model = next(m for m in vars(models).values() if getattr(getattr(m, "_meta", None), "db_table", "") == table)
    return ", ".join(f'"{f.column}"' for f in model._meta.concrete_fields)


_moulds: list[Mould] = []


def _rows(job: tuple[int, list[int]]) -> dict[str, list[list[Any]]]:
    number, which = job
    rng, out = random.Random(f"chunk {number}"), {table: [] for table in TABLES}
    for i in which:
        stamp(_moulds[i], rng, out)
    return out


def _copy(job: tuple[int, list[int]]) -> int:
    """A chunk by COPY, in a process of its own."""
    from django.db import connection, transaction

    rows = _rows(job)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        for table in TABLES:
            with cursor.copy(f"COPY {table} ({_names(table, True)}) FROM STDIN") as copy:
                for row in rows[table]:
                    copy.write_row(row)
    return len(job[1])


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Indexes, checks of uniqueness and triggers away while loading, made anew afterwards."""
    from django.db import connection

    names = ", ".join(f"'{t}'" for t in TABLES)
    back: list[str] = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'u' AND conrelid::regclass::text IN ({names})"
            )
            for table, name, what in cursor.fetchall():
                back.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {what}')
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            cursor.execute(
                f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({names}) AND indexname NOT LIKE '%%_pkey'",
                [],
            )
            for name, what in cursor.fetchall():
                back.append(what)
                cursor.execute(f'DROP INDEX "{name}"')
            for table in TABLES:
                back.append(f"ALTER TABLE {table} ENABLE TRIGGER USER")
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            cursor.execute(
                f"SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ({names}) AND type IN ('index', 'trigger') AND sql IS NOT NULL"
            )
            for kind, name, what in cursor.fetchall():
                back.append(what)
                cursor.execute(f'DROP {kind} "{name}"')
            cursor.execute("PRAGMA synchronous=OFF")
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET maintenance_work_mem = '512MB'")
        for what in back:
            cursor.execute(what)


def _tally(chosen: dict[int, int]) -> None:
    """The counts as the worker would have folded them."""
    from minan.kernel import tallies
    from minan.kernel.models import Tally
    from minan.lib.uuid7 import uuid7

    total: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for i, times in chosen.items():
        for key, row in tallies.sums(_moulds[i].life.told).items():
            for measure, n in row.items():
                total[key][measure] += n * times
    Tally.objects.bulk_create(
        [Tally(id=uuid7(), county=k[0], place=k[1], by=k[2], key=k[3], **row) for k, row in sorted(total.items())],
        batch_size=500,
    )


def _write(jobs: list[tuple[int, list[int]]], processes: int) -> None:
    from django.db import connection, connections, transaction

    if connection.vendor == "postgresql":
        connections.close_all()
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            for _ in pool.imap_unordered(_copy, jobs):
                pass
        return
    with multiprocessing.get_context("fork").Pool(max(1, processes - 1)) as pool:
        for rows in pool.imap(_rows, jobs):
            with transaction.atomic(), connection.cursor() as cursor:
                for table in TABLES:
                    if not rows[table]:
                        continue
                    marks = ", ".join("?" for _ in rows[table][0])
                    cursor.connection.executemany(
                        f"INSERT INTO {table} ({_names(table, False)}) VALUES ({marks})", rows[table]
                    )


def load(cases: int, seed: int = 7, processes: int = 2) -> dict[str, Any]:
    """Fill the base Django is connected to. Raises RuntimeError where it holds cases already."""
    from django.db import connection

    from bench import lives
    from minan.kernel.models import Case

    if Case.objects.exists():
        raise RuntimeError("this base holds cases already")
    begun = time.monotonic()
    _moulds[:] = [Mould(life) for life in lives.made(min(LIVES_MOST, max(200, cases // 10)), seed)]
    rng, count = random.Random(seed), len(_moulds)
    which = sorted([i % count for i in range(cases)])
    rng.seed(seed)
    jobs = [(n, which[start : start + CHUNK]) for n, start in enumerate(range(0, cases, CHUNK))]
    played = time.monotonic()
    with _without_indexes():
        _write(jobs, processes)
        written = time.monotonic()
    chosen: dict[int, int] = defaultdict(int)
    for i in which:
        chosen[i] += 1
    _tally(chosen)
    behind.batched()
    behind.logged()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM")
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    done = time.monotonic()
    return {
        "cases": cases, "lives": count, "open": Case.objects.filter(closed_at=None).count(), "events": sum(len(_moulds[i].events) * n for i, n in chosen.items()),
        "seconds": {"lives": round(played - begun, 1), "rows": round(written - played, 1), "indexes_and_counts": round(done - written, 1), "all": round(done - begun, 1)},
    }  # fmt: skip


def _vaults(most: int) -> int:
    """How many of the first vaults open with their keys; raises Sealed for one that does not."""
    from minan.kernel import speakers
    from minan.kernel.models import Case

    return sum("phone" in speakers.known(case, who="speaker", why="own") for case in Case.objects.order_by("id")[:most])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--keep", default="", help="a folder that stays, to be measured later")
    parser.add_argument("--verify", action="store_true", help="run `minan verify` afterwards")
    args = parser.parse_args()
    with base.made(args.db, args.keep) as here:
        here.enter()
        import django

        django.setup()
        out = {"bench": "load", "db": args.db, "machine": machine.facts(), **load(args.cases)}
        if args.verify:
            from django.db import connections

            out["vaults_opened"] = _vaults(50)
            connections.close_all()
            out["verify"] = here.minan("verify", "--quiet") or "no fault"
        print(json.dumps(out, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
