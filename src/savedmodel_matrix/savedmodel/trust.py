"""Which findings are about safety, and which of them keep an artifact from being run unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import keras_file
from savedmodel_matrix.savedmodel.checkpoint_findings import OUTSIDE as ASSET
from savedmodel_matrix.savedmodel.dangerous_ops import BOMB, RULES
from savedmodel_matrix.savedmodel.keras_metadata import LAMBDA
from savedmodel_matrix.savedmodel.reachability import LOAD

if TYPE_CHECKING:
    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Finding

# The rules about safety, of every format. All others are about whether an artifact is whole.
SAFETY = frozenset(RULES) | keras_file.SAFETY | {LAMBDA, ASSET, BOMB}
_SIGNATURE = "signature:"


def about_safety(diagnosis: Diagnosis, severity: str) -> list[Finding]:
    """Return the findings about safety of a severity or a higher one, the worst first."""
    return [finding for finding in diagnosis.at_least(severity) if finding.rule in SAFETY]


def runs_unsafe(diagnosis: Diagnosis) -> list[Finding]:
    """Return what loading an artifact, or running its signatures, does that is high or worse."""
    return [
        finding
        for finding in about_safety(diagnosis, "high")
        if finding.where == LOAD or finding.where.startswith(_SIGNATURE)
    ]
