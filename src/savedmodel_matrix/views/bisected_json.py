"""What a bisection found as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.bisected import outcome
from savedmodel_matrix.views.bisected_sentence import phrase, sentence, unchanged
from savedmodel_matrix.views.release_links import release_link

if TYPE_CHECKING:
    from savedmodel_matrix.analysis.bisected import Bisected, Tried

FORMAT = 1


def bisected_json(result: Bisected) -> str:
    """Return what was found as JSON: an object of `format` 1."""
    return json.dumps(_as_json(result), indent=1) + "\n"


def _as_json(result: Bisected) -> dict[str, Any]:
    outcomes = result.outcomes
    return {
        "format": FORMAT,
        "sentence": sentence(result),
        **{name: getattr(result, name) for name in ("case", "remedy", "loader", "package", "over")},
        "side": result.side.value,
        "outcome": result.asked.value,
        "unchanged": unchanged(result),
        "changes": [
            {
                "before": result.rows[one.change.before].version,
                "after": result.rows[one.change.after].version,
                "was": phrase(result.tried[one.change.before], result.asked),
                "now": phrase(result.tried[one.change.after], result.asked),
                "skipped": [result.rows[place].version for place in one.change.skipped],
                "side": one.blame.value,
                "links": [
                    release_link(result.package, result.rows[place].version)
                    for place in (one.change.before, one.change.after)
                ],
                "differences": [
                    {"package": each.package, "before": each.before, "after": each.after}
                    for each in one.differences
                ],
            }
            for one in result.found
        ],
        "attributions": [
            {
                "before": each.before,
                "after": each.after,
                "packages": [
                    {
                        "package": swap.difference.package,
                        "before": swap.difference.before,
                        "after": swap.difference.after,
                        "outcome": outcome(swap.tried, result.asked),
                        "alone": swap.guilty,
                    }
                    for swap in each.swaps
                ],
                "searched": [_as_json(one) for one in each.searched],
            }
            for each in result.attributions
        ],
        "releases": [
            {
                "version": row.version,
                "day": row.day,
                "tried": place in result.tried,
                "outcome": outcomes.get(place),
                **_cell(result.tried.get(place)),
            }
            for place, row in enumerate(result.rows)
        ],
    }


def _cell(tried: Tried | None) -> dict[str, str]:
    names = ("status", "stage", "reason", "fingerprint", "signature")
    if not tried:
        return dict.fromkeys((*names, "skipped"), "")
    return {name: str(tried.cell.get(name, "")) for name in names} | {"skipped": tried.skipped}
