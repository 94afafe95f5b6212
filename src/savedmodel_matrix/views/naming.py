"""Plain names: what loaders are used for, and what ways of saving are called.

Both are data, so that every view says the same. A loader that is in no group gets one of its own,
and a way of saving without a plain name goes by its file's, as those of a user's repository do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Use:
    """What people do with some loaders."""

    name: str
    where: str  # where the name stands in a sentence: "no longer run in serving"
    words: str  # which programs read as these loaders do
    loaders: tuple[str, ...]


SERVE = Use(
    "Serve",
    "in serving",
    "TensorFlow Serving and programs in C++, Java, Go and Rust read as libtensorflow does.",
    ("saved_model_cli", "libtensorflow"),
)
USES = (
    SERVE,
    Use(
        "Python",
        "in Python",
        "Loaded into another Python program with TensorFlow.",
        ("tf.saved_model.load", "TFSMLayer"),
    ),
    Use(
        "Mobile",
        "on mobile",
        "Converted for phones and small devices.",
        ("tflite", "litert", "tflite-runtime"),
    ),
    Use(
        "Other runtimes",
        "in other runtimes",
        "Programs that read or convert a SavedModel in their own way.",
        ("openvino", "onnxruntime", "frozen-graph"),
    ),
    Use(
        "Keras's own files",
        "from Keras's own files",
        "Files that hold a model or weights and no graph to serve.",
        ("keras.models.load_model", "model.load_weights", "Checkpoint.restore"),
    ),
)
OTHER = "Other loaders"
WAYS = {
    "as-written": "As written",
    "legacy-keras": "Keras 2 through tf-keras",
    "export-archive": "ExportArchive",
    "model-export": "model.export",
    "resave": "Load in Python, save again",
    "track-tf-variables": "Track the raw tf.Variables",
    "track-keras-variables": "Track the Keras variables",
    "repair": "Repair the file on disk",
    "patch-keras": "Patch one line of Keras",
    "keras-file": "A .keras file",
    "h5-file": "An .h5 file",
    "weights-only": "Weights alone (.h5)",
    "checkpoint": "A TensorFlow checkpoint",
}


def way(remedy: str) -> str:
    """Return what a way of saving is called: its plain name, else that of its file."""
    return WAYS.get(remedy, remedy)


def uses(loaders: Iterable[str]) -> tuple[Use, ...]:
    """Return these loaders by what they are used for; those in no group come last, as others."""
    left = list(dict.fromkeys(loaders))
    found = []
    for use in USES:
        present = tuple(name for name in use.loaders if name in left)
        if present:
            found.append(Use(use.name, use.where, use.words, present))
        left = [name for name in left if name not in use.loaders]
    if left:
        found.append(Use(OTHER, "in other loaders", "", tuple(left)))
    return tuple(found)
