"""The keeper's life: one at a time in a folder, one thread, a Unix socket, the log on the disk before looks are answered."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import pwd
import resource
import selectors
import signal
import socket
import struct
import sys
import time
from pathlib import Path

from minan.kernel.keeper import keys, protocol
from minan.kernel.keeper.answers import Keeper
from minan.lib import starters

IDLE_SECONDS = 60.0  # one that was started on demand leaves when nobody asked for so long
TICK = 1.0
PEERS_MOST = 512
NOT_DUMPABLE = 4  # prctl(PR_SET_DUMPABLE, 0): no core file, and no other process of this user reads its memory


class Line:
    """One connection: bytes that came and are no whole message yet, bytes that wait to be taken."""

    def __init__(self, peer: socket.socket) -> None:
        self.peer, self.came, self.waits = peer, bytearray(), bytearray()


def closed_in() -> None:
    """Nothing of this process's memory reaches a disk or another process of the same user."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(NOT_DUMPABLE, 0, 0, 0, 0)


def _alone(served: bool) -> int | None:
    """The lock by which there is one keeper in a folder; None where there is one already. A served one sends the other away."""
    lock = os.open(protocol.LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    parent, tries = starters.starter(), 0
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except OSError:
            if not served or os.getppid() != parent:
                return None
        if tries % 200 == 0:
            _send_away()
        time.sleep(0.005)  # sooner than another could be started
        tries += 1


def _send_away() -> None:
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(1)
            asking.connect(protocol.SOCKET)
            asking.sendall(protocol.packed({"op": "leave"}))
            asking.recv(64)
    except OSError:
        return


def _listen(peer_user: str) -> tuple[socket.socket, set[int]]:
    """The socket, and whose processes may speak there: our own user, root, and the one named."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(protocol.SOCKET)
    door = socket.socket(socket.AF_UNIX)
    old = os.umask(0o177)
    try:
        door.bind(protocol.SOCKET)
    finally:
        os.umask(old)
    may = {os.geteuid(), 0}
    if peer_user:
        who = pwd.getpwnam(peer_user)
        may.add(who.pw_uid)
        os.chown(protocol.SOCKET, -1, who.pw_gid)
        os.chmod(protocol.SOCKET, 0o660)
    door.listen(128)
    door.setblocking(False)
    return door, may


class Process:
    """Turns until told to stop."""

    def __init__(self, folder: Path, *, served: bool, peer_user: str) -> None:
        self.folder, self.served = folder, served
        self.keeper = Keeper(folder, time.time(), 0o644 if peer_user else 0o600, served=served)
        self.door, self.may = _listen(peer_user)
        self.inode = os.stat(protocol.SOCKET).st_ino
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.door, selectors.EVENT_READ)
        self.parent, self.asked, self.leaving = starters.starter(), time.monotonic(), False
        self.ready: list[tuple[Line, bytes, bool]] = []

    def run(self) -> None:
        ticked = time.monotonic()
        while not self.leaving:
            for key, mask in self.selector.select(TICK):
                if key.fileobj is self.door:
                    self._come_in()
                elif mask & selectors.EVENT_READ:
                    self._hear(key.data)
                else:
                    self._send(key.data)
            self._answer_all()
            if time.monotonic() - ticked >= TICK:
                ticked = time.monotonic()
                self.leaving |= not self._wanted()
        self._go()

    def _wanted(self) -> bool:
        """Whether there is still somebody and something to keep."""
        try:
            same = os.stat(self.folder / protocol.SOCKET).st_ino == self.inode
            self.keeper.look_round(time.time())
        except (OSError, keys.Refused):
            return False  # the folder is gone, or another took our place
        if self.served:
            return same and os.getppid() == self.parent
        return same and (self.keeper.offers.busy or time.monotonic() - self.asked < IDLE_SECONDS)

    def _come_in(self) -> None:
        try:
            peer, _ = self.door.accept()
        except OSError:
            return
        cred = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        if struct.unpack("3i", cred)[1] not in self.may or len(self.selector.get_map()) > PEERS_MOST:
            peer.close()
            return
        peer.setblocking(False)
        self.selector.register(peer, selectors.EVENT_READ, Line(peer))

    def _close(self, line: Line) -> None:
        self.selector.unregister(line.peer)
        line.peer.close()
        self.ready = [(other, body, sure) for other, body, sure in self.ready if other is not line]

    def _hear(self, line: Line) -> None:
        try:
            part = line.peer.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self._close(line)
            return
        line.came += part
        self.asked = time.monotonic()
        try:
            while len(line.came) >= 4 and len(line.came) >= 4 + (size := protocol.size(line.came)):
                self._take(line, protocol.parsed(line.came[4 : 4 + size]))
                del line.came[: 4 + size]
        except protocol.Unfit:
            self._close(line)

    def _take(self, line: Line, message: dict[str, object]) -> None:
        if message.get("op") == "leave":
            self.leaving |= not self.served
            answer, sure = {"ok": {"leaving": self.leaving}}, False
        else:
            answer, sure = self.keeper.answer(message, time.time())
        self.ready.append((line, protocol.packed(answer), sure))

    def _answer_all(self) -> None:
        """One write to the disk for all that came together, then the answers."""
        if not self.ready:
            return
        try:
            self.keeper.settle()
            written = True
        except OSError:
            written = False
        for line, body, sure in self.ready:
            line.waits += body if written or not sure else protocol.packed({"no": "log"})
        for line in {id(line): line for line, _, _ in self.ready}.values():
            self._send(line)
        self.ready = []

    def _send(self, line: Line) -> None:
        try:
            sent = line.peer.send(line.waits)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close(line)
            return
        del line.waits[:sent]
        self.selector.modify(line.peer, selectors.EVENT_WRITE if line.waits else selectors.EVENT_READ, line)

    def _go(self) -> None:
        try:
            if os.stat(protocol.SOCKET).st_ino == self.inode:
                os.unlink(protocol.SOCKET)
            self.keeper.settle()
        except OSError:
            return


def serve(folder: Path, *, served: bool = False, peer_user: str = "") -> int:
    """Keep until told to stop. Exit code 0, or protocol.LOST where the private keys are gone."""
    os.umask(0o077)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chdir(folder)  # the socket's path may be longer than a socket's name can be
    closed_in()
    lock = _alone(served)
    if lock is None:
        return 0
    try:
        process = Process(folder, served=served, peer_user=peer_user)
    except keys.Lost as lost:
        print(f"keeper: {lost}", file=sys.stderr, flush=True)
        return protocol.LOST

    def leave(*_: object) -> None:
        process.leaving = True

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    process.run()
    return 0
