"""The worker deletes what is due."""

from __future__ import annotations

from minan.systems.emergencies import sweeping

__all__ = ["sweeping"]
