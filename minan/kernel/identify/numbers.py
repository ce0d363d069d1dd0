"""Numbers that belong to one person: phone, ID, plate, bank card, QQ, mail address; also spoken, split, in full width or circled.

The text is first written anew character by character (same length): every sort of digit as a digit, every sort of gap as
"-". Digits written as Han characters keep an alphabet of their own (from U+E000), because where the two meet one number
may end and another begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from minan.kernel.identify.mark import Mark

_HAN_DIGITS = ("〇零○◯洞", "一壹幺吆弌", "二贰两貳", "三叁參", "四肆", "五伍", "六陆陸", "七柒拐", "八捌", "九玖勾")
_GAPS = " \t\r\n\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u202f\u2060\u3000\ufeff\u00ad"
_GAPS += "-－‐‑‒–—―−_＿~～.．。·・•‧,，、/／\\＼|｜()（）[]【】*＊'’‘“”\"…^"  # fmt: skip
_RUNS_OF_TEN = (0xFF10, 0x0660, 0x06F0, 0x0966, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6)  # full width and other scripts
_RUNS_OF_NINE = (0x2460, 0x2474, 0x2488, 0x2776, 0x2780, 0x278A, 0x24F5)  # ① ⑴ ⒈ ❶ ➀ ➊ ⓵
_ZEROS = "⓪⓿🄋⁰₀"
_SMALL = "¹²³⁴⁵⁶⁷⁸⁹", "₁₂₃₄₅₆₇₈₉"
_FIRST = 0xE000


def _table() -> dict[int, str]:
    table = {_FIRST + n: "\ue0ff" for n in range(10)}  # what was typed in the private alphabet is no digit
    table |= {ord(c): "-" for c in _GAPS}
    for n, letters in enumerate(_HAN_DIGITS):
        table |= {ord(c): chr(_FIRST + n) for c in letters}
    table |= {first + n: str(n) for first in _RUNS_OF_TEN for n in range(10)}
    table |= {first + n: str(n + 1) for first in _RUNS_OF_NINE for n in range(9)}
    table |= {ord(c): "0" for c in _ZEROS} | {ord(c): str(n + 1) for few in _SMALL for n, c in enumerate(few)}
    table |= {ord("a") + n: chr(ord("A") + n) for n in range(26)}
    table |= {0xFF21 + n: chr(ord("A") + n) for n in range(26)} | {0xFF41 + n: chr(ord("A") + n) for n in range(26)}
    return table | {ord("＋"): "+", ord("："): ":", ord("×"): "X", ord("＃"): "#"}


_TABLE = _table()
_S = "-{0,3}+"  # a gap between two digits of one number
_H = "\ue000-\ue009"
_ANY = f"[0-9{_H}]"


def _d(digits: str) -> str:
    return "[" + digits + "".join(chr(_FIRST + int(d)) for d in digits) + "]"


def _n(count: str) -> str:
    return f"(?:{_S}{_ANY}){{{count}}}"


_BEGIN = f"(?:(?<![0-9])(?=[0-9])|(?<![{_H}])(?=[{_H}]))"
_END = f"(?:(?<=[0-9])(?![0-9])|(?<=[{_H}])(?![{_H}]))"
_86 = f"(?:{_d('0')}{_S}{_d('0')}{_S})?{_d('8')}{_S}{_d('6')}{_S}"
_endless = re.compile(f"[0-9]{{20,}}|[{_H}]{{20,}}")  # longer than any number, and so none
_run = re.compile(f"{_ANY}(?:{_S}{_ANY}){{6,}}+")  # nothing shorter is a number of these
_mobile = re.compile(  # the first three in one piece, or each by itself: 14.00, 22.40, 7.00 is no number
    f"{_BEGIN}(?:{_86})?(?:{_d('1')}{_d('3456789')}{_ANY}{_n('8')}|{_d('1')}-{{1,3}}{_d('3456789')}(?:-{{1,3}}{_ANY}){{9}}){_END}"
)
_fixed = re.compile(f"{_BEGIN}(?:{_86})?{_d('0')}{_d('123456789')}{_ANY}{{1,2}}{_S}{_d('2345678')}{_n('6,7')}?{_END}")
_service = re.compile(f"{_BEGIN}{_d('48')}{_S}{_d('0')}{_S}{_d('0')}{_n('7')}{_END}")
_identity = re.compile(f"{_BEGIN}{_d('12345678')}{_n('16')}{_S}(?:{_ANY}|X)(?![0-9A-Z])")
_older = re.compile(f"{_BEGIN}{_d('12345678')}{_n('14')}{_END}")
_Q = f"{_ANY}{{4}}"
_card = re.compile(  # in one piece, in fours, as six and the rest, or each digit by itself: no two numbers that stand side by side
    f"{_BEGIN}(?={_d('34569')})(?:{_ANY}{{16,19}}|{_Q}(?:-{_Q}){{3}}(?:-?[0-9]{{1,3}})?"
    f"|{_ANY}{{6}}-{_ANY}{{10,13}}|{_ANY}(?:-{_ANY}){{15,18}}){_END}"
)
_fours = re.compile(f"{_Q}(?:-{_Q}){{3}}(?=-)")
_plate = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]-?[A-HJ-NP-Z]-{0,2}"
    f"(?=(?:-?[A-HJ-NP-Z])*-?{_ANY})(?:-?[A-HJ-NP-Z]|-?{_ANY}){{4}}(?:(?:-?[A-HJ-NP-Z]|-?{_ANY}){{1,2}}|-?[挂学警港澳领])(?![A-Z0-9])"
)
_mail_end = re.compile(r"[@＠][A-Za-z0-9][A-Za-z0-9-]{0,62}(?:[.．。][A-Za-z0-9][A-Za-z0-9-]{0,62}){1,4}")
_MAIL = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-"
_SAYS = "(?:号码?|[-:是为加搜])*+"
_qq = re.compile(f"(?:QQ|扣扣|企鹅号|Q号){_SAYS}(?P<n>{_d('123456789')}{_n('4,10')}){_END}")
_short = re.compile(
    f"(?:电话|座机|固话|手机|传真|宅电|TEL|打我|联系方式){_SAYS}(?P<n>{_d('2345678')}{_n('6,7')}?){_END}"
)
_wrong = re.compile(f"(?:电话|手机|联系方式){_SAYS}(?P<n>{_d('1')}{_S}{_d('3456789')}{_n('7,10')}){_END}")
_papers = re.compile(
    f"(?:护照|通行证|军官证|驾驶证|驾照|社保卡?|医保卡?|学号|工号){_SAYS}(?P<n>[A-Z]{{0,2}}{_S}{_ANY}{_n('5,17')}){_END}"
)
_card_said = re.compile(f"(?:卡号|账号|帐号|银行卡|账户){_SAYS}(?P<n>{_ANY}{_n('11,18')}){_END}")
_identity_said = re.compile(f"(?:身份证|证件号){_SAYS}(?P<n>{_ANY}{_n('13,16')}{_S}(?:{_ANY}|X)){_END[:-1]}|(?<=X))")

_PROVINCES = frozenset("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split())
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_BARE = {_FIRST + n: str(n) for n in range(10)} | {ord("-"): None}
CHECKS_MOST = 5_000  # numbers of 15 to 19 digits worked out a text; a text of the longest kind holds at most 4,000


def right_identity(number: str) -> bool:
    """True for 18 characters whose province, birthday and check digit fit (GB 11643-1999), or 15 of the older form."""
    if number[:2] not in _PROVINCES:
        return False
    born = number[6:14] if len(number) == 18 else "19" + number[6:12]
    if not ("1890" <= born[:4] <= "2099" and "01" <= born[4:6] <= "12" and "01" <= born[6:] <= "31"):
        return False
    if len(number) == 15:
        return True
    return "10X98765432"[sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=False)) % 11] == number[17]


def right_card(number: str) -> bool:
    """Luhn's check (ISO/IEC 7812-1)."""
    odd, even = number[-1::-2], number[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(d), 10)) for d in even)) % 10 == 0


