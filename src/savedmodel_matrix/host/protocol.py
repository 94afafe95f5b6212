"""What the engine and the process of a step say to each other: requests, results, file names.

The engine writes a request, the step answers with a result in its mailbox, a directory of its own.
Both sides import the names from here. Standard library only.
"""

from __future__ import annotations

import errno
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Files of a step's mailbox. The step's scratch directory lies beside them.
REQUEST = "request.json"  # for a process of its own; a forked child gets it from its host
RESULT = "result.json"  # whole or absent
STAGE = "stage"  # a line for each stage that the step entered
LOG = "log"  # what it printed, beginning and end
BROKE = "broke"  # there if the harness's own code failed in the step's process

# Exit statuses of a step in which the harness's own code failed. BROKE tells them from those of a
# case that ends the process with the same number.
BROKEN = 117
NO_ROOM_LEFT = 118  # because the machine had no room for what it writes

# Error numbers that say that a file system has no room.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
SHORT = (*NO_ROOM, errno.EMFILE, errno.ENFILE)  # or that too many files are open

# What lies in the directory that a save step makes.
ARTIFACT = "artifact"  # what the remedy wrote
RECORD = "record.json"
VALUES = "values.json"  # the sample inputs and the expected outputs

SAVED_MODEL = "SavedModel"  # the format with signatures, as remedies and loaders name it

_T = TypeVar("_T")


@dataclass(frozen=True)
class Limits:
    """What one step may use: seconds of wall clock, and bytes beyond what its host has mapped."""

    seconds: float
    memory: int


@dataclass(frozen=True)
class SaveRequest:
    """Save the case under the remedy into ``makes``, an empty directory."""

    kind: ClassVar[str] = "save"
    limits: Limits
    case: str
    remedy: str
    makes: str
    seed: int


@dataclass(frozen=True)
class ConvertRequest:
    """Convert what a save step made in ``directory`` into ``makes``, an empty directory."""

    kind: ClassVar[str] = "convert"
    limits: Limits
    directory: str
    converter: str
    makes: str


@dataclass(frozen=True)
class LoadRequest:
    """Run what a save step made in ``directory`` with the loader, and compare.

    ``converted`` is what a convert step made of it, "" if the loader reads the artifact itself.
    ``case`` and ``seed`` are for what is loaded into an object that the case builds, if it was a
    case that saved it.
    """

    kind: ClassVar[str] = "load"
    limits: Limits
    directory: str
    loader: str
    case: str = ""
    seed: int = 0
    converted: str = ""


@dataclass(frozen=True)
class ShowRequest:
    """Print what ``saved_model_cli show --all`` says of the artifact in ``directory``."""

    kind: ClassVar[str] = "show"
    limits: Limits
    directory: str


Request = SaveRequest | ConvertRequest | LoadRequest | ShowRequest
_REQUESTS: dict[str, type[Request]] = {
    one.kind: one for one in (SaveRequest, ConvertRequest, LoadRequest, ShowRequest)
}


def request_to_json(request: Request) -> dict[str, Any]:
    """Return a request as JSON data."""
    return {"kind": request.kind, **asdict(request)}


def request_from_json(data: Mapping[str, Any]) -> Request:
    """Return the request that ``request_to_json`` has written. Raises ValueError for other data."""
    kind = _REQUESTS.get(data.get("kind", ""))
    if kind is None:
        raise ValueError(f"no request has the kind {data.get('kind')!r}")
    own = {name: value for name, value in data.items() if name != "kind"}
    return _made(kind, own | {"limits": _made(Limits, own.get("limits"))})


@dataclass(frozen=True)
class Failure:
    """An exception of the code under test.

    ``code`` is its canonical name, such as "FAILED_PRECONDITION", or "". ``where`` is "file:line"
    in the case, or "". ``missing`` is the Python module that an ImportError did not find, or "".
    """

    type: str
    code: str
    message: str
    traceback: str
    where: str
    missing: str = ""


@dataclass(frozen=True)
class Usage:
    """What a step's process used with its children: seconds of CPU, bytes at their largest."""

    cpu: float
    memory: int


@dataclass
class Result:
    """How a step ended, as its own process tells it.

    ``reason`` is a sentence of the harness, "" where ``failure`` says it all. ``record`` is what a
    step that got to its end wrote down; ``facts`` is known even if it failed. ``seconds`` are by
    stage; ``first`` and ``last`` are monotonic times.
    """

    status: str
    stage: str
    reason: str = ""
    failure: Failure | None = None
    record: dict[str, Any] | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    first: float = 0.0
    last: float = 0.0
    usage: Usage | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Result:
        """Return the result that ``to_json`` has written. Raises ValueError for other data."""
        result = _made(cls, data)
        texts = (result.status, result.stage, result.reason)
        times = (result.first, result.last)
        if not all(isinstance(one, str) for one in texts) or not all(map(_is_number, times)):
            raise ValueError("this is not the result of a step")
        if result.failure is not None:
            result.failure = _made(Failure, result.failure)
        if result.usage is not None:
            result.usage = _made(Usage, result.usage)
        return result


@dataclass(frozen=True)
class HostSettings:
    """What a host imports ahead, the loaders that it prepares, the versions that it must find."""

    preload: list[str]
    prepare: list[str]
    expected: dict[str, str]


@dataclass(frozen=True)
class Ready:
    """A host's first line: how long its imports took, in seconds."""

    seconds: float
    cpu: float


@dataclass(frozen=True)
class Order:
    """A line to a host: run this request in a child, with this mailbox."""

    id: int
    request: dict[str, Any]
    mailbox: str


@dataclass(frozen=True)
class Reply:
    """A host's line on a child that has ended; ``stage`` is where it was when its time was up.

    ``cpu`` (seconds) and ``memory`` (bytes) are the kernel's figures.
    """

    id: int
    code: int | None
    signal: int | None
    timed_out: bool
    stage: str
    cpu: float
    memory: int


def line_from_json(kind: type[_T], data: Any) -> _T:
    """Return a line between engine and host as ``kind``. Raises ValueError for other data."""
    return _made(kind, data)


def read_stage(marks: Path) -> str:
    """Return the last stage that a step marked in this file, "" if it marked none."""
    try:
        stages = marks.read_text().split()
    except OSError:
        return ""
    return stages[-1] if stages else ""


def _made(kind: type[_T], data: Any) -> _T:
    names = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(data, dict) or not data.keys() <= names:
        raise ValueError(f"this is not a {kind.__name__}: {str(data)[:200]}")
    try:
        return kind(**data)
    except TypeError as error:
        raise ValueError(f"this is not a {kind.__name__}: {error}") from error


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
