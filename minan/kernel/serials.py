"""Numbers of documents: 督办〔2026〕7号, one series a unit and year, without a gap and without a double."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from minan.kernel.directory import LOCAL
from minan.kernel.models import Serial


def number(unit: str, series: str, at: datetime) -> str:
    """The next number of a series; call inside the transaction that uses it."""
    year = at.astimezone(LOCAL).year
    Serial.objects.bulk_create([Serial(unit=unit, series=series, year=year, last=0)], ignore_conflicts=True)
    rows = Serial.objects.filter(unit=unit, series=series, year=year)
    rows.update(last=F("last") + 1)
    return f"{series}〔{year}〕{rows.values_list('last', flat=True)[0]}号"
