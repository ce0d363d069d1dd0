"""The county or township that a written address names: for channels in which people or programs write where it is."""

from __future__ import annotations

from functools import lru_cache

from minan.kernel import directory

SUFFIXES = ("地方", "街道办事处", "办事处")


@lru_cache(maxsize=4)
def _names(_stamp: int, level: str) -> tuple[tuple[str, str], ...]:
    """(name as people write it, code) of every place of a level, longest names first."""
    found = [(p.name, p.code) for p in directory.city().places.values() if p.level == level and not p.successor]
    for suffix in SUFFIXES:
        found += [
            (name.removesuffix(suffix), code)
            for name, code in found
            if name.endswith(suffix) and len(name) > len(suffix) + 1
        ]
    return tuple(sorted(found, key=lambda row: -len(row[0])))


def _only(words: str, level: str, inside: str) -> str:
    """The one place of a level that the words name; "" where none or several are named."""
    hits = {code for name, code in _names(directory.city().stamp, level) if code.startswith(inside) and name in words}
    return hits.pop() if len(hits) == 1 else ""


def named(words: str) -> str:
    """The county or township a written address names beyond doubt; "" where it does not. A person confirms it at the desk."""
    county = _only(words, "county", "")
    if not county:
        return ""
    return _only(words, "town", county[:6]) or county
