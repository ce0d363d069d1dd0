"""Says one matter after another through the one door, and prints each code once it is acknowledged: "time code"."""

from __future__ import annotations

import os
import sys
import time

import django


def main(most: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minan.settings")
    django.setup()
    from django.db import connection  # after the settings were read

    from minan.kernel import access, act  # as above

    if weaker := os.environ.get("TEST_SYNCHRONOUS"):  # R2 shows that its test bites
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA synchronous = {weaker}")
    for number in range(most):
        facts = {
            "text": f"第 {number} 盏路灯不亮了，请来修一修。",
            "place": "131022100010",
            "kind": "lamp.out",
            "name": f"说事人 {number}",
        }
        opened = act.open_case("matter", by=access.SPEAKER, facts=facts, key=f"writer:{os.getpid()}:{number}")
        if isinstance(opened, act.Refused):
            sys.exit(f"refused: {opened}")
        print(f"{time.time():.3f} {opened.case.code}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
