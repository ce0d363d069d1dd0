"""H5: whatever a resident uploads, the server stays well, and what comes out is a picture and nothing else, or a clear no."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from minan.kernel import pictures, pictures_child
from minan.kernel.pictures import Unfit, Workshop, clean
from minan.kernel.tests import made_pictures as made

MEGABYTE = 1024 * 1024

pytestmark = pytest.mark.bar("H5")


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    one = Workshop(children=1)
    one.warm()
    yield one
    one.close()


def reason_for(data: bytes) -> str:
    try:
        clean(data)
    except Unfit as unfit:
        return {text: reason for reason, text in pictures.MESSAGES.items()}[unfit.message]
    return ""


def memory(pid: int | str, field: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":"))


def test_h5_bombs_are_refused_and_memory_hardly_grows(monkeypatch: pytest.MonkeyPatch, workshop: Workshop) -> None:
    monkeypatch.setattr(pictures, "_workshop", workshop)
    bombs = list(made.bombs())
    pids, before = pictures._workshop.pids(), memory("self", "VmRSS")
    children_before = {pid: memory(pid, "VmHWM") for pid in pids}
    Path("/proc/self/clear_refs").write_text("5")
    answers = {name: reason_for(data) for name, data in bombs}
    assert all(answers.values()), answers
    assert list(answers.values())[:9] == ["too_many_pixels"] * 9, answers
    assert memory("self", "VmHWM") - before <= 150 * MEGABYTE
    assert pids == pictures._workshop.pids(), "a bomb cost a child its life"
    assert all(memory(pid, "VmHWM") - children_before[pid] <= 150 * MEGABYTE for pid in pids)


@pytest.mark.parametrize(("name", "data"), list(made.not_pictures()))
def test_h5_what_is_no_picture_is_refused_whatever_it_is_called(name: str, data: bytes) -> None:
    assert reason_for(data) == "not_a_picture", name


@pytest.mark.parametrize(("name", "data"), list(made.polyglots()))
def test_h5_a_picture_that_is_also_a_program_comes_out_as_a_picture_only(name: str, data: bytes) -> None:
    assert b"alert(1)" in data
    picture = clean(data)
    for out in (picture.data, picture.thumb):
        assert b"alert" not in out
        assert b"<" + b"?php" not in out
        made.segments(out)


def test_h5_an_empty_file_a_file_too_big_and_a_heic_are_told_apart() -> None:
    assert reason_for(b"") == "empty"
    assert reason_for(b"\xff\xd8\xff" + bytes(pictures.MAX_BYTES)) == "too_big"
    assert reason_for(b"\x00\x00\x00\x18ftypheic" + bytes(40)) == "heic"


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF"])
def test_h5_a_file_cut_off_on_the_way_is_refused(name: str) -> None:
    whole = made.encoded(made.scene(5), name)
    assert reason_for(whole) == ""
    for share in (0.05, 0.5, 0.9):
        assert reason_for(whole[: int(len(whole) * share)]) in ("broken", "not_a_picture"), share


def test_h5_random_damage_gives_a_picture_or_a_reason_and_never_an_error() -> None:
    answers = set()
    for n in range(120):
        name = ("JPEG", "PNG", "WEBP", "GIF")[n % 4]
        data = bytearray(made.encoded(made.scene(n, (160, 120)), name))
        for k in range(12):
            data[(n * 7919 + k * 104729) % len(data)] ^= 1 << (n + k) % 8
        answers.add(reason_for(bytes(data)))
    assert {"", "broken"} <= answers <= {"", "broken", "not_a_picture", "too_many_pixels"}


def test_h5_child_has_no_right_to_open_write_fork_or_grow(workshop: Workshop) -> None:
    pid = workshop.pids()[0]
    limits = Path(f"/proc/{pid}/limits").read_text()
    rows = {line[:25].strip(): line[25:].split()[:2] for line in limits.splitlines()}
    assert rows["Max file size"] == rows["Max processes"] == rows["Max core file size"] == ["0", "0"]
    assert rows["Max open files"] == ["1", "1"]
    assert rows["Max address space"] == [str(pictures.MEMORY_BYTES)] * 2
    workshop.clean(made.encoded(made.scene(1)), pictures.MAX_PIXELS)
    after = {line[:25].strip(): line[25:].split()[:2] for line in Path(f"/proc/{pid}/limits").read_text().splitlines()}
    assert int(after["Max cpu time"][0]) <= pictures.CPU_SECONDS + 60
    if os.getuid() == 0:
        assert "Uid:\t65534\t65534\t65534" in Path(f"/proc/{pid}/status").read_text()
    assert not any(
        "KEY" in entry or "DATABASE" in entry for entry in Path(f"/proc/{pid}/environ").read_text().split("\0")
    )


def test_h5_picture_that_needs_more_memory_than_allowed_is_refused_and_the_next_is_not() -> None:
    small = Workshop(children=1, memory_bytes=160 * MEGABYTE)
    greedy = made.encoded(Image.new("RGB", (6000, 6000), "red"), "PNG")
    with pytest.raises(Unfit, match="too_many_pixels"):
        small.clean(greedy, pictures.MAX_PIXELS)
    assert small.clean(made.encoded(made.scene(1)), pictures.MAX_PIXELS).width == 640
    small.close()


def test_h5_decoder_that_hangs_is_ended_and_the_next_picture_gets_another() -> None:
    one = Workshop(children=1, deadline_seconds=1.0)
    one.warm()
    pid = one.pids()[0]
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(Unfit, match="too_slow"):
        one.clean(made.encoded(made.scene(1)), pictures.MAX_PIXELS)
    assert not Path(f"/proc/{pid}").exists()
    one.close()
    another = Workshop(children=1)
    assert another.clean(made.encoded(made.scene(1)), pictures.MAX_PIXELS).height == 480
    another.close()


def test_h5_decoder_that_uses_up_its_time_is_ended_and_says_too_slow(workshop: Workshop) -> None:
    pid = workshop.pids()[0]
    os.kill(pid, signal.SIGSTOP)
    os.kill(pid, signal.SIGXCPU)  # what the system sends when the processor time is used up
    threading.Timer(0.3, os.kill, (pid, signal.SIGCONT)).start()
    with pytest.raises(Unfit, match="too_slow"):
        workshop.clean(made.encoded(made.scene(1)), pictures.MAX_PIXELS)


def test_h5_decoder_that_died_meanwhile_costs_no_resident_her_photo(workshop: Workshop) -> None:
    os.kill(workshop.pids()[0], signal.SIGKILL)
    time.sleep(0.1)
    assert workshop.clean(made.encoded(made.scene(1)), pictures.MAX_PIXELS).width == 640
    os.kill(workshop.pids()[0], signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (workshop.pids()[0], signal.SIGKILL)).start()
    assert workshop.clean(made.encoded(made.scene(1)), pictures.MAX_PIXELS).width == 640


def test_h5_bound_on_pixels_is_the_callers_and_counts_before_decoding(workshop: Workshop) -> None:
    data = made.encoded(made.scene(1, (200, 100)))
    assert workshop.clean(data, 20_000).width == 200
    with pytest.raises(Unfit, match="too_many_pixels"):
        workshop.clean(data, 19_999)


def test_h5_one_child_serves_many_pictures_and_is_renewed_in_time() -> None:
    one = Workshop(children=1, pictures_per_child=5)
    data = made.encoded(made.scene(1, (64, 64)))
    seen = []
    for _ in range(4):
        one.clean(data, pictures.MAX_PIXELS)
        seen += one.pids()
    assert len(set(seen)) == 1
    one.clean(data, pictures.MAX_PIXELS)
    assert one.pids() == []
    one.clean(data, pictures.MAX_PIXELS)
    assert one.pids() != seen[:1]
    one.close()


def test_h5_sixteen_threads_each_get_their_own_picture_back() -> None:
    few = Workshop(children=2)
    wrong: list[int] = []

    def upload(n: int) -> None:
        for turn in range(4):
            shade = (n * 16, turn * 60, 128)
            picture = few.clean(made.encoded(Image.new("RGB", (100 + n, 90), shade)), pictures.MAX_PIXELS)
            seen = Image.open(io.BytesIO(picture.data)).getpixel((50, 45))
            assert isinstance(seen, tuple)
            if picture.width != 100 + n or max(abs(a - b) for a, b in zip(seen, shade, strict=True)) > 6:
                wrong.append(n)

    threads = [threading.Thread(target=upload, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert 1 <= len(few.pids()) <= 2
    few.close()


def test_h5_when_every_decoder_is_taken_the_resident_is_asked_to_wait() -> None:
    one = Workshop(children=1, queue_seconds=0.05)
    one.warm()
    pid = one.pids()[0]
    os.kill(pid, signal.SIGSTOP)
    data = made.encoded(made.scene(1))
    first = threading.Thread(target=one.clean, args=(data, pictures.MAX_PIXELS))
    first.start()
    while one.pids():
        time.sleep(0.01)
    with pytest.raises(Unfit, match="busy"):
        one.clean(data, pictures.MAX_PIXELS)
    os.kill(pid, signal.SIGCONT)
    first.join()
    one.close()


def test_h5_a_forked_server_uses_decoders_of_its_own() -> None:
    pictures.warm()
    theirs = set(pictures._workshop.pids())
    fork = os.fork()
    if fork == 0:
        try:
            good = not pictures._workshop.pids() and clean(made.encoded(made.scene(1))).width == 640
            good = good and not theirs & set(pictures._workshop.pids())
            pictures._workshop.close()
        except BaseException:
            good = False
        os._exit(0 if good else 1)
    assert os.waitpid(fork, 0)[1] == 0
    assert set(pictures._workshop.pids()) == theirs
    assert clean(made.encoded(made.scene(1))).width == 640


def test_h5_decoders_end_when_the_server_is_killed() -> None:
    program = "import time; from minan.kernel import pictures as p; p.warm(); print(*p._workshop.pids(), flush=True); time.sleep(60)"
    server = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert server.stdout
    pids = server.stdout.readline().split()
    server.kill()
    server.wait()
    server.stdout.close()
    assert len(pids) == pictures.CHILDREN
    for _ in range(100):
        left = [
            pid
            for pid in pids
            if Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
        ]
        if not left:
            break
        time.sleep(0.1)
    assert left == []


def test_h5_web_process_never_loads_the_decoder() -> None:
    program = "import sys; from minan.kernel import pictures; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert {"PIL", "minan.kernel.pictures_child"}.isdisjoint(said.split())
    assert "minan.kernel.pictures" in said.split()
    assert (pictures.ASK.format, pictures.SIZE.format) == (pictures_child.ASK.format, pictures_child.SIZE.format)
