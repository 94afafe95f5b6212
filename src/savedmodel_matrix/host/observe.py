"""Watching TensorFlow make signatures, to know which input and output each key stands for.

A SignatureDef has no order, and its keys are made up on the way: from argument names, TensorSpec
names, layer names or counters, differently by every way of saving. All of them, Keras's exports
included, pass through ``signature_serialization.canonicalize_signatures``, where the functions
still have their structure; that source file is the same in TensorFlow 2.15 to 2.21. It is wrapped
to take notes; what it gets and returns is untouched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.outcome import NotRun

if TYPE_CHECKING:
    from typing import Self  # Python 3.10 has none


@dataclass(frozen=True)
class Key:
    """One input key of a signature and where it stands: the path in the call, by place and name.

    ``path`` begins with (0, position) or (1, keyword); ``named`` with the parameter's name, or is
    empty where the function's parameters are not known.
    """

    key: str
    path: tuple[Any, ...]
    named: tuple[Any, ...]


@dataclass(frozen=True)
class Observed:
    """A function on its way to become a signature."""

    given: Any
    concrete: Any

    @property
    def inputs(self) -> list[Key]:
        """The input keys, paired with their places exactly as canonicalize_signatures does."""
        import tensorflow as tf
        from tensorflow.python.util import nest

        structure = self.concrete.structured_input_signature
        if structure is None:
            keys = [_text(k) for k in self.concrete._arg_keywords]
            return [Key(key, (1, key), (key,)) for key in keys]
        leaves = nest.flatten_with_tuple_paths(structure, expand_composites=True)
        paths = [path for path, leaf in leaves if isinstance(leaf, tf.TensorSpec)]
        keys = [_text(key) for key in self.concrete._arg_keywords]
        parameters = list(getattr(self.concrete.function_type, "parameters", None) or [])
        return [
            Key(key, path, _named(path, parameters)) for key, path in zip(keys, paths, strict=False)
        ]

    @property
    def outputs(self) -> Any:
        """The structured outputs: a mapping, a sequence or a single tensor."""
        return self.concrete.structured_outputs

    @property
    def name(self) -> str:
        """The concrete function's name in its graph."""
        return _text(self.concrete.name)


@dataclass(frozen=True)
class Unseen:
    """A signature that was made by other means, such as TensorFlow 1's builder: its keys alone."""

    input_keys: tuple[str, ...]
    output_keys: tuple[str, ...]
    concrete: Any = None
    name: str = ""

    @property
    def inputs(self) -> list[Key]:
        """The input keys, as names of arguments."""
        return [Key(key, (1, key), (key,)) for key in self.input_keys]

    @property
    def outputs(self) -> dict[str, None]:
        """The output keys."""
        return dict.fromkeys(self.output_keys)


class Observer:
    """A context in which every making of signatures is noted, one entry a save."""

    def __init__(self) -> None:
        self.saves: list[dict[str, Observed]] = []
        self._original: Any = None

    def __enter__(self) -> Self:
        from tensorflow.python.saved_model import signature_serialization as module

        self._original = module.canonicalize_signatures

        def canonicalize_signatures(signatures: Any) -> Any:
            result = self._original(signatures)
            try:
                self.saves.append(_note(module, signatures))
            except Exception as error:  # of ours, and not of TensorFlow that called
                raise NotRun("save", f"what was saved could not be watched: {error}") from error
            return result

        module.canonicalize_signatures = canonicalize_signatures
        return self

    def __exit__(self, *_: object) -> None:
        from tensorflow.python.saved_model import signature_serialization as module

        module.canonicalize_signatures = self._original


def _note(module: Any, signatures: Any) -> dict[str, Observed]:
    if signatures is None:
        return {}
    if not isinstance(signatures, Mapping):
        signatures = {"serving_default": signatures}
    return {
        str(name): Observed(function, module._get_signature(function))
        for name, function in signatures.items()
    }


def _named(path: tuple[Any, ...], parameters: list[str]) -> tuple[Any, ...]:
    if path[0] == 1:
        return path[1:]
    if path[1] < len(parameters):
        return (parameters[path[1]], *path[2:])
    return ()


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
