"""What the exchange does by itself: hears how matters ended, sends what waits, looks into folders and mailboxes, tells the doctor."""

from __future__ import annotations

import logging

from minan.channels.exchange import answers, folders, health, known, sending
from minan.channels.exchange.partners import PartnersError
from minan.kernel import doctor
from minan.kernel.listen import Told, each_turn, on

log = logging.getLogger("minan.exchange")


@on("*")
def tell_partners(events: list[Told]) -> None:
    """One query where something ended, none otherwise. A wrong partners.toml raises: the events wait and are tried again."""
    mine = [told for told in events if told.name.split(".", 1)[1] in answers.TOLD]
    if mine:
        answers.heard(mine, _partners(mine))


def _partners(mine: list[Told]) -> dict[str, answers.Partner]:
    try:
        return known.partners()
    except PartnersError:
        if answers.Foreign.objects.filter(case_id__in={told.case_id for told in mine}).exists():
            raise
        return {}


each_turn(sending.turn)
each_turn(folders.turn)
doctor.also(health.left_behind)
