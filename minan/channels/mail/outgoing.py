"""Notices by e-mail: plain text, the code and what happened, where to read it; no picture, no link that counts."""

from __future__ import annotations

import re

from django.conf import settings

from minan.kernel import posting, ways
from minan.kernel.outcomes import Never, Provider
from minan.kernel.providers import key_of

CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}")


def text_of(words: str) -> tuple[str, str]:
    """(subject, text) of a notice."""
    english, found = words.startswith("Minan"), CODE.search(words)
    code = found[0] if found else ""
    where = f"{settings.ADDRESS.rstrip('/')}/m/{code.replace('-', '')}/" if settings.ADDRESS and code else ""
    if english:
        see = f"See it with your code: {where}" if where else "See it with your code."
        return f"Minan: news of {code}", "\n".join(
            [words, "", see, "You asked for letters about this matter; stop them on its page."]
        )
    lines = [
        words,
        "",
        f"凭编号和取件码查看：{where}" if where else "凭编号和取件码查看。",
        "您说这件事时要了邮件通知；不想再收，在它的页面上关掉。",
    ]
    return f"民安：{code} 有新进展", "\n".join(lines)


def send(key: str, address: str, words: str) -> None:
    """Raises one of outcomes.py where it was not taken."""
    try:
        address = ways.email(address)  # one that came in by Open311 was never looked at
    except ways.Unfit:
        raise Never("number") from None
    subject, text = text_of(words)
    made = posting.letter(settings.MAIL_FROM, address, subject, text, key)
    posting.post(settings.MAIL, str(key_of("mail").get("password") or ""), made)


def providers() -> list[Provider]:
    return [Provider("mail", send)] if settings.MAIL and settings.MAIL_FROM else []
