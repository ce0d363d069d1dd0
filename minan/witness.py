"""`python -m minan.witness` is `minan witness`."""

from __future__ import annotations

import sys

from minan.kernel.witness.command import main

if __name__ == "__main__":
    sys.exit(main())
