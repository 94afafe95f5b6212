"""Whether stored weights have the shapes that the layers of a config ask for.

Only what a config says beyond doubt is compared: the kernels of dense, embedding, convolution and
recurrent layers, where Keras stores each under a name that follows from the config.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel.diagnosis import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from savedmodel_matrix.savedmodel.diagnosis import Weight
    from savedmodel_matrix.savedmodel.keras_weights import Stored

_CONTAINERS = {"Functional", "Sequential", "Model"}
_GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}
_DIMENSIONS = {"1D": 1, "2D": 2, "3D": 3}
_DEPTH = 50  # models within models
_SAVE_AGAIN = "save the model again"
Shape = tuple[int | None, ...]


def of_layers(config: Any, stored: Stored, label: str) -> Iterator[Finding]:
    """Yield layers whose stored weights have another shape, or are missing (`.keras`)."""
    for layer, place in _layers(config, "", _DEPTH):
        wanted = kernel_shape(layer)
        if wanted is None:
            continue
        inner = f"{place}/cell/vars" if layer["class_name"] in _GATES else f"{place}/vars"
        name = layer["config"].get("name")
        if stored.names.get(f"{place}/vars") not in {"", None, name}:
            continue  # it is numbered otherwise than here
        weight = stored.weights.get(f"{inner}/0")
        if weight is not None:
            yield from _compared(str(name), wanted, weight, label)
        elif _is_built(layer):
            said = f"the layer {name!r} has no weights in {label}, where {inner}/0 is missing"
            evidence = {"layer": name, "place": f"{inner}/0"}
            yield Finding("weight-missing", "high", "load", said, evidence, _SAVE_AGAIN)


def of_legacy_layers(config: Any, stored: Stored, label: str) -> Iterator[Finding]:
    """Yield layers whose stored weights have another shape (`.h5`, named for their layers)."""
    kernels: dict[str, list[Weight]] = {}
    for path, weight in stored.weights.items():
        parts = path.split("/")
        last = parts[-1].split(":")[0]
        if parts[0] == "model_weights" and last in {"kernel", "embeddings"} and len(parts) > 2:
            kernels.setdefault(parts[1], []).append(weight)
    layers = config.get("config") if isinstance(config, dict) else None
    for layer, _ in _members(layers, ""):
        wanted, name = kernel_shape(layer), layer["config"].get("name")
        found = kernels.get(name, []) if isinstance(name, str) else []
        if wanted is not None and len(found) == 1:
            yield from _compared(str(name), wanted, found[0], label)


def _compared(name: str, wanted: Shape, weight: Weight, label: str) -> Iterator[Finding]:
    if weight.dtype.startswith(("int", "uint")):
        return  # quantized: packed in ways of its own
    fits = len(wanted) == len(weight.shape) and all(
        a in {None, b}
        for a, b in zip(wanted, weight.shape)  # noqa: B905 - as long
    )
    if not fits:
        asked = ", ".join("?" if dim is None else str(dim) for dim in wanted)
        said = (
            f"{label} has {weight.name!r} in shape {list(weight.shape)}, the layer {name!r} of the "
            f"config asks for [{asked}]"
        )
        evidence = {"layer": name, "place": weight.name, "stored": list(weight.shape)}
        yield Finding("weight-shape", "high", "load", said, evidence, _SAVE_AGAIN)


def _layers(config: Any, place: str, depth: int) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the layers of a model and of the models in it, with the groups of their weights.

    Keras numbers them by class, in the order of the config, from the second of a class on.
    """
    if not isinstance(config, dict) or config.get("class_name") not in _CONTAINERS or not depth:
        return
    for layer, name in _members(config.get("config"), f"{place}layers/"):
        yield layer, name
        yield from _layers(layer, f"{name}/", depth - 1)


def _members(config: Any, place: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    layers = config.get("layers") if isinstance(config, dict) else config  # a list in old files
    counts: dict[str, int] = {}
    for layer in layers if isinstance(layers, list) else ():
        if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
            continue
        kind = layer.get("class_name")
        if not isinstance(kind, str):
            continue
        name = _snake(kind)
        number = counts[name] = counts.get(name, -1) + 1
        yield layer, f"{place}{name}_{number}" if number else f"{place}{name}"


def _snake(name: str) -> str:
    """Return a class's name as Keras writes it in paths: "Conv2D" is "conv2d"."""
    name = re.sub(r"\W+", "", name.rpartition(">")[2])
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _is_built(layer: Mapping[str, Any]) -> bool:
    build = layer.get("build_config")
    return isinstance(build, dict) and isinstance(build.get("input_shape"), list)


def kernel_shape(layer: Mapping[str, Any]) -> Shape | None:
    """Return the shape of a layer's first weight, None in it for what the config does not say."""
    kind, config = layer.get("class_name"), layer["config"]
    module = layer.get("module")
    shape: tuple[Any, ...] = ()
    if not isinstance(kind, str) or (
        isinstance(module, str) and not module.startswith(("keras.layers", "keras.src.layers"))
    ):
        return None
    if kind == "Dense":
        shape = (_last_input(layer), config.get("units"))
    elif kind == "Embedding":
        shape = (config.get("input_dim"), config.get("output_dim"))
    elif kind in _GATES:
        units = config.get("units")
        shape = (None, units * _GATES[kind] if isinstance(units, int) else 0)
    elif match := re.fullmatch(r"(Conv|DepthwiseConv|SeparableConv)(1D|2D|3D)(Transpose)?", kind):
        kernel, filters = config.get("kernel_size"), config.get("filters")
        if not isinstance(kernel, list) or len(kernel) != _DIMENSIONS[match[2]]:
            return None
        shape = (*kernel, None, filters)
        if match[1] != "Conv":
            shape = (*kernel, None, config.get("depth_multiplier"))
        elif match[3]:
            shape = (*kernel, filters, None)
    return _whole(shape)


def _last_input(layer: Mapping[str, Any]) -> int | None:
    build = layer.get("build_config")
    shape = build.get("input_shape") if isinstance(build, dict) else None
    last = shape[-1] if isinstance(shape, list) and shape else None
    return last if isinstance(last, int) else None


def _whole(shape: tuple[Any, ...]) -> Shape | None:
    """Return a shape of whole numbers; None if the config states something else."""
    fine = all(dim is None or (isinstance(dim, int) and dim > 0) for dim in shape)
    return shape if fine and any(shape) else None
