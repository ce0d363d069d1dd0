"""How the tests run: on SQLite in a file, or with --db=postgres on a PostgreSQL of their own; each in a DATA of its own."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import pathlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import blocking_manager_key

from tools import postgres

DATA = pathlib.Path(tempfile.mkdtemp(prefix="minan-test-"))
EMPTIED: list[str] = []  # by a test that commits: the next test of this process finds the city again, whatever it asks for

hypothesis_settings.register_profile("fast", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.register_profile("deep", deadline=None, max_examples=2_000, suppress_health_check=list(HealthCheck))
hypothesis_settings.load_profile("deep" if os.environ.get("MINAN_DEEP") else "fast")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=("sqlite", "postgres"), default="sqlite", help="where the records lie")
    parser.addoption("--again", action="store_true", help="only what a second database may change: tests of the records, not marked `once`")
    parser.addoption("--bar", default="", help="run only the tests of one bar of RELIABILITY.md, such as R2")


def pytest_configure(config: pytest.Config) -> None:
    os.environ |= {"DATA": str(DATA), "MINAN_HTTP": "1", "DJANGO_SETTINGS_MODULE": "minan.settings"}
    # What a test sends goes at once, whatever the hour; the tests of the night and of folding set their own.
    os.environ |= {"MINAN_QUIET": "none", "MINAN_FOLD_SECONDS": "0"}
    os.environ["KEYS"] = str(DATA / "keys")
    wider_limits(DATA / "keys" / "keeper")
    os.environ.pop("DATABASE_URL", None)
    if config.getoption("--db") == "postgres":
        os.environ["DATABASE_URL"] = os.environ.get("MINAN_TEST_DATABASE_URL") or start_postgres()
    from django.conf import settings  # only now: the environment above decides what it says

    if not settings.DATABASE_URL:
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(DATA / "test.sqlite3")


def wider_limits(room: pathlib.Path) -> None:
    """The keeper of this run counts as ever, by a table of its own: a thousand tests look within minutes, by the same six people."""
    own = pathlib.Path(__file__).parent / "minan" / "kernel" / "keeper" / "limits.toml"
    room.mkdir(parents=True, mode=0o700)
    room.parent.chmod(0o700)
    (room / "limits.toml").write_text(
        re.sub(r"= (\d+)$", r"= \g<1>000", own.read_text("utf-8"), flags=re.MULTILINE), "utf-8"
    )


def start_postgres() -> str:
    """A cluster for this run; its address is handed to the workers of pytest-xdist."""
    url = postgres.start(DATA / "postgres")
    os.environ["MINAN_TEST_DATABASE_URL"] = url
    return url


@pytest.fixture(autouse=True)
def _chinese_again() -> None:
    """Each test begins in the language of the city, whatever the page before was read in."""
    from django.utils import translation  # only once Django is set up

    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Between tests that commit, all tables are emptied: only there the database lets its events go."""
    from django.db import connection

    lets_events_go(connection)


def lets_events_go(connection: Any) -> None:
    """Emptying the tables of this connection works, though the database itself refuses to lose an event."""
    empty = connection.ops.execute_sql_flush

    def let_go(sql_list: list[str]) -> None:
        with without_triggers(connection):
            empty([*sql_list, *(["DELETE FROM kernel_search"] if sql_list else [])])
        if sql_list:
            EMPTIED.append("all tables")

    if empty.__name__ != "let_go":
        connection.ops.execute_sql_flush = let_go


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The model city stands in the test database before the first test."""
    with django_db_blocker.unblock():
        load_city()
    gc.freeze()  # what stands now stays; to look through it all again and again costs a tenth of the time
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Which tests come after one that emptied the tables nobody knows: the processes help each other."""
    if EMPTIED and touches_records(item):
        with item.config.stash[blocking_manager_key].unblock():
            load_city()
        EMPTIED.clear()


def load_city() -> None:
    from django.conf import settings

    from minan.kernel import cities, registry

    cities.load(settings.CITY)
    registry.settle()


@pytest.fixture(scope="session", autouse=True)
def _files_are_listed_once() -> None:
    """Each test client builds the middleware anew; to list all static files for each was an eighth of the time of the page tests."""
    from whitenoise.middleware import WhiteNoiseMiddleware  # only once Django is set up

    listed: dict[str, Any] = {}
    real = WhiteNoiseMiddleware.add_files_from_finders

    def once(self: Any) -> None:
        if not listed:
            real(self)
            listed.update(self.files)
        self.files.update(listed)

    WhiteNoiseMiddleware.add_files_from_finders = once


@pytest.fixture(scope="session")
def kept_city() -> Any:
    from tests.kept_city import Keeper

    return Keeper()


