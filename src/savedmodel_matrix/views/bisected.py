"""How a bisection is shown: a sentence first, then each change with why, or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.bisected import ENVIRONMENT, Asked, Bisected, Blame, Side, outcome
from savedmodel_matrix.analysis.versions import FIRST
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.release_links import compare_link, release_link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.analysis.bisected import Attribution, Found, Row, Tried

FORMAT = 1
LONGEST = 300  # characters of a reason
MOST = 8  # packages that differ, beside the varied one
_PROPER = {"tensorflow": "TensorFlow", "tensorflow-cpu": "TensorFlow", "numpy": "NumPy"}
_ENDS = {"fail": "fails at {}", "crash": "crashes at {}", "timeout": "does not end at {}"}


def phrase(tried: Tried, asked: Asked) -> str:
    """Say how a release came out, as the end of a sentence: "fails at save"."""
    cell = tried.cell
    if (came := outcome(tried, asked)) is None:
        return "cannot be tried"
    if asked is Asked.SIGNATURE:
        return f"has {came}"
    said = _ENDS.get(cell["status"])
    return said.format(cell["stage"]) if said else came


def trial_line(row: Row, tried: Tried, asked: Asked) -> str:
    """Return one release that was tried as a line of progress."""
    why = f": {tried.skipped}" if tried.skipped else ""
    day = f" ({row.day})" if row.day else ""
    return one_line(f"  {row.version}{day} {phrase(tried, asked)}{why}", LONGEST)


def sentence(result: Bisected) -> str:
    """Return what was found in one sentence."""
    ran = [place for place, came in sorted(result.outcomes.items()) if came is not None]
    if not ran:
        return f"No release of {result.package} gave an outcome."
    how = {place: phrase(result.tried[place], result.asked) for place in ran}
    version = {place: result.rows[place].version for place in ran}
    if not result.found:
        return _no_change(result, ran, how)
    parts, seen = [], set()
    for number, one in enumerate(result.found):
        before, after = one.change.before, one.change.after
        seen.add(how[before])
        if number == 0:
            parts.append(f"{version[before]} {how[before]}, {version[after]} {how[after]}")
        else:
            again = " again" if how[after] in seen else ""
            parts.append(f"{how[after]}{again} from {version[after]}")
        seen.add(how[after])
    parts.append(f"the same up to {version[ran[-1]]}, the newest that was searched")
    if result.found[-1].change.after == ran[-1]:
        parts.pop()
    unchanged = _unchanged(result)
    kept = f"; {', '.join(unchanged)} unchanged" if unchanged else ""
    return f"{result.package} {'; '.join(parts)}{kept}."


def _no_change(result: Bisected, ran: list[int], how: Mapping[int, str]) -> str:
    first, last = result.rows[ran[0]].version, result.rows[ran[-1]].version
    came = {result.outcomes[place] for place in ran}
    row = "environment" if result.package == ENVIRONMENT else "release"
    which = {"passes": f"No bad {row}", "fails": f"No good {row}"}.get(
        str(next(iter(came))) if result.asked is Asked.PASS else "", "No change"
    )
    what = "" if result.package == ENVIRONMENT else f"{result.package} "
    ways = sorted(set(how.values()))
    return (
        f"{which}: of {what}{first} to {last}, each of the {len(ran)} {row}s that "
        f"were run {' or '.join(ways)}."
    )


def bisected_lines(result: Bisected) -> list[str]:
    """Return what a person reads, a line each, the answer first."""
    lines = [sentence(result)]
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
        reason = tried.cell["reason"]
        said = f": {one_line(reason, LONGEST)}" if reason else ""
        lines.append(f"{result.package} {row.version}{day} {phrase(tried, result.asked)}{said}")
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
    return {
        Blame.SAVING: "It is the side that saves: whichever of the two loads, the same comes out.",
        Blame.LOADING: "It is the side that loads: whichever of the two saved, the same comes out.",
        Blame.EITHER: "The newer release at either side, saving or loading, is enough.",
        Blame.TOGETHER: "It takes the newer release at both sides, saving and loading.",
    }.get(found.blame, "")


def _unchanged(result: Bisected) -> list[str]:
    """Return what matters to saving and had one version in all releases that were run."""
    installed = [
        one.installed(result.side)
        for place, one in result.tried.items()
        if result.outcomes[place] is not None
    ]
    names = [name for name in FIRST if name != result.package]
    found = {name: {one.get(name, "") for one in installed} for name in names}
    return [
        f"{_PROPER.get(name, name)} {next(iter(versions))}"
        for name, versions in found.items()
        if len(versions) == 1 and versions != {""}
    ]


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
        "unchanged": _unchanged(result),
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
