"""Whether a repaired artifact computes what the original does, from the cells that were run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Shown:
    """What one loader makes of the result, against Python's loader on the original.

    `difference` is the largest of all outputs of all signatures, absolute; None where there is no
    number: it did not come to that, or it is not finite.
    """

    loader: str
    environment: str
    status: str
    difference: float | None
    message: str = ""


@dataclass(frozen=True)
class Proof:
    """The original in one loader beside the result in several, on the same inputs."""

    original: str
    reference: str  # the environment in which tf.saved_model.load ran the original
    signatures: tuple[str, ...]
    shown: tuple[Shown, ...]

    @property
    def holds(self) -> bool:
        """Whether every loader gives the numbers of the original."""
        return all(one.status == "pass" for one in self.shown)

    @property
    def complete(self) -> bool:
        """Whether every loader was run."""
        return all(one.status != "not-run" for one in self.shown)


def proof_of(
    original: str, reference: str, signatures: Sequence[str], cells: Sequence[Mapping[str, Any]]
) -> Proof:
    """Return what the cells of a result prove."""
    shown = [
        Shown(
            cell["loader"],
            cell["consumer"],
            cell["status"],
            _difference(cell),
            str(cell.get("message") or cell["reason"]),
        )
        for cell in cells
    ]
    return Proof(original, reference, tuple(signatures), tuple(shown))


def _difference(cell: Mapping[str, Any]) -> float | None:
    largest = cell.get("largest_error")
    if cell["status"] == "pass":
        return float(largest["absolute"]) if largest and largest["absolute"] is not None else 0.0
    if cell["stage"] == "values" and largest and largest["absolute"] is not None:
        return float(largest["absolute"])
    return None
