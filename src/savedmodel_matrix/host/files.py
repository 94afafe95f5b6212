"""Which files of the user's a step reads: noted while it runs, so that nobody has to declare them.

An audit hook sees what Python opens, imports and lists; ``watch`` sees what other code opens. Left
out are the environment, the system, the harness and the step's own directories.

A note is one line of JSON, appended to a file by name, so that notes survive a crash and depend on
no descriptor that the step may close: ``[path, kind, size, mtime, inode]``. The last line is
``["", "end"]``: without it the step died, and what other code than Python opened is not known.
"""

from __future__ import annotations

import importlib.util
import json
import os
import stat
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NOTES = "files"  # in a step's mailbox
MOST_FILES = 4096

# The kinds of notes about a path …
FILE, DIRECTORY, ABSENT, CHANGED = "file", "directory", "absent", "changed"
# … and those without one.
END, TOO_MANY, LOST = "end", "too many", "lost"

WRITING = os.O_WRONLY | os.O_TRUNC
SYSTEM = (
    *("/proc", "/sys", "/dev", "/run", "/etc"),
    *("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin"),
)
KEYED = ("case", "remedy", "loader", "converter")  # files that are part of the step's key
OWN = ("makes", "directory", "converted")  # directories that the harness made


class Notes:
    """The notes of one step.

    ``user``: directories that are the user's, wherever they lie. ``others``: those that are not.
    The longer path decides. ``keyed``: files that are not noted. ``unwatched``: directories that
    the harness writes in.
    """

    def __init__(
        self,
        file: str,
        user: Iterable[str],
        others: Iterable[str],
        keyed: Iterable[str] = (),
        unwatched: Iterable[str] = (),
    ) -> None:
        self._file = file
        roots = dict.fromkeys([*FIXED, *_both(others)], False) | dict.fromkeys(_both(user), True)
        self._roots = sorted(
            ((f"{path.rstrip(os.sep)}{os.sep}", own) for path, own in roots.items()),
            key=lambda root: -len(root[0]),
        )
        self._seen = set(keyed)
        self._searched: set[str] = set()
        self._count = 0
        self._ours: int | None = None  # the thread that is in here, whose own doing is not noted
        self._broken = False
        unwatched = set(unwatched)
        self._watch = Watch(lambda path: path in unwatched or self.excluded(path))
        for directory in user:
            self._watch.add_tree(directory)

    def excluded(self, path: str) -> bool:
        """Say whether a path is not the user's."""
        if path.startswith(ENVIRONMENT):
            return True
        inside = f"{path}{os.sep}"
        for root, own in self._roots:
            if inside.startswith(root):
                return not own
        return False

    def begin(self) -> None:
        """Note from now on what Python does, until the process ends: no hook can be removed."""
        handlers: dict[str, Callable[..., None]] = {
            "open": self._opened,
            "import": self._imported,
            "os.listdir": self._listed,
            "os.scandir": self._listed,
            "ctypes.dlopen": self._loaded,
            "sqlite3.connect": self._loaded,
            "subprocess.Popen": self._started,
            "os.posix_spawn": self._started,
        }
        find = handlers.get

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            handler = find(event)
            if handler is not None and self._ours != threading.get_ident():
                try:
                    handler(*arguments)
                except Exception:
                    self._broken = True  # not the step's trouble: its record is not reused

        sys.addaudithook(hook)

    def end(self) -> None:
        """Note the modules that were looked for in vain, and what other code opened."""
        self._note_absent_modules()
        opened = self._watch.opened()
        if opened is None or self._broken:
            self._write("", LOST)
        for path, changed in (opened or {}).items():
            if changed:
                self._write(path, CHANGED)
            else:
                self._note(path)
        self._write("", END)

    def _note_absent_modules(self) -> None:
        # Whatever is touched of what a host has loaded is copied: no walk through sys.modules.
        searched = {name.partition(".")[0] for name in self._searched}
        absent = [name for name in searched if name not in sys.modules]
        for directory in [d for d in sys.path if d and not self.excluded(d)]:
            for name in absent:
                for file in (f"{name}.py", os.path.join(name, "__init__.py")):  # noqa: PTH118
                    self._note(os.path.join(directory, file))  # noqa: PTH118

    def _opened(self, path: Any, _mode: Any, flags: int) -> None:
        if not flags & WRITING and not isinstance(path, int):
            self._note(path)

    def _imported(self, module: str, file: Any, *_: Any) -> None:
        if file:
            self._note(file)
        else:
            self._searched.add(module)

    def _loaded(self, name: Any, *_: Any) -> None:
        if name and os.sep in os.fsdecode(name):
            self._note(name)

    def _started(self, program: Any, arguments: Any, *_: Any) -> None:
        several = isinstance(arguments, (list, tuple))
        for one in (program, *arguments) if several else (program,):
            if isinstance(one, (str, bytes, os.PathLike)) and os.path.isfile(one):  # noqa: PTH113
                self._note(one)

    def _listed(self, path: Any = None) -> None:
        # The import system lists every directory on the path; only what asks for names counts.
        if isinstance(path, int) or "importlib" in sys._getframe(2).f_code.co_filename:
            return
        self._note("." if path is None else path, listed=True)

    def _note(self, path: Any, *, listed: bool = False) -> None:
        name: str = os.fsdecode(path)
        if name.startswith(ENVIRONMENT) and not name.endswith(".pyc"):
            return
        if not os.path.isabs(name) or "/." in name or "//" in name:  # noqa: PTH117
            name = os.path.realpath(name) if ".." in name else os.path.abspath(name)  # noqa: PTH100
        if name in self._seen:
            return
        self._seen.add(name)
        source = _source(name)
        if source != name:
            self._note(source)
        elif not self.excluded(name):
            self._describe(name, listed=listed)

    def _describe(self, name: str, *, listed: bool) -> None:
        try:
            found = os.stat(name)  # noqa: PTH116 - much used
        except (OSError, ValueError):
            self._write(name, ABSENT)
            return
        if stat.S_ISREG(found.st_mode):
            self._write(name, FILE, found.st_size, found.st_mtime_ns, found.st_ino)
            self._watch_beside(name)
        elif listed and stat.S_ISDIR(found.st_mode):
            self._write(name, DIRECTORY)

    def _watch_beside(self, name: str) -> None:
        """Where one file of the user's is read, others may be: those of a package, say."""
        self._ours = threading.get_ident()
        try:
            directory = os.path.dirname(name)  # noqa: PTH120
            if name.endswith("__init__.py"):
                self._watch.add_tree(directory)
            else:
                self._watch.add(directory)
        finally:
            self._ours = None

    def _write(self, path: str, kind: str, *what: int) -> None:
        self._count += 1
        if self._count > MOST_FILES and kind != END:
            if self._count > MOST_FILES + 1:
                return
            path, kind, what = "", TOO_MANY, ()
        line = json.dumps([path, kind, *what])
        file = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, f"{line}\n".encode())
        finally:
            os.close(file)


