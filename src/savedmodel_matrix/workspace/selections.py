"""Selections as data: which cells a run is about where its command line selects none.

They stand in `pyproject.toml`, with the keys of the options of the same names:

    [tool.savedmodel-matrix.selections.default]
    environment = ["tf2.15", "tf2.21"]
    parts = [{ remedy = ["as-written"] }, { case = ["module_dense"] }]

A selection has the cells of all its parts. What it states itself holds for every part that does
not state that key; without parts it is one part itself. `default` is meant where nothing is
selected; without it that is everything. Others are chosen with `--selection NAME`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.stated import NAME, check_keys, name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PLACES = ("environment", "producer", "consumer")  # checked here: environments and their groups
KEYS = (*PLACES, "case", "remedy", "loader", "cross")  # of a part, as the options are named


@dataclass(frozen=True)
class Part:
    """What a part selects: the values of the options of these names, none where it is empty."""

    environment: tuple[str, ...] = ()
    producer: tuple[str, ...] = ()
    consumer: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    remedy: tuple[str, ...] = ()
    loader: tuple[str, ...] = ()
    cross: bool = False


@dataclass(frozen=True)
class Selection:
    """A named selection; ``where`` is how a sentence about a mistake in it begins."""

    name: str
    parts: tuple[Part, ...]
    where: str


def selections_of(stated: Any, environments: Collection[str], where: str) -> dict[str, Selection]:
    """Check the table of selections; ``environments`` are the names of these and of their groups.

    Raises UserError, which names the place of the mistake.
    """
    if not isinstance(stated, dict):
        raise UserError(f"{where}] must be a table of selections, not {stated!r}.")
    found = {}
    for name, values in stated.items():
        if not NAME.fullmatch(name):
            raise UserError(
                f'{where}] has a selection named "{name}": '
                "use letters, digits, dots, hyphens and underscores only."
            )
        here = f"{where}.{name}]"
        check_keys(values, (), here, (*KEYS, "parts"))
        common = {key: value for key, value in values.items() if key != "parts"}
        parts = values.get("parts", [{}])
        if not isinstance(parts, list) or not parts:
            raise UserError(
                f"{here}: parts must be a list of tables such as "
                f'{{ remedy = ["as-written"] }}, not {parts!r}.'
            )
        _part(common, environments, here)  # what every part overrides is checked too
        for part in parts:
            check_keys(part, (), here, KEYS)
        made = (_part(common | part, environments, here) for part in parts)
        found[name] = Selection(name, tuple(made), here)
    return found


def _part(values: Mapping[str, Any], environments: Collection[str], where: str) -> Part:
    chosen: dict[str, tuple[str, ...]] = {}
    for key, names in values.items():
        if key == "cross":
            continue
        if not isinstance(names, list) or not names:
            raise UserError(f"{where}: {key} must be a list of names, not {names!r}.")
        if key in PLACES:
            chosen[key] = tuple(name_of(name, key, environments, where) for name in names)
        elif not all(isinstance(name, str) for name in names):
            raise UserError(f"{where}: {key} must be a list of names in quotes, not {names!r}.")
        else:
            chosen[key] = tuple(names)
    cross = values.get("cross", False)
    if not isinstance(cross, bool):
        raise UserError(f"{where}: cross must be true or false, not {cross!r}.")
    if "environment" in chosen and ("producer" in chosen or "consumer" in chosen):
        raise UserError(f"{where}: state environment, or producer and consumer, but not both.")
    return Part(**chosen, cross=cross)
