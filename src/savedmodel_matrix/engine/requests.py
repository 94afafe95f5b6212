"""What a host is asked to do for a step."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from savedmodel_matrix.engine.keys import SEED
from savedmodel_matrix.model.steps import Convert, Made, Save, Step

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from savedmodel_matrix.model.limits import Limits
    from savedmodel_matrix.model.steps import Artifact


def request_for(
    step: Step, limits: Limits, place_of: Callable[[Artifact], Path], makes: Path | None
) -> dict[str, object]:
    """Return the request for one step.

    ``place_of`` says where an artifact is, ``makes`` is the empty directory that a save or a
    conversion writes in.
    """
    common: dict[str, object] = {"limits": asdict(limits)}
    if makes is not None:
        common["makes"] = str(makes)
    if isinstance(step, Save):
        case, remedy = str(step.case.path), str(step.remedy.path)
        return {"kind": "save", "case": case, "remedy": remedy, "seed": SEED, **common}
    if isinstance(step, Convert):
        common["directory"] = str(place_of(Made(step.save)))
        return {"kind": "convert", "converter": str(step.converter.path), **common}
    artifact = step.artifact
    if not isinstance(artifact, Made):
        common["directory"] = str(place_of(artifact))
    else:
        common["directory"] = str(place_of(Made(artifact.save)))
        if artifact.convert is not None:
            common["converted"] = str(place_of(artifact))
        if step.loader is not None:
            common |= {"case": str(artifact.save.case.path), "seed": SEED}
    if step.loader is None:
        return {"kind": "show", **common}
    return {"kind": "load", "loader": str(step.loader.path), **common}
