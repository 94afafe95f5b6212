"""Artifacts without signatures, files of Keras's own and checkpoints: judged by one call.

What is loaded is an object like the one that was saved, so it is called like that one, and every
output is compared (`rebuilt.py`).
"""

from __future__ import annotations

from typing import Any

from savedmodel_matrix.host.tensors import as_array


def expectation(name: str, result: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the one signature by which such an artifact is judged, and the arrays it names.

    ``result`` is what the case's own call returned, ``name`` what the case serves it as.
    """
    arrays = {name: as_array(value) for name, value in numbered(result).items()}
    outputs = {name: f"expected/{name}" for name in arrays}
    signature = {"inputs": {}, "outputs": {}, "feeds": {}, "expected": outputs}
    values = {f"expected/{name}": array for name, array in arrays.items()}
    return {name: signature}, values


def numbered(result: Any) -> dict[str, Any]:
    """Return what a call returned by ``output_0``, ``output_1`` …, as TensorFlow flattens it."""
    from tensorflow.python.util import nest

    flat = nest.flatten(result, expand_composites=True)
    return {f"output_{i}": value for i, value in enumerate(flat)}
