"""Artifacts without signatures, files of Keras's own and checkpoints: judged by one call.

What is loaded is an object like the one that was saved, so it is called like that one, and every
output is compared. Weights are loaded into an object that the case's code makes anew; its variables
are changed first, so that a loader which loads nothing cannot pass.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.case import Case, is_model
from savedmodel_matrix.host.live import live_calls, of_model
from savedmodel_matrix.host.modules import load_case
from savedmodel_matrix.host.outcome import CaseError, Wrong
from savedmodel_matrix.host.surroundings import seed_everything
from savedmodel_matrix.host.tensors import as_array

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.host.live import Live
    from savedmodel_matrix.host.outcome import Stages


def expectation(name: str, live: Live) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the one signature by which such an artifact is judged, and the arrays it names.

    ``live`` is the call of the case's own object, ``name`` what the case serves it as; its outputs
    are numbered as they are flattened.
    """
    arrays = {name: as_array(value) for name, value in _outputs(live()).items()}
    outputs = {name: f"expected/{name}" for name in arrays}
    signature = {"inputs": {}, "outputs": {}, "feeds": {}, "expected": outputs}
    values = {f"expected/{name}": array for name, array in arrays.items()}
    return {name: signature}, values


class Whole:
    """What a loader of such an artifact is given, beside its directory."""

    def __init__(
        self, directory: str, name: str, request: Mapping[str, Any], stages: Stages
    ) -> None:
        self.directory, self._name = directory, name
        with stages.calling("build"):
            seed_everything(request["seed"])
            path = Path(request["case"])
            self._case = Case(load_case(path), path)

    def call(self, loaded: Any) -> dict[str, Any]:
        """Call what was loaded on the case's inputs; return its outputs, numbered. Raises Wrong."""
        try:
            if is_model(loaded):
                live = of_model(self._case, loaded, self._case.inputs_for(self._name))
            else:
                live = live_calls(self._case, loaded)[self._name]
        except CaseError as error:
            raise Wrong(f"what was loaded is not called like what was saved: {error}") from error
        return _outputs(live())

    def built_anew(self, *, as_model: bool = False) -> Any:
        """Return the case's object, or its Keras model, with other values in its variables."""
        obj = self._case.build()
        held = [obj, *self._case.keras_objects(obj)]
        for variable in {id(v): v for one in held for v in getattr(one, "variables", ())}.values():
            if "float" in str(variable.dtype):
                variable.assign(variable + 1)
        return self._case.as_model(obj) if as_model else obj


def _outputs(result: Any) -> dict[str, Any]:
    from tensorflow.python.util import nest

    flat = nest.flatten(result, expand_composites=True)
    return {f"output_{i}": value for i, value in enumerate(flat)}
