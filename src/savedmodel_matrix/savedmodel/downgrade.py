"""An artifact for an older TensorFlow: without what only saving needs and that one does not know.

Nodes that are taken out give no tensor to any other: an op that is not known and that only saving
runs, and DisableCopyOnRead wherever it is, which changes no value. Attributes that are not known
are taken out where they have their default, or say nothing of what is computed. Whatever else the
older release does not take is refused, for a reader would end there or ignore it and compute
something else. Every other byte stays as it is.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel import compatibility, files
from savedmodel_matrix.savedmodel.errors import RepairRefused
from savedmodel_matrix.savedmodel.obstacles import (
    ATTRIBUTE,
    COSMETIC,
    UNKNOWN,
    at_default,
    obstacles,
)
from savedmodel_matrix.savedmodel.protowire import Field, Pieces, delimited, fields, rebuilt
from savedmodel_matrix.savedmodel.reading import BINARY, Directory, read_saved_model
from savedmodel_matrix.savedmodel.registry import registry
from savedmodel_matrix.savedmodel.rewriting import FINGERPRINT
from savedmodel_matrix.savedmodel.schema import message
from savedmodel_matrix.savedmodel.soundness import MetaGraph, meta_graphs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_HARMLESS = {"DisableCopyOnRead"}
_PREFIX = "tf"


@dataclass
class Cut:
    """What is taken out of one body: nodes by name, and attributes of other nodes."""

    nodes: set[str] = field(default_factory=set)
    attributes: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Downgrade:
    """What is taken out for a release; bodies by number of the MetaGraph and function, "" main."""

    release: str
    cuts: dict[tuple[int, str], Cut]

    @property
    def nodes(self) -> list[str]:
        """The nodes that are taken out, as "function/node"."""
        return [_place(f, name) for (_, f), cut in self.cuts.items() for name in sorted(cut.nodes)]

    @property
    def attributes(self) -> list[str]:
        """The attributes that are taken out, as "function/node.attribute"."""
        return [
            f"{_place(function, node)}.{name}"
            for (_, function), cut in self.cuts.items()
            for node, names in sorted(cut.attributes.items())
            for name in sorted(names)
        ]


def _place(function: str, node: str) -> str:
    return f"{function}/{node}" if function else node


def release_of(text: str) -> str:
    """Return the release that is meant by "tf2.12", "2.12" or "2.12.1". Raises RepairRefused."""
    minor = ".".join(text.removeprefix(_PREFIX).split(".")[:2])
    if registry().number(minor) is None:
        known = registry().releases
        raise RepairRefused(
            f"{text!r} is no release known here: name one from {_PREFIX}{known[0].minor} to "
            f"{_PREFIX}{known[-1].minor}"
        )
    return minor


def plan(directory: Directory, release: str) -> Downgrade:
    """Return what has to be taken out for a release. Raises RepairRefused, UnreadableArtifact."""
    graphs = meta_graphs(directory, restored=True)
    number = registry().number(release_of(release)) or 0
    cuts: dict[tuple[int, str], Cut] = {}
    for index, graph in enumerate(graphs):
        saving = compatibility.only_saved(graph)
        for function, nodes in _bodies(graph):
            cut = _cut(graph, function, list(nodes), 1 << number, saving)
            if cut.nodes or cut.attributes:
                cuts[index, function] = cut
    if cuts and directory.is_text:
        raise RepairRefused(f"{directory.file} is text, and only {BINARY} is changed")
    done = Downgrade(release, cuts)
    if cuts:
        after = message("SavedModel").FromString(b"".join(rewritten(directory, done)))
        graphs = [MetaGraph(proto, restored=True) for proto in after.meta_graphs]
    found = compatibility.readers(graphs)
    for one, where in found.sessions:
        if one.releases >> number & 1:
            used = "" if where == "dead" else f" ({where}, node {one.node!r})"
            raise RepairRefused(
                f"{directory.path} cannot be made to load in TensorFlow {release}: there "
                f"{one.said}{used}"
            )
    return done


def _bodies(graph: MetaGraph) -> Iterable[tuple[str, Iterable[Any]]]:
    yield "", graph.proto.graph_def.node
    for name, function in graph.summaries.functions.items():
        yield name, function.node_def


def _cut(
    graph: MetaGraph,
    function: str,
    nodes: list[Any],
    release: int,
    saving: set[tuple[str, str]],
) -> Cut:
    table, cut = registry(), Cut()
    by_name = {node.name: node for node in nodes}
    given = {
        text.partition(":")[0] for node in nodes for text in node.input if not text.startswith("^")
    }
    if function:
        returns = graph.summaries.functions[function].ret.values()
        given |= {text.partition(":")[0] for text in returns}
    for one in obstacles(nodes, graph.summaries.functions, table):
        node = by_name[one.node]
        if not one.releases & release:
            continue
        if one.kind == UNKNOWN and one.node not in given:
            if one.op in _HARMLESS or (function, one.node) in saving:
                cut.nodes.add(one.node)
        elif one.kind == ATTRIBUTE:
            op = table.op(one.op)
            if one.detail in COSMETIC or (op and at_default(node, op, one.detail)):
                cut.attributes.setdefault(one.node, set()).add(one.detail)
            else:
                raise RepairRefused(
                    f"{_place(function, one.node)} has an attribute {one.detail} that is not at "
                    f"its default: an older {one.op} would compute something else"
                )
    for name in cut.nodes:
        cut.attributes.pop(name, None)
    return cut


def rewritten(directory: Directory, done: Downgrade) -> Pieces:
    """Return the bytes of the graph without what is taken out."""
    number = -1

    def change(one: Field) -> Pieces | None:
        nonlocal number
        if one.number != 2:
            return None
        number += 1
        cuts = {function: cut for (i, function), cut in done.cuts.items() if i == number}
        return delimited(2, _meta_graph(one.content, cuts)) if cuts else None

    return rebuilt(memoryview(files.read(directory.file)), change)


def _meta_graph(view: memoryview, cuts: dict[str, Cut]) -> Pieces:
    def graph(one: Field) -> Pieces | None:
        if one.number == 1 and "" in cuts:
            return _node(one, cuts[""])
        return delimited(2, rebuilt(one.content, library)) if one.number == 2 else None

    def library(one: Field) -> Pieces | None:
        if one.number != 1:
            return None
        cut = cuts.get(_named(one.content))
        return delimited(1, _function(one.content, cut)) if cut else None

    return rebuilt(
        view, lambda one: delimited(2, rebuilt(one.content, graph)) if one.number == 2 else None
    )


def _named(function: memoryview) -> str:
    signature = next((one for one in fields(function) if one.number == 1), None)
    return _text(signature.content, 1) if signature else ""


def _function(view: memoryview, cut: Cut) -> Pieces:
    """Return a FunctionDef: its signature (1), nodes (3), and control outputs by name (6)."""
    gone = {
        _text(one.content, 1)
        for one in fields(view)
        if one.number == 6 and _text(one.content, 2) in cut.nodes
    }

    def signature(one: Field) -> Pieces | None:
        return [] if one.number == 20 and one.text in gone else None

    def change(one: Field) -> Pieces | None:
        if one.number == 3:
            return _node(one, cut)
        if one.number == 6 and _text(one.content, 1) in gone:
            return []
        if one.number == 1 and gone:
            return delimited(1, rebuilt(one.content, signature))
        return None

    return rebuilt(view, change)


def _node(whole: Field, cut: Cut) -> Pieces | None:
    """Return a NodeDef: its name (1), inputs (3), and attributes by name (5)."""
    name = _text(whole.content, 1)
    if name in cut.nodes:
        return []
    gone = cut.attributes.get(name, set())

    def change(one: Field) -> Pieces | None:
        after = one.number == 3 and one.text.startswith("^") and one.text[1:] in cut.nodes
        return [] if after or (one.number == 5 and _text(one.content, 1) in gone) else None

    pieces = rebuilt(whole.content, change)
    changed = sum(map(len, pieces)) != len(whole.content)
    return delimited(whole.number, pieces) if changed else None


def _text(view: memoryview, number: int) -> str:
    return next((one.text for one in fields(view) if one.number == number), "")


def apply(path: Path, done: Downgrade) -> tuple[str, ...]:
    """Change the graph of an artifact in place, at once; returns the files that were left out."""
    if not done.cuts:
        return ()
    directory = read_saved_model(path)
    beside = directory.file.with_name(f".{BINARY}.{uuid.uuid4().hex}")
    try:
        with beside.open("xb") as file:
            file.writelines(rewritten(directory, done))
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(directory.file.stat().st_mode & 0o7777)
        removed = tuple(name for name in (FINGERPRINT,) if (path / name).exists())
        for name in removed:
            (path / name).unlink()
        beside.replace(directory.file)
    finally:
        beside.unlink(missing_ok=True)
    return removed
