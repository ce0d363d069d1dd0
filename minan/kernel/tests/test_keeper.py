"""The keeper alone has the private keys; it dies and comes back, writes down every look before it answers, and tells nothing else."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from minan.kernel import vault
from minan.kernel.keeper import client, log, protocol
from minan.kernel.keeper.process import Line, Process
from minan.kernel.tests.keepers import KNOWN, NAME, PHONE, ROOT, event, gone, held, kill, lines, look, pid_of
from minan.lib import starters


@pytest.fixture(autouse=True)
def keys(tmp_path: pathlib.Path, settings: Any) -> Iterator[pathlib.Path]:
    """A folder of keys of this test's own."""
    settings.KEYS = tmp_path / "keys"
    yield settings.KEYS
    client.dismiss(settings.KEYS)


# ---- the process


def test_the_keeper_needs_neither_django_nor_the_database(keys: pathlib.Path) -> None:
    code = "import sys, minan.kernel.keeper.process as p; print([m for m in sys.modules if m.startswith(('django', 'psycopg', 'sqlite'))])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    told = pathlib.Path(f"/proc/{pid_of(keys)}/environ").read_bytes()
    assert b"DATABASE_URL" not in told
    assert b"MINAN_" not in told


def test_killed_while_four_read_it_comes_back_and_nobody_notices(keys: pathlib.Path) -> None:
    pairs = {f"GA{n}": vault.seal(f"GA{n}", KNOWN) for n in range(60)}
    read: list[dict[str, Any]] = []

    def reader(first: int) -> None:
        for n in range(first, 60, 4):
            read.append(vault.unseal(f"GA{n}", *pairs[f"GA{n}"], who="speaker", why="own"))
            time.sleep(0.02)
        client.hang_up(keys)

    readers = [threading.Thread(target=reader, args=(n,)) for n in range(4)]
    for thread in readers:
        thread.start()
    for _ in range(3):
        time.sleep(0.08)
        os.kill(pid_of(keys), signal.SIGKILL)
    for thread in readers:
        thread.join(30)
    assert read == [KNOWN] * 60
    n, _ = log.check(keys / "keeper" / "log.jsonl")
    assert n >= 60
    assert len({entry["case"] for entry in lines(keys) if entry["op"] == "open"}) == 60  # none was answered unwritten


def test_one_that_is_still_dying_with_its_lock_does_not_keep_the_next_from_coming(keys: pathlib.Path) -> None:
    vault.status()
    kill(keys)
    with open(keys / protocol.LOCK) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        threading.Timer(1.0, fcntl.flock, (lock, fcntl.LOCK_UN)).start()
        began = time.monotonic()
        vault.status()  # the first it starts goes home at once, and another is started
    assert time.monotonic() - began >= 1.0


def test_one_killed_while_it_starts_is_started_again(keys: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    spawn = client._spawn

    def killed_twice(folder: pathlib.Path) -> subprocess.Popen[bytes]:
        started.append(spawn(folder))
        if len(started) < 3:
            started[-1].kill()
        return started[-1]

    monkeypatch.setattr(client, "_spawn", killed_twice)
    vault.status()
    assert len(started) == 3


def test_a_door_that_hangs_up_on_everybody_for_a_tenth_of_a_second_is_waited_out(keys: pathlib.Path) -> None:
    keys.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(keys / protocol.SOCKET))
        door.listen()
        door.settimeout(0.05)
        hung_up = []

        def hang_up() -> None:
            until = time.monotonic() + 0.1
            while time.monotonic() < until:
                with contextlib.suppress(TimeoutError):
                    door.accept()[0].close()
                    hung_up.append(True)
            door.close()

        dying = threading.Thread(target=hang_up)
        dying.start()
        vault.status()
        dying.join()
    assert len(hung_up) >= 2


