"""Tables that are written here: what reads them reads the same entries, and so does TensorFlow's."""

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel.table import read_table
from savedmodel_matrix.savedmodel.table_writing import table
from tests.unit.savedmodel.graphs import ARTIFACTS, NAMES

ENTRIES = st.dictionaries(st.binary(max_size=40), st.binary(max_size=200), max_size=60)


@given(ENTRIES, st.integers(1, 2000))
def test_what_is_written_comes_back_in_blocks_of_any_length(entries, block):
    assert read_table(table(sorted(entries.items()), block), "here") == entries


def test_an_index_of_tensorflow_is_written_byte_for_byte_as_tensorflow_wrote_it():
    indices = [ARTIFACTS / name / "variables/variables.index" for name in NAMES]
    there = [path for path in indices if path.exists()]
    assert len(there) > 5
    for path in there:
        data = path.read_bytes()
        assert table(read_table(data, str(path)).items()) == data
