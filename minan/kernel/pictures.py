"""Uploaded pictures: whatever comes in, what is kept is a new JPEG with nothing in it but the pixels.

`clean` hands the bytes to a child process that has a bound on memory and time and no right to open anything
(pictures_child.py). A few such children wait ready, so an ordinary photo costs no start of an interpreter. Safe in threads;
after a fork each process starts children of its own.
"""

import atexit
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

MAX_BYTES = 15_000_000
MAX_PIXELS = 40_000_000
LONG_SIDE = 2560
SMALL_SIDE = 480
QUALITY = 82
SYMBOLS_MOST = 24  # of one picture: four on a slip, six slips side by side

CHILDREN = 2
PICTURES_PER_CHILD = 100
MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 6
DEADLINE_SECONDS = 20.0
START_SECONDS = 60.0
QUEUE_SECONDS = 30.0
# As in pictures_child.py, which is not imported so that the web process need not load Pillow.
ASK = struct.Struct("!IIHHHHH")
SIZE = struct.Struct("!I")
ANSWER_MAX = 4096
OUTPUT_MAX = 30_000_000


def _(text: str) -> str:
    """Marks a text for translation; the page that shows it translates."""
    return text


MESSAGES: dict[str, str] = {
    "empty": _("这个文件是空的，请重新选一张照片。"),
    "too_big": _("照片文件太大，请选一张小于 15 MB 的。"),
    "not_a_picture": _("这不是能用的照片。请用 JPG、PNG、WebP 或 GIF 格式。"),
    "heic": _("这张照片是 HEIC 格式，暂时不能用。请在手机相机设置里改为“兼容性最佳”，或发一张截图。"),
    "too_many_pixels": _("照片尺寸太大，请缩小后再传。"),
    "broken": _("照片没有传完整或已损坏，请重新传一次。"),
    "too_slow": _("这张照片处理不了，请换一张，或发一张截图。"),
    "busy": _("现在传照片的人多，请稍后再传。说的事情不会丢。"),
}

_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}


class Unfit(Exception):
    """The picture is not taken. `reason` is a key of MESSAGES; `message` the Chinese text, to be passed to gettext."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason if reason in MESSAGES else "broken"
        self.message = MESSAGES[self.reason]


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean picture; `sha256` is of `data`, `thumb` a JPEG too, `dhash` 16 hex digits for finding re-used photos."""

    data: bytes
    mime: str
    width: int
    height: int
    sha256: str
    thumb: bytes
    dhash: str
    symbols: tuple[str, ...] = ()  # texts of the printed symbols in it, where they were asked for (`read`)


