"""CRC32C of many bytes at a step is that of a byte at a step, and the published one."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel import crc32c, lanes, sums


def test_published_sums():
    # RFC 3720, appendix B.4
    assert lanes.extend(0, b"123456789") == 0xE3069283
    assert lanes.extend(0, bytes(32)) == 0x8A9136AA
    assert lanes.extend(0, b"\xff" * 32) == 0x62A8AB43


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_it_is_the_sum_of_a_byte_at_a_step_in_pieces_too(first, second):
    whole = crc32c.in_python(0, first + second)
    assert lanes.extend(lanes.extend(0, first), second) == whole
    assert sums.extend(0, first + second) == whole


@given(st.integers(1024, 1100) | st.integers(1024, 9000), st.integers(0, 1 << 32))
def test_of_long_data_too(size, seed):
    made = random.Random(seed)
    data, before = made.randbytes(size), made.getrandbits(32)
    assert lanes.extend(before, data) == crc32c.in_python(before, data)


@pytest.mark.parametrize("size", [(1 << 20) - 1, (1 << 20) + 5, (1 << 20) + 1500])
def test_of_more_than_is_taken_at_once(size):
    data = random.Random(size).randbytes(size)
    assert lanes.extend(7, data) == crc32c.in_python(7, data)
