"""What an operator types is kept while they type: sealed with the keeper's public key, read back by the same operator alone.

A reload, a crash or a hang-up loses nothing; sending or dropping it erases it. It holds who speaks: so it lies as the vault lies,
and not in a browser on a shared desk.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from minan.channels.hotline.models import Draft
from minan.kernel import vault
from minan.kernel.models import User

NAMES = ("text", "kind", "place", "find", "place_words", "name", "phone", "call", "key")
MOST = 10_000  # characters


def _under(user: User, key: str) -> str:
    """By which a draft is found: not the form's key itself, from which the speaker's secret will be made (kernel/oneform.py)."""
    return hashlib.sha256(f"draft:{user.pk}:{key}".encode()).hexdigest()[:32]


def keep(user: User, key: str, said: dict[str, str], now: datetime) -> bool:
    """Keep these words for the form with this key. False: nothing to keep, or the vault cannot seal just now."""
    words = {name: said.get(name, "")[:MOST] for name in NAMES}
    if not key or not any(words[name] for name in ("text", "place_words", "name")):
        return False
    under = _under(user, key)
    try:
        wrapped, sealed = vault.seal(under, {"draft": json.dumps(words, ensure_ascii=False)})
    except vault.Away:
        return False
    row = Draft(user_id=user.pk, key=under, wrapped=wrapped, sealed=sealed, began_at=now, at=now)
    Draft.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["user_id", "key"], update_fields=["wrapped", "sealed", "at"]
    )
    return True


def newest(user: User) -> dict[str, Any]:
    """The words this operator typed last and has not sent; {} where there are none or the keeper is away."""
    row = Draft.objects.filter(user_id=user.pk).order_by("-at").first()
    if row is None:
        return {}
    try:
        facts = vault.unseal(row.key, row.wrapped, row.sealed, who=f"user:{user.pk}", why="draft", fields=["draft"])
        found: dict[str, Any] = json.loads(str(facts.get("draft", "{}")))
    except (vault.Sealed, ValueError):
        return {}
    return found | {"began_at": row.began_at}


def drop(user: User, key: str) -> None:
    """It was sent, or is not wanted."""
    Draft.objects.filter(user_id=user.pk, key=_under(user, key)).delete()
