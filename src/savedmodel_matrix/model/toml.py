"""TOML as Python 3.11 and later read it, on 3.10 too."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.errors import UserError

if sys.version_info >= (3, 11):  # noqa: UP036 - ruff is told the Python of the harness
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path


def read_toml(file: Path) -> dict[str, Any]:
    """Return what a file states. Raises UserError where it cannot be read, or is not TOML."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{file} cannot be read: {error}.") from error
