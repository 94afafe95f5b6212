# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]>=2026.7.11"]
# ///
"""Which way of saving a TensorFlow or Keras model works, with which versions, in which loader.

    nox -s matrix                                     the whole comparison table
    nox -s matrix -- --help                           everything that can follow the two hyphens
    nox -s "install(environment='tf2.15')"            one environment, for a CI service to shard by

Every session is a thin call of the command `savedmodel-matrix`, which is installed into
.nox/harness when it is first needed. The environments under test are stated in pyproject.toml.
"""

import contextlib
import json
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import nox
import nox.command
import nox.project
import uv

ROOT = Path(__file__).resolve().parent
PYPROJECT = ROOT / "pyproject.toml"
nox.needs_version = ">=2026.7.11"
if "--json" not in sys.argv:  # `nox -l --json` lists what is selected: then, for a CI service, all
    nox.options.sessions = ["matrix"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
try:
    PROJECT = nox.project.load_toml(PYPROJECT)
    ENVIRONMENTS = list(PROJECT["tool"]["savedmodel-matrix"]["environments"])
except (tomllib.TOMLDecodeError, LookupError) as error:
    print(f"{PYPROJECT} does not state the environments as TOML: {error}", file=sys.stderr)
    sys.exit(2)


@nox.session(venv_backend="none")
def matrix(session: nox.Session) -> None:
    """Run every case with every remedy, environment and loader; print the comparison table.

    Environments that are missing are installed first, and what is known already is not run again.
    Exit status: 0 nothing differs from the accepted table, 1 something does, 2 not all was run.
    """
    command(session, "matrix", *session.posargs)


@nox.session(venv_backend="none")
def merge(session: nox.Session) -> None:
    """Put the directories of sharded runs together: `-- DIR... --into DIR`, `-- --help`."""
    command(session, "merge", *session.posargs)


@nox.session(venv_backend="none")
@nox.parametrize("environment", ENVIRONMENTS)
def install(session: nox.Session, environment: str) -> None:
    """Install one environment under test from its lock, if it is not there already."""
    command(session, "install", "--environment", environment, *session.posargs)


@nox.session(venv_backend="none")
def lock(session: nox.Session) -> None:
    """Renew locks/ from pyproject.toml; `-- --environment NAME` for one, `-- --upgrade`."""
    command(session, "lock", *session.posargs)


@nox.session(venv_backend="none")
def outdated(session: nox.Session) -> None:
    """Say which releases are not in the matrix; `-- --write` states and locks them."""
    command(session, "outdated", *session.posargs)


@nox.session(venv_backend="none")
def report(session: nox.Session) -> None:
    """Build the HTML report in report/ from results/accepted/."""
    command(session, "report", *session.posargs)


@nox.session(venv_backend="none")
def check(session: nox.Session) -> None:
    """Run your own SavedModel through loaders and environments: `-- PATH`, `-- --help`."""
    command(session, "check", *session.posargs)


@nox.session(venv_backend="none")
def selfcheck(session: nox.Session) -> None:
    """Run every cell twice, A against A, and name the cells that do not agree."""
    command(session, "selfcheck", *session.posargs)


@nox.session(venv_backend="none")
def compare(session: nox.Session) -> None:
    """Say how two results differ, class by class: `-- A B`; 1 if a cell regressed."""
    command(session, "compare", *session.posargs)


@nox.session(venv_backend="none")
def bisect(session: nox.Session) -> None:
    """Find the release of a package that changed a cell: `-- --case NAME`, `-- --help`."""
    command(session, "bisect", *session.posargs)


@nox.session(venv_backend="none")
def bench(session: nox.Session) -> None:
    """Measure the engine against a process per step, on the same cells."""
    command(session, "bench", *session.posargs)


@nox.session(venv_backend="none")
def registries(session: nox.Session) -> None:
    """Read the ops of TensorFlow 2.4 and later from their libraries; takes half an hour."""
    command(session, "registries", *session.posargs)


@nox.session(venv_backend="none")
def scanners(session: nox.Session) -> None:
    """Compare `diagnose` with scanners by others; `-- --artifacts DIR` for more healthy ones."""
    command(session, "scanners", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the unit, integration and browser tests; arguments after `--` go to pytest."""
    install_groups(session, "tests")
    if session.posargs:
        run(session, "pytest", *session.posargs)
        return
    # Files of few tests are the long ones: in the order of their names they come before unit tests.
    spread = ("-nauto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
    timed = "tests/browser/test_large.py"  # how soon a page answers: nothing else runs beside it
    run(session, "pytest", f"--ignore={timed}", "--durations=30", *spread)
    run(session, "pytest", timed)


@nox.session
def crosscheck(session: nox.Session) -> None:
    """Hold what is accepted against plain scripts, all of it: half a day on 2 cores."""
    install_groups(session, "tests")
    kinds = ("crosscheck", "scripts", "attributed", "held_out", "boundaries")
    files = (f"tests/integration/test_{kind}.py" for kind in kinds)
    run(session, "pytest", *files, "--every-case", *session.posargs)
    session.run("savedmodel-matrix", "agreement", success_codes=[0, 2])  # 2: nothing is known


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation in site/, the report inside; a warning is an error."""
    install_groups(session, "docs")
    run(session, "sphinx-build", "--fail-on-warning", "--fresh-env", "docs", "site")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff, and the workflows and their shell with actionlint."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    run(session, "actionlint", *map(str, sorted(ROOT.glob(".github/workflows/*.yml"))))
    run(session, "ruff", "check", *session.posargs)
    run(session, "ruff", "format", "--check", *session.posargs)


@nox.session
def typing(session: nox.Session) -> None:
    """Check types with mypy, strictly; the core also as Python 3.10 on Windows has them."""
    install_groups(session, "typing")
    run(session, "mypy", *session.posargs)
    core = "savedmodel commands.cli commands.artifacts commands.explained commands.repairing_trees"
    packages = [f"--package=savedmodel_matrix.{name}" for name in core.split()]
    run(session, "mypy", "--python-version=3.10", "--platform=win32", *packages)


def command(session: nox.Session, *arguments: str) -> None:
    """Run `savedmodel-matrix` from the one harness that all sessions share.

    nox ends with 1 for whatever fails. Where the command ends with 2, or cannot be had at all,
    nox therefore ends here with 2, and sessions that were to follow do not run.
    """
    try:
        program = harness(session)
    except nox.command.CommandFailed:
        sys.exit(2)
    try:
        # The harness is ours: its bytecode is kept, or every start would compile it.
        run(session, program, *arguments, env={"PYTHONDONTWRITEBYTECODE": None})
    except nox.command.CommandFailed as error:
        if error.return_code == 1:
            raise
        sys.exit(2)


def harness(session: nox.Session) -> str:
    """Return the path of the command, and install it first if what it rests on is new.

    Its venv has a stamp, written last; asking the installer every time would take a second.
    """
    if sys.platform == "win32":
        session.warn("Windows is not supported: run this on Linux, or in WSL.")
        sys.exit(2)
    directory = session.env_dir.parent.absolute() / "harness"
    program = directory / "bin" / "savedmodel-matrix"
    stamp, begun = directory / "stamp.json", directory.with_name("harness.begun")
    basis = [PROJECT["project"], PROJECT["build-system"], str(ROOT), [sys.version, sys.base_prefix]]
    expected = json.dumps(basis, indent=1)
    with alone(directory.with_name("harness.lock")):
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != expected:
            if directory.exists() and not stamp.exists() and not begun.exists():
                session.warn(f"{directory} holds something that is not ours: move it away.")
                sys.exit(2)
            session.log("Installing the harness into .nox/harness, which takes a few seconds.")
            begun.touch()
            shutil.rmtree(directory, ignore_errors=True)
            new = ["venv", "--no-project", "--python", sys.executable, str(directory)]
            session.run_install(uv.find_uv_bin(), *new, silent=True)
            into = ["pip", "install", "--python", f"{directory}/bin/python", "-e", ".[matrix]"]
            session.run_install(uv.find_uv_bin(), *into, silent=True)
            if directory.exists():  # not with nox --no-install
                stamp.write_text(expected, encoding="utf-8")
                begun.unlink()
    return str(program)


@contextlib.contextmanager
def alone(file: Path) -> Iterator[None]:
    """Hold a lock, so that nox running twice at once installs the harness once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    import fcntl  # noqa: PLC0415 - Windows lacks it, and nox lists its sessions there too

    with file.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def install_groups(session: nox.Session, group: str) -> None:
    """Install this package and a dependency group into the session's own venv, compiled."""
    packages = nox.project.dependency_groups(PROJECT, group)
    session.install("-e", ".[matrix]", *packages, env={"UV_COMPILE_BYTECODE": "1"})


def run(session: nox.Session, *arguments: str, env: dict[str, str | None] | None = None) -> None:
    """Run a command, its errors apart from its output, with more than nox's 0.3 s to end well."""
    session.run(*arguments, env=env, stderr=None, interrupt_timeout=60.0)


if __name__ == "__main__":
    nox.main()
