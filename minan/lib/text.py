"""Chinese text as the search index, the screens and the lists need it.

Search knows no word list: one blank on both sides of every Han character, and a phrase query, find a word of any length.
SQLite's `trigram` finds no two-character word at all, and a word list splits 路灯不亮 as 路|灯不亮.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

GRAMS_MAX = 512
WORD_MAX = 40
QUERY_MAX = 200
QUERY_TERMS_MAX = 8
QUERY_TOKENS_MAX = 64

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_han = re.compile(f"[{_HAN}]")
_token = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+")
_run = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")

_breaks = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
_gone = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_surrogate = re.compile("[\ud800-\udfff]")
_fillers = re.compile("[\u115f\u1160\u3164\uffa0]")  # the only ones of all these that Python calls printable
_blanks = re.compile(r"\s+")


def neutral(text: str) -> str:
    """Text that cannot turn the screen against its reader: no direction overrides, control or invisible characters.

    Line ends become ``\\n``, a lone surrogate becomes U+FFFD. Rare characters (㛃, 𬭸) stay as they are: nothing is
    normalised, for a person's name is the person's own.
    """
    if text.isprintable() and (text.isascii() or not _fillers.search(text)):
        return text  # most of what is typed, and asked for fifty times a matter
    text = _breaks.sub("\n", text)
    return _surrogate.sub("\ufffd", _gone.sub("", text)).replace("\t", " ")


def folded(text: str) -> str:
    """Text for comparing: neutral, compatibility forms resolved (Ａ→A, ㎡→m2), lower case."""
    return unicodedata.normalize("NFKC", neutral(text)).lower()


def runs(text: str) -> list[str]:
    """The unbroken stretches of folded text: "led灯不亮" → ["led", "灯不亮"]."""
    return _run.findall(text)


def spaced(text: str) -> str:
    """Text for the full-text index (FTS5 with unicode61, PostgreSQL with 'simple'): a blank around every Han character."""
    return _blanks.sub(" ", _han.sub(r" \g<0> ", folded(text))).strip()


def grams(text: str, limit: int = GRAMS_MAX) -> list[str]:
    """Two-character pieces and words first, then single Han characters; each once, in order, at most `limit`."""
    pieces: dict[str, None] = {}
    letters: dict[str, None] = {}
    for match in _run.finditer(folded(text)):
        run = match.group()
        if not _han.match(run):
            pieces[run[:WORD_MAX]] = None
            continue
        pieces.update(dict.fromkeys(here + following for here, following in pairwise(run)))
        letters.update(dict.fromkeys(run))
    return [*pieces, *letters][:limit]


@lru_cache(maxsize=1024)
def _terms(query: str) -> tuple[tuple[str, ...], ...]:
    terms: list[tuple[str, ...]] = []
    room = QUERY_TOKENS_MAX
    for term in folded(query).split():
        tokens = tuple(_token.findall(term))[:room]
        if tokens and len(terms) < QUERY_TERMS_MAX:
            terms.append(tokens)
            room -= len(tokens)
    return tuple(terms)


def phrase(query: str) -> str:
    """An FTS5 query that finds what was typed, whatever was typed: each term a quoted phrase, all of them required.

    "" when there is nothing to look for (an empty MATCH is an error in FTS5, so ask nothing then).
    """
    return " ".join('"' + spaced(" ".join(tokens)) + '"' for tokens in _terms(query[:QUERY_MAX]))


def phrases(query: str) -> list[str]:
    """The same terms for PostgreSQL: each goes to phraseto_tsquery('simple', …)."""
    return [spaced(" ".join(tokens)) for tokens in _terms(query[:QUERY_MAX])]


def query_grams(query: str) -> list[str]:
    """The grams a text must all have to contain what was typed; no single character that a pair already requires."""
    wanted: dict[str, None] = {}
    for term in folded(query[:QUERY_MAX]).split()[:QUERY_TERMS_MAX]:
        for match in _run.finditer(term):
            run = match.group()
            if _han.match(run) and len(run) > 1:
                wanted.update(dict.fromkeys(here + following for here, following in pairwise(run)))
            else:
                wanted[run[:WORD_MAX]] = None
    return list(wanted)[:QUERY_TOKENS_MAX]


def short(text: str, n: int) -> str:
    """Text on one line, at most n characters, "…" at the end if it was cut; never between a letter and its mark."""
    line = _blanks.sub(" ", neutral(text)).strip()
    if len(line) <= n:
        return line
    cut = n - 1
    while cut > 0 and (
        unicodedata.combining(line[cut]) or line[cut] in "\u200d\ufe0e\ufe0f" or line[cut - 1] == "\u200d"
    ):
        cut -= 1
    return line[:cut].rstrip() + "…" if n > 0 else ""
