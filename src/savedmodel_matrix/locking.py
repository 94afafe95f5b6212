"""Locks: every package of an environment, pinned and hashed, one file for all platforms.

What is asked for is in `pyproject.toml`; what came out is in `locks/`, and both are under version
control, so that a published result can be had again. What a lock has is kept when it is
renewed, unless a line of `pyproject.toml` or the upgrade of everything moves it.
"""

import re
import tempfile
from pathlib import Path

from savedmodel_matrix.errors import UserError
from savedmodel_matrix.installer import InstallerFailed, run_uv
from savedmodel_matrix.project import Environment

# Where the CPU wheel is published: it has the same Python API and the same C library as
# `tensorflow`, at a fraction of the download.
CPU_WHEEL = "sys_platform == 'linux' and platform_machine == 'x86_64'"
ELSEWHERE = "sys_platform != 'linux' or platform_machine != 'x86_64'"

_PIN = re.compile(r"(?m)^([A-Za-z0-9._-]+)==([^\s;\\]+)")


def pins(lock: str) -> set[tuple[str, str]]:
    """Return every (name, version) in the text of a lock.

    A name can have several versions, for several platforms or Pythons.
    """
    return set(_PIN.findall(lock))


async def renew(environment: Environment, uv: Path, *, upgrade: bool = False) -> list[str]:
    """Resolve the environment's packages and write its lock.

    Versions that the lock has are kept where they still fit; `upgrade` takes the newest of all.
    Returns what became different, a line for each package, empty if nothing did.
    Raises UserError if there is no solution; the lock is then as it was.
    """
    before = environment.lock.read_text(encoding="utf-8") if environment.lock.exists() else ""
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
        try:
            await run_uv(uv, arguments, log=directory / "log.txt", directory=directory)
        except InstallerFailed as error:
            raise UserError(
                f"{environment.lock_name} was left as it was, because uv cannot resolve what "
                f"pyproject.toml states for {environment.name}: "
                f"{' '.join(error.last_words.splitlines())}"
            ) from error
        after = (directory / lock).read_text(encoding="utf-8")
    _write(environment.lock, after)
    return changes(before, after)


def requirements(environment: Environment) -> str:
    """Return what the environment asks for: TensorFlow, as its CPU wheel where there is one."""
    return (
        f"tensorflow-cpu=={environment.tensorflow} ; {CPU_WHEEL}\n"
        f"tensorflow=={environment.tensorflow} ; {ELSEWHERE}\n"
        f"tf-keras=={environment.tf_keras}\n"
    )


def override(environment: Environment) -> str:
    """Return what replaces requirements that packages state wrongly for this use.

    tf-keras asks for `tensorflow` everywhere, which would be installed over the CPU wheel.
    From 2.18 on the Windows wheel holds all of TensorFlow and `tensorflow-intel` is not published
    any more, yet the metadata of some of these wheels still asks for it.
    """
    lines = [f"tensorflow=={environment.tensorflow} ; {ELSEWHERE}"]
    if tuple(map(int, re.findall(r"\d+", environment.tensorflow)[:2])) >= (2, 18):
        lines.append("tensorflow-intel ; python_version < '3'")
    return "".join(f"{line}\n" for line in lines)


def changes(before: str, after: str) -> list[str]:
    """Say what became different between two texts of a lock, a line for each package."""
    old, new = pins(before), pins(after)
    lines = []
    for name in sorted({name for name, _ in old ^ new}):
        was = ", ".join(sorted(version for pinned, version in old if pinned == name))
        now = ", ".join(sorted(version for pinned, version in new if pinned == name))
        lines.append(f"{name} {was or '(none)'} → {now or '(none)'}")
    return lines


def _write(lock: Path, text: str) -> None:
    """Put a lock in its place at once, so that there is never half of one."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    written = lock.with_name(f"{lock.name}.new")
    written.write_text(text, encoding="utf-8", newline="\n")
    written.replace(lock)
