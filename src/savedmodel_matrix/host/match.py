"""Which live input and output each key of a signature stands for.

Keys are matched by structure and by name as the function under each signature shows them, never by
sorting and never by zipping two orders that merely have the same length: ``output_10`` sorts
before ``output_2``, and two inputs of one shape swap without a word. What cannot be matched is
said, not guessed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.case import SERVING_DEFAULT, is_model
from savedmodel_matrix.host.live import Leaf, Live, input_structure, symbol_name
from savedmodel_matrix.host.outcome import CaseError, NotRun

if TYPE_CHECKING:
    from savedmodel_matrix.host.observe import Key, Observed, Unseen

# Keras's export serves one function under both of these names.
DEFAULT_NAMES = ("serve", SERVING_DEFAULT)


class OtherOutputs(NotRun):
    """What was saved returns more outputs, or fewer, than what it is judged by."""


def live_for(name: str, save: Mapping[str, Observed], live: Mapping[str, Live]) -> tuple[str, Live]:
    """Return the live call, and its name, that the signature ``name`` stands for.

    A signature that the case does not state stands for the one whose function it shares
    (ExportArchive adds ``serving_default`` for its first endpoint). Raises CaseError without one.
    """
    if name in live:
        return name, live[name]
    if name in save:
        for other, observed in save.items():
            if other in live and observed.concrete is save[name].concrete:
                return other, live[other]
    if len(live) == 1 and name in DEFAULT_NAMES:
        return next(iter(live.items()))
    raise CaseError(
        f"signature {name!r} stands for no function that the case states: "
        "state it in signatures(obj), and its inputs"
    )


def match_inputs(
    name: str,
    observed: Observed | Unseen,
    live: Live,
    exported: Any,
    previous: Mapping[str, int] | None,
) -> dict[str, int]:
    """Return ``{input key: index among the live call's leaves}`` for one signature.

    ``exported`` is the Keras model that stood in for the object, if one did; ``previous`` the match
    of the signature that was loaded and is now saved again. Raises NotRun if a key has no match.
    """
    keys, leaves = observed.inputs, live.leaves()
    names = [key.key for key in keys]
    if previous is not None and set(names) == set(previous):
        return dict(previous)
    for attempt in (_only, _by_name, _by_structure, _by_export_order):
        matched = attempt(keys, leaves, live, exported)
        if matched is not None and len(set(matched)) == len(keys):
            return dict(zip(names, matched, strict=True))
    raise NotRun("save", f"signature {name!r}: no live input is known for the keys {names}")


def _only(keys: list[Key], leaves: list[Leaf], *_: Any) -> list[int] | None:
    return [0] * len(keys) if (len(keys) <= 1 and len(leaves) == 1) or not keys else None


def _by_name(keys: list[Key], leaves: list[Leaf], live: Live, exported: Any) -> list[int] | None:
    """Match parameters' names, and below them dict keys and list positions."""
    known = {leaf.named: i for i, leaf in enumerate(leaves) if leaf.named}
    return _look_up([key.named for key in keys], known)


def _by_structure(
    keys: list[Key], leaves: list[Leaf], live: Live, exported: Any
) -> list[int] | None:
    """Match places in the structure that a Keras model takes, whatever its parameter is called.

    A Functional model's flat list of inputs (Keras 2's export) is its structure flattened.
    """
    if live.model is None or exported not in (None, live.model):
        return None
    by_place = _look_up([key.path for key in keys], {leaf.path: i for i, leaf in enumerate(leaves)})
    flat = all(len(key.path) == 3 and isinstance(key.path[2], int) for key in keys)
    if by_place is None and flat and len(keys) == len(leaves) and input_structure(live.model):
        return [key.path[2] for key in keys]
    return by_place


def _by_export_order(
    keys: list[Key], leaves: list[Leaf], live: Live, exported: Any
) -> list[int] | None:
    """Match a stand-in model's inputs, or a function's keywords, to the live arguments by name."""
    known = {str(leaf.named[-1]): i for i, leaf in enumerate(leaves) if leaf.named}
    if exported is not None and exported is not live.model:
        import tensorflow as tf

        structure = input_structure(exported)
        symbols = tf.nest.flatten(structure) if structure is not None else []
        if len(symbols) == len(keys):
            return _look_up([symbol_name(symbol) for symbol in symbols], known)
    return _look_up([str(key.named[-1]) if key.named else key.key for key in keys], known)


def _look_up(wanted: list[Any], known: Mapping[Any, int]) -> list[int] | None:
    found = [known.get(one) for one in wanted]
    return [i for i in found if i is not None] if None not in found else None


def match_outputs(
    name: str,
    observed: Observed | Unseen,
    live: Live,
    result: Any,
    previous: Mapping[str, int] | None,
) -> dict[str, int]:
    """Return ``{output key: index among the flattened live result}`` for one signature."""
    from tensorflow.python.util import nest

    # A ragged or sparse output is one output: it has one key.
    paths = [path for path, _ in nest.flatten_with_tuple_paths(result)]
    structured = observed.outputs
    if hasattr(structured, "_asdict"):
        structured, result = structured._asdict(), result._asdict()
        paths = [(key,) for key in result]
    if not isinstance(structured, Mapping):
        return _numbered(name, structured, paths)
    keys = [str(key) for key in structured]
    if previous is not None and set(keys) == set(previous):
        return dict(previous)
    if len(keys) == len(paths) == 1:
        return {keys[0]: 0}
    names = keras2_output_names(observed, live, result)
    if names is None and all(len(path) == 1 for path in paths):
        names = [str(path[0]) for path in paths]
    if len(keys) != len(paths):
        raise OtherOutputs("save", _counts(name, len(keys), len(paths)))
    if names is None or set(names) != set(keys) or len(names) != len(paths):
        raise NotRun("save", f"signature {name!r}: no live output is known for the keys {keys}")
    return {key: i for i, key in enumerate(names)}


def _numbered(name: str, structured: Any, paths: list[tuple[Any, ...]]) -> dict[str, int]:
    """``output_N`` is the N-th of what the function returns, and so of what the live call does."""
    from tensorflow.python.util import nest

    traced = [path for path, _ in nest.flatten_with_tuple_paths(structured)]
    if len(traced) != len(paths):
        raise OtherOutputs("save", _counts(name, len(traced), len(paths)))
    if len(traced) != 1 and traced != paths:
        raise NotRun("save", f"signature {name!r}: the live call returns another structure")
    return {f"output_{i}": i for i in range(len(traced))}


def _counts(name: str, saved: int, live: int) -> str:
    return f"signature {name!r} has {saved} outputs, and what the case calls returns {live}"


def keras2_output_names(observed: Observed | Unseen, live: Live, result: Any) -> list[str] | None:
    """Return the output names that Keras 2 gave, in the order of the flattened outputs.

    Keras 2 traces ``_wrapped_model``, which names the flattened outputs by ``output_names``, or for
    a model without them by pseudo names that count from one
    (keras/src/saving/legacy/saving_utils.py, ``trace_model_call``).
    """
    if live.model is None or not is_model(live.model) or "_wrapped_model" not in observed.name:
        return None
    names = getattr(live.model, "output_names", None)
    if names:
        return [str(one) for one in names]
    package = type(live.model).__mro__[-1].__module__
    for cls in type(live.model).__mro__:
        package = cls.__module__.partition(".")[0]
        if package in ("keras", "tf_keras"):
            break
    utils = sys.modules.get(f"{package}.src.engine.compile_utils")
    pseudo = getattr(utils, "create_pseudo_output_names", None)
    return [str(one) for one in pseudo(result)] if pseudo is not None else None
