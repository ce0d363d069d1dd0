"""care_centres.csv of a city's folder → centres and beds: everything is checked first, loading twice changes nothing, nothing is deleted.

Columns: number, name, name_en, place (12 digits), hours, beds, phone, and if wanted hours_en.
Fewer beds than before: the last ones take no new stay.
"""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import transaction

from minan.kernel import directory
from minan.lib.loading import Wrong
from minan.systems.care.models import Bed, Centre

FILE, BEDS_MOST = "care_centres.csv", 200
COLUMNS = ("number", "name", "name_en", "place", "hours", "beds", "phone")


def rows(path: Path) -> list[dict[str, str]]:
    """The lines of a file. Raises Wrong with every fault."""
    try:
        lines = [line for line in path.read_text("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
    except (OSError, ValueError) as error:
        raise Wrong([f"{path.name}: {error}"]) from None
    found = list(csv.DictReader(lines))
    faults = [f"{path.name} {n}: {fault}" for n, row in enumerate(found, 1) if (fault := _fault(row))]
    numbers = [row.get("number") for row in found]
    faults += [f"{path.name}: 编号重复 number twice: {n}" for n in sorted({str(n) for n in numbers if numbers.count(n) > 1})]
    if faults:
        raise Wrong(faults)
    return found


def _fault(row: dict[str, str]) -> str:
    missing = [name for name in COLUMNS[:-1] if not (row.get(name) or "").strip()]
    if missing or None in row:
        return f"缺 missing {missing}, 多 too many columns: {None in row}"
    if not (row["number"].isascii() and row["number"].isdigit() and 1 <= int(row["number"]) < 100_000):
        return f"编号是正整数 a number is a whole number: {row['number']}"
    if not (row["beds"].isascii() and row["beds"].isdigit() and 1 <= int(row["beds"]) <= BEDS_MOST):
        return f"床数 1 到 {BEDS_MOST} beds from 1 to {BEDS_MOST}: {row['beds']}"
    if directory.level_of(row["place"]) not in ("village", "town"):
        return f"不是社区、街道的代码 no community or street: {row['place']}"
    return ""


def load(path: Path) -> dict[str, int]:
    """How many centres and beds the city has after it. Raises Wrong."""
    found = rows(path)
    with transaction.atomic():
        for row in found:
            made = {"name": row["name"], "name_en": row["name_en"], "place": row["place"], "hours": row["hours"],
                "hours_en": row.get("hours_en") or "", "phone": row["phone"] or ""}
            made["street"] = directory.within(row["place"], "town")
            centre, _new = Centre.objects.update_or_create(number=int(row["number"]), defaults=made | {"active": True})
            wanted = int(row["beds"])
            there = set(centre.beds.values_list("number", flat=True))
            Bed.objects.bulk_create([Bed(centre=centre, number=n) for n in range(1, wanted + 1) if n not in there])
            centre.beds.filter(number__gt=wanted).update(active=False)
            centre.beds.filter(number__lte=wanted, active=False).update(active=True)
    return {"centres": len(found), "beds": sum(int(row["beds"]) for row in found)}
