"""The worker alone, as `minan serve` and `minan worker` run it, to be killed; says "up" when it begins."""

from __future__ import annotations

import os
import threading

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minan.settings")
    django.setup()
    from minan.kernel import worker  # after the settings were read

    print("up", flush=True)
    worker.run(threading.Event())


if __name__ == "__main__":
    main()
