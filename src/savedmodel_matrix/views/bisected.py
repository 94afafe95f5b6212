"""How a bisection is shown: a sentence first, then each change with why, or JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.bisected import ENVIRONMENT, Asked, Bisected, Blame, Side
from savedmodel_matrix.views.bisected_sentence import phrase, sentence
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.release_links import compare_link, release_link

if TYPE_CHECKING:
    from savedmodel_matrix.analysis.bisected import Attribution, Found, Row, Tried

LONGEST = 300  # characters of a reason
MOST = 8  # packages that differ, beside the varied one
# What Keras and TensorFlow say before the cause that they found.
_AHEAD = re.compile(
    r".*(?:Exception encountered: |Example error message for object [^\n]*:\s)", re.DOTALL
)
_REASONS = 4  # that are told where every release fails


def trial_line(row: Row, tried: Tried, asked: Asked) -> str:
    """Return one release that was tried as a line of progress."""
    why = f": {tried.skipped}" if tried.skipped else ""
    day = f" ({row.day})" if row.day else ""
    return one_line(f"  {row.version}{day} {phrase(tried, asked)}{why}", LONGEST)


def bisected_lines(result: Bisected) -> list[str]:
    """Return what a person reads, a line each, the answer first."""
    lines = [sentence(result)]
    if not result.found:
        lines += _reason_lines(result)
    for one in result.found:
        lines += ["", *_change_lines(result, one)]
    for each in result.attributions:
        lines += ["", *_attribution_lines(each, result)]
    skipped = [place for place, one in sorted(result.tried.items()) if one.skipped]
    if skipped:
        lines += ["", "Skipped:"]
        lines += [trial_line(result.rows[p], result.tried[p], result.asked) for p in skipped]
    untried = 0 if result.package == ENVIRONMENT else len(result.rows) - len(result.tried)
    if untried:
        said = f"Ran {len(result.tried)} of {len(result.rows)} releases; the {untried} others lie "
        lines += ["", f"{said}between releases with the same outcome. --linear runs them all."]
    return lines


def _reason_lines(result: Bisected) -> list[str]:
    """Say why releases that all fail do, each reason once, with the releases that have it."""
    reasons: dict[str, list[str]] = {}
    for place, tried in sorted(result.tried.items()):
        if result.outcomes[place] is not None and (why := _why(tried)):
            said = f"{phrase(tried, result.asked)}{why}"
            reasons.setdefault(said, []).append(result.rows[place].version)
    lines = []
    for said, versions in list(reasons.items())[:_REASONS]:
        more = f" and {len(versions) - 1} more:" if len(versions) > 1 else ""
        lines.append(f"  {versions[0]}{more} {said}")
    if len(reasons) > _REASONS:
        lines.append(f"  {len(reasons) - _REASONS} other reasons are in bisect.json.")
    return lines


def _why(tried: Tried) -> str:
    """Return what a failure said, from its cause on, to follow how it ended; "" of a success."""
    reason = str(tried.cell["reason"])
    message = str(tried.cell.get("message", "")).strip()
    if not reason:
        return ""
    if not message:
        return f": {one_line(reason, LONGEST)}"
    kind, colon, _ = reason.partition(": ")
    named = f"{kind}: " if colon and kind.isidentifier() and not message.startswith(kind) else ""
    cause = _AHEAD.sub("", message).strip() or message
    return f": {one_line(named + ' '.join(cause.split()), LONGEST)}"


def _attribution_lines(one: Attribution, result: Bisected) -> list[str]:
    """Say which package made the difference between two environments."""
    lines = [f"From {one.before} to {one.after}, each package put back alone:"]
    for swap in one.swaps:
        said = f"with the older one it {phrase(swap.tried, result.asked)}"
        said += ", as before" if swap.guilty else ", not as before"
        if why := swap.tried.skipped:
            said = f"the older one cannot be tried: {one_line(why, LONGEST)}"
        lines.append(f"  {swap.difference.words}: {said}")
    for each in one.searched:
        lines += ["", *bisected_lines(each)]
    guilty = [swap.difference for swap in one.swaps if swap.guilty]
    listed = {each.package for each in one.searched}
    lines += [
        f"  The releases of {each.package} in between cannot be listed."
        for each in guilty
        if each.package not in listed
    ]
    if not guilty:
        what = f" {one.tensorflow.before} → {one.tensorflow.after}" if one.tensorflow else ""
        it = (
            f"TensorFlow{what} itself, or several packages together" if what else "several together"
        )
        lines.append(f"  No package alone makes the difference: it is {it}.")
    return lines


def _change_lines(result: Bisected, found: Found) -> list[str]:
    change = found.change
    lines = []
    for place in (change.before, change.after):
        row, tried = result.rows[place], result.tried[place]
        day = f" ({row.day})" if row.day else ""
        said = f"{phrase(tried, result.asked)}{_why(tried)}"
        lines.append(f"{result.package} {row.version}{day} {said}")
        if link := release_link(result.package, row.version):
            lines.append(f"  {link}")
    if skipped := [result.rows[place].version for place in change.skipped]:
        lines.append(f"  Between them, {', '.join(skipped)} gave no outcome.")
    versions = [result.rows[place].version for place in (change.before, change.after)]
    if link := compare_link(result.package, *versions):
        lines.append(f"  What changed: {link}")
    if said := _blamed(result, found):
        lines.append(f"  {said}")
    others = [one.words for one in found.differences if one.package != result.package]
    if others and result.package == ENVIRONMENT:
        more = f" and {len(others) - MOST} more" if len(others) > MOST else ""
        lines.append(f"  Packages that differ: {', '.join(others[:MOST])}{more}")
    elif others:
        more = f" and {len(others) - MOST} more" if len(others) > MOST else ""
        lines.append(f"  Also differ: {', '.join(others[:MOST])}{more}")
    else:
        lines.append("  No other package differs.")
    return lines


def _blamed(result: Bisected, found: Found) -> str:
    """Say which side of the cell changed, as far as both mixtures of releases show it."""
    if result.side is not Side.BOTH:
        return f"Only what {result.side.value}s varies; the other side is {result.over}."
    ends = {
        result.tried[place].cell["stage"]
        for place in (found.change.before, found.change.after)
        if result.tried[place].cell["status"] != "pass"
    }
    if ends == {"build"}:
        return "The case's own code fails, before anything is saved."
    if ends == {"save"}:
        return "It fails to save, so nothing is loaded."
    return {
        Blame.SAVING: "It is the side that saves: whichever of the two loads, the same comes out.",
        Blame.LOADING: "It is the side that loads: whichever of the two saved, the same comes out.",
        Blame.EITHER: "The newer release at either side, saving or loading, is enough.",
        Blame.TOGETHER: "It takes the newer release at both sides, saving and loading.",
    }.get(found.blame, "")
