"""Whether an artifact is safe to load and run: what touches files, network, processes or Python.

Each such op is looked at with from where it is reached, and with where the name of its file comes
from. What a healthy artifact does is no finding: it saves to and restores from the checkpoint that
the loader names, and it reads its own assets.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel import dangerous_ops as ops
from savedmodel_matrix.savedmodel import file_sources as files
from savedmodel_matrix.savedmodel import reachability as reach
from savedmodel_matrix.savedmodel.diagnosis import SEVERITIES, Finding
from savedmodel_matrix.savedmodel.file_sources import Source, Sources
from savedmodel_matrix.savedmodel.object_schema import objects_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from savedmodel_matrix.savedmodel.dangerous_ops import Danger
    from savedmodel_matrix.savedmodel.reachability import Root
    from savedmodel_matrix.savedmodel.soundness import MetaGraph

_CHECKPOINTS = {ops.RESTORE, ops.SAVE}  # what every artifact has, for its own checkpoint
_ACTS = {ops.FILE_WRITE, ops.NETWORK, ops.SAVE, ops.HIDDEN, ops.EXIT}
_READS = {ops.FILE_READ, ops.TABLE, ops.RESTORE}
_LISTED = 20  # ops that a finding lists
_ASKED = 2000  # names that are followed to where they come from; beyond, they count as computed
_PAIRS = 20_000  # ops and places they are reached from; beyond, an op has one place
_LONGEST = 200  # characters of a name that are shown
_HOW = {
    reach.LOAD: "loading it runs",
    reach.SAVE: "saving it again runs",
    reach.PYTHON: "a function that only Python can call runs",
    reach.DEAD: "nothing runs",
}
_REMEDY = (
    "do not load it outside of a sandbox unless you know why it does this; a model that you wrote: "
    "take this out and save it again"
)


@dataclass(frozen=True)
class Site:
    """A node of the main graph (function ""), or of a function, and what it does."""

    function: str
    node: str
    op: str
    danger: Danger
    named: tuple[str, ...]  # files or addresses that an attribute of it names


class _Found:
    """The ops of one rule that are reached from one place: how many, and the worst of them."""

    def __init__(self) -> None:
        self.count = 0
        self.listed: list[tuple[int, Site, set[Source]]] = []

    def add(self, site: Site, names: set[Source], where: str) -> None:
        """Count an op, and keep it if it is among the worst."""
        self.count += 1
        rank = SEVERITIES.index(_severity(site.danger.rule, where, names))
        if len(self.listed) < _LISTED or rank > self.listed[-1][0]:
            self.listed.append((rank, site, names))
            self.listed.sort(key=lambda found: -found[0])
            del self.listed[_LISTED:]


def unsafe(graph: MetaGraph, tags: str = "") -> list[Finding]:
    """Return what of a MetaGraph is not safe; `tags` says which of several it is.

    Raises UnreadableArtifact where the object graph is damaged.
    """
    sites = list(_sites(graph))
    if not sites:
        return []
    view, left = _View(graph, sites), _PAIRS
    found: defaultdict[tuple[str, str], _Found] = defaultdict(_Found)
    for site in sites:
        places = view.places(site)
        for where in places if left > 0 else places[:1]:
            left -= 1
            names = view.names(site, where)
            if not _harmless(site, where, names):
                found[site.danger.rule, where].add(site, names, where)
    return [_finding(rule, where, listed, tags) for (rule, where), listed in found.items()]


def _sites(graph: MetaGraph) -> Iterator[Site]:
    functions = graph.summaries.functions
    for name, op in graph.summaries.main.ops.items():
        if op in ops.WATCHED:
            yield from _site("", graph.summaries.main.nodes[name])
    for name, function in functions.items():
        scope = graph.summaries.scope(name)
        if scope is not None:
            for node, op in scope.ops.items():
                if op in ops.WATCHED:
                    yield from _site(name, scope.nodes[node])
            continue
        for node in function.node_def:
            if node.op in ops.WATCHED:
                yield from _site(name, node)


def _site(function: str, node: Any) -> Iterator[Site]:
    if danger := ops.danger_of(node):
        named = tuple(ops.named_by_attribute(node, danger)) if danger.attribute else ()
        yield Site(function, node.name, node.op, danger, named)


class _View:
    """From where sites are reached, and where the names come from that they are given."""

    def __init__(self, graph: MetaGraph, sites: Sequence[Site]) -> None:
        self.roots, objects = reach.session_roots(graph), None
        edges, seeds = reach.session_edges(graph), reach.session_seeds(graph, self.roots)
        self._reached = reach.reached_from(edges, seeds)
        usual = _CHECKPOINTS | {ops.TABLE}
        if any(s.function and s.danger.rule not in usual for s in sites) or any(
            s.function and s.function not in self._reached for s in sites
        ):
            objects = objects_of(graph.proto)
            self.roots += reach.python_roots(graph, objects)
            edges, seeds = reach.all_edges(graph), reach.all_seeds(graph, self.roots)
            self._reached = reach.reached_from(edges, seeds)
        self._by_node: defaultdict[str, set[int]] = defaultdict(set)
        main = {site.node for site in sites if not site.function}
        for number, root in enumerate(self.roots):
            for name in main & root.nodes:
                self._by_node[name].add(number)
        self._by_where: defaultdict[str, list[Root]] = defaultdict(list)
        for root in self.roots:
            self._by_where[root.where].append(root)
        self._within: dict[str, set[str]] = {}
        self._places: dict[tuple[str, str], list[str]] = {}
        self._sources = Sources(graph, objects, self.roots[0])
        self._known: dict[tuple[str, str, str, int], set[Source]] = {}

    def places(self, site: Site) -> list[str]:
        """Return from where a site is reached; "python" only where nothing else reaches it."""
        key = (site.function, "" if site.function else site.node)
        if key not in self._places:
            numbers = self._reached.get(key[0], ()) if key[0] else self._by_node[key[1]]
            found = list(dict.fromkeys(self.roots[number].where for number in sorted(numbers)))
            apart = [where for where in found if where != reach.PYTHON]
            self._places[key] = apart or found or [reach.DEAD]
        return self._places[key]

    def names(self, site: Site, where: str) -> set[Source]:
        """Return where the names come from that a site is given, as reached from a place."""
        found = {Source(files.CONSTANT, name) for name in site.named}
        for position in site.danger.inputs:
            key = (site.function, site.node, where, position)
            if key not in self._known:
                self._known[key] = (
                    self._sources.of_input(
                        site.function, site.node, position, self._by_where[where], self._in(where)
                    )
                    if len(self._known) < _ASKED
                    else {Source(files.COMPUTED)}
                )
            found |= self._known[key]
        return found

    def _in(self, where: str) -> set[str]:
        """Return the functions that are reached from a place; from nowhere, all of them."""
        if where not in self._within:
            of = {number for number, root in enumerate(self.roots) if root.where == where}
            self._within[where] = {n for n, numbers in self._reached.items() if of & numbers}
        return self._within[where]


def _harmless(site: Site, where: str, names: set[Source]) -> bool:
    """Say whether a healthy artifact does this."""
    rule, kinds = site.danger.rule, {source.kind for source in names}
    if site.op in ops.IN_MEMORY and names == {Source(files.CONSTANT, "")}:
        return True
    if not names:
        return False
    if rule in _CHECKPOINTS and kinds <= {files.CALLER, files.COMPUTED}:
        return where in {reach.PYTHON, reach.DEAD}  # where the caller says, if anybody calls
    if rule == ops.SAVE:
        return where == reach.SAVE and kinds == {files.CHECKPOINT}
    own = {files.ASSET, files.CHECKPOINT} if where in {reach.LOAD, reach.SAVE} else {files.ASSET}
    return rule in _READS and kinds <= own


def _severity(rule: str, where: str, names: set[Source]) -> str:
    """Return how severe it is; docs/diagnose.md has the same as a table."""
    chosen = bool(names) and {s.kind for s in names} <= {files.CLIENT, files.CALLER}
    if where == reach.DEAD:
        return "low"
    if where in {reach.PYTHON, reach.SAVE}:
        constant = any(source.kind == files.CONSTANT for source in names)
        if rule in _ACTS:
            return "medium" if chosen else "high"
        if chosen:
            return "low"  # the program that loads it says which file
        return "high" if constant and where == reach.PYTHON else "medium"
    if rule in _ACTS:
        return "critical"
    return "medium" if chosen and where != reach.LOAD else "high"


def _finding(rule: str, where: str, found: _Found, tags: str) -> Finding:
    rank, site, names = found.listed[0]
    how = _HOW.get(where) or f"signature {where.partition(':')[2]!r} runs"
    more = f", and {found.count - 1} more such ops" if found.count > 1 else ""
    place = f"node {site.node!r}" + (f" of function {site.function!r}" if site.function else "")
    said = (
        f"{how} {site.op}, which {site.danger.reason}{_named(names)}{more}{tags} ({_short(place)})"
    )
    evidence = {
        "count": found.count,
        "ops": [_evidence(site, names) for _, site, names in found.listed],
    }
    remedy = "" if where == reach.DEAD else _REMEDY
    return Finding(rule, SEVERITIES[rank], where, said, evidence, remedy)


def _evidence(site: Site, names: set[Source]) -> dict[str, Any]:
    return {
        "op": site.op,
        "node": site.node,
        "function": site.function,
        "does": site.danger.reason,
        "names": [{"from": s.kind, "name": _short(s.name)} for s in sorted(names)[:_LISTED]],
    }


def _named(names: set[Source]) -> str:
    """Return what is known of the name of the file, for a sentence."""
    by_kind = {source.kind: source.name for source in sorted(names, reverse=True)}
    if files.CONSTANT in by_kind:
        return f": {_short(by_kind[files.CONSTANT])!r}"
    if files.CLIENT in by_kind:
        return f"; the client names it (input {_short(by_kind[files.CLIENT])!r})"
    if files.CALLER in by_kind:
        return "; the caller names it"
    if files.CHECKPOINT in by_kind:
        return ": where the artifact's own checkpoint is"
    return ""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
