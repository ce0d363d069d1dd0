"""H2: nothing that somebody sends or stored becomes a part of a statement: only ever its parameter."""

from __future__ import annotations

import ast
import itertools
import pathlib
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from minan.channels.web.tests import phone
from minan.kernel import directory, search, worker
from minan.kernel.models import Kind, User
from tests import house as houses
from tests import knocking
from tests.house import House

ROOT = pathlib.Path(__file__).resolve().parent.parent / "minan"
MARK = "zq7x"  # in each of them: where it stands in a statement's text, something was let in
CLOSERS = (
    "'",
    '"',
    "')",
    "'))",
    '")',
    "`",
    "%'",
    "\\'",
    "1",
    "1)",
    "$$",
    "*",
    "''",
    "0x27",
    "＇",
    "ʼ",
    "%27",
    "%2527",
    "\x1a'",
    "];",
)
CORES = (
    # time
    "OR (SELECT pg_sleep(9)) IS NULL", "; SELECT pg_sleep(9)", "AND 1=randomblob(900000000)", "OR SLEEP(9)", "; WAITFOR DELAY '0:0:9'",
    "AND BENCHMARK(900000000,MD5(1))", "|| (SELECT 1 FROM pg_sleep(9)) ||",
    # stacked
    "; DROP TABLE kernel_case", "; DELETE FROM kernel_event", "; UPDATE kernel_user SET is_superuser=1", "; ATTACH DATABASE '/tmp/x' AS x",
    "; COPY (SELECT 1) TO PROGRAM 'id'", "; PRAGMA writable_schema=1",
    # union and truth
    "OR 1=1", "AND 1=2", "UNION SELECT password FROM kernel_user", "UNION ALL SELECT NULL,NULL,NULL", "OR load_extension('x')",
    "AND (SELECT count(*) FROM sqlite_master)>0", "OR EXISTS(SELECT 1 FROM information_schema.tables)",
    # JSON path, order by, look-ups, full text
    "$.a') = '1' OR '1'='1", "->>'a' = ''", "#>>'{a,b}'", "@> '{\"a\":1}'", "__contains", "-password", "user__password__startswith", "?",
    "id) DESC, (SELECT 1", "CASE WHEN 1=1 THEN id ELSE code END", "NEAR(a b, 9)", '" OR words:*', "words MATCH 'a*'", "^a NOT b", "a AND (",
)  # fmt: skip
TAILS = (f"--{MARK}", f"/*{MARK}*/")
CORPUS = [f"{closer} {core} {tail}" for closer, core, tail in itertools.product(CLOSERS, CORES, TAILS)]
RUNS = 520  # knocks of the fast run: each parameter at least once
pytestmark = [pytest.mark.bar("H2")]


@pytest.fixture
def house(people: dict[str, Any]) -> House:
    return houses.build(people)


