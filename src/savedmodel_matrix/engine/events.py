"""What a run says while it is under way; how that is shown is up to whoever listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Events(Protocol):
    """The listener of a run."""

    def say(self, line: str) -> None:
        """Take a sentence about the run as a whole."""

    def known(self, cells: int) -> None:
        """Learn that so many cells were known already."""

    def expect(self, seconds: float) -> None:
        """Learn how many seconds the announced cells will take on one core, about."""

    def first(self, cells: Sequence[Mapping[str, Any]]) -> None:
        """Learn the whole records of the case that comes first, while other cells are still out."""

    def cell(self, status: str, doing: str, seconds: float) -> None:
        """Learn that a cell came out, what it was, and how long it was expected to take."""
