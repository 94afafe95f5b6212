"""An environment as it is stated: a Python, packages, and where they are installed."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PACKAGES = "packages"  # where an environment over another one keeps its own


@dataclass(frozen=True)
class Environment:
    """A pinned set of packages and a Python, in a venv of its own or over that of another one."""

    name: str
    python: str  # as asked for, "3.11" or "3.11.7"
    tensorflow: str  # "" where it states none, as tf_keras and keras
    tf_keras: str
    lock: Path
    directory: Path
    keras: str = ""
    packages: tuple[str, ...] = ()  # "openvino==2026.4.1"
    released: str = ""  # a date: the lock holds nothing published after the end of that day
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)
    over: str = ""  # the name of its base
    base: Environment | None = None  # whose venv it uses, with packages of its own in front

    @property
    def executable(self) -> Path:
        """The environment's Python, whether or not it is installed yet."""
        inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
        return (self.base or self).directory / inside

    @property
    def path(self) -> Path | None:
        """What has to be in front on PYTHONPATH: the packages of its own over those of a base."""
        return self.directory / PACKAGES if self.base else None

    @property
    def has_tensorflow(self) -> bool:
        """Whether TensorFlow can be imported in it."""
        return bool((self.base or self).tensorflow)

    @property
    def lock_name(self) -> str:
        """The lock as a person would write it, `locks/tf2.15.txt`, the same on every machine."""
        return f"{self.lock.parent.name}/{self.lock.name}"

    @property
    def contents(self) -> str:
        """What a person wants to know of it: "TensorFlow 2.16.1", "Keras 3.0.5 over tf2.21"."""
        named = (("TensorFlow", self.tensorflow), ("Keras", self.keras))
        words = [f"{name} {version}" for name, version in named if version]
        words += [one.replace("==", " ") for one in self.packages]
        said = ", ".join(words)
        said += f" over {self.over}" if self.over else ""
        return said + (f" as of {self.released}" if self.released else "")
