"""The op registries of several releases of TensorFlow as one table.

Releases are the bits of a number, the oldest is bit 0. Per op the table has in which releases it is
known and has a kernel for a CPU, and per attribute, for each form that it has had, in which
releases, its type, its default and the values allowed.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel.protowire import fields
from savedmodel_matrix.savedmodel.schema import message

if TYPE_CHECKING:
    from collections.abc import Sequence

# A device of this name takes what no other device is named for (op_kernel.cc, DEVICE_DEFAULT).
_CPU = {"CPU", "DEFAULT"}

Form = tuple[str, "str | None", "tuple[int, ...] | tuple[str, ...] | None"]


@dataclass(frozen=True)
class Library:
    """What the library of one release says: see `environments/registered.py`."""

    version: str
    file: str
    sha256: str
    stablehlo: tuple[int | None, int | None]
    ops: bytes
    kernels: bytes


@dataclass
class Op:
    """An op of one release: whether it has state, and its attributes by name."""

    stateful: bool = False
    attributes: dict[str, Form] = field(default_factory=dict)


def table(libraries: Sequence[Library]) -> dict[str, Any]:
    """Return the registries of releases, which come oldest first, as plain data."""
    known: dict[str, int] = {}
    cpu: dict[str, int] = {}
    stateful: dict[str, bool] = {}
    forms: dict[str, dict[str, dict[Form, int]]] = {}
    for number, library in enumerate(libraries):
        for name, op in parse_ops(library.ops).items():
            known[name] = known.get(name, 0) | 1 << number
            stateful[name] = stateful.get(name, False) or op.stateful
            for attribute, form in op.attributes.items():
                had = forms.setdefault(name, {}).setdefault(attribute, {})
                had[form] = had.get(form, 0) | 1 << number
        for name in parse_kernels(library.kernels):
            cpu[name] = cpu.get(name, 0) | 1 << number
    values: dict[Any, int] = {}
    ops = {
        name: [
            known[name],
            cpu.get(name, 0),
            int(stateful[name]),
            {
                attribute: [
                    [mask, kind, default, _index(values, allowed)]
                    for (kind, default, allowed), mask in had.items()
                ]
                for attribute, had in sorted(forms.get(name, {}).items())
            },
        ]
        for name in sorted(known)
    }
    releases = [
        {
            "version": library.version,
            "file": library.file,
            "sha256": library.sha256,
            "stablehlo": library.stablehlo,
        }
        for library in libraries
    ]
    return {"releases": releases, "values": list(values), "ops": ops}


def _index(values: dict[Any, int], allowed: Any) -> int | None:
    return None if allowed is None else values.setdefault(allowed, len(values))


def parse_ops(data: bytes) -> dict[str, Op]:
    """Return the ops of an OpList (tensorflow/core/framework/op_def.proto)."""
    return {
        _text(one.content, 1): Op(_number(one.content, 17) == 1, _attributes(one.content))
        for one in fields(memoryview(data))
        if one.number == 1
    }


def _attributes(op: memoryview) -> dict[str, Form]:
    found = {}
    for one in fields(op):
        if one.number == 4:
            parts = {part.number: part for part in fields(one.content)}
            default = canonical(bytes(parts[3].content)) if 3 in parts else None
            allowed = _allowed(bytes(parts[7].content)) if 7 in parts else None
            found[parts[1].text] = (parts[2].text, default, allowed)
    return found


def canonical(value: bytes) -> str:
    """Return an AttrValue in the one form in which defaults are kept and compared."""
    proto = message("AttrValue").FromString(value)
    return comparable(proto)


def comparable(value: Any) -> str:
    """Return an AttrValue that has been parsed in the same form as `canonical`."""
    return base64.b64encode(value.SerializeToString(deterministic=True)).decode()


def _allowed(value: bytes) -> tuple[int, ...] | tuple[str, ...]:
    proto = message("AttrValue").FromString(value)
    if proto.list.type:
        return tuple(sorted(proto.list.type))
    return tuple(sorted(text.decode() for text in proto.list.s))


def parse_kernels(data: bytes) -> set[str]:
    """Return the ops of a KernelList (kernel_def.proto) that a CPU has a kernel for.

    A kernel with a label is taken only by a node that names it.
    """
    return {
        _text(one.content, 1)
        for one in fields(memoryview(data))
        if one.number == 1 and _text(one.content, 2) in _CPU and not _text(one.content, 5)
    }


def _text(view: memoryview, number: int) -> str:
    return next((one.text for one in fields(view) if one.number == number), "")


def _number(view: memoryview, number: int) -> int:
    return next((one.value for one in fields(view) if one.number == number), 0)
