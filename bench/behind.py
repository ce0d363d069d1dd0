"""What the worker would have done behind the cases that bench.load wrote: judgements in tens, every event in its log."""

from __future__ import annotations


def batched() -> None:
    """Judgements in batches of ten, as the worker would have made them."""
    from django.db import connection

    from minan.kernel.judged import TOGETHER

    numbered = 'SELECT "id", "unit", row_number() OVER (PARTITION BY "unit" ORDER BY "id") - 1 AS at FROM kernel_judged'
    full = 'SELECT "unit", count(*) AS many FROM kernel_judged GROUP BY "unit"'
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE kernel_judged SET "batch" = x.at / {TOGETHER} + 1 FROM ({numbered}) x JOIN ({full}) f ON f."unit" = x."unit" '
            f'WHERE x."id" = kernel_judged."id" AND x.at / {TOGETHER} < f.many / {TOGETHER}'
        )


def logged() -> None:
    """Every event in its county's log and in the city's, as the sequencer would have put it; where proof is installed."""
    from django.apps import apps
    from django.db import connection, transaction
    from django.utils import timezone

    if not apps.is_installed("minan.systems.proof"):
        return
    from minan.systems.proof import publication
    from minan.systems.proof.models import Log

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO proof_leaf ("log", "index", "case_id", "n", "hash") SELECT county, '
            "row_number() OVER (PARTITION BY county ORDER BY case_id, n) - 1, case_id, n, hash FROM kernel_event"
        )
        cursor.execute("SELECT county, count(*) FROM kernel_event GROUP BY county")
        Log.objects.bulk_create([Log(name=county, size=n) for county, n in cursor.fetchall()])
    while publication.publish(timezone.now(), hurry=True):
        pass
