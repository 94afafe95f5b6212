"""Scanners by others, each in an environment of its own, which is made when it is first needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.environments.installer import InstallerFailed, run_uv

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUIREMENTS = Path(__file__).with_name("scanners.txt")
PYTHON = "3.11"


@dataclass(frozen=True)
class Tool:
    """A scanner by its name, what is required of it, and where it is; why it is not, if so."""

    name: str
    requirement: str
    python: Path
    missing: str = ""


def required() -> Iterator[tuple[str, str]]:
    """Yield the name and the requirement of each scanner."""
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"[A-Za-z0-9-]+", line):
            yield match[0], line.strip()


async def install(place: Path, uv: Path, log: Path) -> list[Tool]:
    """Install each scanner beneath a directory, if it is not there; a failure is said, not raised.

    A stamp, written last, holds the requirement that was installed.
    """
    tools = []
    for name, requirement in required():
        directory = place / name
        python, stamp, missing = directory / "bin" / "python", directory / "installed.txt", ""
        if not stamp.is_file() or stamp.read_text(encoding="utf-8") != requirement:
            try:
                new: list[str | Path] = ["venv", "--no-project", "--clear", "--python", PYTHON]
                await run_uv(uv, [*new, directory], log=log)
                await run_uv(uv, ["pip", "install", "--python", python, requirement], log=log)
                stamp.write_text(requirement, encoding="utf-8")
            except InstallerFailed as error:
                missing = " ".join(str(error).split())[:300]
        tools.append(Tool(name, requirement, python, missing))
    return tools
