"""One stretch of a text that may identify somebody, and the word that stands for it afterwards."""

from __future__ import annotations

from typing import NamedTuple

INSTEAD = {
    "phone": "［电话］",
    "identity": "［证件号］",
    "plate": "［车牌］",
    "card": "［银行卡］",
    "email": "［邮箱］",
    "account": "［账号］",
    "home": "［门牌］",
    "name": "［姓名］",
    "other": "［隐去］",
}


class Mark(NamedTuple):
    """text[start:end]; `sort` is a key of INSTEAD; `sure`: taken out at intake, else a clerk decides."""

    start: int
    end: int
    sort: str
    sure: bool
