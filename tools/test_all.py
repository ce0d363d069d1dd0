"""Every test: once on SQLite, then what touches the records again on a PostgreSQL of its own, the browser's, and what breaks things.

pytest's own closing line stands last; the exit code is that of the worse run. Without a browser the run fails: a page nobody looked
at is not a page that was tested.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

from tools import postgres  # noqa: E402 the line above makes it findable

# Each run reads the files it may find its tests in and no others; the whole's come first, for among them are the longest.
HOUSE = ["tests", "minan", "--ignore=tests/e2e", "--ignore=tests/faults", "--ignore-glob=*/tests/e2e"]
ON_POSTGRES = ["minan/kernel", "minan/channels", "minan/systems", "tests/test_race.py", "tests/test_p2_matrix.py"]
SAMPLE = "tests/test_p2_matrix.py::test_nobody_in_a_sample_reads_a_word_that_is_not_theirs"  # tests/test_p2_matrix_full.py asks all of its cells
ONCE_MORE = 4  # at most so many failures of a run are looked at once more, alone; more of them are no accident
NOTHING_CHOSEN = 5  # pytest's exit code when it ran no test
NO_BROWSER = (
    "REFUSED: the browser tests (no `chromium` on this machine; `sh tools/system_packages.sh`, or apt install chromium)"
)


def pytest(title: str, *arguments: str) -> tuple[int, str, list[str]]:
    """Run pytest, showing what it says. Returns its exit code, its closing line and the tests that failed."""
    print(f"\n== {title}", flush=True)
    closing, failed = "", []
    command = [sys.executable, "-m", "pytest", "-q", "--durations=8", *arguments]
    # Compiled modules are kept: every server and worker that the tests start would else compile the program anew, a second each.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(
        command, cwd=HERE, env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        for line in run.stdout or ():
            print(line, end="", flush=True)
            if re.search(r"\d+ (passed|failed|error)", line):
                closing = line.strip("= \n")
            if found := re.match(r"(?:FAILED|ERROR) (\S+?::.+?)(?: - |$)", line.rstrip()):
                failed.append(found[1])
    return abs(run.returncode), closing, failed  # below zero: ended by a signal, out of memory for one


def run(title: str, *arguments: str) -> tuple[int, str]:
    """One run; what failed beside others is asked once more, alone, and named as UNSTABLE where it passes then.

    Not what shows a bar of RELIABILITY.md, no race and no fault: there, once lost is lost.
    """
    code, closing, failed = pytest(title, *arguments)
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (failed|passed|skipped|error)s?\b", closing)}
    known = counts.get("failed", 0) + counts.get("error", 0) == len(failed)  # a module that cannot be read has no test to name
    if code != 1 or title == "faults" or not known or not 0 < len(failed) <= ONCE_MORE:
        return code, closing
    database = [word for word in arguments if word.startswith("--db=")]
    again, second, _ = pytest(f"{title}: what failed, alone", *database, "-m", "not (bar or race)", *failed)
    if again or f"{len(failed)} passed" not in second or "deselected" in second:
        return code, closing
    for name in failed:
        print(f"UNSTABLE: {name} failed beside others and passed alone; mend it", flush=True)
    skipped = f", {counts['skipped']} skipped" if "skipped" in counts else ""
    took = re.search(r"in [\d.]+s", closing)
    passed = counts.get("passed", 0) + len(failed)
    return 0, f"{passed} passed{skipped}, {len(failed)} unstable {took[0] if took else 'in 0s'}"


def main() -> int:
    """Returns the exit code."""
    deep = os.environ.get("MINAN_DEEP") == "1"
    left_out = [] if deep else ["deep"]
    browser = shutil.which("chromium") is not None

    def marked(words: str) -> list[str]:
        return ["-m", " and ".join([*(f"not {mark}" for mark in left_out), words])]

    def below(name: str) -> list[str]:
        return sorted(
            str(folder.relative_to(HERE)) for top in ("minan", "tests") for folder in HERE.glob(f"{top}/**/{name}")
        )

    # One process takes neighbours and the other helps at the end: what a module builds once is built once.
    two = ["-n", "2", "--dist", "worksteal"]
    # A file of the browser's tests stays in one process, with a city and a browser of its own.
    two_cities = ["-n", "2", "--dist", "loadfile"]
    # Faults measure recovery: one after another, nothing beside them.
    chosen = [
        ("SQLite", [*two, *marked("not (e2e or faults)"), f"--deselect={SAMPLE}", *HOUSE]),
        *([("browser", [*two_cities, *marked("e2e and not faults"), *below("e2e")])] if browser else []),
        ("faults", [*marked("faults"), *below("faults")]),
    ]
    if postgres.programs():
        on_postgres = ["--db=postgres", "--again", *two, "-m", "not (e2e or faults) and not deep", *ON_POSTGRES]
        chosen.insert(1, ("PostgreSQL", on_postgres))
    done = [(title, *run(title, *arguments)) for title, arguments in chosen]
    print()
    if not postgres.programs():
        print("not run: PostgreSQL (initdb is not on this machine)")
    for title, code, closing in done:
        print(f"{title}: {closing or 'no test ran'}{'' if code in (0, NOTHING_CHOSEN) else f' (exit code {code})'}")
    if not browser:
        print(NO_BROWSER, file=sys.stderr, flush=True)
    print(total([closing for _, _, closing in done]), flush=True)
    return max((code for _, code, _ in done if code != NOTHING_CHOSEN), default=0) or (0 if browser else 1)


def total(closings: list[str]) -> str:
    """The sum of several closing lines of pytest, in its own form."""
    counts: dict[str, int] = {}
    for closing in closings:
        for number, word in re.findall(r"(\d+) (failed|passed|skipped|error|unstable)s?\b", closing):
            counts[word] = counts.get(word, 0) + int(number)
    said = [f"{counts[word]} {word}" for word in ("failed", "passed", "skipped", "error", "unstable") if counts.get(word)]
    seconds = sum(float(found) for closing in closings for found in re.findall(r"in ([\d.]+)s", closing))
    return f"===== {', '.join(said) or 'no tests ran'} in {seconds:.2f}s ====="


if __name__ == "__main__":
    sys.exit(main())
