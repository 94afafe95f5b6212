"""What a plain script needs to know of a case: read from its source, nothing of which is run."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a case states of itself to the matrix. Its program does not need it.
_STATED = frozenset({"group", "issue", "changed", "requires", "files", "tolerance"})
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class PlainCase:
    """A case's program, and how it is called."""

    docstring: str  # as it stands in the source, with its quotes; empty if there is none
    future: str  # imports from __future__, which come before all others
    body: str  # everything else, without what the case states to the matrix
    bound: frozenset[str]  # every name that its top level binds
    imports: frozenset[str]  # of these, by imports: "np", "tf", "keras"
    functions: frozenset[str]  # at the top: "build", "signatures", "as_model", "save"
    name: str  # what to call the built object
    inputs: tuple[str, ...]
    nested: tuple[str, ...]  # signature names, where each has inputs of its own
    mapping: bool  # signatures() returns a dict, not one function
    module: bool  # the object is a tf.Module, and no Keras model
    served: str  # the method that TensorFlow chooses, where a tf.Module states no signatures
    call: tuple[str, ...] | None  # arguments of a subclassed model's call
    input_specs: bool
    tolerance: str  # as the source has it; empty if it states none

    @property
    def keras(self) -> str:
        """The Keras that the case uses, as its source calls it."""
        return "keras" if "keras" in self.imports else "tf.keras"


def plain_case(text: str) -> PlainCase | None:
    """Return what the source of a case says, or None where it is no case that a script can run."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    functions = {node.name: node for node in tree.body if isinstance(node, _FUNCTION)}
    inputs = _assigned(tree, "inputs")
    if "build" not in functions or not isinstance(inputs, ast.Dict):
        return None
    keys = _texts(inputs.keys)
    if not keys or len(keys) != len(inputs.keys):
        return None
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    modules = [one for one in classes.values() if _inherits(one, "Module")]
    models = [one for one in classes.values() if _inherits(one, "Model")]
    serving = "signatures" in functions
    nested = serving and all(isinstance(value, ast.Dict) for value in inputs.values)
    tolerance = _assigned(tree, "tolerance")
    docstring, future, rest = _split(text, tree)
    return PlainCase(
        docstring=docstring,
        future=future,
        body=rest,
        bound=frozenset({*_imported(tree), *functions, *classes, *_bound(tree)}),
        imports=frozenset(_imported(tree)),
        functions=frozenset(functions),
        name=_called(tree, functions),
        inputs=_own_inputs(inputs.values[0]) if nested else keys,
        nested=keys if nested else (),
        mapping=serving and _returns_mapping(functions["signatures"]),
        module=bool(modules) and not models,
        served="" if serving else _sole_tf_function(modules),
        call=_arguments(models[-1]) if models else None,
        input_specs=_assigned(tree, "input_specs") is not None,
        tolerance=ast.unparse(tolerance) if tolerance is not None else "",
    )


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _texts(nodes: Iterable[ast.expr | None]) -> tuple[str, ...]:
    constants = (node.value for node in nodes if isinstance(node, ast.Constant))
    return tuple(value for value in constants if isinstance(value, str))


def _assigned(tree: ast.Module, name: str) -> ast.expr | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and _target(node) == name:
            return node.value
    return None


def _bound(tree: ast.Module) -> set[str]:
    """Return the names that assignments at the top bind, within statements too."""
    inner = (*_FUNCTION, ast.ClassDef, ast.Lambda)
    queue: list[ast.AST] = [node for node in tree.body if not isinstance(node, inner)]
    found: set[str] = set()
    while queue:
        node = queue.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        queue += [one for one in ast.iter_child_nodes(node) if not isinstance(one, inner)]
    return found


def _target(node: ast.Assign) -> str:
    (first, *_) = node.targets
    return first.id if isinstance(first, ast.Name) else ""


def _own_inputs(node: ast.expr) -> tuple[str, ...]:
    return _texts(node.keys) if isinstance(node, ast.Dict) else ()


def _imported(tree: ast.Module) -> list[str]:
    return [
        name.asname or name.name
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in node.names
    ]


def _inherits(node: ast.ClassDef, name: str) -> bool:
    return any(ast.unparse(base).rpartition(".")[2] == name for base in node.bases)


def _returns_mapping(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a function returns a dict, as far as its last line shows."""
    last = function.body[-1]
    return isinstance(last, ast.Return) and isinstance(last.value, (ast.Dict, ast.DictComp))


def _called(tree: ast.Module, functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]) -> str:
    """Return what the case's own functions call the object, where that is not taken."""
    taken = {_target(node) for node in tree.body if isinstance(node, ast.Assign)} | set(functions)
    for name in ("signatures", "save", "as_model", "keras_objects"):
        if name in functions and functions[name].args.args:
            stated = functions[name].args.args[0].arg
            if stated not in taken:
                return stated
    return next(name for name in ("model", "built", "saved_object") if name not in taken)


def _sole_tf_function(classes: list[ast.ClassDef]) -> str:
    """Return the only method of these classes that is a tf.function: TensorFlow serves that."""
    found = [
        node.name
        for one in classes
        for node in one.body
        if isinstance(node, ast.FunctionDef)
        and any("tf.function" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    return found[0] if len(found) == 1 else ""


def _arguments(model: ast.ClassDef) -> tuple[str, ...] | None:
    for node in model.body:
        if isinstance(node, ast.FunctionDef) and node.name == "call":
            return tuple(one.arg for one in node.args.args[1:])
    return None


def _split(text: str, tree: ast.Module) -> tuple[str, str, str]:
    """Return docstring, imports from __future__ and the rest of a source, as they stand in it."""
    lines = text.splitlines()
    gone: set[int] = set()
    docstring = future = ""
    for number, node in enumerate(tree.body):
        place = range(node.lineno - 1, node.end_lineno or node.lineno)
        told = "\n".join(lines[place.start : place.stop])
        if number == 0 and isinstance(node, ast.Expr) and _is_text(node.value):
            docstring = told
        elif isinstance(node, ast.ImportFrom) and node.module == "__future__":
            future += f"{told}\n"
        elif not (isinstance(node, ast.Assign) and _target(node) in _STATED):
            continue
        gone.update(place)
    kept = [line.rstrip() for number, line in enumerate(lines) if number not in gone]
    return docstring, future.strip(), _without_gaps(kept)


def _without_gaps(lines: list[str]) -> str:
    """Return lines as a text with no more than two empty ones together."""
    kept: list[str] = []
    for line in lines:
        if line or any(kept[-2:]):
            kept.append(line)
    return "\n".join(kept).strip("\n")
