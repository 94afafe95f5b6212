"""The protocol buffer of a SavedModel directory: `saved_model.pb`, or `.pbtxt` in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf import text_format
from google.protobuf.message import DecodeError

from savedmodel_matrix.savedmodel import files
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.savedmodel.schema import message

if TYPE_CHECKING:
    from pathlib import Path

BINARY, TEXT = "saved_model.pb", "saved_model.pbtxt"
SPLIT = "saved_model.cpb"  # graphs over 2 GB, in parts
TEXT_BYTES = 1 << 28  # protobuf's text parser is written in Python


@dataclass(frozen=True)
class Directory:
    """A SavedModel as read: where it lies, the file that was parsed, and what that holds."""

    path: Path
    file: Path
    proto: Any

    @property
    def is_text(self) -> bool:
        """Whether the graph is stored as text."""
        return self.file.name == TEXT


def is_saved_model(path: Path) -> bool:
    """Say whether a directory holds what loaders take for a SavedModel."""
    return any((path / name).is_file() for name in (BINARY, TEXT, SPLIT))


def read_saved_model(path: Path) -> Directory:
    """Read the graph of a SavedModel directory. Raises UnreadableArtifact."""
    if not path.is_dir():
        said = "is not a directory" if path.exists() else "does not exist"
        raise UnreadableArtifact(f"{path} {said}: a SavedModel is a directory with {BINARY}")
    for name in (BINARY, TEXT):  # the order in which TensorFlow looks
        file = path / name
        if file.exists():
            proto = _parse(file)
            if not proto.meta_graphs:
                raise UnreadableArtifact(f"{file} has no MetaGraph: there is nothing to load")
            return Directory(path, file, proto)
    if (path / SPLIT).exists():
        raise UnreadableArtifact(f"{path / SPLIT} is in parts, which are not read here")
    raise UnreadableArtifact(f"{path} is not a SavedModel: it has no {BINARY} and no {TEXT}")


def _parse(file: Path) -> Any:
    proto = message("SavedModel")()
    if file.name == BINARY:
        data = files.read(file)
        try:
            proto.ParseFromString(data)
        except (DecodeError, ValueError, RecursionError) as error:
            said = f"{file} is damaged: its {len(data):,} bytes are no SavedModel, or not all of it"
            raise UnreadableArtifact(said) from error
        return proto
    try:
        text = files.read(file, TEXT_BYTES).decode()
        text_format.Parse(text, proto, allow_unknown_field=True)
    except UnicodeDecodeError as error:
        raise UnreadableArtifact(f"{file} is not text: {error}") from error
    except (text_format.ParseError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:200] or "it is nested too deep"
        raise UnreadableArtifact(f"{file} cannot be parsed: {said}") from error
    return proto
