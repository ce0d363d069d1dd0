"""How a case of this system comes to be, for the tests of every procedure: a county's head for the one, a mode that is on for the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from minan.kernel.act import Opened
from minan.kernel.models import Event, User
from minan.systems.emergencies.tests.cast import asked, declared, proposed


def opened(name: str) -> Opened | None:
    """The first case of the procedure `name`; None where it opens like any other."""
    people = {user.username: user for user in User.objects.filter(is_active=True)}
    now = datetime.now(UTC)
    if name == "emergency_mode":
        case = proposed(people, now)
        assert not isinstance(case, str), case
        return Opened(case, Event.objects.get(case_id=case.id, n=1), "")
    declared(people, now - timedelta(hours=1))
    done = asked(now)
    assert isinstance(done, Opened), done
    return done
