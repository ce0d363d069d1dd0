"""Prints a session of somebody the demo has no door for: `python -m tests.e2e.signed_in gx.urban`, in the city's environment."""

from __future__ import annotations

import sys

import django


def main(username: str) -> None:
    django.setup()
    from django.test import Client

    from minan.kernel.models import User

    client = Client()
    client.force_login(User.objects.get(username=username))
    print(client.cookies["sessionid"].value)


if __name__ == "__main__":
    main(sys.argv[1])
