"""What can become of a device: it raises an alarm, it falls silent, it is looked through. Each is a procedure of its own."""

from __future__ import annotations

from minan.systems.devices import alarm, fault, look

PROCEDURE = alarm.PROCEDURE
MORE = (fault.PROCEDURE, look.PROCEDURE)
