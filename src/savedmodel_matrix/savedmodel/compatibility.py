"""Which releases of TensorFlow can read an artifact, with which loader, and what keeps others.

The rules were measured with the libraries of 2.4, 2.5, 2.6, 2.9, 2.12, 2.15 and 2.21 and with
Python's TensorFlow 2.15 and 2.21, on one artifact with a single node or attribute more:

- A V1 session imports the main graph and every function that it calls, for saving too. An op that
  is not known there ends it; one in a function that is not called does not.
- Values that an op does not take, and ops without a CPU kernel, end it in the main graph, used or
  not, and in a function only where a signature, the restore op or the init op runs it.
- An attribute that is not known ends it in the main graph of 2.4, and is ignored from 2.5 on.
- Python's loader reads every function, called or not, and nothing of the main graph.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel.custom_ops import package_of
from savedmodel_matrix.savedmodel.diagnosis import FAILS, Finding, LoaderVerdict
from savedmodel_matrix.savedmodel.obstacles import (
    ATTRIBUTE,
    KERNEL,
    LACKING,
    STABLEHLO,
    VALUE,
    Obstacle,
    obstacles,
)
from savedmodel_matrix.savedmodel.obstacles import UNKNOWN as UNKNOWN_OP
from savedmodel_matrix.savedmodel.registry import Registry, registry
from savedmodel_matrix.savedmodel.soundness import init_targets, tensors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from savedmodel_matrix.savedmodel.scope import Scope
    from savedmodel_matrix.savedmodel.soundness import MetaGraph

_STRICT = {"2.4"}  # releases that refuse an attribute which they do not know
_COMPILED = "_XlaMustCompile"  # what is called so runs on kernels of XLA, not of the CPU
PYTHON_LOADER = "tf.saved_model.load"


@dataclass
class Readers:
    """What keeps releases from reading an artifact, by loader, the first that was met first."""

    table: Registry
    sessions: list[tuple[Obstacle, str]] = field(default_factory=list)  # and where it is
    python: list[tuple[Obstacle, str]] = field(default_factory=list)

    def kept_out(self, found: list[tuple[Obstacle, str]]) -> int:
        """Return the releases that cannot read the artifact."""
        mask = 0
        for obstacle, _ in found:
            mask |= obstacle.releases
        return mask


def readers(graphs: Iterable[MetaGraph]) -> Readers:
    """Find what in any of the MetaGraphs stands in the way of some release."""
    found = Readers(registry())
    for graph in graphs:
        _of_graph(graph, found)
    return found


def _of_graph(graph: MetaGraph, found: Readers) -> None:
    table, functions = found.table, graph.summaries.functions
    strict = sum(1 << i for i, r in enumerate(table.releases) if r.minor in _STRICT)
    roles = _roles(graph)
    main = list(obstacles(graph.summaries.main.nodes.values(), functions, table))
    for one in main:
        where = _where(roles, "", one.node, "load")
        if one.kind == ATTRIBUTE:
            _put(found.sessions, one, strict, where)
        elif one.kind != STABLEHLO or where != "dead":
            _put(found.sessions, one, table.all, where)
    for name, function in functions.items():
        called = graph.summaries.scope(name) is not None
        for one in obstacles(function.node_def, functions, table):
            where = _where(roles, name, one.node, "save" if called else "dead")
            runs = where not in {"save", "dead"}
            if (called and one.kind == UNKNOWN_OP) or (runs and one.kind != ATTRIBUTE):
                _put(found.sessions, one, table.all, where)
            in_python = one.kind != ATTRIBUTE and where.startswith("signature")
            if one.kind in {UNKNOWN_OP, VALUE, LACKING} or in_python:
                _put(found.python, one, table.all, where)


def _put(found: list[tuple[Obstacle, str]], one: Obstacle, mask: int, where: str) -> None:
    if mask := one.releases & mask:
        if mask != one.releases:
            one = Obstacle(one.kind, one.op, one.node, mask, one.detail)
        found.append((one, where))


def _where(roles: dict[tuple[str, str], str], function: str, node: str, otherwise: str) -> str:
    return roles.get((function, node), otherwise)


def _roles(graph: MetaGraph) -> dict[tuple[str, str], str]:
    """Return what runs each node: "load", or the first signature that does; by function and name.

    Nodes of functions that are compiled are left out.
    """
    found: dict[tuple[str, str], str] = {}
    alive: dict[str, set[str]] = {}  # once for all signatures that share a function
    main = graph.summaries.main
    starts = [("load", graph.restore_nodes | graph.reach(init_targets(graph.proto)))]
    for signature in graph.signatures:
        proto = graph.proto.signature_def[signature.name]
        outputs = [name for info in proto.outputs.values() for name in tensors(info)]
        starts.append((f"signature:{signature.name}", graph.reach(outputs)))
    for role, names in starts:
        seen = set[str]()
        queue: list[tuple[str, Scope, Iterable[str]]] = [("", main, names)]
        while queue:
            function, scope, names_here = queue.pop()
            for name in names_here:
                found.setdefault((function, name), role)
                if name not in scope.calls or _compiled(scope.nodes[name]):
                    continue
                for call in scope.calls[name]:
                    body = graph.summaries.scope(call.function)
                    if body is not None and call.function not in seen:
                        seen.add(call.function)
                        if call.function not in alive:
                            alive[call.function] = _alive(graph, call.function, body)
                        queue.append((call.function, body, alive[call.function]))
    return found


def only_saved(graph: MetaGraph) -> set[tuple[str, str]]:
    """Return the nodes that nothing but the save op runs, by function ("": outside) and name."""
    saver = graph.proto.saver_def
    if not saver.save_tensor_name:
        return set()
    return _reached(graph, graph.reach([saver.save_tensor_name])) - _roles(graph).keys()


def _reached(graph: MetaGraph, names: Iterable[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    seen = set[str]()
    queue: list[tuple[str, Scope, Iterable[str]]] = [("", graph.summaries.main, names)]
    while queue:
        function, scope, here = queue.pop()
        for name in here:
            found.add((function, name))
            for call in scope.calls.get(name, ()):
                body = graph.summaries.scope(call.function)
                if body is not None and call.function not in seen:
                    seen.add(call.function)
                    queue.append((call.function, body, body.nodes))
    return found


def _compiled(node: Any) -> bool:
    return node.op == "XlaLaunch" or (_COMPILED in node.attr and node.attr[_COMPILED].b)


def _alive(graph: MetaGraph, function: str, body: Scope) -> set[str]:
    """Return the nodes of a function that run: what it returns, and what has state."""
    proto, table = graph.summaries.functions[function], registry()
    targets = [*proto.ret.values(), *proto.control_ret.values()]
    for name, op in body.ops.items():
        known = table.op(op)
        if known is None or known.stateful:
            targets.append(name)
    return body.reach(targets)


def of_loaders(verdicts: dict[str, LoaderVerdict], found: Readers) -> dict[str, LoaderVerdict]:
    """Return the verdicts on loaders with the releases for which they hold."""
    return {
        name: _limited(verdict, found, found.python if name == PYTHON_LOADER else found.sessions)
        if verdict.verdict != FAILS
        else verdict
        for name, verdict in verdicts.items()
    }


def _limited(
    verdict: LoaderVerdict, found: Readers, against: list[tuple[Obstacle, str]]
) -> LoaderVerdict:
    table = found.table
    good = table.all & ~found.kept_out(against)
    if good == table.all:
        return verdict
    if not good:
        first = max(against, key=lambda pair: pair[0].releases.bit_count())[0]
        return LoaderVerdict(FAILS, f"{first.said}{_brought(first)}")
    oldest, newest = table.first(good), table.last(good)
    below, above = (good & -good) >> 1, 1 << good.bit_length()  # the next ones that cannot
    said, since, until = [verdict.because], None, None
    if (before := table.first(below)) and oldest:
        since = oldest.minor
        said.append(f"in TensorFlow {before.minor} {_first(against, below)}")
    if (after := table.last(above & table.all)) and newest:
        until = newest.minor
        said.append(f"in TensorFlow {after.minor} {_first(against, above)}")
    return LoaderVerdict(verdict.verdict, "; ".join(said), since, until)


def _first(against: list[tuple[Obstacle, str]], mask: int) -> str:
    """Return what was met first that keeps a release out, and that it is for saving if it is."""
    one, where = next(pair for pair in against if pair[0].releases & mask)
    return one.said + (", in what only saving runs" if where == "save" else "")


def _brought(one: Obstacle) -> str:
    package = package_of(one.op) if one.kind == UNKNOWN_OP else ""
    return f": {package} brings it, and has to be loaded first" if package else ""


def findings(found: Readers) -> list[Finding]:
    """Return what no release can run, or none of the newer ones."""
    newest = 1 << (len(found.table.releases) - 1)
    groups: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    masks: dict[tuple[str, str, str], int] = {}
    for one, where in [*found.sessions, *found.python]:
        if one.releases & newest and one.kind in _RULES:
            key = (one.kind, one.op, one.detail)
            masks[key] = one.releases
            if where not in groups[key]:
                groups[key].append(where)
    return [_finding(found, key, masks[key], sorted(where)) for key, where in groups.items()]


_RULES = {
    UNKNOWN_OP: "unknown-op",
    KERNEL: "no-cpu-kernel",
    VALUE: "op-value",
    STABLEHLO: "stablehlo",
}
_ORDER = ("signature", "load", "python", "save", "dead")


def _finding(found: Readers, key: tuple[str, str, str], mask: int, where: list[str]) -> Finding:
    kind, op, detail = key
    table = found.table
    one = Obstacle(kind, op, "", mask, detail)
    where.sort(key=lambda text: _ORDER.index(text.partition(":")[0]))
    package = package_of(op) if kind == UNKNOWN_OP else ""
    ever = mask == table.all
    oldest, newest = table.releases[0].minor, table.releases[-1].minor
    last = table.last(table.all & ~mask)
    when = (
        f"TensorFlow {oldest} to {newest}"
        if ever or last is None
        else f"TensorFlow after {last.minor}"
    )
    said = f"in {when} {one.said}" + (f"; {package} brings it" if package else "")
    used = where[0] not in {"save", "dead"}
    evidence = {"op": op, "package": package, "detail": detail, "where": where}
    return Finding(
        _RULES[kind], "medium" if used else "low", where[0], said, evidence, _remedy(one, package)
    )


def _remedy(one: Obstacle, package: str) -> str:
    if package:
        return (
            f"pip install {package}, and load its library before the artifact: import "
            f"{package.replace('-', '_')} in Python, TF_LoadLibrary elsewhere"
        )
    if one.kind == UNKNOWN_OP:
        return "load the library that registers the op before the artifact"
    return ""
