"""The core as somebody has it who installed no extra: a Python with its dependencies and no more."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "savedmodel_matrix"
ENTRIES = (
    "savedmodel_matrix.__main__",
    *("savedmodel_matrix.commands." + name for name in ("artifacts", "explained", "repairing")),
    "savedmodel_matrix.commands.repairing_trees",
    *(f"savedmodel_matrix.savedmodel.{file.stem}" for file in PACKAGE.glob("savedmodel/[a-z]*.py")),
)


def names_of(requirements: list[str]) -> set[str]:
    """Return the distributions that are required here, without extras, with what they require."""
    found: set[str] = set()
    wanted = [Requirement(each) for each in requirements]
    while wanted:
        one = wanted.pop()
        name = canonicalize_name(one.name)
        if name not in found and (not one.marker or one.marker.evaluate({"extra": ""})):
            found.add(name)
            wanted += [Requirement(each) for each in requires(name) or ()]
    return found


def bare(directory: Path, requirements: list[str]) -> Path:
    """Make a directory of links to what these requirements install, and to this package."""
    wanted = names_of(requirements)
    for module, distributions in packages_distributions().items():
        if wanted.intersection(map(canonicalize_name, distributions)):
            spec = find_spec(module)
            assert spec, module
            found = next(iter(spec.submodule_search_locations or [str(spec.origin)]))
            (directory / Path(found).name).symlink_to(found)
    (directory / PACKAGE.name).symlink_to(PACKAGE)
    return directory


def run(path: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python that finds the standard library and one directory, no more."""
    begun = f"import sys\nsys.path.append({str(path)!r})\n{program}"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", begun, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def used(tree: ast.AST) -> Iterator[str]:
    """Yield what a module imports, `module.name` where a name, and what it uses of modules.

    What a test of the platform or of Python's version guards is left out, and what is for types.
    """
    modules: dict[str, str] = {}
    for node in _unguarded(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                modules[alias.asname or alias.name.partition(".")[0]] = alias.name
                yield alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield f".{node.attr}"
            if isinstance(node.value, ast.Name) and node.value.id in modules:
                yield f"{modules[node.value.id]}.{node.attr}"
        elif isinstance(node, ast.Name):
            yield f"builtins.{node.id}"


def _unguarded(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If):
        test = ast.unparse(node.test)
        if any(one in test for one in ("sys.platform", "sys.version_info", "TYPE_CHECKING")):
            return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _unguarded(child)
