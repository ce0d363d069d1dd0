"""`minan witness`: listed here with the other commands; `minan.cli` runs it before Django is loaded."""

from __future__ import annotations

from minan.kernel.witness.command import HELP, add_arguments, run

NAME = "witness"
__all__ = ["HELP", "NAME", "add_arguments", "run"]
