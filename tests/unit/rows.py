"""Rows of a comparison table, for tests that need a few."""

from __future__ import annotations

from savedmodel_matrix.model.table import COLUMNS, Row, from_cells

PLAIN = "serving_default(x float32[-1,4]) -> (output_0 float32[-1,2])"


RENAMED = "serving_default(inputs float32[-1,4]) -> (output_0 float32[-1,2])"


STAGES = {"pass": "values", "not-applicable": "", "not-run": "environment"}


EMPTY = from_cells([])


def cell(status: str = "pass", **given: str) -> Row:
    """Return a cell as written on tf2.15, with what is given in it."""
    key = ("module_dense", "as-written", "tf2.15", "libtensorflow", "tf2.15")
    outcome = (status, STAGES.get(status, "run"), "", "", PLAIN)
    known = dict(zip(COLUMNS, (*key, *outcome), strict=True))
    if "producer" in given:
        given = {"consumer": given["producer"], **given}
    return known | given
