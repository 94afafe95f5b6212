"""Loading a case, remedy or loader file as a module, the way Python loads a script."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def load_case(path: Path) -> ModuleType:
    """Load a case under its file's name, with its directory first on the path, as a script has it.

    Raises whatever the module raises.
    """
    sys.path.insert(0, str(path.parent))
    name = path.stem if path.stem not in sys.modules else f"case_{path.stem}"
    return _load(path, name)


def load_plain(path: Path) -> ModuleType:
    """Load a remedy, a loader or a converter.

    It can import what is beside it as ``from . import _helper``. Its directory is not put on the
    path, where ``openvino.py`` would hide the package of that name.
    """
    digest = hashlib.sha256(os.fsencode(path.parent)).hexdigest()[:16]
    package = f"savedmodel_matrix_plugins_{digest}"
    if package not in sys.modules:
        made = ModuleType(package)
        made.__path__ = [os.fspath(path.parent)]
        sys.modules[package] = made
    return _load(path, f"{package}.{path.stem}")


def _load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
