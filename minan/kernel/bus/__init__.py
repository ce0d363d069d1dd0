"""The bus: MQTT between devices and this city. Topics are minan/<area>/<device>/<prop>; who sends is known by the device's own key.

    @hears("press", first=True)                       # in a system's handlers.py
    def pressed(device, topic, payload, at): ...

    secret = bus.enroll("button-k7d2f9", "131022100010")   # shown once; bus.revoke("button-k7d2f9") ends it
    bus.publish("minan/131022100010/button-k7d2f9/taken", b"1")
    line = bus.connect("help", hear=fn, filters=["minan/+/+/press"])   # a connection of one's own

`at` is when this city received it: a device's own clock is believed by nobody. Delivery is at least once for what is heard
`first`; a device that must be sure repeats until it reads an answer on a topic of its own.
"""

from __future__ import annotations

from minan.kernel.bus.accounts import NoDevice, enroll, revoke
from minan.kernel.bus.hearing import Heard, hand_over, hears
from minan.kernel.bus.line import Line, Message, connect, publish
from minan.kernel.bus.topics import Topic, parse, topic

__all__ = [
    "Heard",
    "Line",
    "Message",
    "NoDevice",
    "Topic",
    "connect",
    "enroll",
    "hand_over",
    "hears",
    "parse",
    "publish",
    "revoke",
    "topic",
]
