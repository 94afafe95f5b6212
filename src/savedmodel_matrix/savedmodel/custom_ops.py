"""Which package brings an op that TensorFlow itself does not have.

`custom_ops.json` has what the libraries of each package registered, as TF_GetOpList of a TensorFlow
that they were built for answered (`environments/registered.py` with the library as third argument).
Libraries that open with CUDA only were not read: there the namespace decides.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

TABLE = Path(__file__).with_name("custom_ops.json")

# The name of an op may begin with a namespace, which is its package's own.
_NAMESPACES = {
    "Addons": "tensorflow-addons",
    "IO": "tensorflow-io",
    "TFRA": "tensorflow-recommenders-addons",
    "Recommenders": "tensorflow-recommenders-addons",
    "TFText": "tensorflow-text",
}
# tensorflow-decision-forests names all of its ops so.
_PREFIXES = {"SimpleML": "tensorflow-decision-forests"}


@functools.cache
def _packages() -> dict[str, str]:
    packages = json.loads(TABLE.read_bytes())
    return {op: name for name, package in packages.items() for op in package["ops"]}


def package_of(op: str) -> str:
    """Return the package that registers an op, "" if none is known."""
    if op in _packages():
        return _packages()[op]
    namespace, separator, _ = op.partition(">")
    if separator:
        return _NAMESPACES.get(namespace, "")
    return next((name for prefix, name in _PREFIXES.items() if op.startswith(prefix)), "")
