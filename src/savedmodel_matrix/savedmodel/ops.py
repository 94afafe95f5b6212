"""What is known of TensorFlow's ops: which make a resource, pass it on, write it, or call what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DEFAULT_CONTAINER = "localhost"  # what an empty container means

VARIABLE, REF, TABLE = "variable", "reference variable", "table"

MAKERS = {
    "VarHandleOp": VARIABLE,
    "VariableV2": REF,
    "Variable": REF,
    **dict.fromkeys(
        (
            *("HashTable", "HashTableV2", "MutableHashTable", "MutableHashTableV2"),
            *("MutableHashTableOfTensors", "MutableHashTableOfTensorsV2"),
            *("MutableDenseHashTable", "MutableDenseHashTableV2"),
        ),
        TABLE,
    ),
}

# Ops whose first input is a resource that they give its value, whatever it was before.
_WRITERS = {
    *("AssignVariableOp", "AssignVariableXlaConcatND", "Assign"),
    *("InitializeTable", "InitializeTableV2", "InitializeTableFromDataset"),
    *("InitializeTableFromTextFile", "InitializeTableFromTextFileV2"),
    *("LookupTableImport", "LookupTableImportV2", "LookupTableInsert", "LookupTableInsertV2"),
}
# Ops that ask for no value.
_NEUTRAL = {"VarIsInitializedOp", "IsVariableInitialized", "DestroyResourceOp", "NoOp"}
# Ops that read, or change what there is, and so never give a first value. An op that is not known
# here may be anybody's: it counts as a reader where a signature runs it, and as a writer where the
# restore or init op does.
_READERS = {
    *("ReadVariableOp", "ResourceGather", "ResourceGatherNd", "VariableShape", "Identity"),
    *("AssignAddVariableOp", "AssignSubVariableOp", "AssignAdd", "AssignSub", "DisableCopyOnRead"),
    *("LookupTableFind", "LookupTableFindV2", "LookupTableSize", "LookupTableSizeV2"),
    *("LookupTableExport", "LookupTableExportV2", "SaveV2", "Shape", "_ReadVariablesOp"),
}

# Ops that call a Python function of the process that saved, by a number in its memory.
PYTHON = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}

# Ops whose outputs are the resources that went in: a handle through the first list, a reference
# through the second (elsewhere a reference is read, as by Identity).
_PASS_HANDLES = {"Identity", "IdentityN", "Enter", "Exit", "Switch", "Merge", "NextIteration"}
_PASS_REFERENCES = {
    *("RefIdentity", "RefEnter", "RefExit", "RefSwitch", "RefMerge", "RefNextIteration"),
}
_TWO_OUTPUTS = {"Switch", "RefSwitch"}

# Ops that state no attribute for a function, so TensorFlow runs none for them: nine nodes in ten of
# most graphs. Looking through the attributes of each would be a sixth of an analysis.
CALL_NOTHING = frozenset(
    {
        *("Const", "Identity", "NoOp", "Placeholder", "Cast", "Shape", "Reshape", "Transpose"),
        *("VarHandleOp", "VarIsInitializedOp", "ReadVariableOp", "AssignVariableOp"),
        *("DisableCopyOnRead", "AddV2", "Sub", "Mul", "MatMul", "BiasAdd", "Relu", "Sigmoid"),
        *("Tanh", "Slice", "StridedSlice", "Pack", "ConcatV2", "Split", "ExpandDims", "Squeeze"),
        *("GatherV2", "Fill", "Less", "InvertPermutation"),
    }
)

# How many inputs come before those that a function gets, by op.
_BEFORE = {
    **dict.fromkeys(("PartitionedCall", "StatefulPartitionedCall", "SymbolicGradient"), 0),
    **dict.fromkeys(("TPUPartitionedCall", "BatchFunction", "MapDefun", "XlaLaunch"), 0),
    **dict.fromkeys(("While", "StatelessWhile"), 0),
    **dict.fromkeys(("RemoteCall", "If", "StatelessIf", "Case", "StatelessCase"), 1),
    "For": 2,  # start, limit, delta, and the function gets the index before the rest
}


@dataclass(frozen=True)
class Call:
    """A function that a node calls; input p becomes argument p - before, any if that is None."""

    function: str
    before: int | None
    returns: bool  # whether the node's outputs are the function's


@dataclass(frozen=True)
class Resource:
    """A variable or table, which TensorFlow knows by kind, container and name."""

    kind: str
    container: str
    name: str


def made_by(node: Any) -> Resource | None:
    """Return the resource that a node makes, None if it makes none."""
    kind = MAKERS.get(node.op)
    if kind is None:
        return None
    name = text(node, "shared_name")
    if not name and kind != VARIABLE:  # a VarHandleOp without a name shares the name ""
        name = node.name
    return Resource(kind, text(node, "container") or DEFAULT_CONTAINER, name)


def text(node: Any, attribute: str) -> str:
    """Return an attribute that is a string, "" if there is none."""
    if attribute not in node.attr:
        return ""
    return str(node.attr[attribute].s.decode("utf-8", "backslashreplace"))


def passes(op: str, kind: str | None, position: int) -> tuple[int, ...]:
    """Return the outputs at which a resource comes out that goes in at a position.

    `kind` is None for an argument of a function, which is a handle.
    """
    if op not in (_PASS_REFERENCES if kind == REF else _PASS_HANDLES):
        return ()
    if op in _TWO_OUTPUTS:
        return (0, 1) if position == 0 else ()
    return (position,) if op == "IdentityN" else (0,)


def reads(op: str, kind: str | None, position: int) -> bool:
    """Say whether a node wants the value of a resource that goes in at a position."""
    return not (op in _NEUTRAL or _writes_first(op, position) or passes(op, kind, position))


def writes(op: str, kind: str | None, position: int) -> bool:
    """Say whether a node gives a resource its value."""
    if op in _NEUTRAL or op in _READERS or passes(op, kind, position):
        return False
    return op not in _WRITERS or position == 0


def _writes_first(op: str, position: int) -> bool:
    return op in _WRITERS and position == 0


def calls(node: Any, functions: Any) -> list[Call]:
    """Return the functions that a node calls: by its op, or by any attribute that names one."""
    if node.op in functions:
        return [Call(node.op, 0, returns=True)]
    names = []
    attributes = node.attr
    for attribute in attributes:
        value = attributes[attribute]
        kind = value.WhichOneof("kind")
        if kind == "func":
            names.append(value.func.name)
        elif kind == "list":
            names += [function.name for function in value.list.func]
    before, returns = _BEFORE.get(node.op), node.op in _BEFORE
    if before is None and len(names) == 1 and names[0] in functions:
        before = _dataset(node, functions[names[0]])
    return [Call(name, before, returns) for name in names if name]


def _dataset(node: Any, function: Any) -> int | None:
    """Return `before` of a dataset's function, whose last arguments are inputs of the node.

    They follow the dataset, and the state where there is one.
    """
    if "Targuments" not in node.attr:
        return None
    captured = len(node.attr["Targuments"].list.type)
    state = len(node.attr["Tstate"].list.type) if "Tstate" in node.attr else 0
    return 1 + state - (len(function.signature.input_arg) - captured)
