"""The formats of artifacts: whether they have signatures, and how one is recognised on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.host.protocol import SAVED_MODEL

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Format:
    """A format, by the name that remedies, converters and loaders use for it.

    ``has_signatures``: every signature is run. An artifact without them is judged by one call of
    what was loaded. ``marks`` are file names, or their endings, by which it is recognised.
    """

    name: str
    has_signatures: bool = False
    marks: tuple[str, ...] = ()

    def is_at(self, path: Path) -> bool:
        """Say whether a file, or a directory with such a file in it, looks like this format."""
        names = [path.name] if path.is_file() else [entry.name for entry in path.glob("*")]
        return any(name.endswith(mark) for name in names for mark in self.marks)


FORMATS = (
    # https://www.tensorflow.org/guide/saved_model: the directory holds one of the two.
    Format(SAVED_MODEL, has_signatures=True, marks=("saved_model.pb", "saved_model.pbtxt")),
    Format("Keras", marks=(".keras",)),
    Format("weights", marks=(".weights.h5",)),
    Format("HDF5", marks=(".h5", ".hdf5")),
    Format("checkpoint", marks=("checkpoint", ".index")),
    Format("TFLite", marks=(".tflite",)),
)


def format_named(name: str) -> Format:
    """Return a format by its name; one that a plugin made up has no signatures of its own."""
    return next((one for one in FORMATS if one.name == name), Format(name))


def format_at(path: Path) -> Format | None:
    """Return the format of a file or directory, None if it is none of those known here."""
    return next((one for one in FORMATS if one.is_at(path)), None)
