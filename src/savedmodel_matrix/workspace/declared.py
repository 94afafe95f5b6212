"""The files that a case declares, as read from its source: ``files = ["vocab.txt"]``.

Most cases need none: what a step reads is noted while it runs. Declared is what cannot be seen.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def declared_files(tree: ast.Module, path: Path) -> tuple[tuple[str, ...], str]:
    """Return the declared paths, relative to the case's directory, and what is wrong with them."""
    value = _stated(tree)
    if value is None:
        return (), ""
    try:
        files = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError):
        files = None
    if not isinstance(files, (list, tuple)) or not all(isinstance(one, str) for one in files):
        form = 'files must be a list of paths in quotes, such as ["vocab.txt"]'
        return (), f"{path}:{value.lineno}: {form}"
    for name in files:
        if not (path.parent / name).exists():
            said = f"files names {name!r}, which is not there: put it there, or leave it out"
            return tuple(files), f"{path}:{value.lineno}: {said}"
    return tuple(files), ""


def _stated(tree: ast.Module) -> ast.expr | None:
    """Return what is assigned to ``files`` at module level, None if nothing is."""
    for node in tree.body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if any(isinstance(target, ast.Name) and target.id == "files" for target in targets):
            return getattr(node, "value", None)
    return None
