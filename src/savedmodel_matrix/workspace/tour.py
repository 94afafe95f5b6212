"""The order in which cases are read: groups as cases/groups.toml has them, short cases first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

GROUPS = "groups.toml"
OTHERS = "Other cases"
FIRST = "module_dense"  # the best known case: where the tour begins


class Placed(Protocol):
    """What has a place in the tour."""

    @property
    def name(self) -> str:
        """The name of the case."""

    @property
    def group(self) -> str:
        """The heading under which it stands."""

    @property
    def length(self) -> int:
        """Its lines of code."""


def read_groups(cases: Path) -> dict[str, str]:
    """Return what each group of a directory of cases is about, in the order of the tour.

    Raises UserError, naming the file, if it cannot be read or states anything but text.
    """
    file = cases / GROUPS
    if not file.exists():
        return {}
    stated = read_toml(file)
    for name, text in stated.items():
        if not isinstance(text, str):
            raise UserError(f'{file}: say in a sentence what "{name}" is about: "{name}" = "…".')
    return {name: " ".join(text.split()) for name, text in stated.items()}


def place(groups: Sequence[str], case: Placed) -> tuple[object, ...]:
    """Return the sort key of a case: known groups, then others by name, then those without one."""
    group = case.group or OTHERS
    known = list(groups)
    number = known.index(group) if group in known else len(known)
    return (number, group == OTHERS, group, case.name != FIRST, case.length, case.name)


def tour(groups: Sequence[str], cases: Iterable[Placed]) -> dict[str, str]:
    """Return the cases in the order in which they are read, each with its heading."""
    ordered = sorted(cases, key=lambda case: place(groups, case))
    return {case.name: case.group or OTHERS for case in ordered}
