"""Whoever reads English reads English: every Chinese text of every page and program has its translation, none is doubtful."""

from __future__ import annotations

import ast
import pathlib
import re
from collections.abc import Iterator

import pytest
from django.utils.translation.template import templatize

from tools import messages

ROOT = pathlib.Path(__file__).resolve().parent.parent
MINAN = ROOT / "minan"
HAN = re.compile(r"[\u3400-\u9fff]")
FUNCTIONS = (
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "npgettext",
)
# What Django makes of a template: gettext(u'…'), ngettext(u'…', u'…', count) between letters X.
TEXT = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(n?p?)gettext\(({TEXT}(?:, ?{TEXT})*)", re.S)
LITERAL = re.compile(TEXT, re.S)
# A number that may be one, before an English plural: such a text has two forms (or says it without: "Photos: {n}").
COUNTED = re.compile(
    r"(?:%\((?:n|m|k|count|days|waiting|rows|left|rest|open|late)\)[sd]|\{n\}) (?:more |open |working )?(?!this\b)[a-z]{2,}s\b"
)
FIXED = (  # the number is a constant of ours above one
    "一次最多 %(n)d 张照片", "只有办案机关书面说明", "导出超过 %(n)d 行", "超过 %(n)d 行要第二个人确认", "代班必填，最多", "代班要写到哪天",
    "备份最多留", "没留名、没留电话的人，靠这张纸", "最近 %(days)s 天发给说事人的",
)  # fmt: skip
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%(?:\.\d+f|[sd%])|{\w*}")


def in_templates() -> Iterator[tuple[str, str]]:
    """(where, msgid) of every text of every template."""
    for path in sorted(MINAN.rglob("templates/**/*")):
        if path.is_file() and path.suffix in (".html", ".txt", ".js", ".svg"):
            for kind, arguments in CALL.findall(templatize(path.read_text("utf-8"))):
                texts = [ast.literal_eval(text) for text in LITERAL.findall(arguments)]
                context = texts.pop(0) + "\x04" if "p" in kind else ""
                yield str(path.relative_to(ROOT)), context + "\0".join(texts[:2] if "n" in kind else texts[:1])


def code() -> Iterator[tuple[pathlib.Path, ast.AST]]:
    for path in sorted(MINAN.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            yield path, ast.parse(path.read_text("utf-8"))


def in_code() -> Iterator[tuple[str, str]]:
    """(where, msgid) of every text of every module."""
    for path, tree in code():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if name not in FUNCTIONS or not texts:
                continue
            context = texts.pop(0) + "\x04" if name.startswith(("p", "np")) else ""
            plural = name.startswith(("n",))
            yield f"{path.relative_to(ROOT)}:{node.lineno}", context + "\0".join(texts[:2] if plural else texts[:1])


def books() -> dict[pathlib.Path, str]:
    return {path: path.read_text("utf-8") for path in sorted(MINAN.rglob("locale/en/LC_MESSAGES/django.po"))}


def known() -> dict[str, str]:
    return {msgid: english for text in books().values() for msgid, english in messages.read(text).items()}


def test_every_text_of_every_page_and_program_has_its_english() -> None:
    english, missing = known(), []
    asked = [*in_templates(), *in_code()]
    assert len({msgid for _, msgid in asked}) > 300, "the texts are found"
    for where, msgid in asked:
        if HAN.search(msgid) and msgid not in english and msgid.split("\0")[0] not in english:
            missing.append(f"{where}: {msgid}")
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("path", books(), ids=lambda path: path.relative_to(MINAN).parts[-5])
def test_no_translation_is_doubtful_empty_or_half_chinese(path: pathlib.Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"^#,.*fuzzy", text, re.M)
    entries = messages.read(text)
    filled = len(re.findall(r"^msgid ", text, re.M)) - text.count("\n#~ msgid ")
    assert len(entries) == filled, "an empty translation"
    wrong = [
        f"{zh} → {en}" for zh, en in entries.items() if zh and (HAN.search(en.replace("中文", "")) or not en.strip())
    ]
    assert not wrong, "\n".join(wrong)


def test_a_translation_names_the_same_values_as_its_text() -> None:
    wrong = []
    for zh, en in known().items():
        values = [set(PLACEHOLDER.findall(text)) for text in (zh.split("\0")[0], en.split("\0")[-1])]
        if zh and values[0] != values[1]:
            wrong.append(f"{zh} → {en}")
    assert not wrong, "\n".join(wrong)


def test_one_of_something_is_not_said_as_many() -> None:
    wrong = []
    for path, text in books().items():
        if {"box", "exchange"} & set(path.parts):
            continue  # not gone through yet
        for zh, en in messages.read(text).items():
            if zh and "\0" not in zh and COUNTED.search(en) and not zh.startswith(FIXED):
                wrong.append(f"{zh} → {en}")
    assert not wrong, "\n".join(wrong)
    assert COUNTED.search("%(n)d clocks end on a provisional date"), "the rule finds what it is for"


def test_every_pair_of_words_in_the_code_has_both() -> None:
    """Words("受理", "Accept"): the kernel's and the systems' own texts carry both languages with them."""
    wrong, found = [], 0
    for path, tree in code():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Words", "W")):
                continue
            texts = [_literal(a) for a in node.args]
            found += 1
            if len(texts) == 2 and None not in texts:
                zh, en = str(texts[0]), str(texts[1])
                if not zh.strip() or not en.strip() or HAN.search(en):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: {zh!r} {en!r}")
    assert found > 200
    assert not wrong, "\n".join(wrong)


def _literal(node: ast.AST) -> str | None:
    """The text of a literal, f-strings with their values left out; None for what is computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)) or "{}"
    return None
