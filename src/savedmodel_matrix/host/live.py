"""The case's own object, called: the only source of what is expected.

Each signature is judged by the function of the object that it stands for, never by a wrapper
that a remedy made: a remedy must not be its own judge.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from savedmodel_matrix.host.case import SERVING_DEFAULT, Case, is_model
from savedmodel_matrix.host.outcome import CaseError


@dataclass(frozen=True)
class Leaf:
    """One array of a call: its path by place, its path by parameter name, and itself."""

    path: tuple[Any, ...]
    named: tuple[Any, ...]
    value: Any


@dataclass
class Live:
    """A call of the case's own: ``function(*args, **kwargs)``.

    ``model`` is the Keras model if the function is one; its inputs then are one structure in
    ``args[0]``, whatever its parameter is called.
    """

    function: Any
    args: tuple[Any, ...]
    parameters: list[str] = field(default_factory=list)
    model: Any = None

    def __call__(self) -> Any:
        """Call the function on the sample inputs."""
        return self.function(*self.args)

    def specs(self) -> list[Any]:
        """Return the arguments as a list, for a call that was made of specs."""
        return list(self.args)

    def leaves(self) -> list[Leaf]:
        """Return the arrays of the call, flattened as TensorFlow flattens it."""
        from tensorflow.python.util import nest

        found = []
        for path, value in nest.flatten_with_tuple_paths((self.args, {}), expand_composites=True):
            position = path[1]
            name = self.parameters[position] if position < len(self.parameters) else ""
            found.append(Leaf(path, (name, *path[2:]) if name else (), value))
        return found


def live_calls(case: Case, obj: Any, given: Any = None) -> dict[str, Live]:
    """Return the case's calls by signature name, on its inputs or on what ``given(name)`` returns.

    A case that states no signatures has one call, that of the object itself, under
    "serving_default". Raises CaseError where the inputs do not fit the function.
    """
    stated = case.signatures(obj)
    given = given or case.inputs_for
    if stated:
        return {name: of_function(case, name, fn, given(name)) for name, fn in stated.items()}
    inputs = given(SERVING_DEFAULT)
    if is_model(obj):
        return {SERVING_DEFAULT: of_model(case, obj, inputs)}
    function = _sole_function(case, obj)
    return {SERVING_DEFAULT: of_function(case, SERVING_DEFAULT, function, inputs)}


def _sole_function(case: Case, obj: Any) -> Any:
    """Find what TensorFlow would choose to serve: the object's only tf.function, or its call."""
    import tensorflow as tf

    kinds = (tf.types.experimental.GenericFunction, tf.types.experimental.ConcreteFunction)
    found = {}
    for name in dir(type(obj)) + list(getattr(obj, "__dict__", {})):
        if name.startswith("__") and name != "__call__":
            continue
        value = inspect.getattr_static(obj, name, None)
        if isinstance(value, kinds):
            found[name] = getattr(obj, name)
    if len(found) == 1:
        return next(iter(found.values()))
    if callable(obj):
        return obj
    raise CaseError(
        f"{case.path}:1: which function is served is not clear: state signatures(obj) in the case"
    )


def of_function(case: Case, name: str, function: Any, inputs: Any = None) -> Live:
    """Return the call of one function, by default on the case's inputs for the signature."""
    inputs = case.inputs_for(name) if inputs is None else inputs
    parameters = _parameters(function)
    chosen = [p for p in parameters if p in inputs]
    stray = [argument for argument in inputs if argument not in parameters]
    if not stray:
        if chosen != parameters[: len(chosen)]:
            missing = next(p for p in parameters if p not in inputs)
            raise CaseError(f"{case.path}:1: inputs for {name!r} has no {missing!r}")
        return Live(function, tuple(inputs[p] for p in chosen), parameters)
    if len(inputs) == 1 and len(parameters) == 1:
        return Live(function, tuple(inputs.values()), parameters)
    if len(parameters) == 1:
        return Live(function, (dict(inputs),), parameters)
    raise CaseError(
        f"{case.path}:1: inputs for {name!r} names {stray[0]!r}, but the function's arguments are "
        + ", ".join(repr(p) for p in parameters)
    )


def _parameters(function: Any) -> list[str]:
    kind = getattr(function, "function_type", None)
    known = getattr(kind, "parameters", None)
    if known is None:
        known = inspect.signature(function).parameters
    return [
        name
        for name, parameter in known.items()
        if getattr(parameter, "kind", None)
        in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        and name != "self"
    ]


def of_model(case: Case, model: Any, inputs: Mapping[str, Any]) -> Live:
    """Return the call of a Keras model. Raises CaseError where it takes what the case lacks."""
    import tensorflow as tf

    tensors = tf.nest.map_structure(_as_tensor, dict(inputs))
    structure = input_structure(model)
    if structure is None:  # a subclassed model: its call says what it takes
        parameters = _parameters(type(model).call.__get__(model))
        if all(argument in parameters for argument in tensors):
            args = tuple(tensors[p] for p in parameters if p in tensors)
        elif len(tensors) == 1:
            args = tuple(tensors.values())
        else:
            args = (tensors,)
        return Live(model, args, [], model)
    if len(tensors) == 1 and len(tf.nest.flatten(structure)) == 1:
        sole = next(iter(tensors.values()))
        return Live(model, (tf.nest.map_structure(lambda _: sole, structure),), [], model)
    names = _structure_names(structure)
    missing = [name for name in tf.nest.flatten(names) if name not in tensors]
    if missing:
        raise CaseError(f"{case.path}:1: inputs has no {missing[0]!r}, which the model takes")
    return Live(model, (tf.nest.map_structure(tensors.__getitem__, names),), [], model)


def _as_tensor(value: Any) -> Any:
    import tensorflow as tf

    if isinstance(value, (tf.TypeSpec, tf.RaggedTensor, tf.SparseTensor)):
        return value
    return tf.convert_to_tensor(value)


def input_structure(model: Any) -> Any:
    """Return a built Functional or Sequential model's symbolic inputs, structured; else None."""
    unknown = (AttributeError, ValueError, RuntimeError)
    with contextlib.suppress(*unknown):
        return model.input
    with contextlib.suppress(
        *unknown
    ):  # raised by Keras before 3.5 of a Sequential that is not built
        inputs = model.inputs
        return inputs[0] if inputs and len(inputs) == 1 else inputs or None
    return None


def _structure_names(structure: Any) -> Any:
    """Replace each symbolic input by the name a caller knows it by: the dict key, else its own."""
    import tensorflow as tf

    if isinstance(structure, Mapping):
        return {
            key: key if not tf.nest.is_nested(value) else _structure_names(value)
            for key, value in structure.items()
        }
    return tf.nest.map_structure(symbol_name, structure)


def symbol_name(symbol: Any) -> str:
    """Return the name that the user gave to ``Input``: Keras 2 puts it on the layer."""
    history = getattr(symbol, "_keras_history", None)
    layer = getattr(history, "operation", None) or getattr(history, "layer", None)
    return str(getattr(layer, "name", None) or symbol.name)
