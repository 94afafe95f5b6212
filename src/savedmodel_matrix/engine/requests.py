"""What a host is asked to do for a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.engine.keys import SEED
from savedmodel_matrix.host.protocol import ConvertRequest, LoadRequest, SaveRequest, ShowRequest
from savedmodel_matrix.model.steps import Convert, Made, Save, Step

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from savedmodel_matrix.host.protocol import Request
    from savedmodel_matrix.model.limits import Limits
    from savedmodel_matrix.model.steps import Artifact


def request_for(
    step: Step, limits: Limits, place_of: Callable[[Artifact], Path], makes: Path | None
) -> Request:
    """Return the request for one step.

    ``place_of`` says where an artifact is, ``makes`` is the empty directory that a save or a
    conversion writes in.
    """
    room = "" if makes is None else str(makes)
    if isinstance(step, Save):
        return SaveRequest(limits, str(step.case.path), str(step.remedy.path), room, SEED)
    if isinstance(step, Convert):
        directory = str(place_of(Made(step.save)))
        return ConvertRequest(limits, directory, str(step.converter.path), room)
    artifact, case, seed, converted = step.artifact, "", 0, ""
    if isinstance(artifact, Made):
        directory = str(place_of(Made(artifact.save)))
        case, seed = str(artifact.save.case.path), SEED
        converted = str(place_of(artifact)) if artifact.convert is not None else ""
    else:
        directory = str(place_of(artifact))
    if step.loader is None:
        return ShowRequest(limits, directory)
    return LoadRequest(limits, directory, str(step.loader.path), case, seed, converted)
