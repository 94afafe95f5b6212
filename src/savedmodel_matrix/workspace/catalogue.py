"""Cases, remedies and loaders as files: read without running a line of them.

A case may crash on import, and remedies and loaders import TensorFlow, so that names, formats and
settings are read from the source: module-level assignments of literals.
"""

from __future__ import annotations

import ast
import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.plugin import Converter, Loader, Remedy
from savedmodel_matrix.model.requirements import fault_of
from savedmodel_matrix.workspace.declared import declared_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PLUGINS = Path(__file__).parents[1] / "plugins"
REQUIRES = "requires"  # the name under which a case states what it needs beside TensorFlow
_Plugin = TypeVar("_Plugin", Remedy, Loader, Converter)


def find_cases(directories: Sequence[Path]) -> list[Case]:
    """Return the cases of all directories by name; files that begin with _ are helpers.

    Raises UserError for a missing directory, a directory without cases, or a name used twice.
    """
    found: dict[str, Case] = {}
    for directory in directories:
        if not directory.is_dir():
            raise UserError(f"{directory} is not a directory: --cases takes one that holds cases.")
        files = sorted(p for p in directory.glob("*.py") if not p.name.startswith("_"))
        if not files:
            raise UserError(
                f"{directory} holds no case: put a module with build() and inputs there."
            )
        for path in files:
            case = read_case(path.absolute())
            other = found.get(case.name)
            if other is not None and other.path != case.path:
                raise UserError(
                    f"{path} has the name of {other.path}: rename one of the two cases."
                )
            found[case.name] = case
    return [found[name] for name in sorted(found)]


def read_case(path: Path) -> Case:
    """Read what a case says of itself."""
    try:
        source = path.read_bytes()
        tree = ast.parse(source, filename=str(path))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        return Case(path.stem, path, path.stem, complaint=f"{path}:{line}: {_said(error)}")
    except OSError as error:
        return Case(path.stem, path, path.stem, complaint=f"{path}: {error.strerror}")
    stated = _literals(tree)
    requires, refused = _requires(tree, path)
    issue = stated.get("issue", ())
    files, wrong = declared_files(tree, path)
    issues = (issue,) if isinstance(issue, str) else tuple(str(one) for one in issue)
    return Case(
        path.stem,
        path,
        _title(tree, path),
        story=" ".join((ast.get_docstring(tree) or "").strip().partition("\n")[2].split()),
        issues=issues,
        group=str(stated.get("group", "")),
        changed=str(stated.get("changed", "")),
        files=files,
        length=_length(tree, source),
        requires=requires,
        complaint=_lacking(tree, path) or wrong,
        refused=refused,
    )


def _requires(tree: ast.Module, path: Path) -> tuple[tuple[str, ...], str]:
    """Return the packages that a case states it needs, and what is wrong with the statement.

    A case that is run without what it asks for would fail for a reason that is not its own, so
    that one that cannot be read is not run.
    """
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        if not any(isinstance(one, ast.Name) and one.id == REQUIRES for one in targets):
            continue
        try:
            stated = ast.literal_eval(node.value)  # type: ignore[attr-defined]
        except (ValueError, TypeError):
            stated = None
        if not isinstance(stated, list | tuple):
            return (), (
                f"{path}:{node.lineno}: {REQUIRES} must be a literal list of requirements, "
                f'such as {REQUIRES} = ["tensorflow-text"].'
            )
        for one in stated:
            if fault := fault_of(one):
                return (), f"{path}:{node.lineno}: in {REQUIRES}, {fault}."
        return tuple(stated), ""
    return (), ""


def _length(tree: ast.Module, source: bytes) -> int:
    """Return the number of lines of code."""
    skipped = tree.body[0].end_lineno or 0 if ast.get_docstring(tree) else 0
    lines = source.splitlines()[skipped:]
    return sum(bool(line.strip()) and not line.lstrip().startswith(b"#") for line in lines)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {getattr(error, 'msg', None) or error}"


def _lacking(tree: ast.Module, path: Path) -> str:
    names = set(_bound(tree.body))
    if "*" in names:
        return ""
    for name, form in (("build", "build()"), ("inputs", "inputs = {argument: array}")):
        if name not in names:
            return f"{path}:1: a case needs {form}"
    return ""


