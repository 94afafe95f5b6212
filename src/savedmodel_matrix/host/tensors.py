"""Arrays on disk as JSON: every dtype that TensorFlow has, strings with embedded NULs included.

NumPy's own formats lose a string's trailing NULs or need pickle, and write bfloat16 as raw bytes.
Here each array is its dtype's name, its shape and its bytes in base64; strings are a list.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def as_array(value: Any) -> Any:
    """Return ``value`` (tensor, array, scalar) as an array; text becomes an object array of bytes.

    Raises TypeError for what TensorFlow has no dtype for.
    """
    import numpy as np

    array = value.numpy() if hasattr(value, "numpy") else value
    array = np.asarray(array)
    if array.dtype.kind in "OSU":
        return _as_bytes(array)
    return array


def _as_bytes(array: Any) -> Any:
    import numpy as np

    out = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        item = array[index]
        if isinstance(item, str):
            item = item.encode()
        if not isinstance(item, bytes):
            raise TypeError(f"an array of {type(item).__name__} objects has no TensorFlow dtype")
        out[index] = item
    return out


def dump(arrays: Mapping[str, Any], path: Path) -> None:
    """Write ``{name: array}`` to ``path``."""
    path.write_text(json.dumps({name: encode(array) for name, array in arrays.items()}))


def read(path: Path) -> dict[str, Any]:
    """Read back what ``dump`` wrote, equal in dtype, shape and every bit."""
    return {name: decode(entry) for name, entry in json.loads(path.read_text()).items()}


def encode(array: Any) -> dict[str, Any]:
    """One array as JSON data."""
    if array.dtype.kind == "O":
        data: Any = [base64.b64encode(item).decode() for item in array.ravel().tolist()]
        return {"dtype": "string", "shape": list(array.shape), "data": data}
    data = base64.b64encode(array.tobytes()).decode()
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": data}


def decode(entry: Mapping[str, Any]) -> Any:
    """One array from JSON data."""
    import numpy as np

    shape = tuple(entry["shape"])
    if entry["dtype"] == "string":
        flat: Any = np.empty(len(entry["data"]), dtype=object)
        flat[:] = [base64.b64decode(item) for item in entry["data"]]
        return flat.reshape(shape)
    raw = base64.b64decode(entry["data"])
    return np.frombuffer(raw, dtype=dtype_named(entry["dtype"])).reshape(shape).copy()


def dtype_named(name: str) -> Any:
    """Return the NumPy dtype of that name, ml_dtypes' (bfloat16, float8 …) included."""
    import numpy as np

    try:
        return np.dtype(name)
    except TypeError:
        import ml_dtypes

        return np.dtype(getattr(ml_dtypes, name))