def test_sealing_asks_nobody(keys: pathlib.Path, settings: Any) -> None:
    vault.status()
    kill(keys)
    settings.KEEPER = str(keys)  # one with a place of its own is not started by us
    pair = vault.seal("GA1", KNOWN)
    with pytest.raises(vault.Away):
        vault.unseal("GA1", *pair, who="speaker", why="own")
    settings.KEEPER = ""
    assert vault.unseal("GA1", *pair, who="speaker", why="own") == KNOWN


def test_who_does_not_answer_in_time_is_away_and_the_next_do_not_wait(
    keys: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = pid_of(keys)
    client.hang_up(keys)
    os.kill(pid, signal.SIGSTOP)
    try:
        with monkeypatch.context() as shorter:
            shorter.setattr(client, "WAIT", 0.3)
            shorter.setattr(client, "AGAIN", 60.0)
            with pytest.raises(vault.Away):
                vault.status()
            shorter.setattr(client, "_connect", lambda folder: pytest.fail("asked again at once"))
            with pytest.raises(vault.Away):
                vault.status()
    finally:
        os.kill(pid, signal.SIGCONT)
        client._failed.clear()
    assert vault.status()


def test_a_folder_with_a_long_name_has_a_keeper_too(tmp_path: pathlib.Path, settings: Any) -> None:
    settings.KEYS = tmp_path / ("很长的目录名" * 12)
    assert len(os.fsencode(settings.KEYS)) > protocol.PATH_MOST
    assert look(1) == KNOWN
    client.dismiss(settings.KEYS)


def test_it_ends_when_its_folder_is_gone(keys: pathlib.Path) -> None:
    pid = pid_of(keys)
    keys.rename(keys.with_name("moved"))
    assert gone(pid)


def test_the_servers_keeper_takes_the_place_of_one_started_on_demand_and_ends_with_the_server(
    keys: pathlib.Path,
) -> None:
    on_demand = pid_of(keys)
    code = (
        "import subprocess, sys, time;"
        f"subprocess.Popen([sys.executable, '-m', 'minan.kernel.keeper', '--served', {str(keys)!r}]); time.sleep(60)"
    )
    server = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    try:
        assert gone(on_demand)
        assert vault.status()["served"]
        served = pid_of(keys)
        client.ask(keys, {"op": "leave"})
        assert vault.status()["served"]  # nobody sends it away
        assert pid_of(keys) == served
    finally:
        server.kill()
        server.wait()
    assert gone(served)


def test_a_server_that_was_killed_before_its_keeper_looked_round_leaves_none_behind(keys: pathlib.Path) -> None:
    before = subprocess.Popen([sys.executable, "-c", ""])
    before.wait()
    left = subprocess.Popen(
        [sys.executable, "-m", "minan.kernel.keeper", "--served", str(keys)],
        env=os.environ | {starters.NAME: str(before.pid)},
        cwd=ROOT,
    )
    assert left.wait(60) == 0


def test_only_processes_of_the_users_it_knows_may_ask(keys: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.mkdir(mode=0o700)
    monkeypatch.chdir(keys)
    process = Process(keys, served=False, peer_user="")
    for known, heard in ((process.may, True), (set(), False)):
        process.may = known
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(keys / "keeper.sock"))
            process._come_in()
            asking.settimeout(0.3)
            if heard:
                with pytest.raises(TimeoutError):
                    asking.recv(1)
            else:
                assert asking.recv(1) == b""
    process.door.close()
    process._go()


AS = """
import os, sys, pathlib
uid, groups, what = int(sys.argv[1]), [int(g) for g in sys.argv[2].split(',')], sys.argv[3]
from minan.kernel.keeper import client, keys, process, protocol
import encodings.ascii, encodings.idna, cryptography.hazmat.bindings._rust
here = pathlib.Path(sys.argv[4])
os.setgroups(groups); os.setgid(groups[0]); os.setuid(uid)
if what == "keep":
    sys.exit(process.serve(here, served=True, peer_user="daemon"))
try:
    answer = client.ask(here, {"op": "mark", "subject": "1"}, spawn=False)
    print("answered" if "ok" in answer else answer, end=" ")
except client.Gone:
    print("away", end=" ")
try:
    print(len(os.listdir(here / "keeper")))
except PermissionError:
    print("no room")
"""
NOBODY, DAEMON, GAMES = 65534, 1, 5  # users of every Debian


@pytest.mark.skipif(os.geteuid() != 0, reason="not run: a keeper under another user needs root to start it")
def test_under_a_user_of_its_own_it_answers_the_web_process_which_cannot_read_its_room(keys: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory() as outer:
        here = pathlib.Path(outer) / "keeper-home"
        here.mkdir()
        pathlib.Path(outer).chmod(0o711)
        os.chown(here, NOBODY, DAEMON)
        here.chmod(0o750)

        def run(uid: int, groups: str, what: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", AS, str(uid), groups, what, str(here)]
            return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

        keeper = run(NOBODY, f"{NOBODY},{DAEMON}", "keep")
        try:
            until = time.monotonic() + 20
            while not (here / "keeper.sock").exists() and keeper.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            assert run(DAEMON, f"{DAEMON}", "ask").communicate()[0] == "answered no room\n"
            assert run(GAMES, f"{GAMES},{DAEMON}", "ask").communicate()[0] == "away no room\n"
            assert (here / "keeper.pub").stat().st_mode & 0o777 == 0o644
        finally:
            keeper.terminate()
            keeper.wait(10)


# ---- what nobody else has


def memory(pid: int) -> Iterator[bytes]:
    """What lies in a process's memory, a piece at a time."""
    with open(f"/proc/{pid}/mem", "rb") as held_:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            first, last = (int(end, 16) for end in span.split("-"))
            if not rights.startswith("r") or "[v" in line:
                continue
            try:
                held_.seek(first)
                yield held_.read(last - first)
            except (OSError, ValueError):
                continue


def test_the_web_process_never_holds_a_private_key(keys: pathlib.Path) -> None:
    code = (
        "import os, sys, pathlib; sys.path.insert(0, '.');"
        "import django; from django.conf import settings; settings.configure(KEYS=pathlib.Path(sys.argv[1]), KEEPER='');"
        "from minan.kernel import vault; pair = vault.seal('GA1', {'name': 'x'});"
        "print(vault.unseal('GA1', *pair, who='speaker', why='own'), vault.owner_mark('1'), flush=True); sys.stdin.read()"
    )
    web = subprocess.Popen(
        [sys.executable, "-c", code, str(keys)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert web.stdout is not None
        assert "'name'" in web.stdout.readline()
        secrets = [(keys / "keeper" / name).read_bytes().strip() for name in ("key-0001", "marks")]
        forms = [form for secret in secrets for form in (secret, protocol.data(secret.decode()))]
        for part in memory(web.pid):
            assert not any(form in part for form in forms)
        assert any(protocol.public_of(keys) in part for part in memory(web.pid))  # the search finds what is there
    finally:
        web.communicate()


def test_no_file_outside_the_keepers_room_holds_a_private_key(keys: pathlib.Path) -> None:
    look(1)
    raw = protocol.data((keys / "keeper" / "key-0001").read_text().strip())
    others = [p for p in keys.iterdir() if p.is_file()]
    assert {p.name for p in others} >= {"keeper.pub", "keeper.lock"}
    assert not any(raw in p.read_bytes() or protocol.text(raw).encode() in p.read_bytes() for p in others)


def test_other_processes_of_the_same_user_cannot_read_its_memory(keys: pathlib.Path) -> None:
    if os.geteuid() == 0:
        owner = pathlib.Path(f"/proc/{pid_of(keys)}/mem").stat()
        assert owner.st_uid == 0
        limits = pathlib.Path(f"/proc/{pid_of(keys)}/limits").read_text()
        assert "Max core file size        0 " in limits
        return
    with pytest.raises(PermissionError):
        pathlib.Path(f"/proc/{pid_of(keys)}/mem").read_bytes()


def test_a_public_key_that_somebody_exchanged_is_put_right_and_written_down(keys: pathlib.Path) -> None:
    own = vault.public()
    (keys / "keeper.pub").write_text(protocol.text(b"\7" * 32))
    until = time.monotonic() + 10
    while vault.public() != own and time.monotonic() < until:
        time.sleep(0.05)
    assert vault.public() == own
    vault.status()
    assert "foreign" in [entry["op"] for entry in lines(keys)]


# ---- what it says and what it writes


def test_the_log_has_who_why_and_the_event_and_nothing_of_the_speaker(keys: pathlib.Path) -> None:
    look(1)
    held(2, event_="")
    entry = next(e for e in lines(keys) if e["op"] == "open")
    assert {k: entry[k] for k in ("who", "why", "event", "ok")} == {
        "who": "user:12", "why": "call", "event": event(1), "ok": True,
    }  # fmt: skip
    assert entry["case"] == vault.case_mark("GA0000000000001")
    text = (keys / "keeper" / "log.jsonl").read_text("ascii")
    for secret in (PHONE, NAME, json.dumps(NAME)[1:-1], "GA0000000000001"):
        assert secret not in text


def test_no_error_says_a_word_of_what_was_in_it(keys: pathlib.Path) -> None:
    pair = vault.seal("GA1", KNOWN)
    asked: list[dict[str, Any]] = [
        {"code": "GA2"}, {"why": "curious"}, {"sealed": protocol.text(b"x" * 50)}, {"fields": PHONE}, {"code": {PHONE: 1}},
        {"op": "add", "facts": PHONE}, {"op": "add", "facts": {"a": KNOWN}, "code": "GA2"}, {"op": "trim", "keep": PHONE}, {"op": PHONE},
    ]  # fmt: skip
    good = {
        "op": "open", "code": "GA1", "wrapped": protocol.text(pair[0]), "sealed": protocol.text(pair[1]),
        "who": "speaker", "why": "own", "event": "",
    }  # fmt: skip
    for odd in asked:
        said = client.ask(keys, good | odd)
        assert set(said) == {"no"}
        assert said["no"] in ("shut", "why", "unfit", "bulk", "op")
    with pytest.raises(vault.Sealed) as closed:
        vault.unseal("GA2", *pair, who="speaker", why="own")
    assert closed.value.args == (vault.Sealed.__doc__,)
    assert closed.value.__cause__ is None


def test_noise_on_the_line_closes_that_line_only(keys: pathlib.Path) -> None:
    vault.status()
    for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\5nope!", b"\0\0\0\2[]", b"\xff\xff\xff\xff", b'\0\0\0\3"a"'):
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(keys / "keeper.sock"))
            asking.settimeout(5)
            asking.sendall(noise)
            assert asking.recv(10) == b""
    assert look(1) == KNOWN


@pytest.fixture
def at_home(keys: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Process]:
    """A keeper inside this test, turned by hand."""
    keys.mkdir(mode=0o700)
    monkeypatch.chdir(keys)
    process = Process(keys, served=False, peer_user="")
    yield process
    process.door.close()
    process._go()


def asked(process: Process, message: dict[str, Any]) -> dict[str, Any]:
    ours, theirs = socket.socketpair()
    line = Line(theirs)
    process.selector.register(theirs, 1, line)
    process._take(line, message)
    process._answer_all()
    answer = ours.recv(1 << 16)
    process._close(line)
    ours.close()
    return protocol.parsed(answer[4:])


def test_what_cannot_be_written_down_is_not_opened(at_home: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = vault.seal("GA1", KNOWN)
    ask = {"op": "open", "code": "GA1", "who": "speaker", "why": "own"}
    ask |= {"wrapped": protocol.text(pair[0]), "sealed": protocol.text(pair[1])}
    assert asked(at_home, ask) == {"ok": KNOWN}
    before = at_home.keeper.log.path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", full)
        assert asked(at_home, ask) == {"no": "log"}
        assert asked(at_home, ask | {"op": "names"}) == {"ok": {"names": ["name", "phone"]}}
    assert at_home.keeper.log.path.read_bytes() == before
    assert asked(at_home, ask) == {"ok": KNOWN}
    log.check(at_home.keeper.log.path)


def test_an_answer_leaves_only_after_its_line_lies_on_the_disk(
    at_home: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    sync, send = os.fdatasync, Process._send
    monkeypatch.setattr(os, "fdatasync", lambda file: order.append("disk") or sync(file))  # type: ignore[func-returns-value]
    monkeypatch.setattr(Process, "_send", lambda self, line: order.append("answer") or send(self, line))  # type: ignore[func-returns-value]
    pair = vault.seal("GA1", KNOWN)
    ask = {"op": "open", "code": "GA1", "who": "speaker", "why": "own"}
    asked(at_home, ask | {"wrapped": protocol.text(pair[0]), "sealed": protocol.text(pair[1])})
    assert order == ["disk", "answer"]


# ---- the log's chain


@pytest.fixture
def written(keys: pathlib.Path) -> pathlib.Path:
    """A log of a few looks, its keeper gone."""
    for n in range(5):
        look(n)
    client.dismiss(keys)
    path = keys / "keeper" / "log.jsonl"
    assert log.check(path)[0] == 6
    return path


def test_each_way_to_touch_the_log_is_found_at_its_line(written: pathlib.Path) -> None:
    whole = written.read_bytes().splitlines(keepends=True)
    changed = whole[3].replace(b"user:12", b"user:13")
    anew = json.loads(changed)
    anew["hash"] = log.hash_of(anew)
    touched = {
        "changed": ([*whole[:3], changed, *whole[4:]], 4),
        "changed and hashed anew": ([*whole[:3], json.dumps(anew).encode() + b"\n", *whole[4:]], 5),
        "one taken out": ([*whole[:3], *whole[4:]], 4),
        "two exchanged": ([*whole[:2], whole[3], whole[2], *whole[4:]], 3),
        "one put in": ([*whole[:3], whole[2], *whole[3:]], 4),
        "the beginning gone": (whole[1:], 1),
        "not to be read": ([*whole[:3], b"...\n", *whole[4:]], 4),
    }
    for how, (now, at) in touched.items():
        written.write_bytes(b"".join(now))
        with pytest.raises(log.Broken) as broken:
            log.check(written)
        assert broken.value.line == at, how


def test_a_line_that_a_power_cut_tore_is_cut_off_and_the_chain_goes_on(
    keys: pathlib.Path, written: pathlib.Path
) -> None:
    with written.open("ab") as file:
        file.write(b'{"n":7,"op":"open","who":"use')
    look(9)
    assert log.check(written)[0] == 8
    assert lines(keys)[6]["torn"] == 29


def test_a_log_that_cannot_be_read_is_set_aside_and_looks_go_on(keys: pathlib.Path, written: pathlib.Path) -> None:
    written.write_bytes(written.read_bytes() + b"no line of ours\n")
    assert look(9) == KNOWN
    assert len(vault.status()["broken"]) == 1
    log.check(written)


def test_a_restart_counts_a_busy_day_again(keys: pathlib.Path) -> None:
    now = time.time()
    look(1)
    client.dismiss(keys)
    kept = log.Log(keys / "keeper" / "log.jsonl")
    entry = {"op": "open", "case": "c", "event": "", "fields": None, "ok": True}
    for n in range(3000):
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000+00:00", time.gmtime(now - 200))
        who = (
            {"who": "user:13", "why": "unmask", "event": event(n)} if n in (7, 8) else {"who": "speaker", "why": "own"}
        )
        kept.add({"at": at, **entry, **who})
    kept.settle()
    today = vault.status()["today"]
    assert today["user:12"] == {"call": 1}
    assert today["user:13"] == {"unmask": 2}
