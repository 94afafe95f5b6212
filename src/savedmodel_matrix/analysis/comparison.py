"""The comparison table: a row a case and remedy, a column a loader and version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from savedmodel_matrix.analysis.counting import outcome
from savedmodel_matrix.analysis.families import Family, families
from savedmodel_matrix.model.table import AS_WRITTEN, environment_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.model.table import Row


@dataclass(frozen=True)
class Panel:
    """The part of the table that one family of environments saved.

    ``outcomes`` has rows (case, remedy) in the order in which they are shown, and columns (loader,
    producer); it holds "fail run", "pass values" and so on, "" where there is no cell.
    """

    family: Family
    outcomes: pd.DataFrame

    @property
    def loaders(self) -> tuple[str, ...]:
        """The loaders, in order."""
        return tuple(dict.fromkeys(self.outcomes.columns.get_level_values("loader")))

    def as_written(self) -> Panel:
        """Return the panel with the first row of each case, which is as written where that ran.

        Loaders that have no cell there are left out.
        """
        first = ~self.outcomes.index.get_level_values("case").duplicated()
        outcomes = self.outcomes[first]
        filled = (outcomes != "").T.groupby(level="loader").any().any(axis=1)
        kept = outcomes.columns.get_level_values("loader").isin(filled[filled].index)
        return Panel(self.family, outcomes.loc[:, kept])


def panels(
    rows: Sequence[Row],
    *,
    cases: Iterable[str] = (),
    described: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Panel, ...]:
    """Return the comparison table of these rows, none of which is a cross cell.

    ``cases`` is the order of the cases; those that it leaves out come last, by name.
    """
    found = families((row["producer"] for row in rows), described)
    family_of = {name: one.label for one in found for name in one.environments}
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(family_of[row["producer"]], []).append(row)
    places = {case: place for place, case in enumerate(cases)}
    return tuple(Panel(one, _pivot(parts[one.label], places)) for one in found)


def _pivot(rows: Sequence[Row], places: Mapping[str, int]) -> pd.DataFrame:
    long = pd.DataFrame(
        [
            (row["case"], row["remedy"], row["loader"], row["producer"], outcome(row))
            for row in rows
        ],
        columns=["case", "remedy", "loader", "producer", "outcome"],
        dtype=object,
    )
    wide = long.pivot_table(
        index=["case", "remedy"],
        columns=["loader", "producer"],
        values="outcome",
        aggfunc="first",
        sort=False,
    )
    producers = sorted(set(long["producer"]), key=environment_order)
    written = set(long["loader"][long["remedy"] == AS_WRITTEN])
    # Loaders that read what is saved as written come before those of other formats.
    loaders = sorted(set(long["loader"]), key=lambda name: (name not in written, name))
    columns = [(name, each) for name in loaders for each in producers]
    last = len(places)
    index = sorted(
        wide.index,
        key=lambda row: (places.get(row[0], last), row[0], row[1] != AS_WRITTEN, row[1]),
    )
    whole = wide.reindex(
        index=pd.MultiIndex.from_tuples(index, names=["case", "remedy"]),
        columns=pd.MultiIndex.from_tuples(columns, names=["loader", "producer"]),
    ).astype(object)
    return whole.where(whole.notna(), "")
