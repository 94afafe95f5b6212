"""What an accepted table and its run say of cells and environments, as attribution asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.attribution import ended
from savedmodel_matrix.analysis.crossing import own_environments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.analysis.attribution import Changed, Ended
    from savedmodel_matrix.model.table import Row

Named = tuple[str, str, str]  # case, remedy, loader


class Known:
    """The accepted table, and what its run said of environments."""

    def __init__(self, rows: Sequence[Row], run: Mapping[str, Any]) -> None:
        self.rows = rows
        self._environments = run.get("environments", {})
        own = own_environments(rows)
        self._saved: dict[str, list[Row]] = {}
        self._ended: dict[str, dict[Named, Ended | None]] = {}
        self._crossed: dict[tuple[Named, str, str], Ended | None] = {}
        for row in rows:
            saves, loads, named = row["producer"], row["consumer"], _named(row)
            if loads in (saves, own.get(row["loader"])):
                self._saved.setdefault(saves, []).append(row)
                self._ended.setdefault(saves, {})[named] = ended(row)
            else:
                self._crossed[named, saves, loads] = ended(row)

    def saved_in(self, environment: str) -> Sequence[Row]:
        """Return the cells that an environment saved, and itself or a loader's own one loaded."""
        return self._saved.get(environment, ())

    def packages(self, environment: str) -> Mapping[str, str]:
        """Return the packages of an environment in the accepted run, none if it had no part."""
        found: Mapping[str, str] = self._environments.get(environment, {}).get("packages", {})
        return found

    def at(self, one: Changed, environment: str) -> Ended | None:
        """Return how the first cell of a group ended in an environment, None if unknown."""
        return self._ended.get(environment, {}).get((one.case, *one.cells[0]))

    def with_remedy(self, one: Changed, remedy: str, environment: str) -> Ended | None:
        """Return how the first cell of a group ended with another remedy, None if unknown."""
        return self._ended.get(environment, {}).get((one.case, remedy, one.cells[0][1]))

    def crossed(self, one: Changed, saves: str, loads: str) -> Ended | None:
        """Return how the first cell of a group ended, saved in one environment, loaded in another.

        None if that is not known.
        """
        return self._crossed.get(((one.case, *one.cells[0]), saves, loads))

    def crossed_differences(self, before: str, after: str) -> int:
        """Count cross cells that end otherwise with the environment after in place of the other.

        The other end is a third environment: between the two themselves, both ends would differ.
        """
        found = 0
        for (named, saves, loads), came in self._crossed.items():
            others = []
            if saves == before and loads != after:
                others.append((named, after, loads))
            if loads == before and saves != after:
                others.append((named, saves, after))
            found += sum(1 for key in others if self._crossed.get(key, came) != came)
        return found


def _named(row: Mapping[str, str]) -> Named:
    return row["case"], row["remedy"], row["loader"]
