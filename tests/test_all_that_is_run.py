"""`make test` on a machine without a browser says so and fails: it never passes over the pages in silence."""

from __future__ import annotations

import pathlib
import shutil

import pytest

from tools import postgres, test_all

CLOSING = "3 passed in 1.00s"


@pytest.mark.parametrize(("browser", "code"), [("/usr/bin/chromium", 0), (None, 1)])
def test_a_run_without_a_browser_fails_clearly(
    browser: str | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: dict[str, str] = {}

    def runs(title: str, *arguments: str) -> tuple[int, str, list[str]]:
        ran[title] = arguments[arguments.index("-m") + 1]
        return 0, CLOSING, []

    monkeypatch.setattr(shutil, "which", lambda name: browser if name == "chromium" else None)
    monkeypatch.setattr(postgres, "programs", lambda: None)
    monkeypatch.setattr(test_all, "pytest", runs)
    assert test_all.main() == code
    said = capsys.readouterr()
    assert said.out.strip().splitlines()[-1] == f"===== {9 if browser else 6} passed in {3 if browser else 2}.00s ====="
    assert ("REFUSED" in said.err) is (browser is None)
    assert ("browser" in ran) is (browser is not None)
    assert all(left_out in ran["SQLite"] for left_out in ("e2e", "faults"))
    assert "faults" in ran["faults"], "what needs no browser is run all the same"


def test_on_the_second_database_only_what_it_could_change_is_run_again(request: pytest.FixtureRequest) -> None:
    from conftest import of_the_records  # the root's own

    assert not of_the_records(request.node), "this test touches no records"
    request.node.add_marker("django_db")
    assert of_the_records(request.node)
    request.node.add_marker("once")
    assert not of_the_records(request.node)


def test_a_failed_run_stays_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/chromium")
    monkeypatch.setattr(postgres, "programs", lambda: None)
    monkeypatch.setattr(test_all, "pytest", lambda title, *_arguments: (1 if title == "SQLite" else 0, CLOSING, []))
    assert test_all.main() == 1


BOTH = "2 failed, 5 passed, 1 skipped in 9.00s"
TWO = ["tests/test_a.py::test_a", "tests/test_b.py::test_b[x y]"]


@pytest.mark.parametrize(
    ("title", "failed", "second", "code", "closing"),
    [
        ("browser", TWO, (0, "2 passed in 1.00s", []), 0, "7 passed, 1 skipped, 2 unstable in 9.00s"),
        ("browser", TWO, (1, "1 failed, 1 passed in 1.00s", TWO[:1]), 1, BOTH),
        ("browser", TWO, (0, "1 passed, 1 deselected in 1.00s", []), 1, BOTH),  # one of them shows a bar: it stays failed
        ("browser", TWO * 3, (0, "6 passed in 1.00s", []), 1, BOTH),
        ("faults", TWO, (0, "2 passed in 1.00s", []), 1, BOTH),
        ("browser", [], (0, "0 passed in 1.00s", []), 1, BOTH),
    ],
)  # fmt: skip
def test_what_failed_beside_others_is_asked_once_more_alone_and_named(
    title: str, failed: list[str], second: tuple[int, str, list[str]], code: int, closing: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    answers = [(1, BOTH, failed), second]
    monkeypatch.setattr(test_all, "pytest", lambda *_words: answers.pop(0))
    assert test_all.run(title, "-n", "2") == (code, closing)
    assert ("2 unstable" in test_all.total([closing])) is (code == 0), "the last line says it, too"
    assert capsys.readouterr().out.count("UNSTABLE: tests/test_") == (0 if code else 2)


def test_a_module_that_cannot_be_read_is_no_test_that_passes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(1, "1 failed, 5 passed, 1 error in 9.00s", TWO[:1]), (0, "1 passed in 1.00s", [])]
    monkeypatch.setattr(test_all, "pytest", lambda *_words: answers.pop(0))
    assert test_all.run("SQLite", "-n", "2")[0] == 1


def test_a_run_that_a_signal_ended_has_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    (tmp_path / "test_it.py").write_text("import os\ndef test_a(): os.kill(os.getpid(), 9)\n", "utf-8")
    monkeypatch.setattr(test_all, "HERE", tmp_path)
    assert test_all.run("it", "-p", "no:cacheprovider", "-p", "no:django", "test_it.py")[0] == 9


def test_what_runs_several_at_once_bears_the_mark_of_a_race(request: pytest.FixtureRequest) -> None:
    from conftest import races  # the root's own

    assert races(request.config.rootpath / "minan/systems/care/tests/test_beds.py")
    assert races(request.config.rootpath / "tests/test_race.py")
    assert not races(request.config.rootpath / "minan/kernel/tests/test_titles.py")


def test_the_names_of_what_failed_are_read_from_what_pytest_says(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n@pytest.mark.parametrize('a', ['x y'])\ndef test_a(a): assert not a, 'no - no'\n"
        "@pytest.fixture\ndef bad(): 1 / 0\ndef test_b(bad): pass\ndef test_c(): pass\n",
        "utf-8",
    )
    monkeypatch.setattr(test_all, "HERE", tmp_path)
    code, closing, failed = test_all.pytest("it", "-p", "no:cacheprovider", "-p", "no:django", "test_it.py")
    assert (code, failed) == (1, ["test_it.py::test_a[x y]", "test_it.py::test_b"])
    assert closing.startswith("1 failed, 1 passed, 1 error in")
