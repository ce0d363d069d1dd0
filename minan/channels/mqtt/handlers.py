"""The doctor asks the bus too."""

from __future__ import annotations

from minan.channels.mqtt import health
from minan.kernel import doctor

doctor.also(health.bus)
