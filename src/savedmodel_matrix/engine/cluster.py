"""What passes between a run at home and the workers of a cluster, whichever engine carries it.

A task is an ``Order``: cells of one environment, and how to run them. What comes back is a
``Delivery``: the run directory that a worker made, packed. Both are plain data: an engine's
scheduler handles them without this package.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

from savedmodel_matrix import __version__
from savedmodel_matrix.model.code import code_hash

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.workspace.parcel import Parcel

# Every package of ours that a worker uses; that of `views/` shows what came out.
CODE = (
    *("analysis", "engine", "environments", "host", "model", "plugins", "savedmodel", "store"),
    "workspace",
)


@dataclass(frozen=True)
class Order:
    """What a worker is asked; everything in it is a string, a number, or a list of these."""

    number: int  # in the order in which they should begin
    name: str  # the same for the same cells, files and limits
    files: str  # the digest of the parcel
    cells: list[list[str]]  # names of a cell, its converter, and where that runs
    jobs: int
    seconds: float
    memory: int
    forking: bool
    topic: str  # under which progress is told
    storage: str = ""  # an address to leave what was made at; "" to hand it over directly
    version: str = __version__
    code: str = ""

    @classmethod
    def of(cls, number: int, cells: Sequence[Cell], salt: str, **how: Any) -> Self:
        """Make an order; ``salt`` tells it from the same one in another run."""
        named = [[*cell.key, _converter(cell), cell.converts_in] for cell in cells]
        stated = json.dumps([named, how["files"], how["seconds"], how["memory"], salt])
        name = hashlib.sha256(stated.encode()).hexdigest()[:24]
        return cls(number, name, cells=named, code=code_hash(*CODE), **how)

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def _converter(cell: Cell) -> str:
    return cell.converter.name if cell.converter else ""


@dataclass(frozen=True)
class Delivery:
    """What became of an order: a packed run, or why there is none in a sentence."""

    number: int
    content: bytes = b""
    failure: str = ""
    refused: bool = False  # the worker can do nothing for this run: the run ends


@dataclass(frozen=True)
class Progress:
    """What a worker tells of an order while it is at it: a sentence, or how far it is."""

    number: int
    worker: str
    said: str = ""
    done: int = 0
    failed: int = 0
    doing: str = ""


class Cluster(Protocol):
    """An engine that runs orders somewhere and hands over what they made.

    An order whose worker died is run again elsewhere. A context around the work: what is not
    finished at its end is cancelled.
    """

    async def __aenter__(self) -> Self:
        """Connect. Raises UserError where that is not possible."""

    async def __aexit__(self, *_: object) -> None:
        """Cancel what was not delivered, and disconnect."""

    async def cores(self) -> int:
        """Return how many orders run at once, 0 where there is no worker yet."""

    def run(
        self, orders: Sequence[Order], parcel: Parcel, told: Callable[[Progress], None]
    ) -> AsyncIterator[Delivery]:
        """Run the orders and yield what each made, as they end. Raises UserError.

        ``told`` learns of their progress.
        """
