"""The few MQTT 3.1.1 packets a simulated device sends and reads. Pure: bytes in, bytes out (OASIS MQTT 3.1.1, §3)."""

from __future__ import annotations

from collections.abc import Iterator

CONNACK, PUBACK, PUBLISH = 2, 4, 3
PING, BYE = b"\xc0\x00", b"\xe0\x00"


def _text(words: str | bytes) -> bytes:
    data = words.encode() if isinstance(words, str) else words
    return len(data).to_bytes(2, "big") + data


def _packet(head: int, body: bytes) -> bytes:
    left, size = len(body), b""
    while True:
        left, seven = divmod(left, 128)
        size += bytes([seven | (128 if left else 0)])
        if not left:
            return bytes([head]) + size + body


def connect(name: str, secret: str, will: tuple[str, str] | None = None, keepalive: int = 120) -> bytes:
    """A clean session under its own name; `will`: (topic, words) said by the broker when it goes without a good-bye."""
    flags = 0xC2 | (0x0C if will else 0)  # name, secret, clean; a will at QoS 1
    body = _text("MQTT") + bytes([4, flags]) + keepalive.to_bytes(2, "big") + _text(name)
    body += (_text(will[0]) + _text(will[1])) if will else b""
    return _packet(0x10, body + _text(name) + _text(secret))


def publish(topic: str, payload: bytes, number: int = 0, *, retain: bool = False) -> bytes:
    """`number` (1–65535): at QoS 1, acknowledged by it; 0: at QoS 0."""
    head = 0x30 | (0x02 if number else 0) | (0x01 if retain else 0)
    return _packet(head, _text(topic) + (number.to_bytes(2, "big") if number else b"") + payload)


def subscribe(topic: str, number: int) -> bytes:
    return _packet(0x82, number.to_bytes(2, "big") + _text(topic) + b"\x01")


def acknowledge(number: int) -> bytes:
    return bytes([0x40, 2]) + number.to_bytes(2, "big")


class Reader:
    """Bytes as they come, packets as they are whole: (type, flags, body)."""

    def __init__(self) -> None:
        self.held = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        self.held += data
        while len(self.held) >= 2:
            size, shift, at = 0, 0, 1
            while True:
                if at >= len(self.held):
                    return
                byte = self.held[at]
                size |= (byte & 127) << shift
                at, shift = at + 1, shift + 7
                if not byte & 128:
                    break
            if len(self.held) < at + size:
                return
            head, body = self.held[0], bytes(self.held[at : at + size])
            del self.held[: at + size]
            yield head >> 4, head & 15, body
