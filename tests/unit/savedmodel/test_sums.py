"""CRC32C eight bytes at a step is that of a byte at a step, and the published one."""

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel import crc32c, sums


def test_published_sums():
    # RFC 3720, appendix B.4
    assert sums.in_python(0, b"123456789") == 0xE3069283
    assert sums.in_python(0, bytes(32)) == 0x8A9136AA
    assert sums.in_python(0, b"\xff" * 32) == 0x62A8AB43


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_it_is_the_sum_of_a_byte_at_a_step_in_pieces_too(first, second):
    whole = crc32c.in_python(0, first + second)
    assert sums.in_python(sums.in_python(0, first), second) == whole
    assert sums.extend(0, first + second) == whole
