"""The house rules hold in every file of the repository, and each of them bites."""

from __future__ import annotations

import pathlib
import subprocess

import pytest

from tests import tidy

HERE = pathlib.Path(__file__).resolve().parent.parent
TEXT = (
    ".py",
    ".html",
    ".css",
    ".js",
    ".svg",
    ".md",
    ".toml",
    ".txt",
    ".in",
    ".sh",
    ".po",
    ".yml",
    ".yaml",
    ".json",
    ".csv",
)
LEFT_OUT: dict[str, str] = {}  # path → reason; empty, and it should stay so


def files() -> list[str]:
    """Every text file of the work tree that git knows or would take."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=HERE, capture_output=True, check=True).stdout.decode().split("\0")
    kept = [name for name in listed if name.endswith(TEXT) or name in ("Makefile", ".ci/run", ".gitignore")]
    return sorted({name for name in kept if (HERE / name).is_file() and name not in LEFT_OUT})


def test_every_file_keeps_the_house_rules() -> None:
    wrong = []
    for path in files():
        text = (HERE / path).read_text("utf-8")
        for rule in tidy.rules_for(path):
            wrong += list(rule(path, text))
    assert not wrong, "\n".join(wrong)


def test_the_rules_see_the_whole_house() -> None:
    seen = files()
    assert "minan/settings.py" in seen
    assert "minan/kernel/act.py" in seen
    assert any(path.startswith("minan/shell/templates/") for path in seen)
    assert not LEFT_OUT


BAD = [
    (tidy.arrows, "minan/kernel/x.py", "from minan.systems.matters import rules"),
    (tidy.arrows, "minan/lib/x.py", "import minan.kernel.act"),
    (tidy.arrows, "minan/systems/matters/x.py", "from minan.systems.permits.rules import far"),
    (tidy.arrows, "minan/systems/matters/x.py", "from minan.channels import sms"),
    (tidy.arrows, "minan/shell/x.py", "from minan.systems import matters"),
    (tidy.arrows, "minan/shell/x.py", "from minan import settings"),
    (tidy.arrows, "minan/kernel/x.py", "from . import act"),
    (tidy.arrows, "minan/kernel/tests/test_x.py", "from minan.systems.matters import procedure"),
    (tidy.imports_inside, "minan/kernel/x.py", "def f():\n\n    import json\n"),
    (tidy.wide, "minan/kernel/x.py", "x = 1" + " + 1" * 40),
    (tidy.sizes, "minan/kernel/x.py", "x = 1\n" * 401),
    (tidy.sizes, "minan/kernel/x.py", "def f():\n" + "    x = 1\n" * 60),
    (tidy.sizes, "minan/systems/a/views.py", "def f(request):\n" + "    x = 1\n" * 20),
    (tidy.one_door, "minan/systems/a/x.py", "case.save()"),
    (tidy.one_door, "minan/systems/a/x.py", "Case.objects.filter(state='said').update(state='closed')"),
    (tidy.one_door, "minan/kernel/worker.py", "Case.objects.create(state='said')"),
    (tidy.one_door, "minan/kernel/worker.py", "self.case.delete()"),
    (tidy.trusting, "minan/shell/x.py", "return mark_safe(text)"),
    (tidy.trusting, "minan/shell/templates/x.html", "<p>{{ text|safe }}</p>"),
    (tidy.trusting, "minan/shell/templates/x.html", "{% autoescape off %}"),
    (tidy.inline, "x.html", "<p>\n" * 81),
    (tidy.inline, "x.html", "<script>go()</script>"),
    (tidy.inline, "x.html", '<p style="color:red">'),
    (tidy.inline, "x.html", '<a onclick="go()">'),
    (tidy.inline, "x.html", '<a href="javascript:go()">'),
    (tidy.inline, "x.html", "<style>p{}</style>"),
    (tidy.addresses, "docs/x.md", "see /" + "home/anna/minan"),
    (tidy.addresses, "requirements/x.txt", "--index-url somewhere"),
    (tidy.asserting, "tests/test_x.py", "def test_the_clerk_sees_it():\n    get('/')"),
    (tidy.asserting, "tests/test_x.py", "def test_the_clerk_sees_it():\n    assert True"),
    (tidy.asserting, "tests/test_x.py", "def test_1():\n    assert x"),
    (tidy.skipping, "tests/test_x.py", "pytest.skip('flaky')"),
    (tidy.skipping, "tests/test_x.py", "@pytest.mark.xfail\ndef test_a(): assert x"),
]

GOOD = [
    (
        tidy.arrows,
        "minan/systems/matters/x.py",
        "from minan.kernel.act import act\nfrom minan.systems.matters import rules",
    ),
    (tidy.arrows, "minan/urls.py", "from minan.shell import errors"),
    (tidy.imports_inside, "minan/kernel/x.py", "def f():\n    import json  # slow to load, rarely needed\n"),
    (tidy.one_door, "minan/kernel/rows.py", "Case.objects.filter(moves=1).update(moves=2)"),
    (tidy.one_door, "minan/systems/a/x.py", "post.save()"),
    (tidy.inline, "x.html", '<script src="/static/x.js" defer></script><p class="style">on time</p>'),
    (tidy.addresses, "docs/x.md", "open /api/v1/cases and /work/ in words"),
    (
        tidy.asserting,
        "tests/test_x.py",
        "def test_a_stranger_sees_nothing():\n    with pytest.raises(Http404):\n        get('/')",
    ),
    (tidy.skipping, "tests/test_x.py", "pytest.skip('not run: R2 (no FUSE)')"),
]


@pytest.mark.parametrize(
    ("rule", "path", "text"), BAD, ids=[f"{rule.__name__}: {text[:40]!r}" for rule, _, text in BAD]
)
def test_a_rule_bites_when_it_is_broken(rule: tidy.Rule, path: str, text: str) -> None:
    assert list(rule(path, text))


@pytest.mark.parametrize(
    ("rule", "path", "text"), GOOD, ids=[f"{rule.__name__}: {text[:40]!r}" for rule, _, text in GOOD]
)
def test_a_rule_lets_pass_what_is_right(rule: tidy.Rule, path: str, text: str) -> None:
    assert list(rule(path, text)) == []


def test_the_browser_of_the_tests_is_begun_in_one_place() -> None:
    """conftest.py's, for whoever has a live server; tests/e2e's own, which lasts for all of them."""
    mine = "def chromium" + "("
    again = [path for path in files() if path.endswith(".py") and mine in (HERE / path).read_text("utf-8")]
    assert again == ["conftest.py", "tests/e2e/conftest.py"]
    flushes = "execute_sql_flush" + " = "
    assert [path for path in files() if path.endswith(".py") and flushes in (HERE / path).read_text("utf-8")] == ["conftest.py"]
