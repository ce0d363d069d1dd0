"""`python -m minan` is the command `minan`."""

from __future__ import annotations

import sys

from minan.cli import main

sys.exit(main())
