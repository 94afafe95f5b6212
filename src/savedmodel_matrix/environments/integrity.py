"""Whether an environment still has every file that was installed into it, each in its full size.

Each installed distribution lists its files in a RECORD
(https://packaging.python.org/en/latest/specifications/recording-installed-packages/). Reading these
and asking for the sizes takes a fraction of a second; contents are not read again.
"""

from __future__ import annotations

import csv
import os
import sys
from typing import TYPE_CHECKING

from savedmodel_matrix.model.environment import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def site_packages(directory: Path) -> list[Path]:
    """Return where an environment keeps packages of its own; one place, or none if it is not there.

    That is `packages` where it has no venv of its own.
    """
    pattern = "Lib/site-packages" if sys.platform == "win32" else "lib/python*/site-packages"
    return sorted([*directory.glob(pattern), *directory.glob(PACKAGES)])


def distributions(directory: Path) -> list[str]:
    """Return the names of the distributions' directories in it: "keras-3.15.1.dist-info"."""
    return sorted(
        entry.name
        for place in site_packages(directory)
        for entry in os.scandir(place)
        if entry.name.endswith(".dist-info")
    )


def damage(directory: Path) -> str:
    """Say which installed file is missing or cut short, the first one found; "" if none is."""
    for place in site_packages(directory):
        for name in distributions(directory):
            try:
                record = (place / name / "RECORD").read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                return f"{name}/RECORD cannot be read"
            for file, size in _listed(record):
                try:
                    found = os.stat(os.path.join(place, file)).st_size  # noqa: PTH116, PTH118 - 20,000 files
                except OSError:
                    return f"{file} is missing"
                if size.isdecimal() and found != int(size):
                    return f"{file} has {found} bytes instead of {size}"
    return ""


def _listed(record: str) -> Iterator[tuple[str, str]]:
    """Yield path and stated size of every file but bytecode, which Python rewrites."""
    for row in csv.reader(record.splitlines()):
        if len(row) == 3 and not row[0].endswith(".pyc"):
            yield row[0], row[2]
