"""What remedies, converters and loaders state of themselves: names, formats, settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SAVE_PRELOAD = ("tensorflow",)  # what the host of a save imports


@dataclass(frozen=True)
class Remedy:
    """A way of saving, the format it writes and the process-wide settings it needs."""

    name: str
    path: Path
    title: str
    writes: str
    settings: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Converter:
    """What turns an artifact of one format into another, in an environment with TensorFlow."""

    name: str
    path: Path
    title: str
    reads: str
    writes: str


@dataclass(frozen=True)
class Loader:
    """A program that loads, the formats it reads and what its host imports once."""

    name: str
    path: Path
    title: str
    reads: tuple[str, ...]
    preload: tuple[str, ...]
    prepares: bool
    environment: str = ""  # the one of its own that it runs in; else all those with TensorFlow
    since: str = ""  # the first TensorFlow that has it, "2.16", if not all do
    crosses: bool = False  # whether --cross lets it load what every other environment saved
    # What it tells its library of how to compute, so that no processor decides.
    numerics: Mapping[str, str] = field(default_factory=dict, hash=False)
