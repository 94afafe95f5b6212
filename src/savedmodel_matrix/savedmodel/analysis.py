"""What the graph of an artifact alone decides, worked out once for all artifacts that share it.

Versions of one model, trained again with the same code, have the same ``saved_model.pb`` to the
byte and differ in their checkpoints; so do copies. Analysing the graph is four fifths of a
diagnosis.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import compatibility, safety
from savedmodel_matrix.savedmodel.reading import BINARY, read_saved_model
from savedmodel_matrix.savedmodel.soundness import MetaGraph, meta_graphs

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.savedmodel.compatibility import Readers
    from savedmodel_matrix.savedmodel.diagnosis import Finding
    from savedmodel_matrix.savedmodel.reading import Directory

LARGEST = 1 << 22  # bytes of a graph that is kept
MOST = 1 << 24  # bytes of all of them; their analyses take some six times as much


@dataclass(frozen=True)
class Analysis:
    """What a graph says of itself, whatever lies beside it."""

    graphs: list[MetaGraph]
    readers: Readers
    unsafe: list[Finding]


@dataclass
class Graph:
    """A SavedModel's graph as read, and its analyses with a checkpoint to restore and without."""

    directory: Directory
    analyses: dict[bool, Analysis] = field(default_factory=dict)

    def analysis(self, *, restored: bool) -> Analysis:
        """Analyse it, once. Raises UnreadableArtifact."""
        if restored not in self.analyses:
            graphs = meta_graphs(self.directory, restored=restored)
            several = len(graphs) > 1
            unsafe = [f for g in graphs for f in safety.unsafe(g, tags_of(g) if several else "")]
            made = Analysis(graphs, compatibility.readers(graphs), unsafe)
            self.analyses[restored] = made
        return self.analyses[restored]


class Graphs:
    """Graphs by their content, those that were asked for last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[Graph, int]] = OrderedDict()

    def read(self, path: Path) -> Graph:
        """Read the graph of a SavedModel directory, or find it. Raises UnreadableArtifact."""
        file = path / BINARY
        content, size = _content(file)
        if content in self._kept:
            self._kept.move_to_end(content)
            known = self._kept[content][0]
            directory = replace(known.directory, path=path, file=file)
            return Graph(directory, known.analyses)
        graph = Graph(read_saved_model(path))
        if content and _content(file) == (content, size):  # else it changed meanwhile
            self._kept[content] = graph, size
            while sum(size for _, size in self._kept.values()) > self._most:
                self._kept.popitem(last=False)
        return graph


def tags_of(graph: MetaGraph) -> str:
    """Return what tells a MetaGraph from the others of an artifact, to follow its name."""
    return f" of the MetaGraph tagged {', '.join(graph.tags) or 'nothing'}"


def _content(file: Path) -> tuple[str, int]:
    """Return hash and size of a graph that may be kept, no hash where it may not."""
    try:
        size = file.stat().st_size
        if not file.is_file() or size > LARGEST:
            return "", size
        return hashlib.sha256(file.read_bytes()).hexdigest(), size
    except OSError:
        return "", 0
