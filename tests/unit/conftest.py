"""What several unit tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.pages import realistic_cells, summary_of

if TYPE_CHECKING:
    from savedmodel_matrix.analysis.summary import Summary


@pytest.fixture(scope="session")
def realistic() -> Summary:
    """Return the summary of a realistic run that is as accepted."""
    cells = list(realistic_cells())
    return summary_of(cells, cells)