def _bare(part: str) -> str:
    return part.translate(_BARE)


def _checked(run: str, offset: int, budget: list[int]) -> Iterator[Mark]:
    """The long numbers of a run of digits whose own check agrees."""
    for pattern, sort in ((_identity, "identity"), (_card, "card"), (_older, "identity")):
        at = 0
        while (found := pattern.search(run, at)) and budget[0] > 0:
            budget[0] -= 1
            number, end = _bare(found.group()), found.end()
            if sort == "card" and len(number) > 16 and not right_card(number) and (fours := _fours.match(found.group())):
                number, end = _bare(fours.group()), found.start() + fours.end()
            if right_card(number) if sort == "card" else right_identity(number):
                yield Mark(offset + found.start(), offset + end, sort, True)
                at = end
            else:
                at = found.start() + 1


def _plain(text: str) -> str:
    return _endless.sub(lambda run: "." * len(run.group()), text.translate(_TABLE))


def sure(text: str) -> list[Mark]:
    """What is certainly somebody's number. May overlap."""
    plain, out, budget = _plain(text), list[Mark](), [CHECKS_MOST]
    for run in _run.finditer(plain):
        start, part = run.start(), run.group()
        if plain[run.end() : run.end() + 1] in ("X", "-") and (tail := re.match("-{0,3}X", plain[run.end() :run.end() + 4])):
            part += tail.group()
        if len(part) >= 15:
            out += _checked(part, start, budget)
        for pattern in (_mobile, _fixed, _service):
            for m in pattern.finditer(part):
                first = start + m.start() - (text[start + m.start() - 1 : start + m.start()] in ("+", "＋"))
                out.append(Mark(first, start + m.end(), "phone", True))
    out += [Mark(m.start(), m.end(), "plate", True) for m in _plate.finditer(plain)]
    out += [Mark(m.start("n"), m.end("n"), "account", True) for m in _qq.finditer(plain)]
    out += [Mark(m.start("n"), m.end("n"), "phone", True) for m in _short.finditer(plain)]
    for end in _mail_end.finditer(text):
        head = text[max(0, end.start() - 64) : end.start()]
        if before := len(head) - len(head.rstrip(_MAIL)):
            out.append(Mark(end.start() - before, end.end(), "email", True))
    return out


def doubtful(text: str) -> list[Mark]:
    """Numbers said to be a phone, an ID or a card, but with a digit too few or a check that fails, and papers of other sorts."""
    plain = _plain(text)
    sorts = ((_wrong, "phone"), (_papers, "identity"), (_identity_said, "identity"), (_card_said, "card"))
    return [Mark(m.start("n"), m.end("n"), sort, False) for pattern, sort in sorts for m in pattern.finditer(plain)]
