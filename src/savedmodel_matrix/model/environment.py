"""An environment as it is stated: a Python, packages, and where they are installed."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from savedmodel_matrix.model.requirements import for_tensorflow, overlay_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from savedmodel_matrix.model.plugin import Loader

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
    loaders_of: str = ""  # another environment of a loader, whose loaders run in this one too
    patches: tuple[Path, ...] = ()  # unified diffs of packages that it installs itself
    over: str = ""  # the name of its base
    base: Environment | None = None  # whose venv it uses, with packages of its own in front
    requires: tuple[str, ...] = ()  # what a case needs beside `extends`, placeholders replaced
    extends: Environment | None = None  # the environment that a case's requirements are added to
    on_demand: bool = False  # whether a run makes its lock where there is none

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

    def runs(self, loader: Loader) -> bool:
        """Say whether a loader with an environment of its own runs in this one."""
        return loader.environment in {self.name, self.loaders_of} - {""}

    @property
    def lock_name(self) -> str:
        """The lock as a person would write it, `locks/tf2.15.txt`, the same on every machine."""
        parts = self.lock.parts[-3:] if self.extends else self.lock.parts[-2:]
        return "/".join(parts)

    @property
    def contents(self) -> str:
        """What a person wants to know of it: "TensorFlow 2.16.1", "Keras 3.0.5 over tf2.21"."""
        named = (("TensorFlow", self.tensorflow), ("Keras", self.keras))
        words = [f"{name} {version}" for name, version in named if version]
        words += [one.replace("==", " ") for one in (*self.packages, *self.requires)]
        said = ", ".join(words)
        said += f" with {' and '.join(one.name for one in self.patches)}" if self.patches else ""
        said += f" over {self.over}" if self.over else ""
        return said + (f" as of {self.released}" if self.released else "")


def overlay(
    environment: Environment, requires: tuple[str, ...], locks: Path, *, on_demand: bool
) -> Environment:
    """Return an environment with what a case requires in front; its lock is in ``locks``.

    An overlay of an overlay lies over the same base, with the packages of both.
    """
    name = overlay_name(environment.name, requires)
    if environment.extends:  # by a release: both are required of what that extends
        both = (*environment.requires, *requires)
        below = replace(environment.extends, released=environment.released)
        return _over(below, name, both, locks, on_demand=on_demand)
    return _over(environment, name, requires, locks, on_demand=on_demand)


def with_releases(
    environment: Environment, releases: Mapping[str, str], locks: Path
) -> Environment:
    """Return an environment with releases of packages in front, and what these need.

    Everything else is as the environment has it. The lock is made when it is first needed. A day
    that the environment is as of does not hold for it: a release may be newer. ``releases`` are
    versions by package.
    """
    name = "+".join((environment.name, *(f"{one}-{releases[one]}" for one in sorted(releases))))
    below = replace(
        environment,
        released="",
        keras="" if "keras" in releases else environment.keras,
        packages=tuple(one for one in environment.packages if one.split("==")[0] not in releases),
    )
    requires = tuple(f"{one}=={releases[one]}" for one in sorted(releases))
    return _over(below, name, requires, locks, on_demand=True)


def _over(
    environment: Environment, name: str, requires: tuple[str, ...], locks: Path, *, on_demand: bool
) -> Environment:
    base = environment.base or environment
    own = environment  # a patched copy of a package is installed, and patched, in the overlay too
    if environment is base:
        own = replace(environment, keras="", packages=(), patches=())
    return replace(
        own,
        name=name,
        tensorflow="",
        tf_keras="",
        lock=locks / f"{name}.txt",
        directory=environment.directory.with_name(name),
        over=base.name,
        base=base,
        requires=tuple(for_tensorflow(one, base.tensorflow) for one in requires),
        extends=environment,
        on_demand=on_demand,
    )
