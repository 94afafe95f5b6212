"""Words and symbols."""

from __future__ import annotations

from savedmodel_matrix.views.wording import SYMBOLS, clean


def test_escapes_are_spelled_out() -> None:
    assert clean("a\x1b[2J\u202eb\nc") == "a\\x1b[2J\\u202eb c"


def test_symbols_differ() -> None:
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
