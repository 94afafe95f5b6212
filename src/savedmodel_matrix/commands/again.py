"""The same command again with nothing changed: what the last run showed is shown once more.

Nothing slow is imported here. Whether nothing changed is checked, never assumed: see `snapshot`
for what is compared. Where anything differs the run is worked out from its records as ever.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.store import snapshot
from savedmodel_matrix.store.contents import names_in, stat_of, tree
from savedmodel_matrix.store.snapshot import Snapshot
from savedmodel_matrix.store.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.workspace.project import Project

PACKAGE = Path(__file__).parents[1]
# Options that change how cells are run, not which outcomes a run without work has to show.
HOW = ("jobs", "process_per_step", "fresh", "accept")
BY_NOX = "NOX_CURRENT_SESSION"  # the variable that nox sets for what it runs
RENDERING = (
    BY_NOX,
    *("COLUMNS", "LINES", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR"),
    *("TTY_COMPATIBLE", "TTY_INTERACTIVE", "LANG", "LC_ALL", "LC_CTYPE"),
)


def show_again(options: Mapping[str, Any]) -> int | None:
    """Show what the last run in its directory showed, and return its exit status.

    Returns None, and shows nothing, where that may not be what a run would show now.
    """
    if options["fresh"] or options["accept"]:
        return None
    results = options["results"] or _results()
    if results is None or not (results / snapshot.FILE).exists():
        return None
    if not os.access(results, os.W_OK):  # a run would say so, whatever is known already
        return None
    found = snapshot.read(results.absolute(), asked(options))
    if found is None or not found.holds():
        return None
    sys.stderr.write(found.errors)
    sys.stderr.flush()
    sys.stdout.write(found.output)
    sys.stdout.flush()
    return found.status


def asked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that decides, files apart, what a run shows: options, code, and the terminal."""
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    plain = {name: value for name, value in options.items() if name not in HOW}
    stated = {
        "options": plain,
        "directory": str(Path.cwd()),
        "code": tree(PACKAGE),
        "python": sys.version,
        "machine": list(os.uname()) if hasattr(os, "uname") else [],
        "libraries": {path: names_in(path) for path in libraries},
        "streams": [[stream.isatty(), stream.encoding] for stream in (sys.stdout, sys.stderr)],
        "sizes": [_size(descriptor) for descriptor in range(3)],
        "variables": {name: os.environ.get(name) for name in RENDERING},
    }
    made: dict[str, Any] = json.loads(json.dumps(stated, default=str))  # as it is read again
    return made


def witness_of(project: Project, results: Path) -> Witness:
    """Return a witness of what a run in ``results`` rests on."""
    places = [Path(place) for place in (sys.prefix, sys.base_prefix, "/proc", "/sys", "/dev")]
    witness = Witness(
        [*places, PACKAGE, results],
        but=[project.results / "accepted"],
        late={environment.directory.parent for environment in project.environments.values()},
    )
    witness.note(str(project.root / "pyproject.toml"))  # which was read before
    witness.note(str(project.results / "accepted"))
    return witness


def remember(
    project: Project,
    results: Path,
    options: Mapping[str, Any],
    witness: Witness,
    shown: tuple[str, str],
    status: int,
) -> None:
    """Keep what a run showed, as ``shown`` on both streams where all of it is known already."""
    if witness.changed:
        return
    (results / snapshot.FILE).parent.mkdir(exist_ok=True)  # before names are taken
    files, names = snapshot.left_in(results)
    interpreters = {str(one.executable) for one in project.environments.values()}
    files |= {path: stat for path in interpreters if (stat := stat_of(path))}
    kept = Snapshot(asked(options), witness.contents() | names, files, *shown, status)
    with contextlib.suppress(OSError):  # it only saves time
        snapshot.write(kept, results)


def _results() -> Path | None:
    """Return where the project keeps its results; None where that takes a closer look."""
    for directory in (Path.cwd(), *Path.cwd().parents):
        with contextlib.suppress(OSError):
            if b"savedmodel-matrix" in (directory / "pyproject.toml").read_bytes():
                return directory / "results"
    return None


def _size(descriptor: int) -> list[int]:
    try:
        return list(os.get_terminal_size(descriptor))
    except OSError:
        return []
