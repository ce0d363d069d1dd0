"""A refusal is neither true nor false: who forgets to ask what came back is stopped, and nothing is swallowed."""

from __future__ import annotations

from typing import Any

import pytest

from minan.kernel.access import SPEAKER
from minan.kernel.act import Refused, act
from minan.kernel.refusal import FASTER
from minan.kernel.tests.test_reads import AT, say


@pytest.mark.parametrize(
    "asked", [bool, lambda done: "done" if done else "told", lambda done: not done, lambda done: done or 0]
)
def test_nobody_reads_a_refusal_as_true_or_as_false(asked: Any) -> None:
    with pytest.raises(TypeError, match=r"isinstance.*409.*faster"):
        asked(Refused(FASTER, 409))


def test_a_programme_that_asks_whether_wang_xiulans_step_is_true_is_stopped_at_its_refusal(city: None) -> None:
    done = act(say(), "accept", by=SPEAKER, at=AT)  # a step of the desk's
    assert isinstance(done, Refused)
    with pytest.raises(TypeError):
        assert not done
