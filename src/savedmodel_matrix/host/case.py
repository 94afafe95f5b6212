"""A case as remedies see it: what the module states, and the defaults for what it leaves out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.outcome import CaseError, NotApplicable

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

SERVING_DEFAULT = "serving_default"


class Case:
    """A case module with its object built; the object given to a remedy's ``save``."""

    not_applicable = NotApplicable

    def __init__(self, module: ModuleType, path: Path) -> None:
        for name, form in (("build", "build()"), ("inputs", "inputs = {argument: array}")):
            if not hasattr(module, name):
                raise CaseError(f"{path}:1: a case needs {form}")
        if not isinstance(module.inputs, Mapping) or not module.inputs:
            raise CaseError(f"{path}:1: inputs must be {{argument: array}}, and not empty")
        self._module = module
        self.path = path
        self.inputs: Mapping[str, Any] = {k: _array(v, path) for k, v in module.inputs.items()}
        self.tolerance = _tolerance(getattr(module, "tolerance", None), path)
        self.keras: Any = None  # the Keras package that the objects came from
        self.exported: Any = None  # the Keras model that a remedy asked for
        self.states_input_specs = hasattr(module, "input_specs")

    def build(self) -> Any:
        """Build the case's object."""
        return self._module.build()

    def signatures(self, obj: Any) -> dict[str, Any]:
        """Return the functions that the case serves, by signature name; empty if it states none."""
        return self._by_name(self.raw_signatures(obj))

    def raw_signatures(self, obj: Any) -> Any:
        """Return what the case hands to ``signatures=``, or None."""
        state = getattr(self._module, "signatures", None)
        return state(obj) if state is not None else None

    @staticmethod
    def _by_name(stated: Any) -> dict[str, Any]:
        if stated is None:
            return {}
        return dict(stated) if isinstance(stated, Mapping) else {SERVING_DEFAULT: stated}

    def save(self, obj: Any, directory: str) -> None:
        """Save as the case does it: its own ``save``, else ``tf.saved_model.save``."""
        own = getattr(self._module, "save", None)
        if own is not None:
            own(obj, directory)
            return
        import tensorflow as tf

        stated = self.raw_signatures(obj)
        if stated is None:
            tf.saved_model.save(obj, directory)
        else:
            tf.saved_model.save(obj, directory, signatures=stated)

    def keras_objects(self, obj: Any) -> list[Any]:
        """Return the Keras objects (layers, models …) that ``obj`` is or holds, outermost only."""
        state = getattr(self._module, "keras_objects", None)
        return list(state(obj)) if state is not None else find_keras_objects(obj)

    def as_model(self, obj: Any) -> Any:
        """Return a Keras model that computes what ``obj`` does.

        Raises NotApplicable if the object is none and the case states no ``as_model``.
        """
        state = getattr(self._module, "as_model", None)
        if state is not None:
            self.exported = state(obj)
        elif is_model(obj):
            self.exported = obj
        else:
            raise NotApplicable(
                f"the object is a {type(obj).__name__}, not a Keras model, "
                "and the case states no as_model"
            )
        return self.exported

    def sole_call(self, obj: Any) -> None:
        """Make sure that calling the object is all that the case serves. Raises NotApplicable."""
        if len(self.signatures(obj)) > 1:
            raise NotApplicable("the file has no signatures, the case serves several")

    def whole_model(self, obj: Any) -> Any:
        """Return the Keras model that does all that the case serves. Raises NotApplicable."""
        self.sole_call(obj)
        return self.as_model(obj)

    def keras_of(self, obj: Any) -> Any:
        """Return the Keras package that the objects held came from, by default ``tf.keras``."""
        for held in self.keras_objects(obj):
            package = keras_package(held)
            if package == "tf_keras" or (package == "keras" and "keras" in sys.modules):
                return sys.modules[package]
        import tensorflow as tf

        return tf.keras

    def input_specs(self, signature: str = SERVING_DEFAULT) -> dict[str, Any]:
        """Return ``{argument: spec}``: as stated, else the sample arrays, first dimension free."""
        import tensorflow as tf

        stated = getattr(self._module, "input_specs", None)
        if stated is not None:
            return dict(self._for_signature(stated, signature))

        def spec(path: tuple[Any, ...], leaf: Any) -> Any:
            if isinstance(leaf, tf.RaggedTensor):
                free = [None, *leaf.shape[1:]]
                ranks = {"ragged_rank": leaf.ragged_rank, "row_splits_dtype": leaf.row_splits.dtype}
                return tf.RaggedTensorSpec(free, leaf.dtype, **ranks)
            if isinstance(leaf, tf.SparseTensor):
                return tf.SparseTensorSpec([None, *leaf.shape[1:]], leaf.dtype)
            tensor = tf.convert_to_tensor(leaf)
            shape = [None, *tensor.shape[1:]] if tensor.shape.rank else []
            return tf.TensorSpec(shape, tensor.dtype, name=str(path[0]))

        inputs = self.inputs_for(signature)
        return {
            argument: tf.nest.map_structure(lambda leaf, a=argument: spec((a,), leaf), value)
            for argument, value in inputs.items()
        }

    def specs_of_model(self, obj: Any, model: Any) -> list[Any]:
        """Return the specs of one call of ``model``, in the structure in which it takes its inputs.

        ``model`` is the case's object or the model in its place.
        """
        from savedmodel_matrix.host.live import of_model

        signature = next(iter(self.signatures(obj)), SERVING_DEFAULT)
        return of_model(self, model, self.input_specs(signature)).specs()

    def served(self, obj: Any) -> dict[str, Any]:
        """Return the function behind each signature, also where TensorFlow chooses it."""
        from savedmodel_matrix.host.live import live_calls

        return {name: live.function for name, live in live_calls(self, obj).items()}

    def trace(self, signature: str, function: Any) -> None:
        """Call a tf.function without an input signature once, so that it has a trace to export."""
        if getattr(function, "input_signature", None) is not None:
            function.get_concrete_function()
        else:
            from savedmodel_matrix.host.live import of_function

            of_function(self, signature, function)()

    def specs_in_call(self, signature: str, obj: Any) -> list[Any]:
        """Return the specs of one call in the structure in which the function takes its inputs."""
        from savedmodel_matrix.host.live import live_calls

        return live_calls(self, obj, self.input_specs)[signature].specs()

    def inputs_for(self, signature: str) -> Mapping[str, Any]:
        """Return ``{argument: array}`` for one signature."""
        return self._for_signature(self.inputs, signature)

    @staticmethod
    def _for_signature(stated: Mapping[str, Any], signature: str) -> Mapping[str, Any]:
        nested = stated.get(signature)
        return nested if isinstance(nested, Mapping) else stated


