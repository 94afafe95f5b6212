"""The convert step: an artifact turned into another format, once for all loaders that read that."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.artifact import size
from savedmodel_matrix.host.misuse import calls_of
from savedmodel_matrix.host.modules import load_plain
from savedmodel_matrix.host.protocol import ARTIFACT
from savedmodel_matrix.host.surroundings import versions

if TYPE_CHECKING:
    from savedmodel_matrix.host.outcome import Stages
    from savedmodel_matrix.host.protocol import ConvertRequest


def convert_step(request: ConvertRequest, stages: Stages) -> dict[str, Any]:
    """Convert the artifact. Raises Failed.

    A conversion belongs to loading: its failure is the failure of every loader that needs it.
    """
    converter = load_plain(Path(request.converter))
    source = SimpleNamespace(directory=str(Path(request.directory) / ARTIFACT))
    made = Path(request.makes) / ARTIFACT
    made.mkdir()
    with stages.calling("load"), calls_of(request.converter, stages):
        converter.convert(source, str(made))
    stages("")
    return {"artifact_bytes": size(made), "versions": versions()}
