"""Plants identifiers into texts and counts what the detector finds of them; seeded, so that anyone gets the same figures."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from minan.kernel import identify
from minan.kernel.tests import planting_words as w

MESSAGES = Path(__file__).resolve().parents[4] / "shared" / "data" / "messages.csv"
NUMBERS = ("phone", "identity", "plate", "card", "email", "qq")
HAN = "零一二三四五六七八九"
SPOKEN = "零幺二三四五六七八九"
CIRCLED = "⓪①②③④⑤⑥⑦⑧⑨"
WIDE = "０１２３４５６７８９"


class Planted(NamedTuple):
    """One identifier in a text: text[start:end], what it is, and which of the sentences it stands in."""

    start: int
    end: int
    sort: str
    form: str
    set: str  # tuned, held, fresh: see planting_words.py


def texts(count: int, seed: int) -> tuple[list[str], bool]:
    """`count` texts and whether they are real messages (read here, kept nowhere) or the made-up ones of the house."""
    dice = random.Random(seed)
    if not MESSAGES.is_file():
        return [dice.choice(w.TEXTS) for _ in range(count)], False
    with MESSAGES.open(encoding="utf-8-sig", newline="") as file:
        said = [row["text"] for row in csv.DictReader(file) if 20 <= len(row["text"]) <= 2000]
    return dice.sample(said, count), True


# ---- numbers


def _digits(dice: random.Random, count: int, first: str = "0123456789") -> str:
    return dice.choice(first) + "".join(dice.choice("0123456789") for _ in range(count - 1))


def _mobile(dice: random.Random) -> str:
    return "1" + dice.choice("3456789") + _digits(dice, 9)


def _into(digits: str, alphabet: str) -> str:
    return "".join(alphabet[int(d)] if d.isdigit() else d for d in digits)


def _mixed(dice: random.Random, digits: str) -> str:
    return "".join(dice.choice((d, d, HAN[int(d)], SPOKEN[int(d)])) for d in digits)


def _cut(digits: str, sizes: Iterable[int], gap: str) -> str:
    out, at = [], 0
    for size in sizes:
        out.append(digits[at : at + size])
        at += size
    return gap.join(filter(None, [*out, digits[at:]]))


def phone(dice: random.Random) -> tuple[str, str]:
    """(a phone number as somebody may write it, the name of that form)."""
    n = _mobile(dice)
    forms = {
        "plain": lambda: n,
        "blanks": lambda: _cut(n, (3, 4), " "),
        "dashes": lambda: _cut(n, (3, 4), dice.choice("-－—")),
        "dots": lambda: _cut(n, dice.choice(((3, 4), (4, 4), (3, 3, 3))), dice.choice(".·．")),
        "commas": lambda: _cut(n, dice.choice(((3, 4), (3, 3, 3))), dice.choice("，、,")),
        "each": lambda: dice.choice(" -").join(n),
        "wide": lambda: _into(n, WIDE),
        "spoken": lambda: _into(n, dice.choice((HAN, SPOKEN))),
        "spoken split": lambda: _cut(_into(n, SPOKEN), (3, 4), dice.choice("，、 ")),
        "circled": lambda: _into(n, CIRCLED),
        "mixed": lambda: _mixed(dice, n),
        "country": lambda: dice.choice(("+86", "+86 ", "86-", "0086")) + n,
        "landline": lambda: dice.choice(("0316", "010", "0731", "022")) + dice.choice(("-", "", " ", "－")) + _digits(dice, 7, "25678"),
        "landline 8": lambda: "(010)" + _digits(dice, 8, "5678"),
        "400": lambda: "400" + dice.choice(("", "-")) + _cut(_digits(dice, 7), (3,), dice.choice(("-", "", " "))),
    }  # fmt: skip
    form = dice.choice(sorted(forms))
    return forms[form](), form


def identity(dice: random.Random) -> tuple[str, str]:
    province = dice.choice(("131022", "110101", "430102", "220203", "654301"))
    born = f"{dice.randint(1935, 2010)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"
    body = province + born + _digits(dice, 3)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    whole = body + "10X98765432"[sum(int(d) * k for d, k in zip(body, weights, strict=True)) % 11]
    forms = {
        "plain": whole, "small x": whole.lower(), "blanks": _cut(whole, (6, 8), " "), "fours": _cut(whole, (3, 3, 4, 4), " "),
        "dashes": _cut(whole, (6, 8), "-"), "wide": _into(whole, WIDE), "older": province + born[2:] + _digits(dice, 3),
    }  # fmt: skip
    form = dice.choice(sorted(forms))
    return forms[form], form


def plate(dice: random.Random) -> tuple[str, str]:
    head, letters = dice.choice("冀京津湘鲁蒙") + dice.choice("ABCDEFGHJR"), "ABCDEFGHJKLMNPQRSTUVWXYZ"
    tail = _digits(dice, 3) + dice.choice(letters) + _digits(dice, 1)
    forms = {
        "plain": head + tail, "dot": head + "·" + tail, "blank": head + " " + tail, "small": (head + tail).lower(),
        "energy": head + dice.choice("DF") + _digits(dice, 5), "trailer": head + _digits(dice, 4) + "挂",
    }  # fmt: skip
    form = dice.choice(sorted(forms))
    return forms[form], form


def card(dice: random.Random) -> tuple[str, str]:
    body = dice.choice(("622202", "621700", "622848", "436742")) + _digits(dice, dice.choice((9, 12)))
    total = sum(sum(divmod(2 * int(d), 10)) if n % 2 == 0 else int(d) for n, d in enumerate(reversed(body)))
    whole = body + str(-total % 10)
    forms = {"plain": whole, "fours": _cut(whole, (4, 4, 4, 4), " "), "dashes": _cut(whole, (4, 4, 4, 4), "-")}
    form = dice.choice(sorted(forms))
    return forms[form], form


def email(dice: random.Random) -> tuple[str, str]:
    host = dice.choice(("163.com", "qq.com", "sina.com.cn", "mail.example.org"))
    return dice.choice(("wxl", "li.hua", "zhao_q", "a-b")) + _digits(dice, 4) + dice.choice("@＠") + host, "plain"


def qq(dice: random.Random) -> tuple[str, str]:
    return _digits(dice, dice.randint(6, 10), "123456789"), "plain"


def home(dice: random.Random) -> tuple[str, str]:
    a, b, c = dice.randint(1, 30), dice.randint(1, 6), dice.randint(1, 28) * 100 + dice.randint(1, 4)
    forms = {
        "dashes": f"{a}-{b}-{c}", "full": f"{a}号楼{b}单元{c}", "room": f"{a}栋{c}室", "room house": f"{a}幢{b}单元{c}号",
        "wide dash": f"{a}－{b}－{c}", "door": f"门牌{a}号", "blanks": f"{a} 号楼 {b} 单元 {c} 室", "han": f"{HAN[b]}号楼{HAN[b]}单元{HAN[b]}零{HAN[b]}",
        "letter": f"{dice.choice('ABCD')}座{c}", "east": f"{a}号楼{b}单元东户",
    }  # fmt: skip
    form = dice.choice(sorted(forms))
    return forms[form], form


def account(dice: random.Random) -> tuple[str, str]:
    return dice.choice(("wx_", "lang-fang", "xiaolan", "Zq")) + _digits(dice, dice.randint(3, 6)), "plain"


MADE: dict[str, Any] = {
    "phone": phone,
    "identity": identity,
    "plate": plate,
    "card": card,
    "email": email,
    "qq": qq,
    "home": home,
    "account": account,
}
SENTENCES = {
    "phone": (w.TUNED_NUMBERS, w.HELD_NUMBERS), "identity": (w.IDENTITY_TUNED, w.IDENTITY_HELD), "plate": (w.PLATE_TUNED, w.PLATE_HELD),
    "card": (w.CARD_TUNED, w.CARD_HELD), "email": (w.MAIL_TUNED, w.MAIL_HELD), "qq": (w.QQ_TUNED, w.QQ_HELD),
    "home": (w.HOME_TUNED, w.HOME_HELD), "account": (w.ACCOUNT_TUNED, w.ACCOUNT_HELD),
}  # fmt: skip


# ---- names


def name(dice: random.Random, set_: str) -> tuple[str, str, str]:
    """(sentence, what of it is the name, form)."""
    way = dice.random()
    if way < 0.15:
        surname = dice.choice(w.SURNAMES)
        said = dice.choice(w.SPOKEN_NAMES).format(s=surname)
        sentence = dice.choice({"tuned": w.SPOKEN_TUNED, "held": w.SPOKEN_HELD, "fresh": w.SPOKEN_FRESH}[set_])
        hidden = said[: said.find(surname) + len(surname)]
        return sentence.format(n=said), hidden.removeprefix("姓") if said[0] == "姓" else hidden, "surname"
    sentence = dice.choice({"tuned": w.TUNED_NAMES, "held": w.HELD_NAMES, "fresh": w.FRESH_NAMES}[set_])
    if way < 0.22:
        who = dice.choice(w.MINORITY)
        return sentence.format(n=who), who, "minority"
    who = dice.choice(w.SURNAMES) + dice.choice(w.GIVEN_NAMES)
    return sentence.format(n=who), who, f"{len(who)} characters"


# ---- planting


def _places(text: str) -> list[int]:
    """Where a sentence may be put: begin, end, and behind a full stop."""
    return [0, len(text), *(n + 1 for n, letter in enumerate(text[:-1]) if letter in "。！？；")]


def plant(text: str, dice: random.Random) -> tuple[str, list[Planted]]:
    """The text with one number, one name, one home and one account put into it, in sentences of all sets."""
    chosen: list[tuple[int, str, str, str, str, str]] = []
    for sort in (dice.choices(NUMBERS, (10, 4, 3, 2, 1, 1))[0], dice.choice(("home", "account"))):
        held = dice.random() < 0.5
        what, form = MADE[sort](dice)
        sentence = dice.choice(SENTENCES[sort][held]).format(n=what)
        chosen.append((dice.choice(_places(text)), sentence, what, sort, form, "held" if held else "tuned"))
    set_ = dice.choice(("tuned", "held", "fresh"))
    sentence, who, form = name(dice, set_)
    chosen.append((dice.choice(_places(text)), sentence, who, "name", form, set_))
    out, planted, last, length = [], list[Planted](), 0, 0
    for at, sentence, what, sort, form, set_ in sorted(chosen):
        out += [text[last:at], sentence]
        length += at - last
        start = length + sentence.index(what)
        planted.append(Planted(start, start + len(what), sort, form, set_))
        length, last = length + len(sentence), at
    return "".join([*out, text[last:]]), planted


def covered(text: str, found: list[identify.Mark], one: Planted) -> bool:
    """True where every character of it that is not a gap lies in a mark: of a number in sure ones."""
    wanted = {n for n in range(one.start, one.end) if text[n].isalnum()}
    for mark in found:
        if mark.sure or one.sort not in NUMBERS:
            wanted -= set(range(mark.start, mark.end))
    return not wanted


def measured(count: int = 1000, seed: int = 20261123, places: Collection[str] = ()) -> dict[str, Any]:
    """Recall by sort, tuned and held-out sentences apart, and how many marks the texts had before anything was planted."""
    dice = random.Random(seed)
    said, real = texts(count, seed)
    there, seen, false = Counter[str](), Counter[str](), Counter[str]()
    missed = []
    for text in said:
        for mark in identify.marks(text, places):
            false[mark.sort] += 1
        planted_text, planted = plant(text, dice)
        found = identify.marks(planted_text, places)
        for one in planted:
            keys = [one.sort, f"{one.sort} {one.set}", f"{one.sort}: {one.form}"]
            keys += ["numbers", f"numbers {one.set}"] if one.sort in NUMBERS else []
            right = covered(planted_text, found, one)
            for key in keys:
                there[key] += 1
                seen[key] += right
            if not right:
                missed.append((one, planted_text))
    return {
        "texts": count, "real_messages": real, "recall": {key: round(seen[key] / there[key], 4) for key in sorted(there)},
        "planted": dict(sorted(there.items())), "false_marks_per_text": round(sum(false.values()) / count, 4),
        "false_by_sort": dict(false), "missed": missed,
    }  # fmt: skip
