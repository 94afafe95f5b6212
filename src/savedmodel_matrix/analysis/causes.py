"""Why cells failed: those with one root cause together, with what the first of them really said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.fingerprint import heart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from savedmodel_matrix.analysis.explanations import Explanation
    from savedmodel_matrix.model.table import Row

_MISSING = re.compile(r"No module named ['\"]([^'\"]+)['\"]")


@dataclass(frozen=True)
class Cause:
    """Cells with one root cause; without a ``title``, nobody has explained it yet."""

    rows: tuple[Row, ...]
    title: str  # in plain words
    do: str  # what to do about it
    message: str  # what the first of the cells said, without what was wrapped around it
    missing: str = ""  # the Python module that the case imports and the environment lacks
    place: str = ""  # file and line of the case where it failed
    log: str = ""

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the first cell."""
        return self.rows[0]["fingerprint"]

    @property
    def cases(self) -> list[str]:
        """The cases, each once."""
        return list(dict.fromkeys(row["case"] for row in self.rows))


def causes(
    rows: Iterable[tuple[tuple[str, ...], Row]],
    explained: Mapping[tuple[str, ...], Explanation],
    messages: Mapping[tuple[str, ...], str],
    places: Mapping[tuple[str, ...], str],
    logs: Mapping[tuple[str, ...], str],
) -> tuple[Cause, ...]:
    """Put together the cells, given by `key_of`, that have one explanation or one fingerprint.

    The largest group comes first. ``messages`` are what the cells said, unmasked; where there is
    none, the masked reason is all that is known. ``places`` and ``logs`` are where they failed and
    what they printed.
    """
    together: dict[tuple[str, str], list[tuple[tuple[str, ...], Row]]] = {}
    for key, row in rows:
        one = explained.get(key)
        if one is not None:
            group = ("explained", one.name)
        elif missing := _missing(row, messages.get(key, "")):
            group = ("missing", missing)
        else:
            group = ("", row["fingerprint"] or row["reason"])
        together.setdefault(group, []).append((key, row))
    found = []
    for (kind, name), cells in together.items():
        explanation = explained[cells[0][0]] if kind == "explained" else None
        said = next((messages[key] for key, _ in cells if messages.get(key)), "")
        found.append(
            Cause(
                rows=tuple(row for _, row in cells),
                title=explanation.title if explanation else "",
                do=explanation.do if explanation else "",
                message=heart(said) if said else cells[0][1]["reason"],
                missing=name if kind == "missing" else "",
                place=next((places[key] for key, _ in cells if places.get(key)), ""),
                log=next((logs[key] for key, _ in cells if logs.get(key)), ""),
            )
        )
    return tuple(sorted(found, key=lambda cause: -len(cause.rows)))


def _missing(row: Row, message: str) -> str:
    """Return the module that the case imports and Python does not find, or nothing."""
    found = _MISSING.search(message)
    return found[1] if found and row["reason"].startswith("ModuleNotFoundError") else ""
