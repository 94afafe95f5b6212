"""What a pasted error is: a known root cause, possibly one of a few, or none that is known.

The index is data, made by `error_building` and shipped with the package; the report's script
static/explain.js looks a text up in the same index, step by step as here. Scores are whole numbers,
so that both put causes in one order.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.error_text import RULES, SHORT, read, squash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.analysis.error_text import ErrorText, Squashed

INDEX = Path(__file__).with_name("error_index.json")
KNOWN, POSSIBLE = "known", "possible"
GAP = 300  # letters between two parts of a sign: the name, number or path that stands there
MOST = 12  # causes of one answer
# When the words of a line make a cause possible: three of its words, their weight, the part in
# hundredths that they are of the line's, and the weight of a word that no cause has.
WORDS, WEIGHT, PART, UNKNOWN = 4, 150, 60, 45
LONGEST_LINE = 300  # characters shown of the line that a cause was recognised by


@dataclass(frozen=True)
class Match:
    """A root cause that a text has, or may have."""

    key: str  # the name of the explanation
    confidence: str  # KNOWN or POSSIBLE
    score: int
    line: str  # the line that it was recognised by


@cache
def index(file: Path = INDEX) -> Mapping[str, Any]:
    """Return the shipped index: see `error_building.build` for what it holds."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def explain(text: str, known: Mapping[str, Any] | None = None) -> list[Match]:
    """Return the causes of a pasted error, the likeliest first; an empty list if none is known.

    All are known, or all are possible.
    """
    known = index() if known is None else known
    error = read(text)
    found: dict[str, Match] = {}
    for sign in known["signs"]:
        if sign.get("alone") and error.words > SHORT:
            continue
        place = _place(sign, error)
        if place >= 0:
            confidence = KNOWN if sign["known"] else POSSIBLE
            line = _shown(error.lines[error.messages.line_of(place)])
            _keep(found, Match(sign["cause"], confidence, sign["score"], line))
    if not any(match.confidence == KNOWN for match in found.values()):
        if error.words <= SHORT:
            _by_identifier(known, error, found)
        _by_words(known, error, found)
    cells = known["cells"]  # of two that are equal, the one that more cells have
    ranked = sorted(
        found.values(),
        key=lambda one: (one.confidence, -one.score, -cells.get(one.key, 0), one.key),
    )
    sure = [match for match in ranked if match.confidence == KNOWN]
    return (sure or ranked)[:MOST]


def _keep(found: dict[str, Match], match: Match) -> None:
    """Keep the better of two matches of a cause; the first of two that are equal."""
    before = found.get(match.key)
    if before is None or (match.confidence, -match.score) < (before.confidence, -before.score):
        found[match.key] = match


def _place(sign: Mapping[str, Any], error: ErrorText) -> int:
    """Return where a sign begins in the messages, or -1."""
    place = _in_order(sign["parts"], error.messages)
    if place < 0:
        return -1
    every = error.everything
    if any(every.find(one, 0, len(every.letters)) < 0 for one in sign.get("with", ())):
        return -1
    if any(every.find(one, 0, len(every.letters)) >= 0 for one in sign.get("without", ())):
        return -1
    return place


def _in_order(parts: list[str], text: Squashed) -> int:
    """Return where the first part begins that the others follow, each within `GAP` letters."""
    last = len(text.letters)
    place = text.find(parts[0], 0, last)
    while place >= 0:
        end = place + _length(parts[0])
        for part in parts[1:]:
            following = text.find(part, end, end + GAP)
            if following < 0:
                break
            end = following + _length(part)
        else:
            return place
        place = text.find(parts[0], place + 1, last)
    return -1


def _length(part: str) -> int:
    return len(part.removesuffix("*"))


def _by_identifier(known: Mapping[str, Any], error: ErrorText, found: dict[str, Match]) -> None:
    """Add the causes in whose messages one of the few words is that were pasted."""
    for line in error.lines:
        for word in re.split("[ ]+", line):
            for cause in known["identifiers"].get(squash(word), ()):
                _keep(found, Match(cause, POSSIBLE, 1, _shown(line)))


def _by_words(known: Mapping[str, Any], error: ErrorText, found: dict[str, Match]) -> None:
    """Add the causes that most of a line's words are from."""
    weights, causes = known["weights"], known["words"]
    for line in error.lines:
        words = list(dict.fromkeys(word.lower() for word in re.findall(RULES["words"], line)))
        total = sum(weights.get(word, UNKNOWN) for word in words)
        sums: dict[str, list[int]] = {}
        for word in words:
            for cause in causes.get(word, ()):
                one = sums.setdefault(cause, [0, 0])
                one[0] += 1
                one[1] += weights[word]
        for cause, (number, weight) in sums.items():
            if number >= WORDS and weight >= WEIGHT and weight * 100 >= total * PART:
                # Less than any sign, more than a single identifier.
                _keep(found, Match(cause, POSSIBLE, 2 + min(weight // 40, 7), _shown(line)))


def _shown(line: str) -> str:
    line = re.sub("[ ]+", " ", line).strip(" ")
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}..."
