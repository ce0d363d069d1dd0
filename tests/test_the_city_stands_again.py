"""A test that commits leaves empty tables behind it; the next one of that process finds the model city, whatever it asks for."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from minan.kernel.models import Place, User

pytestmark = pytest.mark.once


def test_what_a_committing_test_emptied_stands_before_the_next_begins(
    transactional_db: None, request: pytest.FixtureRequest
) -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert not Place.objects.exists()
    own = request.config.pluginmanager.get_plugin(str(request.config.rootpath / "conftest.py"))
    own.pytest_runtest_setup(request.node)
    assert Place.objects.filter(level="city").count() == 1
    assert User.objects.filter(username="clerk").exists()
