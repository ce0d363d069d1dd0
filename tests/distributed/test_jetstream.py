"""NATS JetStream with three nodes carries the devices' MQTT; the node this city hears is killed, and nothing acknowledged is lost."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from django.conf import settings
from paho.mqtt.enums import CallbackAPIVersion

from minan.kernel.bus import Line, Message
from tools import ports

NATS = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
pytestmark = [
    pytest.mark.skipif(not NATS, reason="not run: three nodes of NATS JetStream (nats-server missing)"),
    pytest.mark.bar("R15"),
]
AREA, SECRET = "131022100010", "only-for-this-test"
MESSAGES = 300  # of each device
DEVICES = ("smoke-aaaaaa", "water-bbbbbb")


def until(true: Callable[[], Any], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(true())


def users() -> str:
    """Whom the nodes let in: this city, and each device with its own topics as subjects."""
    out = [f'{{user: minan, password: "{SECRET}"}}']
    for name in DEVICES:
        own = f'"minan.{AREA}.{name}.>"'
        out.append(f'{{user: "{name}", password: "{SECRET}", permissions: {{publish: [{own}], subscribe: [{own}]}}}}')
    return "[" + ", ".join(out) + "]"


class Node:
    """One server of the cluster."""

    def __init__(self, folder: Path, n: int, routes: list[int], clusters: list[int]) -> None:
        self.mqtt, self.folder = ports.free(), folder / f"n{n}"
        self.folder.mkdir()
        way = ", ".join(f'"nats://127.0.0.1:{port}"' for port in clusters)
        (self.folder / "nats.conf").write_text(
            f'server_name: n{n}\nlisten: "127.0.0.1:{routes[n]}"\n'
            f'jetstream {{ store_dir: "{self.folder}/js", max_mem: 64M, max_file: 256M }}\n'
            f'cluster {{ name: minan, listen: "127.0.0.1:{clusters[n]}", routes: [{way}] }}\n'
            f'mqtt {{ listen: "127.0.0.1:{self.mqtt}", ack_wait: "5s" }}\nauthorization {{ users: {users()} }}\n'
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen([str(NATS), "-c", str(self.folder / "nats.conf")], stdout=log, stderr=log)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[list[Node]]:
    clients, clusters = [ports.free() for _ in range(3)], [ports.free() for _ in range(3)]
    nodes = [Node(tmp_path, n, clients, clusters) for n in range(3)]
    for node in nodes:
        node.start()
    yield nodes
    for node in nodes:
        node.end()


class Sender(threading.Thread):
    """A device that counts, on one node, and remembers what was acknowledged."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(daemon=True)
        self.device, self.acked, self.mids = name, set[int](), dict[int, int]()
        self.lock, self.in_ = threading.Lock(), threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, name)
        self.client.username_pw_set(name, SECRET)
        self.client.on_connect = lambda *a: None if a[3].is_failure else self.in_.set()
        self.client.on_publish = lambda c, d, mid, r, p: self._acked(mid)
        self.client.connect_async("127.0.0.1", port)
        self.client.loop_start()

    def _acked(self, mid: int) -> None:
        with self.lock:
            self.acked.add(self.mids.get(mid, -1))

    def run(self) -> None:
        for n in range(MESSAGES):
            with self.lock:
                done = self.client.publish(f"minan/{AREA}/{self.device}/alarm", str(n), 1)
                self.mids[done.mid] = n
            time.sleep(0.01)


def test_r15_a_node_is_killed_and_nothing_acknowledged_is_lost(cluster: list[Node], monkeypatch: pytest.MonkeyPatch) -> None:
    heard: set[tuple[str, int]] = set()

    def hear(message: Message) -> None:
        heard.add((message.topic.split("/")[2], int(message.payload)))

    def line(node: Node) -> Line:
        monkeypatch.setattr(settings, "BUS", f"mqtt://minan:{SECRET}@127.0.0.1:{node.mqtt}")
        return Line("first", hear, ["minan/+/+/alarm"], keep=True)

    first = line(cluster[0])
    assert first.wait(25), "the cluster has a leader"
    senders = [Sender(name, cluster[n + 1].mqtt) for n, name in enumerate(DEVICES)]
    assert all(one.in_.wait(15) for one in senders)
    for one in senders:
        one.start()
    assert until(lambda: len(heard) > 60, 15), "it flows"
    assert cluster[0].process is not None
    cluster[0].end(signal.SIGKILL)
    first.close()
    again = line(cluster[1])
    assert again.wait(20), "the same session on another node"
    for one in senders:
        one.join(30)
    assert until(lambda: all(len(one.acked) >= MESSAGES for one in senders), 20)
    acked = {(one.device, n) for one in senders for n in one.acked}
    until(lambda: acked <= heard, 15)
    assert acked - heard == set(), f"{len(acked - heard)} of {len(acked)} acknowledged messages were lost"
    assert len(acked) == MESSAGES * len(DEVICES)
    for one in senders:
        one.client.disconnect()
        one.client.loop_stop()
    again.close()
