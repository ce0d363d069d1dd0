"""A number before its noun, for sentences that carry both languages with them; Chinese needs nothing of the kind."""


def many(n: int, one: str, more: str = "") -> str:
    """ "1 matter", "2 matters"; `more` where an s does not do: many(2, "desk has", "desks have") → "2 desks have"."""
    return f"{n:,} {one if n == 1 else more or one + 's'}"