def found(house: House, *, only: str = "", each: int = 1) -> tuple[list[str], int]:
    """What went wrong where, and how many knocks there were: each parameter meets the next `each` of the corpus, so that all are used."""
    out, n = [], 0
    doors = [door for door in knocking.knocks(house, only) if only in door[0]]
    turn = itertools.cycle(
        range(0, len(CORPUS), 7) if only else itertools.chain(range(0, len(CORPUS), 3), range(1, len(CORPUS), 3))
    )
    with knocking.watching() as seen:
        for what, knock in doors * max(each, -(-RUNS // len(doors)) if not only else each):
            seen.statements.clear()
            payload = CORPUS[next(turn)]
            got = knock(payload)
            n += 1
            if got.status_code >= 500 and got.status_code != 503:
                out.append(f"{what}: {got.status_code} for {payload!r}")
            if any(MARK in sql for sql in seen.statements):
                out.append(f"{what}: in a statement: {payload!r}")
    assert all(house.clients[who].get("/").status_code == 302 for who in ("clerk", "supervisor")), (
        "still signed in, still at work"
    )
    return out, n


def test_the_corpus_is_large_and_of_every_kind() -> None:
    assert len(CORPUS) >= 500
    assert len(set(CORPUS)) == len(CORPUS)
    for word in ("pg_sleep", "; DROP", "$.a", "DESC", "UNION", "__contains", "MATCH"):
        assert any(word in payload for payload in CORPUS), word


@pytest.mark.django_db
def test_no_parameter_of_any_page_or_call_reaches_a_statement(house: House, record_property: Any) -> None:
    wrong, knocked = found(house)
    record_property("knocks", knocked)
    assert knocked >= 500
    assert wrong == [], "\n".join(wrong[:20])


@pytest.mark.django_db
def test_what_was_stored_reaches_no_statement_later_either(house: House, people: dict[str, Any]) -> None:
    """Second order: said on a phone, written into tables by an administrator; then listed, searched, counted, exported."""
    said = [CORPUS[n::16] for n in range(16)]
    kinds = list(Kind.objects.all()[:20])
    for n, kind in enumerate(kinds):
        Kind.objects.filter(pk=kind.pk).update(name=CORPUS[n * 61][:40], words=CORPUS[n * 61])
    User.objects.filter(username="worker").update(name=CORPUS[5][:40])
    with knocking.watching() as seen:
        for texts in said[:8]:
            case, _ = phone.said(Client(), text=" ".join(texts)[:900], place_words=texts[0][:60], name=texts[1][:30])
            search.index([case])
        directory.touch()
        worker.settle()
        clerk, admin = house.clients["clerk"], house.clients["admin"]
        for texts in said[:8]:
            assert clerk.get("/desk/", {"q": texts[2][:60]}).status_code == 200
        statuses = [
            clerk.get(path).status_code
            for path in ("/desk/", f"/desk/{case.code}/", "/tasks/", "/board/", "/desk/new/")
        ]
        statuses += [
            house.clients["supervisor"].get(path).status_code
            for path in ("/supervise/", "/supervise/?by=unit", "/supervise/cases/")
        ]
        statuses += [admin.get(path).status_code for path in ("/admin/kinds/", "/admin/kinds/?format=csv&all=1")]
        statuses += [clerk.post("/house/export/", {}).status_code]
    assert set(statuses) == {200}
    assert [sql[:200] for sql in seen.statements if MARK in sql] == []


@pytest.mark.django_db
def test_a_search_that_pastes_what_was_typed_would_be_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from minan.kernel import inbox

    real = inbox.listed

    def careless(user: Any, ask: Any, now: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 WHERE '" + ask.q.replace("'", "").replace("%", "") + "' = ''")
        return real(user, ask, now)

    monkeypatch.setattr(inbox, "listed", careless)
    wrong, _ = found(house, only="get desk/ q", each=4)
    assert wrong


# ---- the source: whoever puts a statement together says why it is safe

RUNNERS = {
    "raw",
    "extra",
    "execute",
    "executemany",
    "executescript",
    "RawSQL",
    "fetch",
    "objects",
    "dicts",
    "paired",
    "with_user",
    "execute_sql",
}
NOT_SQL = ("kernel/keeper/", "kernel/pictures", "shell/commands/", "migrations/")
# File → why a statement there is put together from parts: never from what was typed; all values are parameters.
PUT_TOGETHER = {
    "kernel/reads.py": "columns and tables of our own models",
    "kernel/rows.py": "columns and tables of our own models",
    "kernel/inbox.py": "conditions from a fixed list, values as parameters",
    "kernel/search.py": "a number of ours as LIMIT, marks for a list",
    "kernel/tallies.py": "columns of our own counts",
    "kernel/attachments.py": "fixed tails",
    "kernel/sheet.py": "fixed tails",
    "kernel/replies.py": "the name of our own table, quoted",
    "kernel/erasures.py": "names of our own tables",
    "kernel/dumps.py": "four fixed names of tables",
    "kernel/backup.py": "four fixed names of tables",
    "kernel/verify.py": "columns of our own models",
    "kernel/verify_rows.py": "columns of our own models",
    "kernel/verify_counts.py": "columns of our own models",
    "kernel/doctor.py": "fixed statements handed over by name",
    "kernel/migrations_state.py": "the name of our own table",
    "kernel/sqlite/base.py": "Django's own cursor, passed on",
    "kernel/postgres/base.py": "Django's own cursor, passed on",
    "kernel/sessions.py": "a fixed condition",
    "kernel/moving.py": "columns of our own models",
    "kernel/duplicates.py": "a fixed condition",
    "systems/proof/counts.py": "columns of our own counts",
    "systems/proof/store.py": "columns of our own models",
    "systems/matters/story/stage.py": "a fixed statement of the demo",
    "systems/proof/extract.py": "columns of our own models",
}


def put_together(source: str) -> list[str]:
    """Calls that run a statement which is no plain constant."""
    out = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = (
            node.func.attr
            if isinstance(node.func, ast.Attribute)
            else node.func.id
            if isinstance(node.func, ast.Name)
            else ""
        )
        if (
            name in ("raw", "extra", "RawSQL")
            and node.args
            and isinstance(node.args[0], ast.JoinedStr | ast.Constant | ast.BinOp)
        ):
            out.append(f"{name}, line {node.lineno}")
        elif name in RUNNERS and node.args:
            sql = [
                a
                for a in node.args
                if isinstance(a, ast.JoinedStr | ast.BinOp) or (isinstance(a, ast.Call) and _formats(a))
            ]
            sql += [a for a in node.args[:1] if name.startswith("execute") and isinstance(a, ast.Name | ast.Call)]
            out += [f"{name}, line {node.lineno}"] if sql else []
    return out


def _formats(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in ("format", "join", "replace")


def test_a_statement_is_put_together_only_where_it_was_said_why() -> None:
    found = {}
    for path in ROOT.rglob("*.py"):
        name = str(path.relative_to(ROOT))
        if (
            "tests/" not in name
            and not any(part in name for part in NOT_SQL)
            and (lines := put_together(path.read_text("utf-8")))
        ):
            found[name] = lines
    assert {name: lines for name, lines in found.items() if name not in PUT_TOGETHER} == {}
    direct = [name for name in found if name.startswith(("channels/", "shell/", "kernel/pages/"))]
    assert direct == [], "no page speaks to the database by itself"


@pytest.mark.parametrize(
    "line", ['cursor.execute(f"SELECT {x}")', 'cursor.execute("SELECT " + x)', 'Case.objects.raw("SELECT 1")',
             'cursor.execute("{}".format(x))',
             'Case.objects.extra("a=1")', 'q = RawSQL("1", [])', 'cursor.execute(sql)']
)  # fmt: skip
def test_such_a_line_is_seen(line: str) -> None:
    assert put_together(line)
