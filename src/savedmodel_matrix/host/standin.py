"""A Keras model that the case hands to a remedy in place of its object (``as_model``).

It is the case's own code, not the remedy's. Where it returns what the object returns, the object
judges. Where it leaves an output out, only its own call can judge what it does return.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.composites import components
from savedmodel_matrix.host.live import Live, of_model
from savedmodel_matrix.host.tensors import as_array

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.host.case import Case

CLOSE = (1e-2, 1e-4)  # relative and absolute: two outputs are told apart, not judged


def stands_in(case: Case, obj: Any) -> bool:
    """Say whether a remedy saved a model of the case in place of its object."""
    return case.exported is not None and case.exported is not obj


def own_calls(case: Case, live: Mapping[str, Live]) -> dict[str, Live]:
    """Return the model's own call under each name of ``live``. Raises CaseError."""
    return {name: of_model(case, case.exported, case.inputs_for(name)) for name in live}


def lost(objects: Mapping[str, Any], models: Mapping[str, Any]) -> list[str]:
    """Return the outputs of the object that the model does not return, by what they are.

    Names cannot tell: a model may name its outputs otherwise, or not at all. Both mappings have
    what was returned, by signature.
    """
    kept = [value for result in models.values() for value in _outputs(result).values()]
    return sorted(
        {
            name
            for result in objects.values()
            for name, value in _outputs(result).items()
            if not any(_equal(value, other) for other in kept)
        }
    )


def _outputs(result: Any) -> dict[str, Any]:
    from tensorflow.python.util import nest

    found = {}
    for number, (path, value) in enumerate(nest.flatten_with_tuple_paths(result)):
        names = [str(step) for step in path]
        keyed = any(isinstance(step, str) for step in path)
        found["/".join(names) if keyed else f"output_{number}"] = value
    return found


def _equal(one: Any, other: Any) -> bool:
    parts = [components(value) or {"": value} for value in (one, other)]
    return parts[0].keys() == parts[1].keys() and all(
        _close(as_array(value), as_array(parts[1][name])) for name, value in parts[0].items()
    )


def _close(one: Any, other: Any) -> bool:
    import numpy as np

    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if one.dtype.kind in "OSUbiu":
        return bool(np.all(one == other))
    wide = np.complex128 if one.dtype.kind == "c" else np.float64
    return bool(np.allclose(one.astype(wide), other.astype(wide), *CLOSE, equal_nan=True))
