"""Locks: every package of an environment, pinned and hashed, one file for all platforms.

What is asked for is in `pyproject.toml`; what came out is in `locks/`, and both are under version
control, so that a published result can be had again. What a lock has is kept when it is
renewed, unless a line of `pyproject.toml` or the upgrade of everything moves it.
"""

import platform
import re
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from packaging.markers import Marker

from savedmodel_matrix.environments.installer import InstallerFailed, run_uv
from savedmodel_matrix.model.environment import Environment
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.workspace.stated import normalized

# Where the CPU wheel is published: it has the same Python API and the same C library as
# `tensorflow`, at a fraction of the download.
CPU_WHEEL = "sys_platform == 'linux' and platform_machine == 'x86_64'"
ELSEWHERE = "sys_platform != 'linux' or platform_machine != 'x86_64'"

# What outcomes are attributed to, so that it is asserted where they are measured.
ASSERTED = ("tensorflow", "tensorflow-cpu", "keras", "tf-keras", "numpy", "jax")

_PIN = re.compile(r"(?m)^([A-Za-z0-9._-]+)==([^\s;\\]+)[ \t]*(?:;[ \t]*([^\\\n]+))?")


def pins(lock: str) -> set[tuple[str, str]]:
    """Return every (name, version) in the text of a lock.

    A name can have several versions, for several platforms or Pythons.
    """
    return {(name, version) for name, version, _ in _PIN.findall(lock)}


def pin_lines(lock: str) -> dict[str, list[str]]:
    """Return the pins of a lock by package, without hashes, as constraints take them."""
    found: dict[str, list[str]] = {}
    for name, version, marker in _PIN.findall(lock):
        line = f"{name}=={version}" + (f" ; {marker.strip()}" if marker else "")
        found.setdefault(name, []).append(line)
    return found


def stated(environment: Environment) -> dict[str, str]:
    """Return what `pyproject.toml` itself pins in an environment, version by name."""
    versions = {
        "tensorflow": environment.tensorflow,
        "tensorflow-cpu": environment.tensorflow,
        "tf-keras": environment.tf_keras,
        "keras": environment.keras,
    }
    versions |= dict(one.split("==") for one in environment.packages)
    return {normalized(name): version for name, version in versions.items() if version}


def expected(environment: Environment) -> dict[str, str]:
    """Return the versions that the lock has for this platform, of what outcomes rest on.

    What is over another environment replaces what that one has. Left out is what the lock does
    not decide: two versions for two patch releases of Python. Raises OSError if a lock is gone.
    """
    found = expected(environment.base) if environment.base else {}
    text = environment.lock.read_text(encoding="utf-8")
    return found | {
        name: versions.pop()
        for name in ASSERTED
        if len(versions := versions_in(text, name, environment.python)) == 1 and "" not in versions
    }


def versions_in(lock: str, name: str, python: str) -> set[str]:
    """Return every version that some patch release of a Python gets; "" is none."""
    found = set()
    here = {"sys_platform": sys.platform, "platform_machine": platform.machine()}
    patches = (python,) if python.count(".") == 2 else (f"{python}.0", f"{python}.99")
    for full in patches:
        short = ".".join(full.split(".")[:2])
        here |= {"python_version": short, "python_full_version": full}
        versions = {
            version
            for pinned, version, marker in _PIN.findall(lock)
            if pinned == name and (not marker or Marker(marker.strip()).evaluate(here))
        }
        found |= versions or {""}
    return found


# In a lock without packages: by which command it was written, or what its answer rests on.
WRITTEN_BY_US = ("nox -s lock", "# Rests on ")


