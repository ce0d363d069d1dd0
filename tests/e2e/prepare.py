"""Plays a small story into the city of the browser tests and gives two people a password; run in the DATA it is about."""

from __future__ import annotations

from datetime import UTC, datetime

import django

PASSWORD = "correct horse battery"  # noqa: S105 of a city that lives for one test run
WITH_PASSWORD = ("clerk", "gu.point")
MATTERS = 60


def main() -> None:
    """Needs DATA and DJANGO_SETTINGS_MODULE in the environment."""
    django.setup()
    # Only now: models exist once Django is set up.
    from minan.kernel.models import User
    from minan.systems.matters import demo

    demo.seed(datetime.now(UTC), MATTERS)
    for user in User.objects.filter(username__in=WITH_PASSWORD):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])


if __name__ == "__main__":
    main()
