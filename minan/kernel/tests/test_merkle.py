"""The Merkle tree gives what RFC 6962 §2.1 defines, at every size; a proof that was touched proves nothing."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minan.kernel import merkle

# The test tree of Certificate Transparency's own implementations: eight inputs and the root after each.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf(str(number).encode()) for number in range(count)]


# ---- RFC 6962 §2.1 word for word, slow: MTH, PATH and PROOF over the list itself


def mth(d: list[bytes]) -> bytes:
    if not d:
        return hashlib.sha256().digest()
    if len(d) == 1:
        return d[0]
    k = 1
    while k * 2 < len(d):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(d[:k]) + mth(d[k:])).digest()


def path(m: int, d: list[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    k = 1
    while k * 2 < len(d):
        k *= 2
    return [*path(m, d[:k]), mth(d[k:])] if m < k else [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: list[bytes], b: bool) -> list[bytes]:
    if m == len(d):
        return [] if b else [mth(d)]
    k = 1
    while k * 2 < len(d):
        k *= 2
    if m <= k:
        return [*subproof(m, d[:k], b), mth(d[k:])]
    return [*subproof(m - k, d[k:], False), mth(d[:k])]


class Store:
    """Every complete node of a growing tree, as a log stores them."""

    def __init__(self, count: int) -> None:
        self.tree, self.nodes, self.roots = merkle.Compact(), {}, [merkle.EMPTY]
        for one in leaves(count):
            for level, index, value in self.tree.add(one):
                assert (level, index) not in self.nodes
                self.nodes[level, index] = value
            self.roots.append(self.tree.root())

    def read(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def tile(self, level: int, number: int) -> bytes:
        row = []
        while (at := (level * 8, number * 256 + len(row))) in self.nodes and len(row) < 256:
            row.append(self.nodes[at])
        return b"".join(row)


STORE = Store(700)


def test_the_published_tree_of_eight_inputs() -> None:
    hashes = [merkle.leaf(bytes.fromhex(one)) for one in INPUTS]
    assert [merkle.root(hashes[:size]).hex() for size in range(1, 9)] == ROOTS
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_published_proofs_of_that_tree() -> None:
    tree, nodes = merkle.Compact(), {}
    for one in INPUTS:
        nodes |= {(level, index): value for level, index, value in tree.add(merkle.leaf(bytes.fromhex(one)))}
    read = lambda level, index: nodes[level, index]  # noqa: E731
    assert [h.hex()[:8] for h in merkle.inclusion(5, 8, read)] == ["bc1a0643", "ca854ea1", "d37ee418"]
    assert [h.hex()[:8] for h in merkle.inclusion(2, 3, read)] == ["fac54203"]
    assert [h.hex()[:8] for h in merkle.consistency(6, 8, read)] == ["0ebc5d34", "ca854ea1", "d37ee418"]
    assert [h.hex()[:8] for h in merkle.consistency(1, 8, read)] == ["96a296d2", "5f083f0a", "6b47aaf2"]


@pytest.mark.parametrize("size", range(66))
def test_every_root_and_proof_up_to_65_leaves_is_that_of_the_standard(size: int) -> None:
    whole = leaves(size)
    assert STORE.roots[size] == mth(whole) == merkle.over(0, size, STORE.read)
    for index in range(size):
        proof = merkle.inclusion(index, size, STORE.read)
        assert proof == path(index, whole)
        assert merkle.verify_inclusion(whole[index], index, size, proof, STORE.roots[size])
    for old in range(size + 1):
        proof = merkle.consistency(old, size, STORE.read)
        assert proof == (subproof(old, whole, True) if old else [])
        assert merkle.verify_consistency(old, STORE.roots[old], size, STORE.roots[size], proof)


@given(st.integers(1, 700), st.data())
@example(512, None).via("a power of two")
def test_proofs_read_from_tiles_hold_at_any_size(size: int, data: st.DataObject | None) -> None:
    read = merkle.from_tiles(STORE.tile)
    index = data.draw(st.integers(0, size - 1)) if data else size // 2
    old = data.draw(st.integers(0, size)) if data else size // 3
    proof = merkle.inclusion(index, size, read)
    assert merkle.verify_inclusion(leaves(size)[index], index, size, proof, STORE.roots[size])
    proof = merkle.consistency(old, size, read)
    assert merkle.verify_consistency(old, STORE.roots[old], size, STORE.roots[size], proof)
    assert merkle.compact(size, read).root() == STORE.roots[size]


def _flip(value: bytes, bit: int) -> bytes:
    return value[: bit // 8] + bytes([value[bit // 8] ^ 1 << bit % 8]) + value[bit // 8 + 1 :]


@given(st.integers(2, 700), st.data())
def test_a_proof_with_anything_changed_holds_no_more(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    one, root = leaves(size)[index], STORE.roots[size]
    proof = merkle.inclusion(index, size, STORE.read)
    bit, at = data.draw(st.integers(0, 255)), data.draw(st.integers(0, len(proof) - 1))
    other = data.draw(st.integers(0, size + 3).filter(lambda n: n != index))
    verify = merkle.verify_inclusion
    assert not verify(_flip(one, bit), index, size, proof, root)
    assert not verify(one, index, size, proof, _flip(root, bit))
    assert not verify(one, index, size, [*proof[:at], _flip(proof[at], bit), *proof[at + 1 :]], root)
    assert not verify(one, index, size, [*proof[:at], *proof[at + 1 :]], root)
    assert not verify(one, index, size, [*proof, root], root)
    assert not verify(one, other, size, proof, root)
    assert not verify(one, -1, size, proof, root)


@given(st.integers(2, 700), st.data())
def test_a_history_with_anything_changed_is_not_the_same_history(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    was, now = STORE.roots[old], STORE.roots[size]
    proof = merkle.consistency(old, size, STORE.read)
    bit, at = data.draw(st.integers(0, 255)), data.draw(st.integers(0, len(proof) - 1))
    verify = merkle.verify_consistency
    assert not verify(old, _flip(was, bit), size, now, proof)
    assert not verify(old, was, size, _flip(now, bit), proof)
    assert not verify(old, was, size, now, [*proof[:at], _flip(proof[at], bit), *proof[at + 1 :]])
    assert not verify(old, was, size, now, [*proof[:at], *proof[at + 1 :]])
    assert not verify(old, was, size, now, [*proof, now])
    assert not verify(size, now, old, was, proof)
    assert not verify(size, _flip(now, bit), size, now, [])
    assert not verify(0, was, size, now, [])


@given(st.integers(0, 700), st.integers(0, 700))
def test_a_tree_goes_on_from_what_was_kept_of_it(first: int, more: int) -> None:
    whole = leaves(first + more)
    one = merkle.Compact()
    one.extend(whole[:first])
    other = merkle.Compact(one.size, one.hashes)
    other.extend(whole[first:])
    assert (other.size, other.root()) == (first + more, merkle.root(whole))
    assert len(other.hashes) <= 11


def test_what_was_kept_must_be_of_that_size() -> None:
    for size, count in ((1, 0), (2, 2), (3, 1), (-1, 1)):
        with pytest.raises(ValueError):
            merkle.Compact(size, [merkle.EMPTY] * count)
    with pytest.raises(ValueError):
        merkle.Compact(1, [b"short"])


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_the_tiles_of_two_sizes_are_all_those_that_grew(one: int, other: int) -> None:
    before, size = sorted((one, other))
    grown = {(t.level, t.number): t.width for t in merkle.tiles(size, before)}
    had = {(t.level, t.number): t.width for t in merkle.tiles(before)}
    now = {(t.level, t.number): t.width for t in merkle.tiles(size)}
    assert had | grown == now
    assert all(had.get(at) != width for at, width in grown.items())


def test_a_tile_is_addressed_as_c2sp_spells_it() -> None:
    assert merkle.Tile(0, 1234067).path() == "tile/0/x001/x234/067"
    assert merkle.Tile(1, 0, 12).path() == "tile/1/000.p/12"
    assert [t.path() for t in merkle.tiles(70_000)][-2:] == ["tile/1/001.p/17", "tile/2/000.p/1"]


def test_a_node_that_is_not_stored_is_missed_not_made_up() -> None:
    read = merkle.from_tiles(STORE.tile)
    with pytest.raises(LookupError):
        read(3, 88)
    with pytest.raises(ValueError):
        merkle.inclusion(5, 5, read)
    with pytest.raises(ValueError):
        merkle.consistency(6, 5, read)
