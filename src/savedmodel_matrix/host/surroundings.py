"""What surrounds a step inside its environment: seeds, versions, and what must be installed."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import random
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DISTRIBUTIONS = (
    *("tensorflow", "tensorflow-cpu", "keras", "tf-keras", "numpy", "protobuf", "h5py", "jax"),
    *("openvino", "ai-edge-litert", "tf2onnx", "onnx", "onnxruntime"),
)
TENSORFLOWS = ("tensorflow", "tensorflow-cpu")  # the same files, under two names


def seed_everything(seed: int) -> None:
    """Seed random, NumPy and TensorFlow, so that two builds of one case are equal."""
    import numpy as np
    import tensorflow as tf

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the legacy generator is the one that Keras and cases use
    tf.random.set_seed(seed)


def versions() -> dict[str, str]:
    """Return the installed versions of what matters to saving, and Python's own."""
    found = {"python": platform.python_version()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def warm_up(preload: Sequence[str], expected: Mapping[str, str]) -> None:
    """Import what every child will need, once; runs no op, so that forking stays safe.

    ``expected``: distributions and the versions that must be found. Raises RuntimeError if others
    are, if two TensorFlows lie over one another, or if TensorFlow has started.
    """
    check(expected)
    for name in preload:
        importlib.import_module(name)
    check_imported(expected)
    tensorflow: Any = sys.modules.get("tensorflow")
    if tensorflow is None:
        return
    from tensorflow.python.eager import context

    started = context._context  # the only sign that an op has run
    if started is not None and started._initialized:
        raise RuntimeError("importing TensorFlow ran an op; forking would not be safe")


def check(expected: Mapping[str, str]) -> None:
    """Make sure that what is installed is what was asked for. Raises RuntimeError."""
    found = versions()
    tensorflows = [name for name in TENSORFLOWS if name in found]
    if len(tensorflows) > 1:
        raise RuntimeError(f"this environment has {' and '.join(tensorflows)} installed")
    for name, version in expected.items():
        if found.get(name) != version:
            raise RuntimeError(
                f"this environment has {name} {found.get(name, 'not at all')}, not {version}"
            )


def check_imported(expected: Mapping[str, str]) -> None:
    """Make sure that the Keras found first on the path is the one asked for. Raises RuntimeError.

    Several can be there, one in front of the other.
    """
    tensorflow: Any = sys.modules.get("tensorflow")
    if tensorflow is None:
        return
    _ = tensorflow.keras.layers  # loaded on first use: let it be here, once
    keras: Any = sys.modules.get("keras")
    if keras is not None and keras.__version__ != expected.get("keras", keras.__version__):
        raise RuntimeError(f"it imports Keras {keras.__version__}, not {expected['keras']}")
