"""Filling environments from their locks, and knowing without asking uv that one is whole.

An environment over another one has no venv: a directory of packages that go in front of those of
its base, which is filled first.

A whole environment has a stamp: a small file, written last and at once, that says which lock and
which Python it was filled with, and what that installed. A venv whose stamp is missing or says
something else is removed and filled again, so that an installation cut short, or one that lost a
package since, never passes for a whole one. What a look at the stamp cannot see, files that are
gone or cut short, ``mend`` finds before the environment is used.

Wheels come without bytecode and none is compiled here: the first import in a host writes what is
used, in a fraction of the time that compiling every module would take, and ``bytecode`` shares it.
"""

import asyncio
import contextlib
import hashlib
import json
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from savedmodel_matrix.environments.installer import InstallerFailed, alone, run_uv
from savedmodel_matrix.environments.integrity import damage, distributions, site_packages
from savedmodel_matrix.environments.locking import pins, stated
from savedmodel_matrix.environments.ownership import STAMP, is_ours, note_ours
from savedmodel_matrix.environments.patching import DoesNotFit, apply_patches
from savedmodel_matrix.environments.refusals import refusal_in
from savedmodel_matrix.environments.resolving import answer, resolution, resolve
from savedmodel_matrix.model.environment import Environment
from savedmodel_matrix.model.errors import UserError

STAMP_FORMAT = 2

_TENSORFLOW = {"tensorflow", "tensorflow-cpu"}  # one of them, as the platform has it


class EnvironmentBroken(Exception):
    """An environment that cannot be used: its cells are not-run at stage `environment`.

    `reason` is one sentence, the same on every machine; `last_words` is what the installer or the
    operating system said about it, up to five lines, and may be empty.
    """

    def __init__(self, reason: str, last_words: str = "") -> None:
        super().__init__(f"{reason}\n{last_words}" if last_words else reason)
        self.reason = reason
        self.last_words = last_words


class NotResolvable(EnvironmentBroken):
    """What a case requires cannot be had in an environment: an answer, not a breakdown.

    `reason` is the resolver's answer in a sentence, `last_words` all of it.
    """


@dataclass(frozen=True)
class Identity:
    """What the key of a record made in an environment rests on."""

    lock: str  # sha256 of the lock's bytes, or of the hashes of all that it rests on
    python: str  # "CPython 3.11.7"
    platform: str  # "linux-x86_64"


@dataclass(frozen=True)
class Filled:
    """An environment that is whole. `seconds` is what filling took, 0.0 if it was whole before."""

    environment: Environment
    identity: Identity
    seconds: float


def look(environment: Environment) -> Filled | None:
    """Return the environment if it is whole, None if it has to be filled; starts no process.

    One over another environment is whole if that one is too. One whose lock is made on demand has
    none at first. Raises EnvironmentBroken if its lock is missing or is not of the versions stated
    for it, NotResolvable if the lock says that there is no solution.
    """
    if environment.on_demand and not is_resolved(environment):
        return None
    lock = lock_hash(environment)
    if environment.base and not look(environment.base):
        return None
    try:
        stamp = json.loads((environment.directory / STAMP).read_bytes())
        identity = Identity(lock, _python(environment), _platform())
        expected = _stamp(environment, identity)
    except (OSError, ValueError, KeyError):
        return None
    return Filled(environment, identity, seconds=0.0) if stamp == expected else None


async def fill(environment: Environment, uv: Path, log: Path) -> Filled:
    """Make the environment whole: at once if it is, else by installing its lock with `uv`.

    What uv says is appended to `log`. Two runs never fill one environment at a time: the later
    one waits, and takes what the earlier one made. uv looks for the Python as it always does,
    and may download one where its settings let it. Raises EnvironmentBroken.
    If the task is cancelled, uv is ended and the environment stays without a stamp.
    """
    if environment.on_demand and not is_resolved(environment):
        await _resolve(environment, uv, log)
    if environment.requires:
        lock_hash(environment)  # which may say that there is no solution, base or no base
    if environment.base:
        await fill(environment.base, uv, log)
    if filled := look(environment):
        return filled
    directory = environment.directory
    try:
        async with alone(directory.with_name(f"{directory.name}.lock")) as held:
            return look(environment) or await _fill(environment, uv, log, held)
    except OSError as error:
        raise EnvironmentBroken(
            f"The environment {environment.name} could not be written.", str(error)
        ) from error


def is_resolved(environment: Environment) -> bool:
    """Return whether it has a lock that is up to date, be it of packages or of a refusal.

    Raises EnvironmentBroken if a lock that it rests on is missing.
    """
    try:
        return resolution(environment) is not None
    except OSError as error:
        raise EnvironmentBroken(_unreadable(environment), str(error)) from error


def _unreadable(environment: Environment) -> str:
    extended = environment.extends or environment
    return f"A lock that {environment.name} rests on cannot be read: see {extended.lock_name}."


