"""`make test` on a machine without a browser says so and fails: it never passes over the pages in silence."""

from __future__ import annotations

import shutil

import pytest

from tools import postgres, test_all

CLOSING = "3 passed in 1.00s"


@pytest.mark.parametrize(("browser", "code"), [("/usr/bin/chromium", 0), (None, 1)])
def test_a_run_without_a_browser_fails_clearly(
    browser: str | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: dict[str, str] = {}

    def runs(title: str, *arguments: str) -> tuple[int, str]:
        ran[title] = arguments[arguments.index("-m") + 1]
        return 0, CLOSING

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
    monkeypatch.setattr(test_all, "pytest", lambda title, *_arguments: (1 if title == "SQLite" else 0, CLOSING))
    assert test_all.main() == 1
