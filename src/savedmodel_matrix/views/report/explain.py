"""The page that explains a pasted error: its data, as a script that works from a file too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis import error_index, error_text
from savedmodel_matrix.analysis.error_building import entries
from savedmodel_matrix.analysis.explanations import explanations
from savedmodel_matrix.views.explained import REPORT, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from savedmodel_matrix.views.report.causes import Cause

NUMBERS = {
    "longest": error_text.LONGEST,
    "rounds": error_text.ROUNDS,
    "short": error_text.SHORT,
    "gap": error_index.GAP,
    "most": error_index.MOST,
    "words": error_index.WORDS,
    "weight": error_index.WEIGHT,
    "part": error_index.PART,
    "unknown": error_index.UNKNOWN,
    "shown": error_index.LONGEST_LINE,
}


def script(found: Iterable[Cause]) -> str:
    """Return the index and the explanations of the whole report; ``found`` are its causes."""
    places = _places(found)
    data: dict[str, Any] = {
        "rules": error_text.RULES,
        "numbers": NUMBERS,
        "words": WORDS,
        "report": REPORT,
        "causes": {
            one.name: {
                "title": one.title,
                "what": one.what,
                "why": one.why,
                "since": one.since,
                "do": one.do,
                "links": one.links,
                "href": places.get(one.name, ""),
            }
            for one in entries(explanations())
        },
        "index": error_index.index(),
    }
    return f"window.explanations = {json.dumps(data, separators=(',', ':'))};\n"


def _places(found: Iterable[Cause]) -> dict[str, str]:
    """Return where each explanation is shown, by its name: with the most cells that have it."""
    places: dict[str, str] = {}
    for cause in found:
        if cause.explanation:
            place = f"causes.html#{cause.anchor}"
            places.setdefault(cause.explanation.name, place)
    return places
