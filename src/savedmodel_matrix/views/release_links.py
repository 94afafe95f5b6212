"""Where a release of a package is described, and where the code between two of them is."""

from __future__ import annotations

import re

# Where a tag is the version itself; protobuf's tags number the compiler, so it is left out.
_TAGS = {
    "tensorflow": "https://github.com/tensorflow/tensorflow|v",
    "tensorflow-cpu": "https://github.com/tensorflow/tensorflow|v",
    "keras": "https://github.com/keras-team/keras|v",
    "tf-keras": "https://github.com/keras-team/tf-keras|v",
    "numpy": "https://github.com/numpy/numpy|v",
    "h5py": "https://github.com/h5py/h5py|",
    "ml-dtypes": "https://github.com/jax-ml/ml_dtypes|v",
    "ai-edge-litert": "https://github.com/google-ai-edge/LiteRT|v",
    "onnxruntime": "https://github.com/microsoft/onnxruntime|v",
    "openvino": "https://github.com/openvinotoolkit/openvino|",
    "tf2onnx": "https://github.com/onnx/tensorflow-onnx|v",
}
_PLAIN = re.compile(r"\d+(\.\d+)+")


def release_link(package: str, version: str) -> str:
    """Return the address of a release's notes, "" where none is known."""
    if package not in _TAGS or not _PLAIN.fullmatch(version):
        return ""
    repository, _, prefix = _TAGS[package].partition("|")
    return f"{repository}/releases/tag/{prefix}{version}"


def compare_link(package: str, before: str, after: str) -> str:
    """Return the address of the changes in the code between two releases, "" if none is known."""
    if before == after or not release_link(package, before) or not release_link(package, after):
        return ""
    repository, _, prefix = _TAGS[package].partition("|")
    return f"{repository}/compare/{prefix}{before}...{prefix}{after}"