@pytest.fixture(autouse=True)
def forget_the_city(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kept_city: Any) -> Iterator[None]:
    """What one test changed of the city is not what the next one sees; a slow machine does not look at the stamp in between."""
    from django.conf import settings
    from django.core.cache import cache

    from minan.kernel import directory, keeping

    monkeypatch.setattr(directory, "TTL", 3600.0)
    monkeypatch.setitem(keeping._dial, "at", 0.0)  # a keeper that was away in the test before is asked again
    directory.forget()
    if not settings.DATABASE_URL:
        cache.clear()
    with kept_city.around(own="db" in request.fixturenames or "_django_db_helper" in request.fixturenames):
        yield
    directory.forget()


@pytest.fixture(autouse=True)
def nobody_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The draw for a return visit is by chance (one answer in twenty): a test that wants it says so."""
    from minan.kernel import draws

    monkeypatch.setattr(draws, "BELOW", 0)


@pytest.fixture(scope="session")
def playing() -> Iterator[Any]:
    """The one Playwright of this run: a second one beside it cannot be, and which file comes first nobody knows.

    It keeps a loop in this thread, and Django takes it for async code until it ends.
    """
    from playwright.sync_api import sync_playwright  # only the browser's tests pay for it

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as found:
        yield found
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture(scope="module")
def chromium(playing: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """One Chromium for the browser tests of a file; a file that needs more of it says so in CHROMIUM_ARGS."""
    args = getattr(request.module, "CHROMIUM_ARGS", [])
    browser = playing.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", *args])
    yield browser
    browser.close()


@pytest.fixture
def tables_can_be_emptied(chromium: Any, transactional_db: None, settings: Any) -> None:
    """Beside Playwright's loop Django has another connection than the one that was taught above to let its events go."""
    from django.db import connection

    settings.MFA_REQUIRED_FOR_STAFF = False
    lets_events_go(connection)


@pytest.fixture
def city(db: None) -> None:
    """The model city with the six people; loaded again where a committing test emptied the tables."""
    from minan.kernel.models import Place, User

    if not Place.objects.exists() or not User.objects.filter(username="clerk").exists():
        load_city()


@pytest.fixture
def people(city: None) -> dict[str, Any]:
    """The six people and the administrator by the name they sign in with."""
    from minan.kernel.models import User

    return {user.username: user for user in User.objects.filter(is_active=True)}


@contextlib.contextmanager
def without_triggers(connection: Any) -> Iterator[None]:
    """The database without its own refusals, for a moment."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = DEFAULT")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
    yield
    with connection.cursor() as cursor:
        for _, sql in triggers:
            cursor.execute(sql)


def pytest_unconfigure() -> None:
    from minan.kernel.keeper import client  # not before the tests are known

    client.dismiss(DATA / "keys")
    if (DATA / "postgres").exists():
        postgres.stop(DATA / "postgres")
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    bar = config.getoption("--bar")
    if bar:
        chosen = [item for item in items if any(bar in mark.args for mark in item.iter_markers("bar"))]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen
    if config.getoption("--again"):
        left_out = [item for item in items if not of_the_records(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if of_the_records(item)]
    named = config.rootpath / "tests" / "slow.txt"  # measured, not typed (tools/slow.py): what `make check` has no time for
    slow = set(named.read_text("utf-8").split()) if named.is_file() else set()
    for item in items:
        if item.nodeid.split("[", 1)[0] in slow:
            item.add_marker("slow")
        if races(item.path):
            item.add_marker("race")
        if "e2e" in item.path.parts:
            item.add_marker("e2e")
        if "faults" in item.path.parts:
            item.add_marker("faults")


@functools.cache
def races(path: pathlib.Path) -> bool:
    """Whether a file of tests lets several work at once: what it finds may come once in many runs."""
    text = path.read_text("utf-8")
    return path.name.startswith("test_race") or any(word in text for word in ("Thread(", "ThreadPoolExecutor(", "Barrier(", "Process("))


RECORDS = {"db", "transactional_db", "django_db_setup", "live_server"}  # no test reaches the records but by one of these, or by its mark


def of_the_records(item: pytest.Item) -> bool:
    """Whether another database could change what this test finds."""
    return touches_records(item) and item.get_closest_marker("once") is None


def touches_records(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is not None or bool(RECORDS & set(getattr(item, "fixturenames", ())))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what did not run, and why: nothing is left out in silence."""
    reasons = set()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons.add(reason.removeprefix("Skipped: "))
    for reason in sorted(reasons):
        terminalreporter.write_line(reason if reason.startswith("not run:") else f"not run: {reason}")
