"""The Merkle tree of RFC 6962: hashes, proofs over stored nodes, their verification, and tiles 256 hashes wide (C2SP tlog-tiles).

All hashes are 32 bytes of SHA-256. A node is named by (level, index): level 0 are the leaves, node (l, i) stands over the
leaves [i·2^l, (i+1)·2^l), and only complete nodes are ever stored, so that a stored hash never changes. Pure: no Django.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

HASH = 32
HEIGHT = 8  # levels in a tile
WIDTH = 1 << HEIGHT
EMPTY = hashlib.sha256(b"").digest()  # the root of no leaves

Node = Callable[
    [int, int], bytes
]  # (level, index) → the stored hash of a complete node; LookupError where there is none
TileRead = Callable[[int, int], bytes]  # (tile level, tile index) → its hashes end to end, as many as there are


def leaf(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data), RFC 6962 §2.1."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Compact:
    """All that must be kept of a tree to go on with it: the roots of its complete subtrees, the largest first (≤ 64 hashes)."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size, self.hashes = size, list(hashes)
        if size < 0 or len(self.hashes) != size.bit_count() or any(len(h) != HASH for h in self.hashes):
            raise ValueError(f"{len(self.hashes)} hashes do not make a tree of {size} leaves")

    def add(self, leaf_hash: bytes) -> list[tuple[int, int, bytes]]:
        """Append one leaf. Returns the nodes that became complete, its own first: (level, index, hash)."""
        level, index, done = 0, self.size, [(0, self.size, leaf_hash)]
        while index & 1:
            leaf_hash = node(self.hashes.pop(), leaf_hash)
            level, index = level + 1, index >> 1
            done.append((level, index, leaf_hash))
        self.hashes.append(leaf_hash)
        self.size += 1
        return done

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Append many, about a million a second: without naming the nodes that became complete."""
        sha, hashes, size = hashlib.sha256, self.hashes, self.size
        for leaf_hash in leaf_hashes:
            index, top = size, leaf_hash
            while index & 1:
                top = sha(b"\x01" + hashes.pop() + top).digest()
                index >>= 1
            hashes.append(top)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """The tree's root now."""
        if not self.hashes:
            return EMPTY
        out = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            out = node(left, out)
        return out

    def copy(self) -> Compact:
        return Compact(self.size, self.hashes)


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes, in bounded memory."""
    tree = Compact()
    tree.extend(leaf_hashes)
    return tree.root()


def split(leaf_hashes: bytes) -> Iterator[bytes]:
    """The hashes in a file or tile of hashes laid end to end."""
    return (leaf_hashes[at : at + HASH] for at in range(0, len(leaf_hashes), HASH))


def cut(size: int) -> int:
    """The largest power of two smaller than `size` (≥ 2)."""
    return 1 << (size - 1).bit_length() - 1


def covering(begin: int, end: int) -> list[tuple[int, int]]:
    """The complete nodes (level, index) over [begin, end) from left to right; `begin` a multiple of what it must be (RFC 6962)."""
    out = []
    while end - begin > 1 and (end - begin) & (end - begin - 1):
        half = cut(end - begin)
        out.append((half.bit_length() - 1, begin // half))
        begin += half
    if end > begin:
        out.append(((end - begin).bit_length() - 1, begin // (end - begin)))
    return out


def over(begin: int, end: int, read: Node) -> bytes:
    """The root over the leaves [begin, end), from stored nodes."""
    hashes = [read(level, index) for level, index in covering(begin, end)]
    if not hashes:
        return EMPTY
    out = hashes[-1]
    for left in reversed(hashes[:-1]):
        out = node(left, out)
    return out


def compact(size: int, read: Node) -> Compact:
    """The tree of this size as it is stored, ready to go on with."""
    return Compact(size, [read(level, index) for level, index in covering(0, size)])


def inclusion(index: int, size: int, read: Node) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size`, from leaf to root: PATH(m, D[n]) of RFC 6962 §2.1.1."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + cut(end - begin)
        if index < middle:
            path.append(over(middle, end, read))
            end = middle
        else:
            path.append(over(begin, middle, read))
            begin = middle
    return path[::-1]


def consistency(a: int, b: int, read: Node) -> list[bytes]:
    """The proof that the tree of `b` leaves begins with that of `a`: PROOF(m, D[n]) of RFC 6962 §2.1.2; [] for a = 0 or a = b."""
    if not 0 <= a <= b:
        raise ValueError(f"a tree of {b} cannot follow one of {a}")
    if a in (0, b):
        return []
    path, begin, end, whole = [], 0, b, True
    while a != end:
        middle = begin + cut(end - begin)
        if a <= middle:
            path.append(over(middle, end, read))
            end = middle
        else:
            path.append(over(begin, middle, read))
            begin, whole = middle, False
    if not whole:
        path.append(over(begin, end, read))
    return path[::-1]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> bool:
    """Whether `proof` shows this leaf at `index` of the tree with this root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or any(len(h) != HASH for h in (leaf_hash, root_hash, *proof)):
        return False
    at, last, out = index, size - 1, leaf_hash
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            out = node(step, out)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            out = node(out, step)
        at, last = at >> 1, last >> 1
    return last == 0 and out == root_hash


def verify_consistency(a: int, root_a: bytes, b: int, root_b: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `b` begins with the tree of `a` (RFC 9162 §2.1.4.2)."""
    if not 0 <= a <= b or any(len(h) != HASH for h in (root_a, root_b, *proof)):
        return False
    if a in (0, b):
        return not proof and root_a == (EMPTY if a == 0 else root_b)
    path = [root_a, *proof] if a & (a - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = a - 1, b - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(step, old), node(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == root_a and new == root_b


class Tile(NamedTuple):
    """A tile by its level (0: over the leaves), number, and how many of its 256 hashes there are."""

    level: int
    number: int
    width: int = WIDTH

    def path(self) -> str:
        """Its address as C2SP tlog-tiles spells it: tile/0/x001/234, tile/1/000.p/12."""
        groups = [f"{self.number % 1000:03d}"]
        rest = self.number // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        return f"tile/{self.level}/{'/'.join(groups)}" + ("" if self.width == WIDTH else f".p/{self.width}")


def tiles(size: int, before: int = 0) -> Iterator[Tile]:
    """The tiles that differ between the trees of `before` and `size` leaves, lowest level first; only the last may be partial."""
    level = 0
    while hashes := size >> level * HEIGHT:
        old = before >> level * HEIGHT
        for number in range(old // WIDTH, -(-hashes // WIDTH)):
            width = min(WIDTH, hashes - number * WIDTH)
            if number * WIDTH + width > old:
                yield Tile(level, number, width)
        level += 1


def place(level: int, index: int) -> tuple[int, int, int, int]:
    """Where a node is found: (tile level, tile number, first of its hashes in that tile, how many); one or a power of two."""
    tile, up = divmod(level, HEIGHT)
    first = index << up
    return tile, first // WIDTH, first % WIDTH, 1 << up


def from_tiles(read: TileRead) -> Node:
    """A node reader over tiles; LookupError where a tile holds too few hashes."""

    def one(level: int, index: int) -> bytes:
        tile, number, first, count = place(level, index)
        held = read(tile, number)[first * HASH : (first + count) * HASH]
        if len(held) != count * HASH:
            raise LookupError(f"tile {tile}/{number} ends before node {level}/{index}")
        row = list(split(held))
        while len(row) > 1:
            row = [node(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        return row[0]

    return one
