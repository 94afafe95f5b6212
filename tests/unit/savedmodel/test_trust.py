"""What keeps an artifact from being run unasked: at load or by a signature, from high on."""

from dataclasses import replace

import pytest

from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.diagnosis import Finding
from savedmodel_matrix.savedmodel.trust import about_safety, runs_unsafe
from tests.unit.savedmodel.graphs import ARTIFACTS

HOSTILE = ARTIFACTS.parent / "safety" / "hostile"


def test_what_runs_is_told_from_what_only_python_could_call():
    diagnosis = diagnose(HOSTILE)
    assert {f.where for f in about_safety(diagnosis, "low")} == {
        "signature:write",
        "signature:read",
        "python",
    }
    assert [f.where for f in runs_unsafe(diagnosis)] == ["signature:write", "signature:read"]


@pytest.mark.parametrize(
    ("rule", "severity", "where", "kept"),
    [
        ("file-read", "high", "load", True),
        ("file-read", "medium", "load", False),
        ("file-read", "high", "save", False),
        ("file-read", "high", "dead", False),
        ("unwritten-resource", "high", "signature:serving_default", False),
        ("lambda", "critical", "load", True),
    ],
)
def test_by_rule_severity_and_place(rule, severity, where, kept):
    healthy = replace(diagnose(HOSTILE), findings=(Finding(rule, severity, where, "said"),))
    assert bool(runs_unsafe(healthy)) is kept
