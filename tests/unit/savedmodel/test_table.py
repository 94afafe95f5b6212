"""LevelDB tables: what is written comes back, and what is damaged is said to be."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel import crc32c
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.savedmodel.table import MAGIC, read_table, varint
from tests.unit.savedmodel.graphs import ARTIFACTS

INDEX = (ARTIFACTS / "dense-2.21/variables/variables.index").read_bytes()


def number(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def block(entries):
    out, last = b"", b""
    for key, value in entries:
        shared = 0
        while shared < min(len(key), len(last)) and key[shared] == last[shared]:
            shared += 1
        out += number(shared) + number(len(key) - shared) + number(len(value))
        out += key[shared:] + value
        last = key
    out += struct.pack("<II", 0, 1)
    return out + b"\0" + struct.pack("<I", crc32c.masked(out + b"\0"))


def table(entries, per_block=3, kind=b"\0"):
    """Return a table as LevelDB writes it."""
    items, out, index = sorted(entries.items()), b"", []
    for start in range(0, len(items), per_block):
        part = block(items[start : start + per_block])
        index.append((items[min(start + per_block, len(items)) - 1][0], (len(out), len(part) - 5)))
        out += part
    handles = block([(key, number(offset) + number(size)) for key, (offset, size) in index])
    footer = number(0) + number(0) + number(len(out)) + number(len(handles) - 5)
    return out + handles + footer.ljust(40, b"\0") + struct.pack("<Q", MAGIC)


@given(st.dictionaries(st.binary(max_size=40), st.binary(max_size=200), max_size=20))
def test_what_is_written_comes_back(entries):
    assert read_table(table(entries), "here") == entries


@given(st.integers(0, 2**64 - 1), st.binary(max_size=3))
def test_numbers_come_back(value, before):
    end = len(before) + len(number(value))
    assert varint(before + number(value), len(before)) == (value, end)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    with pytest.raises(UnreadableArtifact, match="here is damaged"):
        read_table(data, "here")


@pytest.mark.parametrize("length", range(len(INDEX)))
def test_a_table_cut_short_is_refused(length):
    with pytest.raises(UnreadableArtifact, match="here is damaged"):
        read_table(INDEX[:length], "here")


@given(st.integers(0, len(INDEX) - 1), st.integers(1, 255))
def test_a_changed_byte_is_found_or_changes_nothing(position, change):
    damaged = bytearray(INDEX)
    damaged[position] ^= change
    try:
        found = read_table(bytes(damaged), "here")
    except UnreadableArtifact:
        return
    assert found == read_table(INDEX, "here")  # the padding of the footer, or the metaindex's place


def test_a_compressed_block_is_refused_and_said_to_be_compressed():
    data = bytearray(table({b"a": b"b"}))
    data[len(block([(b"a", b"b")])) - 5] = 1
    with pytest.raises(UnreadableArtifact, match="compressed"):
        read_table(bytes(data), "here")


def test_keys_that_grow_by_their_prefix_take_no_memory():
    part = number(0) + number(1) + number(0) + b"k"
    for length in range(1, 40_000):
        part += number(length) + number(1) + number(0) + b"k"
    out = part + struct.pack("<II", 0, 1)
    whole = out + b"\0" + struct.pack("<I", crc32c.masked(out + b"\0"))
    handles = block([(b"l", number(0) + number(len(out)))])
    footer = number(0) + number(0) + number(len(whole)) + number(len(handles) - 5)
    data = whole + handles + footer.ljust(40, b"\0") + struct.pack("<Q", MAGIC)
    with pytest.raises(UnreadableArtifact, match="more than"):
        read_table(data, "here")


@given(st.binary(max_size=300))
def test_both_ways_to_sum_agree(data):
    assert crc32c.in_python(0, data) == crc32c.extend(0, data)


def test_the_sum_is_the_published_one():
    assert crc32c.in_python(0, b"123456789") == 0xE3069283
