"""A Keras model that the case hands to a remedy in place of its object (``as_model``).

It is the case's own code, not the remedy's. Where it returns what the object returns, the object
judges. Where it leaves an output out, only its own call can judge what it does return.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.composites import components
from savedmodel_matrix.host.live import Live, of_model
from savedmodel_matrix.host.tensors import as_array
from savedmodel_matrix.host.values import compare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.host.case import Case


def stands_in(case: Case, obj: Any) -> bool:
    """Say whether a remedy saved a model of the case in place of its object."""
    return case.exported is not None and case.exported is not obj


def own_calls(case: Case, live: Mapping[str, Live]) -> dict[str, Live]:
    """Return the model's own call under each name of ``live``. Raises CaseError."""
    return {name: of_model(case, case.exported, case.inputs_for(name)) for name in live}


def lost(objects: Mapping[str, Any], models: Mapping[str, Any], tolerance: Any) -> list[str]:
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
            if not any(_equal(value, other, tolerance) for other in kept)
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


def _equal(one: Any, other: Any, tolerance: Any) -> bool:
    parts = [components(value) or {"": value} for value in (one, other)]
    if parts[0].keys() != parts[1].keys():
        return False
    return not any(
        compare(name, as_array(value), parts[1][name], tolerance).difference
        for name, value in parts[0].items()
    )
