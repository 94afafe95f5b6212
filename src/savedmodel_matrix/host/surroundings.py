"""What surrounds a step inside its environment: seeds, versions, and what must be installed."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import random
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

DISTRIBUTIONS = ("tensorflow", "tensorflow-cpu", "keras", "tf-keras", "numpy", "protobuf", "h5py")


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


def warm_up(preload: Sequence[str]) -> None:
    """Import what every child will need, once; runs no op, so that forking stays safe.

    Raises RuntimeError if two TensorFlows lie over one another or TensorFlow has started.
    """
    tensorflows = [n for n in ("tensorflow", "tensorflow-cpu") if n in versions()]
    if len(tensorflows) != 1:
        raise RuntimeError(
            f"this environment has {' and '.join(tensorflows) or 'no tensorflow'} installed"
        )
    for name in preload:
        importlib.import_module(name)
    tensorflow: Any = sys.modules.get("tensorflow")
    if tensorflow is None:
        return
    _ = tensorflow.keras.layers  # loaded on first use: let it be here, once
    from tensorflow.python.eager import context

    started = context._context  # the only sign that an op has run
    if started is not None and started._initialized:
        raise RuntimeError("importing TensorFlow ran an op; forking would not be safe")
