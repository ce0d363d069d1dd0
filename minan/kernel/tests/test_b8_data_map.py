"""B8: every column stands on the data map with class, purpose, basis and time of keeping."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from minan.kernel import datamap


@pytest.mark.bar("B8")
def test_every_column_of_every_table_is_on_the_map_and_nothing_else() -> None:
    assert datamap.faults() == []


@pytest.mark.bar("B8")
def test_a_column_that_somebody_adds_without_a_word_fails_the_build() -> None:
    """The bar bites."""

    class Neighbour(models.Model):
        phone = models.CharField(max_length=11)

        class Meta:
            app_label = "tests_only"

    assert datamap.faults([*apps.get_models(include_auto_created=True), Neighbour]) == [
        "tests_only.Neighbour is not on the map"
    ]


@pytest.mark.bar("B8")
def test_who_spoke_is_kept_as_ciphertext_or_hash_only() -> None:
    """No table of the work zone holds a class of identity in the clear."""
    of_speakers = {
        f"{kept.table}.{name}"
        for kept in datamap.read().values()
        for name, level in kept.columns.items()
        if kept.personal == "speaker" and level in ("P2", "P3", "P4")
    }
    sealed = {
        f"kernel.Speaker.{n}" for n in ("wrapped", "sealed", "owner", "caller", "phone", "secret", "capability", "issued", "lang")
    }
    sealed |= {f"hotline.{n}" for n in ("Call.wrapped", "Call.sealed", "Call.shown", "Draft.wrapped", "Draft.sealed")}
    sealed |= {"doors.Member.mark", "doors.Phone.mark"}  # drawn from the account with KEYS
    sealed |= {"emergencies.Voice.shut"}  # a voice note, shut with a key that lies in the case's vault
    assert of_speakers - sealed == {"kernel.Reply.sealed", "account.EmailAddress.email"}
