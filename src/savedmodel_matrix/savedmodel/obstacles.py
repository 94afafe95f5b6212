"""What in a graph stands in the way of some releases of TensorFlow, node by node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel.ops import PYTHON
from savedmodel_matrix.savedmodel.registry import releases
from savedmodel_matrix.savedmodel.registry_format import comparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from savedmodel_matrix.savedmodel.registry import Form, Op, Registry

UNKNOWN, ATTRIBUTE, VALUE, LACKING = "op", "attribute", "value", "lacking"
KERNEL, STABLEHLO = "kernel", "stablehlo"

# Attributes that are there for whoever reads the graph, and change nothing of what it computes.
COSMETIC = {"debug_name", "metadata"}
# Replaced before an op gets a kernel (accumulate_n_optimizer.cc).
_REPLACED = {"AccumulateNV2"}
_XLA_MODULE = "XlaCallModule"
_TYPES = 256  # more than TensorFlow has; a file may state any number


@dataclass(frozen=True)
class Obstacle:
    """One node that some releases do not take, and why; `releases` is a set of them."""

    kind: str
    op: str
    node: str
    releases: int
    detail: str = ""  # the attribute, or the version of StableHLO

    @property
    def said(self) -> str:
        """What it is, as the part of a sentence."""
        return {
            UNKNOWN: f"the op {self.op} is unknown",
            ATTRIBUTE: f"{self.op} has no attribute {self.detail}",
            VALUE: f"{self.op} takes no such {self.detail}",
            LACKING: f"{self.op} needs an attribute {self.detail}",
            KERNEL: f"{self.op} has no kernel for a CPU",
            STABLEHLO: f"version {self.detail} of XlaCallModule is not read",
        }[self.kind]


def obstacles(
    nodes: Iterable[Any], functions: Mapping[str, Any], table: Registry
) -> Iterator[Obstacle]:
    """Yield what stands in the way at each node; calls of functions of the graph do not."""
    for node in nodes:
        name = node.op
        op = table.op(name)
        if op is None or op.known != table.all:
            if name in functions:
                continue
            missing = table.all & ~(op.known if op else 0)
            yield Obstacle(UNKNOWN, name, node.name, missing)
            if op is None:
                continue
        if op.required or op.varying:
            yield from _attributes(node, op)
        if (lacking := op.known & ~op.cpu) and not _elsewhere(node):
            yield Obstacle(KERNEL, name, node.name, lacking)
        if name == _XLA_MODULE:
            version = node.attr["version"].i if "version" in node.attr else 0
            if refused := op.known & ~table.stablehlo(version):
                yield Obstacle(STABLEHLO, name, node.name, refused, str(version))


def _elsewhere(node: Any) -> bool:
    """Say whether another rule decides of the kernel: a Python function, or one asked by label."""
    return node.op in PYTHON or node.op in _REPLACED or "_kernel" in node.attr


def _attributes(node: Any, op: Op) -> Iterator[Obstacle]:
    for name in op.required:
        if name not in node.attr:
            mask = releases(tuple(f for f in op.attributes[name] if f.default is None))
            yield Obstacle(LACKING, node.op, node.name, mask, name)
    for name in op.varying:
        if name not in node.attr:
            continue
        value = node.attr[name]
        key = name, value.type  # 0 of what is no type
        if (masks := op.told.get(key)) is None:
            forms = op.attributes[name]
            masks = _refused(forms, value), op.known & ~releases(forms)
            if 0 < value.type < _TYPES:
                op.told[key] = masks
        refused, missing = masks
        if refused:
            yield Obstacle(VALUE, node.op, node.name, refused, name)
        if missing:
            yield Obstacle(ATTRIBUTE, node.op, node.name, missing, name)


def _refused(forms: Iterable[Form], value: Any) -> int:
    """Return the releases that do not take a value for an attribute."""
    mask = 0
    for form in forms:
        if form.allowed is not None and not _allowed(value, form):
            mask |= form.releases
    return mask


def _allowed(value: Any, form: Form) -> bool:
    allowed: Any = form.allowed
    kind = value.WhichOneof("kind")
    if kind == "type":
        return bool(value.type in allowed)
    if kind == "s":
        return bool(value.s.decode("utf-8", "backslashreplace") in allowed)
    if kind == "list":
        texts = {text.decode("utf-8", "backslashreplace") for text in value.list.s}
        return {*value.list.type, *texts} <= set(allowed)
    return True  # of another type than the op declares: another check's matter


def at_default(node: Any, op: Op, attribute: str) -> bool:
    """Say whether an attribute has the default that the op states for it."""
    value = comparable(node.attr[attribute])
    return any(form.default == value for form in op.attributes.get(attribute, ()))
