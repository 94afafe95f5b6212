"""The show step: what ``saved_model_cli show --all`` says of an artifact, kept with its record."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.outcome import Stages, Wrong
from savedmodel_matrix.host.protocol import ARTIFACT

if TYPE_CHECKING:
    from savedmodel_matrix.host.protocol import ShowRequest


def show_step(request: ShowRequest, stages: Stages) -> dict[str, Any]:
    """Print the artifact's description into the step's log. Raises Failed."""
    directory = Path(request.directory) / ARTIFACT
    with stages.calling("load"):
        from tensorflow.python.tools import saved_model_cli

        sys.argv = ["saved_model_cli", "show", "--dir", os.fspath(directory), "--all"]
        try:
            saved_model_cli.main()
        except SystemExit as end:  # main() ends in one on success too
            if end.code not in (None, 0):
                raise Wrong(f"saved_model_cli show ended with exit status {end.code}") from end
    stages("")
    return {}