class _Gone(Exception):
    """The child died or did not answer in time; `reason` as in Unfit, or "" when the picture may not be to blame."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Child:
    """One decoding process and the two pipes to it."""

    def __init__(self, memory_bytes: int) -> None:
        program = Path(__file__).with_name("pictures_child.py")
        few = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "262144"}
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-B", str(program), str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env=few,
            start_new_session=True,
        )
        assert self.process.stdin
        assert self.process.stdout
        self._to, self._from = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        self.served = 0
        try:
            self._read(1, time.monotonic() + START_SECONDS)
        except _Gone as gone:
            self.stop()
            raise RuntimeError("the picture decoder does not start; is Pillow installed?") from gone

    def _wait(self, pipe: int, event: int, deadline: float) -> None:
        waiting = select.poll()
        waiting.register(pipe, event)
        if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise _Gone("too_slow")

    def _write(self, data: bytes, deadline: float) -> None:
        rest = memoryview(data)
        while rest:
            self._wait(self._to, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._to, rest) :]
            except BlockingIOError:
                continue
            except BrokenPipeError as error:
                raise _Gone(self._why()) from error

    def _read(self, length: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < length:
            self._wait(self._from, select.POLLIN, deadline)
            piece = os.read(self._from, length - len(data))
            if not piece:
                raise _Gone(self._why())
            data += piece
        return bytes(data)

    def _why(self) -> str:
        try:
            code = self.process.wait(5)
        except subprocess.TimeoutExpired:
            return "broken"
        return "too_slow" if code == -signal.SIGXCPU else ""

    def ask(self, data: bytes, max_pixels: int, cpu_seconds: int, deadline_seconds: float, most: int = 0) -> Picture:
        """The clean picture. Unfit when refused, _Gone when this child cannot be used again."""
        deadline = time.monotonic() + deadline_seconds
        self.served += 1
        self._write(ASK.pack(len(data), max_pixels, cpu_seconds, LONG_SIDE, SMALL_SIDE, QUALITY, most), deadline)
        self._write(data, deadline)
        length = SIZE.unpack(self._read(SIZE.size, deadline))[0]
        if length > ANSWER_MAX:
            raise _Gone("broken")
        try:
            facts = json.loads(self._read(length, deadline))
            if facts.get("refused"):
                self.served += PICTURES_PER_CHILD if facts.get("last") else 0
                raise Unfit(str(facts["refused"]))
            sizes = [int(size) for size in facts["sizes"]]
            symbols = tuple(str(text) for text in facts.get("symbols", ()))
            width, height, dhash = int(facts["width"]), int(facts["height"]), f"{int(facts['dhash'], 16):016x}"
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _Gone("broken") from error
        if len(sizes) != 2 or min(sizes) < 1 or sum(sizes) > OUTPUT_MAX or not 0 < max(width, height) <= LONG_SIDE:
            raise _Gone("broken")
        picture, thumb = self._read(sizes[0], deadline), self._read(sizes[1], deadline)
        return Picture(picture, "image/jpeg", width, height, sha256(picture).hexdigest(), thumb, dhash, symbols)

    def stop(self) -> None:
        """End the process and free its pipes; never raises."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Workshop:
    """A few decoding children, handed to one thread at a time, renewed after a number of pictures or a death."""

    def __init__(
        self,
        children: int = CHILDREN,
        *,
        pictures_per_child: int = PICTURES_PER_CHILD,
        memory_bytes: int = MEMORY_BYTES,
        cpu_seconds: int = CPU_SECONDS,
        deadline_seconds: float = DEADLINE_SECONDS,
        queue_seconds: float = QUEUE_SECONDS,
    ) -> None:
        self._free = threading.BoundedSemaphore(children)
        self._idle: list[_Child] = []
        self._children = children
        self._pictures_per_child = pictures_per_child
        self._memory_bytes = memory_bytes
        self._cpu_seconds = cpu_seconds
        self._deadline_seconds = deadline_seconds
        self._queue_seconds = queue_seconds

    def warm(self) -> None:
        """Start the children now, so that the first photo does not wait for them."""
        while len(self._idle) < self._children:
            self._idle.append(_Child(self._memory_bytes))

    def pids(self) -> list[int]:
        """The processes that wait for work."""
        return [child.process.pid for child in self._idle]

    def _ready(self) -> _Child:
        while True:
            try:
                child = self._idle.pop()
            except IndexError:
                return _Child(self._memory_bytes)
            if child.process.poll() is None:
                return child
            child.stop()  # it ended after a long idle time

    def _try(self, data: bytes, max_pixels: int, most: int) -> Picture:
        child = self._ready()
        keep = False
        try:
            picture = child.ask(data, max_pixels, self._cpu_seconds, self._deadline_seconds, most)
            keep = True
            return picture
        except Unfit:
            keep = True
            raise
        finally:
            if keep and child.served < self._pictures_per_child:
                self._idle.append(child)
            else:
                child.stop()

    def clean(self, data: bytes, max_pixels: int, most: int = 0) -> Picture:
        """The clean picture, or Unfit. A child that died for no known reason gives the picture a second chance."""
        if not self._free.acquire(timeout=self._queue_seconds):
            raise Unfit("busy")
        try:
            for _attempt in range(2):
                try:
                    return self._try(data, max_pixels, most)
                except _Gone as gone:
                    if gone.reason:
                        raise Unfit(gone.reason) from gone
            raise Unfit("broken")
        finally:
            self._free.release()

    def close(self) -> None:
        """Stop the children that wait."""
        while self._idle:
            self._idle.pop().stop()


_workshop = Workshop()


def _after_fork() -> None:
    """The new process owns none of the old one's children: let go of their pipes and begin with none."""
    global _workshop
    for child in _workshop._idle:
        for pipe in (child.process.stdin, child.process.stdout):
            if pipe:
                pipe.close()
        child.process.returncode = 0  # not ours to wait for
    _workshop = Workshop()


os.register_at_fork(after_in_child=_after_fork)


@atexit.register
def _close() -> None:
    _workshop.close()  # whichever it is by then


def warm() -> None:
    """Start this process's decoding children (at server start, and from `minan doctor`)."""
    _workshop.warm()


def sniff(data: bytes) -> str:
    """ "" if the first bytes are those of a picture we take, else the reason; what a file is called plays no part."""
    if not data:
        return "empty"
    if data.startswith(_MAGIC) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return ""
    return "heic" if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS else "not_a_picture"


def read(data: bytes, most: int = SYMBOLS_MOST) -> Picture:
    """As `clean`, and what the printed symbols on the photographed papers say, at most so many of them. Unfit if refused."""
    return clean(data, symbols=most)


def clean(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS, symbols: int = 0) -> Picture:
    """An upright JPEG of at most 2,560 px and a small one of at most 480 px, without any metadata. Unfit if refused.

    Taken are JPEG, PNG, WebP and GIF (its first frame), by content. Pixels are counted in the header, before decoding.
    """
    if len(data) > max_bytes:
        raise Unfit("too_big")
    if reason := sniff(data):
        raise Unfit(reason)
    return _workshop.clean(data, max_pixels, symbols)


def differing_bits(one: str, other: str) -> int:
    """How many of 64 bits two `dhash` differ in: 0 to about 10 is the same photo again."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
