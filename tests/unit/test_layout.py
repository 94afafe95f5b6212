"""The packages, and the direction in which they may import one another."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "savedmodel_matrix"

# What each package may import besides itself; `docs/how-it-works.md` has the same in words.
MAY_IMPORT = {
    "host": set(),
    "savedmodel": set(),
    "plugins": {"savedmodel"},
    "model": {"host"},
    "analysis": {"model"},
    "workspace": {"host", "model"},
    "environments": {"host", "model", "workspace"},
    "store": {"analysis", "environments", "host", "model", "workspace"},
    "engine": {"analysis", "environments", "host", "model", "store", "workspace"},
    "views": {
        *("analysis", "environments", "engine", "host", "model", "savedmodel", "store"),
        "workspace",
    },
    "commands": {
        *("analysis", "environments", "engine", "host", "model", "store"),
        *("savedmodel", "views", "workspace"),
    },
}


def imported(file: Path) -> set[str]:
    """Return the packages of ours that a file imports, for types too."""
    found = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} | {f"{node.module}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    names = {name.split(".")[1] for name in found if name.startswith("savedmodel_matrix.")}
    return {name for name in names if (PACKAGE / name).is_dir()}


def test_there_are_at_most_twelve_packages_and_nothing_beside_them():
    entries = {path.name for path in PACKAGE.iterdir()} - {"__pycache__"}
    assert {name for name in entries if (PACKAGE / name).is_dir()} == MAY_IMPORT.keys()
    assert len(MAY_IMPORT) <= 12
    assert entries - MAY_IMPORT.keys() == {"__init__.py", "__main__.py", "py.typed"}


@pytest.mark.parametrize("name", sorted(MAY_IMPORT))
def test_a_package_imports_in_one_direction_only(name):
    against = {
        f"{file.relative_to(PACKAGE)} imports {other}"
        for file in (PACKAGE / name).rglob("*.py")
        for other in imported(file) - MAY_IMPORT[name] - {name}
    }
    assert not against


@pytest.mark.parametrize("name", sorted(MAY_IMPORT))
def test_a_package_says_what_lives_there(name):
    text = ast.get_docstring(ast.parse((PACKAGE / name / "__init__.py").read_bytes()))
    assert text
    assert "import" in text
