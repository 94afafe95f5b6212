"""Loading a case, remedy or loader file as a module, the way Python loads a script."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


def load_case(path: Path) -> ModuleType:
    """Load a case under its file's name, with its directory first on the path, as a script has it.

    Raises whatever the module raises.
    """
    sys.path.insert(0, str(path.parent))
    name = path.stem if path.stem not in sys.modules else f"case_{path.stem}"
    return _load(path, name)


def load_plain(path: Path) -> ModuleType:
    """Load a remedy or a loader."""
    return _load(path, f"savedmodel_matrix.loaded.{path.stem}")


def _load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