async def _resolve(environment: Environment, uv: Path, log: Path) -> None:
    """Make the lock of what a case requires. Raises EnvironmentBroken where there is no answer."""
    try:
        await resolve(environment, uv)
    except (InstallerFailed, OSError) as error:
        words = error.last_words if isinstance(error, InstallerFailed) else str(error)
        wanted = " and ".join(environment.requires)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as output:
            output.write(f"{words}\n")
        raise EnvironmentBroken(f"uv could not resolve {wanted}.", words) from error


async def mend(environment: Environment, find_uv: Callable[[], Path], log: Path) -> str:
    """Fill the environment again if files of it are gone or cut short; return what was wrong.

    "" if nothing was. A base is looked over by itself. Raises EnvironmentBroken.
    """
    damaged = await asyncio.to_thread(damage, environment.directory)
    if damaged:
        with contextlib.suppress(OSError):  # which filling will come upon
            if is_ours(environment.directory):
                note_ours(environment.directory)
                (environment.directory / STAMP).unlink(missing_ok=True)
        try:
            await fill(environment, find_uv(), log)
        except EnvironmentBroken as error:
            said = f"{environment.name} is damaged ({damaged}) and cannot be installed again."
            raise EnvironmentBroken(said, str(error)) from error
    return damaged


async def _fill(environment: Environment, uv: Path, log: Path, held: int | None) -> Filled:
    """Remove what there is, install again, and write the stamp."""
    start = time.monotonic()
    directory = environment.directory
    lock = lock_hash(environment)  # before uv reads it: an edit meanwhile must show later
    if not is_ours(directory):
        raise EnvironmentBroken(
            f"{'/'.join(directory.parts[-3:])} holds something that savedmodel-matrix did not put "
            "there: move it away."
        )
    if directory.exists():
        note_ours(directory)  # by the stamp it is until now
        # The stamp first: a removal that is cut short must not leave one behind.
        (directory / STAMP).unlink(missing_ok=True)
        await _remove(directory)
    directory.mkdir(parents=True)
    note_ours(directory)
    step = f"uv could not make a virtual environment with Python {environment.python}"
    try:
        if not environment.path:
            arguments: list[str | Path] = ["venv", "--no-project"]
            arguments += ["--python", environment.python, directory]
            await run_uv(uv, arguments, log=log, inherited=held)
        step = f"uv could not install {environment.lock_name}"
        await _install(environment, uv, log, held)
    except InstallerFailed as error:
        if environment.requires and (sentence := refusal_in(error.last_words)):
            said = f"{environment.lock_name} cannot be installed on {_platform()}: {sentence}."
            raise NotResolvable(said, error.last_words) from error
        raise EnvironmentBroken(f"{step}.", error.last_words) from error
    check_distributions(environment)
    _patch(environment)
    if damaged := await asyncio.to_thread(damage, directory):
        raise EnvironmentBroken(
            f"uv installed {environment.lock_name} with a file that is not whole, so its cache is "
            "damaged: empty it with `uv cache clean`, and try again.",
            damaged,
        )
    identity = Identity(lock, _python(environment), _platform())
    written = directory / f"{STAMP}.new"
    written.write_text(json.dumps(_stamp(environment, identity), indent=2), encoding="utf-8")
    written.replace(directory / STAMP)
    return Filled(environment, identity, seconds=time.monotonic() - start)


async def _install(environment: Environment, uv: Path, log: Path, held: int | None) -> None:
    """Install the lock. Raises InstallerFailed."""
    if environment.path and not pins(environment.lock.read_text(encoding="utf-8")):
        environment.path.mkdir(parents=True)  # its base has all that is required
        return
    arguments: list[str | Path] = ["pip", "sync", "--require-hashes"]
    arguments += ["--target", environment.path] if environment.path else []
    arguments += ["--python", environment.executable, environment.lock]
    try:  # what is cached needs no index, which may be out of reach
        await run_uv(uv, [*arguments, "--offline"], log=log, inherited=held)
    except InstallerFailed:
        await run_uv(uv, arguments, log=log, inherited=held)


def _patch(environment: Environment) -> None:
    """Apply the environment's patches. Raises EnvironmentBroken where one is of another release."""
    try:
        for place in site_packages(environment.directory) if environment.patches else ():
            apply_patches(place, environment.patches)
    except DoesNotFit as error:
        raise EnvironmentBroken(
            f"{environment.name} cannot be made: {error}",
            "A patch is for one release of a package, which pyproject.toml pins beside it.",
        ) from error
    except UserError as error:
        raise EnvironmentBroken(
            f"{environment.name} could not be patched.", str(error.__cause__)
        ) from error


async def _remove(directory: Path) -> None:
    """Remove a directory in a thread, which even a cancelled task waits for.

    Otherwise the lock would be given up while files are still disappearing.
    """

    def remove() -> None:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(directory)

    removal = asyncio.ensure_future(asyncio.to_thread(remove))
    try:
        await asyncio.shield(removal)
    except asyncio.CancelledError:
        await asyncio.wait([removal])
        raise


