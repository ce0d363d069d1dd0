"""Puts this work tree on the path of its own .venv and writes .venv/bin/minan: no build, no download."""

from __future__ import annotations

import pathlib
import stat
import sys
import sysconfig

HERE = pathlib.Path(__file__).resolve().parent.parent

COMMAND = """#!{python}
import sys
from minan.cli import main
sys.exit(main())
"""


def main() -> int:
    """Write the two files. Returns the exit code: 1 outside a virtual environment."""
    if sys.prefix == sys.base_prefix:
        print("not in a virtual environment: run `make setup`", file=sys.stderr)
        return 1
    pathlib.Path(sysconfig.get_path("purelib"), "minan-here.pth").write_text(f"{HERE}\n", "utf-8")
    command = pathlib.Path(sysconfig.get_path("scripts"), "minan")
    command.write_text(COMMAND.format(python=sys.executable), "utf-8")
    command.chmod(command.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return 0


if __name__ == "__main__":
    sys.exit(main())
