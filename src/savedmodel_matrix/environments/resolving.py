"""Resolving what a case requires beside the packages of an environment.

The packages of the environment stay as they are: they constrain the resolution and are left out of
its result, TensorFlow above all. What is left is the lock of an overlay. Where there is no
solution, the lock holds the resolver's answer instead, so that it is kept like any other outcome.

A lock rests on those of the environment that it extends; once they change it is out of date.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from savedmodel_matrix.environments.installer import InstallerFailed, run_uv
from savedmodel_matrix.environments.locking import (
    changes,
    end_of,
    pin_lines,
    pins,
    requirements,
    versions_in,
    windows_override,
    write_lock,
)
from savedmodel_matrix.environments.refusals import refusal_in
from savedmodel_matrix.model.requirements import TENSORFLOWS

if TYPE_CHECKING:
    from savedmodel_matrix.model.environment import Environment

RESTS_ON = "# Rests on "
REFUSED = "# No solution: "
LONGEST_ANSWER = 40  # lines of the resolver's answer that are kept with a refusal


def resolution(environment: Environment) -> str | None:
    """Return "" where the lock has packages, the resolver's answer where there are none to be had.

    None if there is no lock, or if it is out of date. Raises OSError if the lock of the environment
    that this one extends is gone.
    """
    try:
        lines = environment.lock.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    if not lines or lines[0] != RESTS_ON + _rests_on(environment):
        return None
    if len(lines) > 1 and lines[1].startswith(REFUSED):
        return lines[1].removeprefix(REFUSED)
    return ""


def answer(environment: Environment) -> str:
    """Return what the resolver said where it found no solution, as it said it."""
    lines = environment.lock.read_text(encoding="utf-8").splitlines()
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[2:])


async def resolve(environment: Environment, uv: Path, *, upgrade: bool = False) -> list[str]:
    """Resolve what a case requires, and write the lock: packages, or why there are none.

    What the environment below has stays. Where that has no TensorFlow and there is no solution,
    its packages may change with what is required, as few as can be.
    Versions that the lock has are kept where they still fit, unless `upgrade` is set. Returns
    what became different, a line for each package. Raises InstallerFailed, with the lock as it
    was, where the index could not be asked or uv failed otherwise; OSError if a lock is gone.
    """
    rests_on = f"{RESTS_ON}{_rests_on(environment)}\n"
    lock = environment.lock
    before = lock.read_text(encoding="utf-8") if lock.exists() else ""
    with tempfile.TemporaryDirectory() as scratch:
        question = _Question(environment, Path(scratch), upgrade=upgrade)
        known = "" if REFUSED in before else before
        try:
            try:
                after = await question.here(uv, known)
            except InstallerFailed:
                if environment.base is None or environment.base.tensorflow:
                    raise
                question = _Question(environment, Path(scratch), upgrade=upgrade, free=True)
                after = await question.here(uv, known or question.below)
        except InstallerFailed:
            said = question.log.read_text(encoding="utf-8", errors="replace")
            if not (sentence := refusal_in(said)):
                raise
            refusal = _refusal(environment, sentence)
            write_lock(lock, f"{rests_on}{REFUSED}{refusal}\n{_commented(said)}")
            return [] if f"{REFUSED}{refusal}\n" in before else [f"no solution: {refusal}"]
        after = await question.everywhere(uv, after)
    write_lock(lock, rests_on + after)
    return changes(before, after)


def _refusal(environment: Environment, sentence: str) -> str:
    tensorflow = environment.base.tensorflow if environment.base else ""
    beside = f"TensorFlow {tensorflow}" if tensorflow else f"the packages of {environment.over}"
    beside += f" as of {environment.released}" if environment.released else ""
    wanted = " and ".join(environment.requires)
    sentence = sentence.removesuffix(f" and tensorflow=={tensorflow}")  # which is given
    return f"{wanted} cannot be installed beside {beside}: {sentence}."


def _commented(said: str) -> str:
    """Return the end of what uv said as comments, without its command line."""
    lines = [line for line in said.splitlines() if not line.startswith("$")][-LONGEST_ANSWER:]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def _rests_on(environment: Environment) -> str:
    """Hash what a lock is made from: the requirements, and the locks that are extended."""
    locks = [hashlib.sha256(one.lock.read_bytes()).hexdigest() for one in _below(environment)]
    asked = [environment.requires, environment.released, locks]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _below(environment: Environment) -> list[Environment]:
    """Return the environments whose packages are there already, the venv's own first."""
    extended = environment.extends
    if extended is None:
        raise ValueError(f"{environment.name} extends no environment")
    return [extended.base, extended] if extended.base else [extended]


