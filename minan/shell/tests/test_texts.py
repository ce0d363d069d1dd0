"""Every Chinese text of the shell has its English one, and no English one is left without its page."""

from __future__ import annotations

import pathlib
import re

from minan import shell

HERE = pathlib.Path(shell.__file__).parent
TAG = re.compile(r"""{% translate (?:"([^"]+)"|'([^']+)')""")
BLOCK = re.compile(r"{% blocktranslate[^%]*%}(.*?){% endblocktranslate %}", re.S)
CALL = re.compile(r'\b(?:_|gettext_lazy|ngettext)\(\s*"([^"]+)"')


def said_in_pages() -> set[str]:
    found: set[str] = set()
    for path in HERE.rglob("*.html"):
        text = path.read_text("utf-8")
        found |= {one or other for one, other in TAG.findall(text)}
        blocks = [block.split("{% plural %}")[0] for block in BLOCK.findall(text)]  # Chinese has one form for both
        found |= {re.sub(r"{{ (\w+) }}", r"%(\1)s", block) for block in blocks}
    for path in HERE.rglob("*.py"):
        if "tests" not in path.parts:
            code = "\n".join(line for line in path.read_text("utf-8").splitlines() if "ENTRIES" not in line)
            found |= set(CALL.findall(code))
    return found


def test_the_english_reader_meets_no_chinese_sentence() -> None:
    po = (HERE / "locale/en/LC_MESSAGES/django.po").read_text("utf-8")
    pairs = dict(re.findall(r'^msgid "(.+)"\n(?:msgid_plural ".+"\n)?msgstr(?:\[0\])? "(.*)"$', po, re.M))
    assert said_in_pages() - set(pairs) == set()
    assert [zh for zh, en in pairs.items() if not en or re.search(r"[\u4e00-\u9fff]", en)] == []
    assert set(pairs) - said_in_pages() == set()
