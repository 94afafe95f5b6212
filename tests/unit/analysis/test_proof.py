"""What cells prove of a repaired artifact, and how it is said."""

import pytest

from savedmodel_matrix.analysis.proof import proof_of
from savedmodel_matrix.views.proof import proven

PASS = {"status": "pass", "stage": "", "largest_error": {"absolute": 1e-7, "relative": 1e-6}}
WRONG = {"status": "fail", "stage": "values", "largest_error": {"absolute": 0.5, "relative": 1.0}}
INFINITE = WRONG | {"largest_error": {"absolute": None, "relative": None}}
FAILED = {"status": "fail", "stage": "run", "largest_error": None}
NOT_RUN = {"status": "not-run", "stage": "environment", "largest_error": None}


def proof(*cells):
    place = {"consumer": "tf2.21", "reason": "", "message": "it said"}
    made = [{**place, "loader": f"loader{n}", **cell} for n, cell in enumerate(cells)]
    return proof_of("in", "tf2.21", ["serve"], made)


@pytest.mark.parametrize(
    ("cells", "holds", "complete", "said"),
    [
        ((PASS, PASS), True, True, "✓ proven: 1 signature"),
        ((PASS, WRONG), False, True, "wrong numbers, largest difference 0.5"),
        ((PASS, INFINITE), False, True, "fail: it said"),
        ((PASS, FAILED), False, True, "fail: it said"),
        ((PASS, NOT_RUN), False, False, "! not proven: not every loader could be run"),
    ],
)
def test_it_holds_where_every_loader_gives_the_numbers_of_the_original(
    cells, holds, complete, said
):
    found = proof(*cells)
    assert (found.holds, found.complete) == (holds, complete)
    assert said in proven(found).plain


def test_the_largest_difference_is_said():
    assert "loader0 in tf2.21: largest difference 1e-07" in proven(proof(PASS)).plain
