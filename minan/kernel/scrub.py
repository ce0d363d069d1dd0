"""Takes what identifies a speaker out of a text before it goes on the work order; the original stays in the vault."""

from __future__ import annotations

import re

PHONE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?1[3-9]\d(?:[-\s]?\d{4}){2}(?!\d)")
LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[-\s]?\d{7,8}(?!\d)")
IDENTITY = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)")
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·\s]?[A-HJ-NP-Z0-9]{5,6}(?![A-Z0-9])"
)
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _identity(match: re.Match[str]) -> str:
    """An ID number only where its check digit is right (GB 11643)."""
    text = match.group().upper()
    right = "10X98765432"[sum(int(d) * w for d, w in zip(text, WEIGHTS, strict=False)) % 11] == text[-1]
    return "［证件号］" if right else match.group()


def scrub(text: str) -> str:
    """The text without phone numbers, ID numbers, plates and mail addresses; each leaves its name in brackets."""
    text = IDENTITY.sub(_identity, text)
    text = PHONE.sub("［电话］", text)
    text = LANDLINE.sub("［电话］", text)
    text = PLATE.sub("［车牌］", text)
    return EMAIL.sub("［邮箱］", text)
