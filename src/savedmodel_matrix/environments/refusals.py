"""Whether uv said that there is no solution, and in one sentence why.

Its answer is a derivation that grows with the number of releases: clauses "because … we can
conclude …". The last of them that says anything about a package is the reason.
"""

from __future__ import annotations

import re

_NO_SOLUTION = "No solution found when resolving dependencies"
# Then it is the index, or the way to it, that had no answer.
_TROUBLE = re.compile(
    r"network was disabled|could not be queried|credentials|authentication|forbidden"
    r"|Failed to fetch|Request failed|error sending request",
    re.IGNORECASE,
)
_FRAME = re.compile(r"[\u00d7╰─▶│├]")  # which older releases of uv draw around it
_KNOWN = re.compile(
    r"^we know from (?:\(\d+\) (?:and \(\d+\) )?)?that .*? cannot be used(?:, | and )?"
)
_LISTED = re.compile(r"(?:^|,? and )only the following versions of \S+ are available: .*")
_ASKED = re.compile(r"(?:,? and |^)you require \S+$")
_MARKER = re.compile(r"\{[^{}]*\}")
LONGEST = 240  # characters


def refusal_in(said: str) -> str:
    """Return why the requirements have no solution, one sentence without its full stop.

    "" where uv ended for another reason: the network, the index, the disk, uv itself.
    """
    _, found, after = said.partition(_NO_SOLUTION)
    body, *hints = re.split(r"(?m)^\s*hint:", after)
    if not found or any(_TROUBLE.search(hint) for hint in hints):
        return ""
    text = " ".join(_MARKER.sub("", _FRAME.sub(" ", body)).lstrip(": ").split())
    text = text.removeprefix("cause: ")
    clauses = [part for part in re.split(r"(?:^|[.)] )(?:And b|B)ecause ", text) if part.strip()]
    clauses = [clause.partition(", we can conclude")[0] for clause in clauses]
    reasons = [reason for clause in clauses if (reason := _reason(clause))]
    chosen = reasons[-1] if reasons else (clauses[-1] if clauses else "")
    chosen = chosen.strip(" .:,") or "the requirements cannot be satisfied"
    return chosen if len(chosen) <= LONGEST else f"{chosen[: LONGEST - 1].rstrip()}…"


def _reason(clause: str) -> str:
    """Return what a clause says of packages, apart from what was asked and concluded before."""
    return _ASKED.sub("", _LISTED.sub("", _KNOWN.sub("", clause.strip()))).strip(" ,")
