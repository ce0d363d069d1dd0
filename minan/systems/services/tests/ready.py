"""How an order comes to be, for the tests of every procedure: at a shop."""

from __future__ import annotations

from datetime import UTC, datetime

from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.models import User
from minan.systems.services.tests.cast import SHOP, listed


def opened(name: str) -> Opened:
    """The first case of the procedure `name`."""
    if name == "shop":
        done = open_case("shop", by=SPEAKER, facts=SHOP)
    else:
        people = {user.username: user for user in User.objects.filter(is_active=True)}
        shop = listed(people, datetime.now(UTC))
        facts = {"shop": shop.code, "what": "剪发", "how": "there", "place": shop.place}
        done = open_case("service_order", by=SPEAKER, facts=facts)
    assert isinstance(done, Opened), done
    return done
