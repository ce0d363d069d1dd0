"""The house rules as functions: each takes a path and its text, and returns what is wrong with it, a line each."""

from __future__ import annotations

import ast
import functools
import pathlib
import re
from collections.abc import Callable, Iterator

FILE_MAX, FUNCTION_MAX, TEMPLATE_MAX, VIEW_MAX, LINE_MAX = 400, 60, 80, 20, 140
# Where a case may be written: the one door, its two statements, and the class itself.
CASE_WRITERS = ("minan/kernel/act.py", "minan/kernel/rows.py", "minan/kernel/models/case.py")
TOP = ("settings", "urls", "wsgi", "live", "cli", "__main__")
RANKS = {"lib": 0, "kernel": 1, "channels": 2, "systems": 2, "shell": 2}
# What a test may call instead of a bare assert.
ASSERTING = re.compile(r"^(assert\w*|raises|warns|fail|expect|check_\w+|see\w*|must_\w+)$")

Problems = Iterator[str]


@functools.lru_cache(maxsize=8)
def nodes(text: str) -> list[ast.AST]:
    """All nodes of a file, outermost first: read once for all the rules that look at it."""
    return list(ast.walk(ast.parse(text)))


def room(module: str) -> tuple[int, str] | None:
    """Rank and name of the room a module lies in: ("minan.systems.matters" → 2, "systems.matters"). None: not ours."""
    parts = module.split(".")
    if parts[0] != "minan":
        return None
    if len(parts) == 1 or parts[1] in TOP:
        return 3, "top"
    rank = RANKS.get(parts[1], 3)
    return rank, ".".join(parts[1:3]) if parts[1] in ("channels", "systems") else parts[1]