def as_fed(value: Any) -> Any:
    """Return a number or a text of Python's as the array that TensorFlow makes of it."""
    if not _is_plain(value):
        return value
    import tensorflow as tf

    return tf.convert_to_tensor(value).numpy()


def _array(value: Any, path: Path) -> Any:
    """Return lists of numbers or texts as the array that TensorFlow makes of them.

    A list that holds an array is a structure of several, and stays one. Raises CaseError for lists
    of unequal lengths.
    """
    if isinstance(value, Mapping):
        return {name: _array(item, path) for name, item in value.items()}
    if not isinstance(value, list) or not _is_plain(value):
        return value
    try:
        return as_fed(value)
    except (TypeError, ValueError) as error:
        raise CaseError(f"{path}:1: inputs holds a list that is no array: {error}") from None


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, float, complex, str, bytes))


def _tolerance(stated: Any, path: Path) -> float | dict[str, float] | None:
    """Return a case's tolerance as plain numbers. Raises CaseError for anything else."""
    try:
        if isinstance(stated, Mapping):
            return {str(name): float(value) for name, value in stated.items()}
        return None if stated is None else float(stated)
    except (TypeError, ValueError):
        form = 'a number or {"rtol": …, "atol": …}'
        raise CaseError(f"{path}:1: tolerance must be {form}") from None


def find_keras_objects(obj: Any) -> list[Any]:
    """Walk attributes, lists, tuples and dicts of ``obj`` down to the outermost Keras objects."""
    found: list[Any] = []
    seen: set[int] = set()

    def walk(value: Any) -> None:
        if id(value) in seen:
            return
        seen.add(id(value))
        if keras_package(value) and hasattr(value, "variables"):
            found.append(value)
        elif isinstance(value, Mapping):
            for item in value.values():
                walk(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                walk(item)
        elif _may_hold_objects(value):
            for item in list(vars(value).values()):
                walk(item)

    walk(obj)
    return found


def _may_hold_objects(value: Any) -> bool:
    """Say whether to look into a value's attributes: trackables and the case's own classes."""
    if isinstance(value, type) or not hasattr(value, "__dict__"):
        return False
    import tensorflow as tf

    top = type(value).__module__.partition(".")[0]
    return isinstance(value, tf.Module) or top not in ("tensorflow", "numpy", "builtins", "wrapt")


def keras_package(value: Any) -> str:
    """Return "keras" or "tf_keras" if a class of the value comes from there, else ""."""
    for cls in type(value).__mro__:
        top = cls.__module__.partition(".")[0]
        if top in ("keras", "tf_keras"):
            return top
    return ""


def is_model(value: Any) -> bool:
    """Say whether ``value`` is a Keras model, of any Keras."""
    return any(
        cls.__name__ == "Model" and cls.__module__.partition(".")[0] in ("keras", "tf_keras")
        for cls in type(value).__mro__
    )


def keras_versions(objects: list[Any]) -> dict[str, str]:
    """Return the Keras packages that the objects came from, with their versions."""
    packages = sorted({keras_package(held) for held in objects} - {""})
    return {name: str(getattr(sys.modules.get(name), "__version__", "")) for name in packages}
