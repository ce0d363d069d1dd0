"""What a provider's template takes of a message: the code and what happened. Providers add the signature themselves, and count letters."""

from __future__ import annotations

import re

CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}")
HEAD = re.compile(r"^(【民安】|Minan: ?)")
WHAT_MOST = 35  # letters of one variable that both vendors take (引用前请核对: it depends on the template's kind)


def variables(words: str) -> tuple[str, str]:
    """(code, what): "【民安】GA3K9-… 受理。固安镇说事站 #1a2b" → ("GA3K9-…", "受理。固安镇说事站 #1a2b")."""
    bare = HEAD.sub("", words)
    found = CODE.search(bare)
    code = found[0] if found else ""
    what = (bare.replace(code, "", 1) if code else bare).strip(" :：")
    return code, what if len(what) <= WHAT_MOST else what[: WHAT_MOST - 1] + "…"


def eleven(number: str) -> str:
    """A number without +86 or 86 before it."""
    digits = "".join(letter for letter in number if letter.isdigit())
    return digits[2:] if len(digits) > 11 and digits.startswith("86") else digits
