"""Words and symbols."""

from __future__ import annotations

from savedmodel_matrix.views.wording import SYMBOLS


def test_symbols_differ() -> None:
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
