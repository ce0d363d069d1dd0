"""Texts are compiled without gettext's tools, to files that gettext itself reads."""

from __future__ import annotations

import gettext
import io

import pytest

from tools.messages import compiled, read

PO = r"""
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

#: minan/shell/views.py:1
msgid "路灯\"不亮\""
msgstr "The lamp "
"is \"out\""

msgctxt "verb"
msgid "受理"
msgstr "accept"

msgid "%(n)s 件"
msgid_plural "%(n)s 件事"
msgstr[0] "%(n)s matter"
msgstr[1] "%(n)s matters"

#, fuzzy
msgid "旧的"
msgstr "old"

msgid "未译"
msgstr ""
#~ msgid "gone"
#~ msgstr "gone"
"""


def translations() -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(compiled(read(PO))))


def test_an_english_reader_gets_the_english_text() -> None:
    assert translations().gettext('路灯"不亮"') == 'The lamp is "out"'
    assert translations().pgettext("verb", "受理") == "accept"


def test_one_matter_and_two_matters_differ() -> None:
    assert translations().ngettext("%(n)s 件", "%(n)s 件事", 1) == "%(n)s matter"
    assert translations().ngettext("%(n)s 件", "%(n)s 件事", 2) == "%(n)s matters"


def test_what_is_doubtful_or_missing_stays_chinese() -> None:
    assert translations().gettext("旧的") == "旧的"
    assert translations().gettext("未译") == "未译"


def test_a_text_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        read('msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n')
