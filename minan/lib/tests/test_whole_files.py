"""A file is there whole or not at all, whoever else writes it, and however full the disk is."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from minan.lib import folders

BOTH = [folders.write_once, folders.write_whole]
# A process that may write 1,000 bytes a file: what the kernel takes of 5,000 bytes at once is a part.
SHORT = """
import pathlib, resource, signal, sys
from minan.lib import folders
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    getattr(folders, sys.argv[1])(pathlib.Path(sys.argv[2]), b"x" * 5000)
except OSError as error:
    sys.exit(f"refused: {error.strerror}")
"""


def there(folder: pathlib.Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("way", ["write_once", "write_whole"])
def test_of_a_write_that_was_cut_short_nothing_is_left_and_somebody_hears_of_it(tmp_path: pathlib.Path, way: str) -> None:
    before = {"key": b"old"} if way == "write_whole" else {}
    for name, data in before.items():
        (tmp_path / name).write_bytes(data)
    done = subprocess.run([sys.executable, "-c", SHORT, way, str(tmp_path / "key")], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "refused" in done.stderr
    assert there(tmp_path) == before


@pytest.mark.parametrize("way", BOTH)
def test_no_secret_stays_beside_it_where_the_disk_refuses(
    tmp_path: pathlib.Path, way: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(5, "Input/output error")

    for name in ("fsync", "link" if way is folders.write_once else "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, refused)
            with pytest.raises(OSError, match="Input/output error"):
                way(tmp_path / "key", b"secret")
        assert there(tmp_path) == {}, name


@pytest.mark.parametrize(("mode", "umask"), [(0o600, 0), (0o644, 0o077)])
@pytest.mark.parametrize("way", BOTH)
def test_who_may_read_it_is_what_was_said_whatever_the_umask(
    tmp_path: pathlib.Path, way: Callable[..., object], mode: int, umask: int
) -> None:
    before = os.umask(umask)
    try:
        way(tmp_path / "key", "钥匙", mode)
    finally:
        os.umask(before)
    assert (tmp_path / "key").stat().st_mode & 0o777 == mode
    assert there(tmp_path) == {"key": "钥匙".encode()}


def test_of_many_who_make_it_at_once_the_first_counts_and_of_many_who_replace_it_one_whole(tmp_path: pathlib.Path) -> None:
    texts = [str(n) * 50_000 for n in range(8)]
    once, whole = tmp_path / "once", tmp_path / "whole"
    with ThreadPoolExecutor(len(texts)) as many:
        first = list(many.map(lambda text: folders.write_once(once, text), texts))
        list(many.map(lambda text: folders.write_whole(whole, text), texts))
    assert first.count(True) == 1
    assert once.read_text() == texts[first.index(True)]
    assert whole.read_text() in texts
    assert len(there(tmp_path)) == 2
    assert folders.write_once(once, "later") is False
