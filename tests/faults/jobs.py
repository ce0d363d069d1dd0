"""Makes work for a worker that will be killed: accepted matters whose speakers must be told, and matters that nobody accepted in time."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

import django


def main(told: int, late: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minan.settings")
    django.setup()
    from django.db import connection, transaction  # after the settings were read

    from minan.kernel import access, act  # as above
    from minan.kernel.models import User  # as above

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = OFF")  # who makes the work is not who is tested

    clerk = access.actor(User.objects.get(username="clerk"))
    now = datetime.now(UTC)
    with transaction.atomic():
        for number in range(told + late):
            facts = {"text": f"第 {number} 盏路灯不亮", "place": "131022100010", "kind": "lamp.out"}
            at = now - timedelta(days=20)
            if number < told:
                facts["phone"], at = f"138{number:08}", now
            opened = act.open_case("matter", by=access.SPEAKER, facts=facts, key=f"job:{number}", at=at)
            if isinstance(opened, act.Refused):
                sys.exit(f"refused: {opened}")
            if number < told:
                done = act.act(opened.case, "accept", by=clerk, key=f"accept:{number}", at=now)
                if isinstance(done, act.Refused):
                    sys.exit(f"not accepted: {done}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