def module_of(path: str) -> str:
    """Dotted name of a file: "minan/kernel/act.py" → "minan.kernel.act"."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def arrows(path: str, text: str) -> Problems:
    """Imports point one way; equal ranks never import each other. Tests may look down and at their own room only."""
    home = room(module_of(path))
    if home is None:
        return
    for node in nodes(text):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield f"{path}:{node.lineno} relative import"
            base = node.module or ""
            names = (
                [f"{base}.{alias.name}" for alias in node.names]
                if base in ("minan", "minan.systems", "minan.channels")
                else [base]
            )
        for name in names:
            other = room(name)
            if other and other[1] != home[1] and other[0] >= home[0] and home[0] < 3:
                yield f"{path}:{node.lineno} {home[1]} imports {name}"


def imports_inside(path: str, text: str) -> Problems:
    """No import inside a function without its reason in a comment, on the line or just above."""
    lines = text.splitlines()
    for function in (
        node for node in nodes(text) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                around = lines[node.lineno - 2 : (node.end_lineno or node.lineno)]
                if not any("#" in line for line in around):
                    yield f"{path}:{node.lineno} import inside {function.name} without a reason"


def wide(path: str, text: str) -> Problems:
    """A line of code is read without scrolling."""
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LINE_MAX:
            yield f"{path}:{number} has {len(line)} characters, at most {LINE_MAX}"


def sizes(path: str, text: str) -> Problems:
    """Files, functions and views stay small; tests and migrations may be long where they are tables."""
    lines = text.count("\n")
    if lines > FILE_MAX:
        yield f"{path} has {lines} lines, at most {FILE_MAX}"
    for node in nodes(text):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_MAX:
            yield f"{path}:{node.lineno} {node.name} has {length} lines, at most {FUNCTION_MAX}"
        first = node.args.args[0].arg if node.args.args else ""
        is_view = pathlib.PurePath(path).name.startswith("views") or "/views/" in path
        if is_view and first == "request" and length > VIEW_MAX:
            yield f"{path}:{node.lineno} the view {node.name} has {length} lines, at most {VIEW_MAX}"


def one_door(path: str, text: str) -> Problems:
    """Nobody saves, updates, makes or deletes a Case but the one door."""
    if path in CASE_WRITERS:
        return
    writing = {"save", "update", "delete", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
    for node in nodes(text):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in writing):
            continue
        source = ast.unparse(node.func.value)
        if re.search(r"\bCase\.(objects|_base_manager|_default_manager)\b", source) or (
            node.func.attr in ("save", "delete") and re.fullmatch(r"(\w+\.)?(case|parent|child)", source)
        ):
            yield f"{path}:{node.lineno} writes a case: {source}.{node.func.attr}"


def trusting(path: str, text: str) -> Problems:
    """What people typed is never declared safe, in code or template."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"\bmark_safe\b|\bSafeString\(|\|\s*safe\b|{%\s*autoescape\s+off|\beval\(|\bexec\(", line):
            yield f"{path}:{number} trusts what people typed: {line.strip()[:80]}"


def inline(path: str, text: str) -> Problems:
    """Templates carry no script, style or handler of their own, and stay short."""
    if text.count("\n") > TEMPLATE_MAX:
        yield f"{path} has {text.count(chr(10))} lines, at most {TEMPLATE_MAX}"
    bare = re.sub(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", "", text, flags=re.S)
    for number, line in enumerate(bare.splitlines(), 1):
        if re.search(
            r"<script(?![^>]*\bsrc=)|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"'{]|javascript:|hx-on", line, flags=re.I
        ):
            yield f"{path}:{number} inline script or style: {line.strip()[:80]}"


def addresses(path: str, text: str) -> Problems:
    """No path of somebody's machine, no registry's address."""
    places = "|".join(("root", "work", "home", "Users"))
    machine = rf"(?<![\w.\-/:])/({places})/[A-Za-z0-9._-]+"
    registry = "|".join(
        (r"pypi\.org", r"pythonhosted", r"npmjs\.(org|com)", r"--index-url", r"--extra-index-url", r"--find-links")
    )
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(machine, line) or (re.search(registry, line) and path not in ADDRESS_WORDS):
            yield f"{path}:{number} names a machine or a registry: {line.strip()[:80]}"


# The files that must name what they look for.
ADDRESS_WORDS = ("tests/tidy.py", "tests/test_tidy.py", "Makefile")


def asserting(path: str, text: str) -> Problems:
    """Every test asserts something, itself or through a function of its own file that does."""
    functions = [node for node in nodes(text) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    helpers = {node.name for node in functions if any(_asserts(inner) for inner in ast.walk(node))}
    for node in functions:
        if node.name.startswith("test"):
            called = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
            if node.name not in helpers and not called & helpers:
                yield f"{path}:{node.lineno} {node.name} asserts nothing"
            if re.fullmatch(r"test_?\d*", node.name):
                yield f"{path}:{node.lineno} {node.name} is no sentence"


def _asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return not (isinstance(node.test, ast.Constant) and node.test.value is True)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return bool(ASSERTING.match(name))
    return False


def skipping(path: str, text: str) -> Problems:
    """A test may be left out only for what a machine lacks, and says so: skip("not run: R2 (no FUSE)")."""
    for node in nodes(text):
        name = (
            ast.unparse(node.func)
            if isinstance(node, ast.Call)
            else ast.unparse(node)
            if isinstance(node, ast.Attribute)
            else ""
        )
        if name.startswith("pytest.mark.xfail") or name in ("pytest.xfail", "unittest.skip"):
            yield f"{path}:{getattr(node, 'lineno', 0)} expects to fail: {name}"
        if isinstance(node, ast.Call) and name in ("pytest.skip", "pytest.mark.skip", "pytest.mark.skipif"):
            said = ast.unparse(node)
            if "not run: " not in said and "missing" not in said.lower():
                yield f"{path}:{node.lineno} skips without saying what is missing"


Rule = Callable[[str, str], Problems]
CODE: tuple[Rule, ...] = (arrows, imports_inside, sizes, wide, one_door, trusting)
TESTS: tuple[Rule, ...] = (arrows, wide, asserting, skipping)
TEMPLATE: tuple[Rule, ...] = (inline, trusting)


def is_test(path: str) -> bool:
    """Whether a Python file holds tests."""
    return "/tests/" in f"/{path}" or path == "conftest.py"


def rules_for(path: str) -> tuple[Rule, ...]:
    """The rules that hold for a file of the repository."""
    if path.endswith(".py") and "/migrations/" not in path:
        own: tuple[Rule, ...] = TESTS if is_test(path) else CODE if path.startswith("minan/") else (sizes,)
        return (*own, addresses)
    if "/templates/" in path and path.endswith((".html", ".svg", ".txt")):
        return (*TEMPLATE, addresses)
    return (addresses,)
