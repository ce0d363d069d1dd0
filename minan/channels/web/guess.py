"""Proposes kinds from the words of a text; the desk proposes by the same."""

from __future__ import annotations

from minan.kernel.guess import PROPOSED, SHORTEST, Guess, kinds

__all__ = ["PROPOSED", "SHORTEST", "Guess", "kinds"]
