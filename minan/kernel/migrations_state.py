"""What the database says of itself before anything else is asked: is it up to date, and was it made by a demo."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

DEMO_TABLE = "minan_demo"


def pending() -> list[str]:
    """The migrations that are not applied yet, as "app.name"."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate(verbosity: int = 0) -> list[str]:
    """Bring the database up to date, where it is not. Returns what was applied."""
    applied = pending()
    if applied:
        call_command("migrate", interactive=False, verbosity=verbosity)
        call_command("createcachetable", verbosity=0)
    return applied


def mark_as_demo() -> None:
    """Write into the database itself that a demo made it: the mark stays when the records move to another DATA."""
    if not made_by_demo():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {DEMO_TABLE} (made_at varchar(40) NOT NULL)")
            cursor.execute(f"INSERT INTO {DEMO_TABLE} VALUES (%s)", [timezone.now().isoformat()])  # noqa: S608 our own name


def made_by_demo() -> bool:
    """Whether `minan demo` made these records."""
    return DEMO_TABLE in connection.introspection.table_names()
