"""What a case states of itself, as read from its file; nothing of it is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Case:
    """A case module: its name is its file's."""

    name: str
    path: Path
    title: str
    story: str = ""  # the docstring below its first line: what the user meant to do
    issues: tuple[str, ...] = ()
    group: str = ""  # the heading under which it stands, if the case states one
    changed: str = ""  # the release that changed its outcome, if the case states one
    files: tuple[str, ...] = ()  # that it declares to read, relative to its directory
    length: int = 0  # lines of code, without docstring, comments and empty lines
    requires: tuple[str, ...] = ()  # PEP 508, with {tensorflow} for the environment's version
    complaint: str = ""  # why it cannot be read, naming file and line; it is run all the same
    refused: str = ""  # why it is not run at all, naming file and line
