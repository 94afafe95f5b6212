"""What is loaded without signatures, and the object that weights go into.

The case's code builds that object again. Its variables are changed before the weights are loaded,
so that a loader which loads nothing cannot pass.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.case import Case
from savedmodel_matrix.host.live import live_calls, of_model
from savedmodel_matrix.host.modules import load_case
from savedmodel_matrix.host.outcome import CaseError, Wrong
from savedmodel_matrix.host.surroundings import seed_everything
from savedmodel_matrix.host.whole import numbered

if TYPE_CHECKING:
    from savedmodel_matrix.host.outcome import Stages
    from savedmodel_matrix.host.protocol import LoadRequest


class Rebuilt:
    """What a loader of such an artifact is given, beside its directory."""

    def __init__(self, directory: str, name: str, request: LoadRequest, stages: Stages) -> None:
        self.directory, self._name = directory, name
        with stages.calling("build"):
            seed_everything(request.seed)
            path = Path(request.case)
            self._case = Case(load_case(path), path)

    def object_anew(self) -> Any:
        """Return the case's object with other values in its variables."""
        obj = self._case.build()
        held = [obj, *self._case.keras_objects(obj)]
        for variable in {id(v): v for one in held for v in getattr(one, "variables", ())}.values():
            # Keras 2 counts the vocabulary of a lookup as a variable, which is none.
            if hasattr(variable, "assign") and "float" in str(variable.dtype):
                variable.assign(variable + 1)
        return obj

    def model_anew(self) -> Any:
        """Return the case's Keras model with other values in its variables."""
        return self._case.as_model(self.object_anew())

    def call_object(self, obj: Any) -> dict[str, Any]:
        """Call the case's object as the case serves it; return its outputs, numbered."""
        return numbered(live_calls(self._case, obj)[self._name]())

    def call_model(self, loaded: Any) -> dict[str, Any]:
        """Call what was loaded, on the case's inputs, as the Keras model that was saved is called.

        Returns its outputs, numbered. Raises Wrong if it does not take them.
        """
        try:
            live = of_model(self._case, loaded, self._case.inputs_for(self._name))
        except CaseError as error:
            raise Wrong(f"what was loaded is not called like what was saved: {error}") from error
        return numbered(live())
