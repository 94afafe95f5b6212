"""Diagnosis of `.tflite` files: their structure, and who knows the operators in them.

Source of the field numbers: schema.fbs of TensorFlow Lite, version 3.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from savedmodel_matrix.savedmodel import diagnosis, tflite_operators
from savedmodel_matrix.savedmodel.dangerous_ops import DANGEROUS, IN_MEMORY
from savedmodel_matrix.savedmodel.diagnosis import (
    Diagnosis,
    Finding,
    LoaderVerdict,
    Signature,
    Value,
    Weight,
)
from savedmodel_matrix.savedmodel.flatbuffer import Buffer, Table
from savedmodel_matrix.savedmodel.keras_file import concluded
from savedmodel_matrix.savedmodel.windows import DamagedFile, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "TFLite"
IDENTIFIER = b"TFL3"
# The name of each type, by its number, and the bits of an element (0 where it has no size).
_TYPES = (
    *(("float32", 32), ("float16", 16), ("int32", 32), ("uint8", 8), ("int64", 64), ("string", 0)),
    *(("bool", 8), ("int16", 16), ("complex64", 64), ("int8", 8), ("float64", 64)),
    *(("complex128", 128), ("uint64", 64), ("resource", 0), ("variant", 0), ("uint32", 32)),
    *(("uint16", 16), ("int4", 4), ("bfloat16", 16), ("int2", 2), ("uint4", 4)),
    *(("float8_e4m3fn", 8), ("float8_e5m2", 8)),
)
_BOMB_RULE = "tensor-bomb"
_BOMB = 1 << 36  # bytes of one tensor that no interpreter allocates
_SUBGRAPHS_OF = {118: (0, 1), 119: (0, 1), 129: (0,)}  # IF, WHILE, CALL_ONCE: options that name one
_VAR_HANDLE, _READ_VARIABLE, _ASSIGN_VARIABLE = 142, 143, 144
_OPTIONS = 4
_MOST = 20  # findings of one rule
_CONVERT_AGAIN, _DISTRUST = "convert the model again", "do not run it"


@dataclass
class _Model:
    """What was read of a model so far."""

    window: Window
    buffers: list[tuple[int, int]] = field(default_factory=list)  # where each is, and its bytes
    codes: list[tuple[int, str, int]] = field(default_factory=list)  # code, name, version
    tensors: list[list[tuple[str, Value]]] = field(default_factory=list)  # of each subgraph
    weights: list[Weight] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    used: dict[str, int] = field(default_factory=dict)
    handles: dict[tuple[int, int], str] = field(default_factory=dict)  # of subgraph and tensor
    read: dict[str, int] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)
    passed_on: bool = False

    def wrong(self, rule: str, severity: str, said: str) -> None:
        """Add a finding, unless there are enough of its rule."""
        self.counts[rule] += 1
        if self.counts[rule] <= _MOST:
            remedy = _DISTRUST if rule == _BOMB_RULE else _CONVERT_AGAIN
            self.findings.append(Finding(rule, severity, "load", said, {}, remedy))


def of_tflite(file: BinaryIO, size: int, path: str) -> Diagnosis:
    """Diagnose a `.tflite` file. Raises DamagedFile, and OSError."""
    window = Window(file, 0, size)
    if size < 8 or window.at(4, 4) != IDENTIFIER:
        raise DamagedFile(f"it does not begin as a TFLite model does, with {IDENTIFIER.decode()!r}")
    root = Buffer(window).root()
    if (version := root.number(0, "I")) != 3:
        raise DamagedFile(f"version {version} of the schema is not known")
    model = _Model(window)
    _read_buffers(root, model)
    model.codes = [_code(table) for table in root.tables(1)]
    subgraphs = list(root.tables(2))
    if not subgraphs:
        raise DamagedFile("it has no subgraph: there is nothing to run")
    for number, subgraph in enumerate(subgraphs):
        model.tensors.append(
            [_tensor(t, number, i, model) for i, t in enumerate(subgraph.tables(0))]
        )
    for number, subgraph in enumerate(subgraphs):
        _read_operators(subgraph, number, len(subgraphs), model)
    _of_variables(model)
    signatures = tuple(_signatures(root, model))
    least = _metadata(root, model)
    _of_files(root, model)
    model.findings += _of_custom(model)
    done = concluded(
        *(path, FORMAT, model.findings, ("tflite", "litert")),
        signatures=signatures,
        weights=tuple(model.weights),
        operators=model.used,
        converter=least,
    )
    if done.verdict == diagnosis.SOUND:
        done.loaders.update(_loaders(model))
    return done


def _read_buffers(root: Table, model: _Model) -> None:
    for number, table in enumerate(root.tables(4)):
        start, size = table.span(0)
        offset = table.number(1, "Q")
        if offset > 1:  # in a file of more than 2 GB: after the flatbuffer
            start, size = offset, table.number(2, "Q")
            if start + size > model.window.size:
                raise DamagedFile(
                    f"buffer {number} ends at byte {start + size:,}, and the file at byte "
                    f"{model.window.size:,}: it is cut short"
                )
        model.buffers.append((start, size))


def _code(table: Table) -> tuple[int, str, int]:
    code = max(table.number(0, "b"), table.number(3))
    name = table.text(1) if code == tflite_operators.CUSTOM else tflite_operators.name_of(code)
    return code, name, table.number(2, default=1)


def _tensor(table: Table, graph: int, index: int, model: _Model) -> tuple[str, Value]:
    shape = tuple(table.numbers(0, most=64))
    kind, buffer = table.number(1, "b"), table.number(2, "I")
    name = table.text(3)
    signature = tuple(table.numbers(7, most=64))
    known = 0 <= kind < len(_TYPES)
    dtype, bits = _TYPES[kind] if known else (f"type {kind}", 0)
    where = f"tensor {index} ({name}) of subgraph {graph}"
    if not known:
        model.wrong("tensor-type", "high", f"{where} is of type {kind}, which is not known")
    declared = math.prod(shape) * bits // 8 if min(shape, default=0) >= 0 else 0
    if buffer >= len(model.buffers):
        said = f"{where} is in buffer {buffer} of {len(model.buffers)}"
        model.wrong("index-outside", "critical", said)
    elif size := model.buffers[buffer][1]:
        model.weights.append(Weight(name, dtype, shape, size))
        needed = -(-math.prod(shape) * bits // 8)
        if bits and table.table(6) is None and needed != size:
            said = f"{where} has {size:,} bytes, and its shape {list(shape)} takes {needed:,}"
            model.wrong("tensor-size", "high", said)
    elif declared > _BOMB:
        said = f"{where} states a shape of {declared:,} bytes"
        model.wrong(_BOMB_RULE, "high", said)
    return name, Value(dtype, signature or shape)


def _read_operators(subgraph: Table, number: int, graphs: int, model: _Model) -> None:
    tensors = len(model.tensors[number])
    for side, indices in (("input", subgraph.numbers(1)), ("output", subgraph.numbers(2))):
        if wrong := [i for i in indices if not -1 <= i < tensors]:
            said = f"an {side} of subgraph {number} is tensor {wrong[0]} of {tensors}"
            model.wrong("index-outside", "critical", said)
    for index, operator in enumerate(subgraph.tables(3)):
        which, where = operator.number(0, "I"), f"operator {index} of subgraph {number}"
        if which >= len(model.codes):
            said = f"{where} is of kind {which} of {len(model.codes)}"
            model.wrong("index-outside", "critical", said)
            continue
        code, name, version = model.codes[which]
        model.used[name] = max(version, model.used.get(name, version))
        for indices in (operator.numbers(1), operator.numbers(2)):
            if wrong := [i for i in indices if not -1 <= i < tensors]:
                said = f"{where} ({name}) uses tensor {wrong[0]} of {tensors}"
                model.wrong("index-outside", "critical", said)
        _note_variable(operator, number, code, model)
        options = operator.table(_OPTIONS) if code in _SUBGRAPHS_OF else None
        for option in _SUBGRAPHS_OF.get(code, ()) if options else ():
            called = options.number(option) if options else 0
            if not 0 <= called < graphs:
                said = f"{where} ({name}) runs subgraph {called} of {graphs}"
                model.wrong("index-outside", "critical", said)


def _note_variable(operator: Table, graph: int, code: int, model: _Model) -> None:
    """Note which variable a tensor is a handle of, and which variables are read and assigned."""
    if code == _VAR_HANDLE:
        options, outputs = operator.table(_OPTIONS), operator.numbers(2)
        if options and outputs:
            name = f"{options.text(0)}/{options.text(1)}".lstrip("/")
            model.handles[graph, outputs[0]] = name
    elif code in {_READ_VARIABLE, _ASSIGN_VARIABLE} and (inputs := operator.numbers(1)):
        handle = model.handles.get((graph, inputs[0]))
        if handle is None:
            model.passed_on = True  # a handle that another subgraph gives: not followed
        elif code == _READ_VARIABLE:
            model.read.setdefault(handle, graph)
        else:
            model.assigned.add(handle)


def _of_variables(model: _Model) -> None:
    """Find variables that are read and that nothing in the model ever gives a value."""
    if model.passed_on:
        return
    gone = sorted(model.read.keys() - model.assigned)
    if gone:
        more = f" and {len(gone) - 3} more" if len(gone) > 3 else ""
        said = f"it reads {', '.join(gone[:3])}{more}, which nothing in it gives a value"
        evidence = {"variables": gone[:100]}
        remedy = "repair the SavedModel that it was converted from, and convert that again"
        model.findings.append(Finding("unwritten-variable", "high", "load", said, evidence, remedy))


def _signatures(root: Table, model: _Model) -> Iterator[Signature]:
    for table in root.tables(7):
        name, graph = table.text(2), table.number(4, "I")
        if graph >= len(model.tensors):
            said = f"signature {name!r} is subgraph {graph} of {len(model.tensors)}"
            model.wrong("index-outside", "critical", said)
            continue
        sides = []
        for side in (0, 1):
            values = {}
            for entry in table.tables(side):
                index = entry.number(1, "I")
                if index >= len(model.tensors[graph]):
                    said = f"signature {name!r} has tensor {index} of {len(model.tensors[graph])}"
                    model.wrong("index-outside", "critical", said)
                else:
                    values[entry.text(0)] = model.tensors[graph][index][1]
            sides.append(values)
        yield Signature(name, sides[0], sides[1], sound=True, tags=())


def _metadata(root: Table, model: _Model) -> str:
    """Return the TensorFlow that the converter says the model needs, "" if it does not say."""
    found = ""
    for table in root.tables(6):
        name, buffer = table.text(0), table.number(1, "I")
        if buffer >= len(model.buffers):
            said = f"the metadata {name!r} is in buffer {buffer} of {len(model.buffers)}"
            model.wrong("index-outside", "high", said)
        elif name == "min_runtime_version":
            start, size = model.buffers[buffer]
            data = model.window.at(start, min(size, 64))
            found = data.split(b"\0")[0].decode("utf-8", "backslashreplace")
    return found


def _of_files(root: Table, model: _Model) -> None:
    for table in root.tables(8):
        name = table.text(0)
        said = f"it takes tensors from another file, {name!r}"
        severity = "high" if name.startswith(("/", "\\")) or ".." in name else "low"
        model.findings.append(Finding("outside-file", severity, "load", said, {"file": name}))


def _of_custom(model: _Model) -> Iterator[Finding]:
    custom = sorted({name for code, name, _ in model.codes if code == tflite_operators.CUSTOM})
    flex = [name for name in custom if name.startswith("Flex")]
    other = [name for name in custom if not name.startswith("Flex")]
    if flex:
        said = f"it runs TensorFlow's own ops: {', '.join(name[4:] for name in flex[:5])}"
        remedy = (
            "run it where the Flex delegate is: TensorFlow's Interpreter has it, LiteRT has not"
        )
        yield Finding("flex-op", "low", "load", said, {"ops": flex}, remedy)
    if other:
        said = f"it needs ops that the runtime does not bring: {', '.join(other[:5])}"
        remedy = "register them with the interpreter, from the package that the model comes with"
        yield Finding("custom-op", "low", "load", said, {"ops": other}, remedy)
    if harmful := [n[4:] for n in flex if n[4:] in DANGEROUS.keys() - IN_MEMORY]:
        said = f"it runs ops that reach beyond the model: {', '.join(harmful[:5])}"
        yield Finding("harmful-op", "high", "load", said, {"ops": harmful}, _DISTRUST)


def _loaders(model: _Model) -> dict[str, LoaderVerdict]:
    """Return which runtimes know the operators; what these compute is not analysed."""
    custom = [name for code, name, _ in model.codes if code == tflite_operators.CUSTOM]
    builtin = [(n, v) for code, n, v in model.codes if code != tflite_operators.CUSTOM]
    return {"tflite": _tensorflow(custom, builtin), "litert": _litert(custom, builtin)}


def _tensorflow(custom: list[str], builtin: list[tuple[str, int]]) -> LoaderVerdict:
    since, newest = "", ""
    for name, version in builtin:
        first = tflite_operators.first_tensorflow(name, version)
        if first is None:
            said = f"version {version} of {name} is known to no TensorFlow up to 2.21"
            return LoaderVerdict(diagnosis.FAILS, said)
        if tflite_operators.as_key(first) > tflite_operators.as_key(since or "0"):
            since, newest = first, f"{name} has version {version}"
    if other := [name for name in custom if not name.startswith("Flex")]:
        said = f"{other[0]} is an op that must be registered with it"
        return LoaderVerdict(diagnosis.UNKNOWN, said, since or None)
    said = f"it knows every operator; {newest}" if newest else "it knows every operator"
    return LoaderVerdict(diagnosis.RUNS, said, since or None)


def _litert(custom: list[str], builtin: list[tuple[str, int]]) -> LoaderVerdict:
    runtime = next((r for r in tflite_operators.known().measured if r.startswith("LiteRT")), "")
    for name, version in builtin:
        if not tflite_operators.knows(runtime, name, version):
            said = f"{runtime} does not know version {version} of {name}"
            return LoaderVerdict(diagnosis.FAILS, said)
    if custom and all(name.startswith("Flex") for name in custom):
        said = f"{custom[0]} is TensorFlow's own op, and LiteRT comes without the Flex delegate"
        return LoaderVerdict(diagnosis.FAILS, said)
    if custom:
        return LoaderVerdict(diagnosis.UNKNOWN, f"{custom[0]} must be registered with it")
    return LoaderVerdict(diagnosis.RUNS, f"{runtime} knows every operator")
