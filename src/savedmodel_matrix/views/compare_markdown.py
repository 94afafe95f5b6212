"""Two results compared, as Markdown that fits a comment of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.views.changes import Said, described, item_of, package_lines
from savedmodel_matrix.views.compare_terminal import summed
from savedmodel_matrix.views.markdown import escape
from savedmodel_matrix.views.wording import number_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from savedmodel_matrix.analysis.change_groups import ChangeGroup
    from savedmodel_matrix.analysis.compared import Compared

LONGEST = 60_000  # characters: GitHub takes 65,536 in a comment
GROUPS = 20  # of a class
_PACKAGES = 30
_REST = "matrix.csv of both results has every cell."


def compare_markdown(compared: Compared, *, longest: int = LONGEST) -> str:
    """Return the counts of all classes, and each class with its groups, folded.

    Groups are left out, the smallest first, until the whole is not longer than ``longest``.
    """
    for most in (GROUPS, GROUPS // 2, 5, 2, 1, 0):
        text = "\n".join(_lines(compared, most))
        if len(text) <= longest:
            break
    return text


def _lines(compared: Compared, most: int) -> Iterator[str]:
    yield f"**{escape(summed(compared))}**"
    yield ""
    for sentence in compared.machines:
        yield f"> {escape(sentence)}"
        yield ""
    yield f"Before: {escape(described(compared.before))}  "
    yield f"After: {escape(described(compared.after))}"
    yield ""
    counts = compared.differences.counts
    yield "| class | cells | |"
    yield "| --- | ---: | --- |"
    for kind in ChangeClass:
        if counts[kind]:
            yield f"| {kind.title} | {counts[kind]} | {kind.says} |"
    yield ""
    for kind, groups in compared.groups.items():
        yield from _folded(kind, groups, compared, most)
    packages = package_lines(compared, None if most == GROUPS else _PACKAGES)
    if packages:
        yield "<details><summary>Packages that differ</summary>"
        yield ""
        yield from (f"- {escape(line)}" for line in packages)
        yield ""
        yield "</details>"


def _folded(
    kind: ChangeClass, groups: Sequence[ChangeGroup], compared: Compared, most: int
) -> Iterator[str]:
    """Yield a class, unfolded where it is a regression."""
    number = sum(len(group.changes) for group in groups)
    cases = len({case for group in groups for case in group.cases})
    is_open = " open" if kind is ChangeClass.REGRESSED else ""
    of = f"{number_of(number, 'cell', 'cells')} of {number_of(cases, 'case', 'cases')}"
    yield f"<details{is_open}><summary>{kind.title}: {of}</summary>"
    yield ""
    said = Said(compared.environments, compared.own)
    for group in groups[:most]:
        item = item_of(group, said)
        yield f"- {escape(item.text)}"
        yield from (f"  - {escape(detail)}" for detail in item.details)
    if len(groups) > most:
        left = sum(len(group.changes) for group in groups[most:])
        yield f"- … and {number_of(left, 'cell', 'cells')} in other groups: {_REST}"
    yield ""
    yield "</details>"
    yield ""
