"""TensorFlow's libraries of many releases: fetched one by one, read, and deleted again."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from savedmodel_matrix.environments.installer import InstallerFailed, run_uv

# The last patch of every minor, oldest first.
RELEASES = (
    *("2.4.4", "2.5.3", "2.6.5", "2.7.4", "2.8.4", "2.9.3", "2.10.1", "2.11.1", "2.12.1"),
    *("2.13.1", "2.14.1", "2.15.1", "2.16.2", "2.17.1", "2.18.1", "2.19.1", "2.20.0", "2.21.0"),
)
_PACKAGES = ("tensorflow-cpu", "tensorflow")  # the first one there is: the same library, smaller
_PLATFORM = "x86_64-manylinux_2_28"
_SCRIPT = Path(__file__).with_name("registered.py")


@dataclass(frozen=True)
class Registered:
    """What a library has registered: `said` is about the library, the rest as it answered."""

    said: dict[str, object]
    ops: bytes
    kernels: bytes


def _python(release: str) -> str:
    """Return the Python whose wheel is taken, in which the library opens too."""
    return "3.8" if int(release.split(".")[1]) < 14 else "3.11"


async def read_release(release: str, uv: Path, log: Path, kept: Path | None = None) -> Registered:
    """Return what the library of a release has registered.

    It is looked for in the directory `kept`, under its version, and fetched where it is not there;
    what is fetched is deleted. Raises InstallerFailed.
    """
    with tempfile.TemporaryDirectory() as scratch:
        into = Path(scratch)
        unpacked = kept / release if kept and (kept / release).exists() else into / "unpacked"
        if not unpacked.exists():
            await _fetch(release, uv, log, unpacked)
        script: list[str | Path] = [_SCRIPT, unpacked / "tensorflow", into]
        python = ["run", "--no-project", "--python", _python(release), "python", "-I"]
        await run_uv(uv, [*python, *script], log=log)
        return Registered(
            json.loads(into.joinpath("library.json").read_bytes()),
            into.joinpath("ops.pb").read_bytes(),
            into.joinpath("kernels.pb").read_bytes(),
        )


async def _fetch(release: str, uv: Path, log: Path, into: Path) -> None:
    for package in _PACKAGES:
        options: list[str | Path] = [
            "--no-deps",
            "--no-cache",
            "--only-binary",
            ":all:",
            "--target",
            into,
        ]
        target = ["--python-version", _python(release), "--python-platform", _PLATFORM]
        wanted = [
            "pip",
            "install",
            *options,
            *target,
            f"{package}=={release}",
        ]
        try:
            await run_uv(uv, wanted, log=log)
        except InstallerFailed:
            shutil.rmtree(into, ignore_errors=True)
            if package == _PACKAGES[-1]:
                raise
        else:
            return