class _Question:
    """What uv is asked for an overlay, in files of a scratch directory.

    Where it is `free`, packages below are replaced by whatever fits; `below` has their versions,
    as a lock whose versions uv prefers.
    """

    def __init__(
        self, environment: Environment, directory: Path, *, upgrade: bool, free: bool = False
    ) -> None:
        self._environment, self._directory, self._upgrade = environment, directory, upgrade
        self.log = directory / "log.txt"
        present: dict[str, list[str]] = {}
        for one in _below(environment):
            present |= pin_lines(one.lock.read_text(encoding="utf-8"))
        own = pin_lines(_own_lock(environment)).keys()
        replaced = {name for name in present if free or self._replaces(name, present[name])}
        self.below = "".join(f"{line}\n" for lines in present.values() for line in lines)
        self._kept = (present.keys() | TENSORFLOWS) - replaced - own
        kept = [line for name in present.keys() - own - replaced for line in present[name]]
        # An overlay has what it states, whatever the packages of its base say of it.
        stated = [line for name in own - replaced for line in present[name]]
        tensorflow = environment.base.tensorflow if environment.base else ""
        pinned = f"tensorflow=={tensorflow}" if tensorflow else ""
        self._write("constraints.txt", [*sorted(kept), pinned])
        self._write("overrides.txt", [*sorted(stated), windows_override(tensorflow)])

    def _replaces(self, name: str, lines: list[str]) -> bool:
        """Say whether the case asks for another version of a package than there is."""
        versions = [line.split(";")[0].split("==")[1].strip() for line in lines]
        return any(
            canonicalize_name(asked.name) == name
            and not all(asked.specifier.contains(one, prereleases=True) for one in versions)
            for asked in map(Requirement, self._environment.requires)
        )

    async def here(self, uv: Path, before: str) -> str:
        """Resolve for this platform and Python. Raises InstallerFailed."""
        asked = [*requirements(self._environment).splitlines(), *self._environment.requires]
        return await self._compile(uv, asked, before, "--upgrade" if self._upgrade else "")

    async def everywhere(self, uv: Path, here: str) -> str:
        """Return a lock for all platforms that has what this one got, or else what it got."""
        python = ".".join(self._environment.python.split(".")[:2])
        asked = []
        for one in map(Requirement, self._environment.requires):
            marked = f"({one.marker}) and " if one.marker else ""
            one.marker = None
            asked.append(f"{one} ; {marked}python_version == '{python}'")
        asked += requirements(self._environment).splitlines()
        try:
            found = await self._compile(uv, asked, here, "--universal")
        except InstallerFailed:
            return here
        full = self._environment.python
        same = all(versions_in(found, name, full) == {one} for name, one in pins(here))
        return found if same else here

    async def _compile(self, uv: Path, asked: list[str], before: str, more: str) -> str:
        environment = self._environment
        source, lock = f"{environment.name}.in", "lock.txt"
        self._write(source, asked)
        (self._directory / lock).write_text(before, encoding="utf-8")
        arguments = ["pip", "compile", source, "--override", "overrides.txt"]
        arguments += ["--constraint", "constraints.txt", "--output-file", lock]
        arguments += ["--python-version", environment.python, "--generate-hashes", "--no-annotate"]
        arguments += [
            "--custom-compile-command",
            f"nox -s lock -- --environment {_named(environment)}",
        ]
        arguments += ["--no-emit-index-url", "--no-emit-find-links", "--no-emit-index-annotation"]
        arguments += ["--prerelease", "explicit"]  # as pip: only where one is asked for by name
        arguments += [more] if more else []
        for name in sorted(self._kept):
            arguments += ["--no-emit-package", name]
        if environment.released:
            arguments += ["--exclude-newer", end_of(environment.released)]
        await run_uv(uv, arguments, log=self.log, directory=self._directory)
        return (self._directory / lock).read_text(encoding="utf-8")

    def _write(self, name: str, lines: list[str]) -> None:
        text = "".join(f"{line}\n" for line in lines if line)
        (self._directory / name).write_text(text, encoding="utf-8")


def _named(environment: Environment) -> str:
    return environment.extends.name if environment.extends else environment.name


def _own_lock(environment: Environment) -> str:
    """Return the lock of the overlay that is extended, "" where it is a venv."""
    extended = environment.extends
    return extended.lock.read_text(encoding="utf-8") if extended and extended.base else ""
