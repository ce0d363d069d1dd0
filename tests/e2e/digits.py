"""Prints the six digits last sent to the follower of a case, as their phone shows them: `python -m tests.e2e.digits CODE`."""

from __future__ import annotations

import sys

import django


def main(code: str) -> None:
    django.setup()
    from minan.kernel import onetime_code
    from minan.kernel.models import Case

    case = Case.objects.get(code=code)
    print(onetime_code.of(case.id, case.facts["code"]["n"]))


if __name__ == "__main__":
    main(sys.argv[1])
