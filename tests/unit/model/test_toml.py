"""TOML, read with a sentence where it cannot be."""

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.toml import read_toml


def test_what_a_file_states_is_read(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text('[one]\nname = "zwölf"\n', encoding="utf-8")
    assert read_toml(file) == {"one": {"name": "zwölf"}}


@pytest.mark.parametrize("content", [b"[one", b'a = "\xff"', None])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    file = tmp_path / "a.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.toml cannot be read: .*\.$"):
        read_toml(file)
