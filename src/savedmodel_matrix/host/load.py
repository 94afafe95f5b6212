"""The load step: run every signature of an artifact, each from a fresh load, and compare."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host import tensors
from savedmodel_matrix.host.composites import components
from savedmodel_matrix.host.misuse import calls_of
from savedmodel_matrix.host.modules import load_plain
from savedmodel_matrix.host.outcome import Stages, Wrong
from savedmodel_matrix.host.protocol import ARTIFACT, RECORD, SAVED_MODEL, VALUES
from savedmodel_matrix.host.surroundings import versions
from savedmodel_matrix.host.values import Compared, compare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.host.protocol import LoadRequest

MOST_OUTPUTS = 16  # that a record shows numbers of


def load_step(request: LoadRequest, stages: Stages) -> dict[str, Any]:
    """Load the artifact and run each signature.

    Returns the largest error seen, a few numbers of each output, and the versions. Raises Failed
    or NotRun.
    """
    directory = Path(request.directory)
    record = json.loads((directory / RECORD).read_text())
    values = tensors.read(directory / VALUES)
    loader = load_plain(Path(request.loader))
    artifact = Path(request.converted or directory) / ARTIFACT
    if record["format"] == SAVED_MODEL:
        signatures = record["signatures"]
        where: Any = SimpleNamespace(
            directory=str(artifact), signatures=signatures, aliases=aliases(signatures)
        )
    else:
        from savedmodel_matrix.host.rebuilt import Rebuilt

        where = Rebuilt(str(artifact), next(iter(record["signatures"])), request, stages)
    compared: list[Compared] = []
    numbers: list[dict[str, Any]] = []
    for name, signature in sorted(record["signatures"].items()):
        feeds = {key: values[array] for key, array in signature["feeds"].items()}
        with stages.calling("load"), calls_of(request.loader, stages):
            outputs = loader.run(where, name, feeds, stages)
        with stages.calling("run"):
            came_back = arrays(signature["expected"], outputs)
        stages("values")
        for key, array in sorted(flat(signature["expected"]).items()):
            one = compare(key, values[array], came_back[key], record["tolerance"])
            compared.append(one)
            numbers.append({"signature": name, **_shown(one)})
            if one.difference:
                break
        if compared and compared[-1].difference:
            break
    stages("")
    return {
        "largest_error": _largest(compared),
        "difference": _difference(compared),
        "numbers": numbers[:MOST_OUTPUTS] + [n for n in numbers[MOST_OUTPUTS:] if n["wrong"]],
        "versions": versions(),
    }


def flat(expected: Mapping[str, Any]) -> dict[str, str]:
    """Return the arrays that are expected by output, or by output and component: ``y.values``."""
    found: dict[str, str] = {}
    for key, array in expected.items():
        parts = {f"{key}.{part}": a for part, a in array.items()} if _composite(array) else {}
        found |= parts or {key: array}
    return found


def arrays(expected: Mapping[str, Any], outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what came back under the names of ``flat``.

    Raises Wrong where an output or a component is missing, or one came back in place of the other;
    TypeError for what is no array.
    """
    found: dict[str, Any] = {}
    for key, wanted in sorted(expected.items()):
        if key not in outputs:
            raise Wrong(f"no output {key!r} came back")
        parts = components(outputs[key])
        if not _composite(wanted):
            if parts is not None:
                raise Wrong(f"output {key!r} came back in components, not as one tensor")
            found[key] = tensors.as_array(outputs[key])
            continue
        if parts is None:
            raise Wrong(f"output {key!r} came back as one tensor, not as {', '.join(wanted)}")
        if missing := sorted(wanted.keys() - parts.keys()):
            raise Wrong(f"output {key!r} came back without its component {missing[0]!r}")
        found |= {f"{key}.{part}": tensors.as_array(parts[part]) for part in wanted}
    return found


def _composite(array: Any) -> bool:
    return not isinstance(array, str)


def aliases(signatures: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return for each signature its names: itself, then those that serve the same function.

    ``model.export`` serves one function as ``serve`` and as ``serving_default``; some loaders know
    it by one of the two only.
    """

    def served(name: str) -> tuple[Any, Any]:
        return signatures[name]["feeds"], signatures[name]["expected"]

    return {
        name: [
            name,
            *(other for other in signatures if other != name and served(other) == served(name)),
        ]
        for name in signatures
    }


def _shown(one: Compared) -> dict[str, Any]:
    return {"output": one.output, "wrong": one.difference} | _errors(one) | one.numbers


def _errors(one: Compared) -> dict[str, float | None]:
    """Return the errors as JSON has them: an infinite one, beside NaN or infinity, is None."""
    found = {"absolute": one.absolute, "relative": one.relative}
    return {name: value if math.isfinite(value) else None for name, value in found.items()}


def _largest(compared: list[Compared]) -> dict[str, Any] | None:
    if not compared:
        return None
    worst = max(compared, key=lambda one: (bool(one.difference), one.absolute))
    return {"output": worst.output} | _errors(worst)


def _difference(compared: list[Compared]) -> str:
    return next((f"{one.output}: {one.difference}" for one in compared if one.difference), "")
