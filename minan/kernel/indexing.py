"""Keeps the search index in step with the cases."""

from __future__ import annotations

from minan.kernel import search
from minan.kernel.listen import Told, on
from minan.kernel.models import Case

CHANGE_WORDS = ("say", "accept", "locate", "open", "hide", "write_down")


@on("*")
def index(events: list[Told]) -> None:
    """Index the cases these events opened or whose words they changed."""
    wanted = {told.case_id for told in events if told.n == 1 or told.name.split(".", 1)[1] in CHANGE_WORDS}
    search.index(Case.objects.filter(id__in=wanted, privacy=""))
