"""What a bisection found as one sentence, and how a release came out as the end of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.bisected import ENVIRONMENT, Asked, Bisected, outcome
from savedmodel_matrix.analysis.versions import FIRST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.analysis.bisected import Tried

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
        if how[before] == how[after]:  # what is compared says more than that
            parts.append(f"{version[before]} {how[before]}, {version[after]} in another way")
        elif number == 0:
            parts.append(f"{version[before]} {how[before]}, {version[after]} {how[after]}")
        else:
            again = " again" if how[after] in seen else ""
            parts.append(f"{how[after]}{again} from {version[after]}")
        seen.add(how[after])
    if result.found[-1].change.after != ran[-1]:
        parts += _afterwards(result, ran, how)
    same = unchanged(result)
    kept = f"; {', '.join(same)} unchanged" if same else ""
    return f"{result.package} {'; '.join(parts)}{kept}."


def _afterwards(result: Bisected, ran: list[int], how: Mapping[int, str]) -> list[str]:
    """Say how what came after the last change ended, in one way or, as it may, in several."""
    last = result.found[-1].change.after
    later = [place for place in ran if place > last and how[place] != how[last]]
    newest = f"{result.rows[ran[-1]].version}, the newest that was searched"
    if not later:
        return [f"the same up to {newest}"]
    first: dict[str, str] = {}
    for place in later:
        first.setdefault(how[place], result.rows[place].version)
    ways = [f"{way} in {version}" for way, version in first.items()]
    return [*ways, f"no better up to {newest}" if result.asked is Asked.PASS else f"up to {newest}"]


def _no_change(result: Bisected, ran: list[int], how: Mapping[int, str]) -> str:
    first, last = result.rows[ran[0]].version, result.rows[ran[-1]].version
    came = {result.outcomes[place] for place in ran}
    row = "environment" if result.package == ENVIRONMENT else "release"
    which = {"passes": f"No bad {row}", "fails": f"No good {row}"}.get(
        str(next(iter(came))) if result.asked is Asked.PASS else "", "No change"
    )
    what = "" if result.package == ENVIRONMENT else f"{result.package} "
    ways = sorted(set(how.values()))
    if len(ran) == 1:
        others = len(result.tried) - 1
        return (
            f"Nothing to compare: {what}{first} {ways[0]}, and of {others} other {row}s that were "
            "tried none could be run."
        )
    silent = len(result.tried) - len(ran)
    rest = f"; {silent} more were tried and gave no outcome" if silent else ""
    return (
        f"{which}: of {what}{first} to {last}, each of the {len(ran)} {row}s that "
        f"were run {' or '.join(ways)}{rest}."
    )


def unchanged(result: Bisected) -> list[str]:
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