def _bound(statements: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that statements bind in their own scope, blocks such as ``if`` included.

    What a function or a class binds within itself is not bound here, unless declared global.
    """
    for node in statements:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
            for inner in ast.walk(node):
                if isinstance(inner, ast.Global):
                    yield from inner.names
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            # Its variables are its own, but what := assigns is bound outside.
            walrus = (n.target for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
            yield from (target.id for target in walrus)
        elif not isinstance(node, ast.Lambda):
            if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
                yield node.name
            yield from _bound(ast.iter_child_nodes(node))


def find_remedies(more: Sequence[Path] = ()) -> list[Remedy]:
    """Return every remedy, as written first: those of the package, and those in ``more``.

    Raises UserError for a file that is none, or a name used twice.
    """
    found = []
    for path in _plain_files("remedies", more):
        tree, stated = _read_plain(path, ("name", "writes"))
        found.append(
            Remedy(
                stated["name"],
                path,
                _title(tree, path),
                stated["writes"],
                stated.get("settings", {}),
            )
        )
    return sorted(_named_once(found), key=lambda one: (one.name != "as-written", one.name))


def find_loaders(more: Sequence[Path] = ()) -> list[Loader]:
    """Return every loader by name: those of the package, and those in ``more``.

    Raises UserError for a file that is none, or a name used twice.
    """
    found = []
    for path in _plain_files("loaders", more):
        tree, stated = _read_plain(path, ("name", "reads", "preload"))
        prepares = any(isinstance(n, ast.FunctionDef) and n.name == "prepare" for n in tree.body)
        found.append(
            Loader(
                stated["name"],
                path,
                _title(tree, path),
                (reads,) if isinstance(reads := stated["reads"], str) else tuple(reads),
                tuple(stated["preload"]),
                prepares,
                stated.get("environment", ""),
                stated.get("since", ""),
                stated.get("crosses", False),
                stated.get("numerics", {}),
            )
        )
    return sorted(_named_once(found), key=lambda one: one.name)


def find_converters(more: Sequence[Path] = ()) -> list[Converter]:
    """Return every converter by name: those of the package, and those in ``more``.

    Raises UserError for a file that is none, or a name used twice.
    """
    found = []
    for path in _plain_files("converters", more):
        tree, stated = _read_plain(path, ("name", "reads", "writes"))
        title = _title(tree, path)
        found.append(Converter(stated["name"], path, title, stated["reads"], stated["writes"]))
    return sorted(_named_once(found), key=lambda one: one.name)


def _plain_files(kind: str, more: Sequence[Path]) -> list[Path]:
    """Return the files of the package's plugins of a kind and of those in ``more``, each once."""
    found: dict[Path, None] = {}
    for directory in (PLUGINS / kind, *more):
        files = sorted(p for p in directory.glob("*.py") if not p.name.startswith("_"))
        found |= dict.fromkeys(path.absolute() for path in files)
    return list(found)


def _named_once(found: list[_Plugin]) -> list[_Plugin]:
    """Return the plugins. Raises UserError where two of them state one name."""
    by_name: dict[str, _Plugin] = {}
    for one in found:
        other = by_name.setdefault(one.name, one)
        if other is not one:
            raise UserError(
                f"{one.path} states the name {one.name!r}, which {other.path} states too: "
                "state another one."
            )
    return found


def _read_plain(path: Path, needed: Iterable[str]) -> tuple[ast.Module, dict[str, Any]]:
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise UserError(f"{path}:{line}: {_said(error)}.") from error
    stated = _literals(tree)
    for name in needed:
        if name not in stated:
            raise UserError(f"{path}: state {name} = … as a literal at module level.")
    return tree, stated


def _literals(tree: ast.Module) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except (ValueError, TypeError):  # no literal, or one that Python cannot build
                continue
    return found


def _title(tree: ast.Module, path: Path) -> str:
    text = ast.get_docstring(tree) or ""
    return text.strip().splitlines()[0].strip() if text.strip() else path.stem


def choose(kind: str, wanted: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the wanted names in the known order, or all if none is asked for.

    Raises UserError with the nearest real name for one that is not known.
    """
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
            raise UserError(f"There is no {kind} {name!r}: {hint}")
    return [name for name in known if not wanted or name in wanted]