def check_distributions(environment: Environment) -> None:
    """Make sure that one TensorFlow is installed, and only one; none where none is stated.

    `tensorflow` and `tensorflow-cpu` hold the same files; both together are neither. tf-keras
    asks for `tensorflow`, so that a lock without the override in `locking` would install both.
    Raises EnvironmentBroken.
    """
    installed = [
        name.partition("-")[0].replace("_", "-").lower()
        for name in distributions(environment.directory)
    ]
    found = sorted(name for name in installed if name in _TENSORFLOW)
    if len(found) != (1 if environment.tensorflow else 0):
        belongs = "exactly one" if environment.tensorflow else "none"
        raise EnvironmentBroken(
            f"{environment.lock_name} installs {' and '.join(found) or 'no TensorFlow'}, where "
            f"{belongs} of tensorflow and tensorflow-cpu belongs: renew it with "
            f"`{_renew(environment)}`."
        )


def lock_hash(environment: Environment) -> str:
    """Hash the lock, once it is sure that it is a lock of this environment's versions."""
    try:
        lock = environment.lock.read_bytes()
    except FileNotFoundError:
        raise EnvironmentBroken(
            f"{environment.lock_name} is missing: make it with `{_renew(environment)}`."
        ) from None
    except OSError as error:
        raise EnvironmentBroken(f"{environment.lock_name} cannot be read.", str(error)) from error
    if environment.requires:
        _check_resolution(environment)
    wanted, pinned = stated(environment), pins(lock.decode(errors="replace"))
    for name, version in sorted(pinned):
        if version != wanted.get(name, version):
            raise EnvironmentBroken(
                f"{environment.lock_name} has {name} {version} where pyproject.toml states "
                f"{wanted[name]}: renew it with `{_renew(environment)}`."
            )
    for name in sorted(wanted.keys() - {name for name, _ in pinned} - _TENSORFLOW):
        raise EnvironmentBroken(
            f"{environment.lock_name} lacks {name}, which pyproject.toml states: "
            f"renew it with `{_renew(environment)}`."
        )
    rests_on = [hashlib.sha256(lock).hexdigest(), *patch_hashes(environment).values()]
    if environment.base:
        rests_on.append(lock_hash(environment.base))
    if len(rests_on) == 1:
        return rests_on[0]
    return hashlib.sha256(" ".join(rests_on).encode()).hexdigest()


def patch_hashes(environment: Environment) -> dict[str, str]:
    """Return the sha256 of each patch of the environment itself, by file name, in order.

    Raises EnvironmentBroken if one cannot be read.
    """
    hashes = {}
    for patch in environment.patches:
        try:
            hashes[patch.name] = hashlib.sha256(patch.read_bytes()).hexdigest()
        except OSError as error:
            raise EnvironmentBroken(
                f"The patch {patch.parent.name}/{patch.name} of {environment.name} cannot be read.",
                str(error),
            ) from error
    return hashes


def _check_resolution(environment: Environment) -> None:
    """Make sure that the lock has packages, and that it is not out of date."""
    if not is_resolved(environment):
        raise EnvironmentBroken(
            f"{environment.lock_name} is older than the locks that it rests on: "
            f"renew it with `{_renew(environment)}`."
        )
    if refusal := resolution(environment):
        raise NotResolvable(refusal, answer(environment))


def _renew(environment: Environment) -> str:
    name = environment.extends.name if environment.extends else environment.name
    return f"nox -s lock -- --environment {name}"


def _stamp(environment: Environment, identity: Identity) -> dict[str, Any]:
    """Say what the environment rests on: its identity, its place, and the interpreter it uses.

    An interpreter that was replaced or upgraded where it is shows in its file's size and time.
    Raises OSError if it is gone.
    """
    interpreter = environment.executable.resolve()
    if sys.platform == "win32":  # where the venv has a launcher, not a link
        interpreter = Path(_configuration(environment)["home"], "python.exe")
    status = interpreter.stat()
    return {
        "format": STAMP_FORMAT,
        # The scripts in a venv hold its path; a link to it leads to the same place.
        "directory": str(environment.directory.resolve()),
        "asked": environment.python,
        **asdict(identity),
        "interpreter": [str(interpreter), status.st_size, status.st_mtime_ns],
        "distributions": distributions(environment.directory),
    }


def _python(environment: Environment) -> str:
    """Say which Python the venv was made with, as uv wrote it down."""
    configuration = _configuration(environment)
    return f"{configuration['implementation']} {configuration['version_info']}"


def _configuration(environment: Environment) -> dict[str, str]:
    """Read the venv's pyvenv.cfg. Raises OSError if there is none."""
    venv = (environment.base or environment).directory
    text = (venv / "pyvenv.cfg").read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^(\w+) = (.+)$", text))


def _platform() -> str:
    return f"{sys.platform}-{platform.machine()}"
