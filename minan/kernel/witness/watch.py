"""One look at a log: cosign what goes on from all that was seen before, refuse and shout about everything else.

Refused are: a smaller size, another root at the same size, leaves that do not give the root, counties' logs that shrank, a
signature or origin that is not the pinned log's, and clocks far apart (a signature with a wrong time helps nobody).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from minan.kernel import merkle, notes
from minan.kernel.witness.log import Away, Log
from minan.kernel.witness.state import Standing, State

FAR_OFF = timedelta(minutes=5)
COUNTY = re.compile(r"(\S+) (0|[1-9][0-9]{0,18}) ([A-Za-z0-9+/]{43}=)")


class Refused(Exception):
    """The log did what a log must not do; `evidence` is where both signed notes lie, if there are two."""

    def __init__(self, what: str, evidence: Path | None = None) -> None:
        super().__init__(what)
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint that was taken: with the witness's own line under it."""

    said: notes.Checkpoint
    note: str
    fresh: int  # leaves that were new


def _counties(said: notes.Checkpoint) -> dict[str, tuple[int, str]]:
    """What the extension lines say of each county's log: name → (size, root)."""
    found = (COUNTY.fullmatch(line) for line in said.more)
    return {m[1]: (int(m[2]), m[3]) for m in found if m}


def shrunk(was: notes.Checkpoint, now: notes.Checkpoint) -> str:
    """The first county whose log shrank, vanished or changed without growing; "" where none did."""
    after = _counties(now)
    for name, (size, root) in _counties(was).items():
        later = after.get(name, (-1, ""))
        if later[0] < size or (later[0] == size and later[1] != root):
            return name
    return ""


def _evidence(state: State, why: str, ours: str, theirs: str, detail: str = "") -> Path:
    name = f"split-view-{datetime.now(UTC):%Y%m%d}-{merkle.leaf((ours + theirs).encode()).hex()[:12]}.txt"
    text = (
        "证据：同一本账给人看了两个样子。下面两段都有这座城市自己的签名，二者不能同真。\n"
        "Evidence: one log, two histories. Both notes below carry the city's own signature; they cannot both be true.\n\n"
        f"{why}\n{detail}\n"
        f"======== 先前见过的 / seen before ========\n{ours}\n"
        f"======== 现在给看的 / shown now ========\n{theirs}"
    )
    return state.testify(name, text)


def _first_difference(log: Log, state: State, size: int, now: notes.Checkpoint) -> str:
    """Which of the leaves kept here is served otherwise today, and whether today's leaves give today's root at all."""
    tree, at, first = merkle.Compact(), 0, ""
    mine = _pairs(state.read(0, size))
    try:
        for piece in log.leaves(0, now.size):
            for theirs in merkle.split(piece):
                ours = next(mine, None)
                if not first and ours is not None and ours != theirs:
                    first = f"leaf {at} was {ours.hex()}, now {theirs.hex()}"
                at += 1
            tree.extend(merkle.split(piece))
    except Away as error:
        return f"the leaves are not served: {error}"
    if tree.root() != now.root:
        return f"{first or 'every old leaf is the same'}; what is served does not give the signed root"
    return first or "every old leaf is the same"


def _pairs(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from merkle.split(piece)


def _alone(state: State, note: bytes, why: str) -> Path:
    """Keep one note that was refused for itself."""
    text = f"{why}\n\n" + note.decode("utf-8", "replace")
    return state.testify(f"refused-{merkle.leaf(note).hex()[:12]}.txt", text)


def _open(state: State, standing: Standing, note: bytes) -> tuple[notes.Checkpoint, str]:
    """What it says, and the note with the log's own signature alone. Raises Refused."""
    try:
        said, opened = notes.open_checkpoint(note, standing.log)
    except notes.Wrong as error:
        why = f"the checkpoint is not the log's: {error}"
        raise Refused(why, _alone(state, note, why)) from error
    return said, f"{opened.text}\n{opened.signed[0].line}\n"


def _continues(log: Log, state: State, standing: Standing, now: notes.Checkpoint, note: str) -> merkle.Compact:
    """The tree with the new leaves; raises Refused with evidence where it is not one that goes on from ours."""
    was, tree = standing.said, standing.tree.copy()
    if now.size < tree.size:
        same = state.root(now.size) == now.root
        why = f"the log went back from {tree.size} to {now.size} leaves" + ("" if same else ", and to another history")
        raise Refused(why, _evidence(state, why, standing.note, note))
    if not state.room(now.size - tree.size):
        raise Away(f"no room on this disk for {now.size - tree.size} leaves more")
    try:
        state.add(tree, log.leaves(tree.size, now.size))
    except BaseException:
        state.cut(standing.tree.size)
        raise
    if tree.root() != now.root:
        state.cut(standing.tree.size)
        why = f"at size {now.size} the leaves do not give the root that was signed"
        detail = _first_difference(log, state, standing.tree.size, now)
        if was is None:
            raise Refused(f"{why}: {detail}", _alone(state, note.encode(), f"{why}\n{detail}"))
        raise Refused(f"{why}: {detail}", _evidence(state, why, standing.note, note, detail))
    if was is not None and (county := shrunk(was, now)):
        state.cut(standing.tree.size)
        why = f"the log of {county} shrank, vanished or changed without growing"
        raise Refused(why, _evidence(state, why, standing.note, note))
    return tree


def look(log: Log, state: State, signer: notes.Signer, *, pinned: notes.Key | None = None) -> Seen | None:
    """Look once. The checkpoint cosigned, or None where nothing is new. Raises Refused, Away.

    Without a key `pinned` or kept, the one the log names at first is kept for ever.
    """
    standing = state.load()
    if standing is None:
        standing = Standing(pinned or log.key(), merkle.Compact())
        state.save(standing)
    if pinned is not None and pinned != standing.log:
        raise Refused(f"this folder watches {standing.log.text()}, not {pinned.text()}")
    note, date = log.checkpoint()
    moment = datetime.now(UTC)
    now, whole = _open(state, standing, note)
    if date is not None and abs(date - moment) > FAR_OFF:
        raise Refused(
            f"the log's clock says {date:%Y-%m-%dT%H:%M:%S}, mine {moment:%Y-%m-%dT%H:%M:%S}: nothing was signed"
        )
    if standing.said == now:
        return None
    tree = _continues(log, state, standing, now, whole)
    whole += signer.line(now.text(), int(moment.timestamp()))
    state.save(Standing(standing.log, tree, whole))
    return Seen(now, whole, tree.size - standing.tree.size)


def compare(state: State, note: bytes) -> notes.Checkpoint:
    """Hold a checkpoint that somebody else was shown (on a receipt) against the leaves kept here. Raises Refused.

    `Away` where it is newer than what this witness has seen: nothing can be said yet.
    """
    standing = state.load()
    if standing is None:
        raise Away("this witness has seen nothing yet")
    said, whole = _open(state, standing, note)
    if said.size > standing.tree.size:
        raise Away(f"it has {said.size} leaves, this witness has seen {standing.tree.size}: look first")
    if state.root(said.size) != said.root:
        why = f"at size {said.size} this witness saw another history"
        raise Refused(why, _evidence(state, why, standing.note, whole))
    return said