async def renew(environment: Environment, uv: Path, *, upgrade: bool = False) -> list[str]:
    """Resolve the environment's packages and write its lock.

    Versions that the lock has are kept where they still fit; `upgrade` takes the newest of all,
    or of all that the environment's day had.
    Returns what became different, a line for each package, empty if nothing did.
    Raises UserError if there is no solution; the lock is then as it was.
    """
    before = read_lock(environment.lock)
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        # Names only, no paths: they end up in the lock's comments.
        asked, overrides, lock = f"{environment.name}.in", "overrides.txt", "lock.txt"
        (directory / asked).write_text(requirements(environment), encoding="utf-8")
        (directory / overrides).write_text(override(environment), encoding="utf-8")
        (directory / lock).write_text(before, encoding="utf-8")
        arguments = ["pip", "compile", asked, "--override", overrides, "--output-file", lock]
        arguments += ["--universal", "--python-version", environment.python, "--generate-hashes"]
        arguments += [
            "--custom-compile-command",
            f"nox -s lock -- --environment {environment.name}",
        ]
        arguments += ["--no-emit-index-url", "--no-emit-find-links", "--no-emit-index-annotation"]
        arguments += ["--upgrade"] if upgrade else []
        arguments += ["--no-deps"] if environment.base else []
        if environment.released:
            arguments += ["--exclude-newer", end_of(environment.released)]
        try:
            await run_uv(uv, arguments, log=directory / "log.txt", directory=directory)
        except InstallerFailed as error:
            raise UserError(
                f"{environment.lock_name} was left as it was, because uv cannot resolve what "
                f"pyproject.toml states for {environment.name}: "
                f"{' '.join(error.last_words.splitlines())}"
            ) from error
        after = (directory / lock).read_text(encoding="utf-8")
    write_lock(environment.lock, after)
    return changes(before, after)


def requirements(environment: Environment) -> str:
    """Return what the environment asks for: TensorFlow, as its CPU wheel where there is one."""
    lines = []
    if environment.tensorflow:
        lines.append(f"tensorflow-cpu=={environment.tensorflow} ; {CPU_WHEEL}")
        lines.append(f"tensorflow=={environment.tensorflow} ; {ELSEWHERE}")
    if environment.tf_keras:
        lines.append(f"tf-keras=={environment.tf_keras}")
    if environment.keras:
        lines.append(f"keras=={environment.keras}")
    return "".join(f"{line}\n" for line in (*lines, *environment.packages))


def override(environment: Environment) -> str:
    """Return what replaces requirements that packages state wrongly for this use.

    tf-keras asks for `tensorflow` everywhere, which would be installed over the CPU wheel.
    From 2.18 on the Windows wheel holds all of TensorFlow and `tensorflow-intel` is not published
    any more, yet the metadata of some of these wheels still asks for it. Nothing is replaced where
    no TensorFlow is stated.
    """
    if not environment.tensorflow:
        return ""
    lines = [f"tensorflow=={environment.tensorflow} ; {ELSEWHERE}"]
    lines.append(windows_override(environment.tensorflow))
    return "".join(f"{line}\n" for line in lines if line)


def windows_override(tensorflow: str) -> str:
    """Return the override that a version of TensorFlow needs on Windows, "" if it needs none."""
    late = tuple(map(int, re.findall(r"\d+", tensorflow)[:2])) >= (2, 18)
    return "tensorflow-intel ; python_version < '3'" if late else ""


def end_of(day: str) -> str:
    """Return the moment at which a day is over, the same wherever the lock is made.

    uv would take a bare date in the time zone of the machine.
    """
    return f"{date.fromisoformat(day) + timedelta(days=1)}T00:00:00Z"


def changes(before: str, after: str) -> list[str]:
    """Say what became different between two texts of a lock, a line for each package."""
    old, new = pins(before), pins(after)
    lines = []
    for name in sorted({name for name, _ in old ^ new}):
        was = ", ".join(sorted(version for pinned, version in old if pinned == name))
        now = ", ".join(sorted(version for pinned, version in new if pinned == name))
        lines.append(f"{name} {was or '(none)'} → {now or '(none)'}")
    return lines


def write_lock(lock: Path, text: str) -> None:
    """Put a lock in its place at once, so that there is never half of one.

    Raises UserError if it cannot be written, or if the file there is no lock.
    """
    read_lock(lock)
    write_files({lock: text.encode()})


def read_lock(lock: Path) -> str:
    """Return the text of a lock, "" if it is not there. Raises UserError if the file is no lock."""
    try:
        text = lock.read_text(encoding="utf-8") if lock.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{lock} cannot be read ({error}), so it is not replaced.") from error
    if text.strip() and not pins(text) and not any(mark in text for mark in WRITTEN_BY_US):
        raise UserError(f"{lock} is no lock, so it is not replaced: move it away.")
    return text