def notes_of(request: Any, mailbox: Path) -> Notes:
    """Return the notes of a step, not begun; the directory of its case is watched from now on."""
    stated = request if isinstance(request, dict) else vars(request)
    asked = {name: str(value) for name, value in stated.items() if value}
    overlay = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    home = os.environ.get("HOME", "")
    mine = [asked[name] for name in OWN if name in asked]
    others = [one for one in (*overlay, home, os.fspath(mailbox), *mine) if one]
    user = [os.path.dirname(asked["case"])] if "case" in asked else []  # noqa: PTH120
    keyed = [asked[name] for name in KEYED if name in asked]
    results = {os.fspath(parent) for path in mine for parent in list(Path(path).parents)[:2]}
    return Notes(os.fspath(mailbox / NOTES), user, others, keyed, results - set(user))


def _prefixes() -> set[str]:
    """Return where the environment lies."""
    return {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}


def _both(paths: Iterable[str]) -> list[str]:
    """Return the paths as they are written, and where they lead."""
    return list(dict.fromkeys(p for path in paths for p in (path, os.path.realpath(path))))


def _source(name: str) -> str:
    """Return the source of a bytecode file, which is read in its place; else the name itself."""
    if not name.endswith(".pyc"):
        return name
    try:
        return importlib.util.source_from_cache(name)
    except (ValueError, NotImplementedError):
        return name


# Found once, in a host, for all of its steps.
PREFIXES = tuple(path for path in _both(_prefixes()) if path != os.sep)
ENVIRONMENT = tuple(f"{path}{os.sep}" for path in PREFIXES)
PACKAGE = os.fspath(Path(__file__).parents[1])
FIXED = (*_both(SYSTEM), *PREFIXES, PACKAGE)
