"""Writing what `bisect` found: JSON, and for each change a script and the text of an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.bisected import Asked, Side
from savedmodel_matrix.commands.shown import shown_path
from savedmodel_matrix.engine.keys import local_files
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.views.bisected_json import bisected_json
from savedmodel_matrix.views.bisected_sentence import phrase, sentence
from savedmodel_matrix.views.reproduction import LOADS, SAVES, Place, Told, files
from savedmodel_matrix.views.upstream_issue import issue_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from savedmodel_matrix.analysis.bisected import Bisected, Found
    from savedmodel_matrix.commands.trials import Question
    from savedmodel_matrix.workspace.project import Project

ISSUE = "issue.md"
_BESIDE = "__file__"  # by which a case finds what lies beside it


def write_found(
    place: Path, result: Bisected, question: Question, project: Project
) -> list[tuple[Path, bool]]:
    """Write everything below ``place``; return each issue's file, and whether a script is beside.

    Raises UserError if it cannot be written; each change is written whole or not at all.
    """
    write_files({place / "bisect.json": bisected_json(result).encode()})
    written = []
    for one in result.found:
        ends = (result.rows[one.change.before].version, result.rows[one.change.after].version)
        directory = place / "-".join(ends)
        made = files(told) if (told := _told(result, one, question, project)) else {}
        made[ISSUE] = issue_text(result, one, question.case.title, made)
        write_files({directory / name: text.encode() for name, text in made.items()})
        written.append((directory / ISSUE, len(made) > 1))
    return written


def where_lines(result: Bisected, written: Sequence[tuple[Path, bool]]) -> list[str]:
    """Say where the scripts and issues are, and where there is no script."""
    lines = [""] if written else []
    for file, has_script in written:
        if has_script:
            lines.append(f"Reproduce with uv alone: sh {shown_path(file.parent)}/reproduce.sh")
        lines.append(f"Text of an issue: {shown_path(file)}")
    if written and not all(has_script for _, has_script in written):
        lines.append(
            f"No script: no plain file says {result.remedy} and {result.loader} of this case."
        )
    return lines


def _told(result: Bisected, found: Found, question: Question, project: Project) -> Told | None:
    """Return what a script is made of; None where one file does not say it all."""
    case = question.case
    source = case.path.read_text(encoding="utf-8")
    if case.files or len(local_files(case.path)) > 1 or _BESIDE in source:
        return None
    ends = (found.change.before, found.change.after)
    heads = [
        f"{result.package} {result.rows[place].version} {phrase(result.tried[place], result.asked)}"
        for place in ends
    ]
    saving, loading = (
        [_place(result, place, question, project, side) for place in ends]
        for side in (Side.SAVE, Side.LOAD)
    )
    stays = None
    if result.side is Side.LOAD:
        stays = SAVES, saving[0]
    elif result.side is Side.SAVE or question.loader.environment:
        stays = LOADS, loading[0]
    if stays and not question.loader.environment and saving[0].variables != loading[0].variables:
        return None  # what loads would inherit what is set for saving
    before, after = loading if result.side is Side.LOAD else saving
    return Told(
        source=source,
        remedy=question.remedy.name,
        loader=question.loader.name,
        title=sentence(result),
        heads=(heads[0], heads[1]),
        changing=(before, after),
        stays=stays,
        signature=result.asked is Asked.SIGNATURE,
    )


def _place(result: Bisected, place: int, question: Question, project: Project, does: Side) -> Place:
    """Return the environment that saves or loads the cell of a release that was tried."""
    tried, known, own = result.tried[place], project.environments, question.loader.environment
    fixed = known[result.over]
    if result.side in (Side.BOTH, does):
        varied = known.get(result.rows[place].environment, fixed)
    else:
        varied = fixed
    if does is Side.LOAD:
        one = known[own] if own else varied
        return Place(one.python, tried.consumer_packages, one.variables)
    settings = {**varied.variables, **question.remedy.settings}
    return Place(varied.python, tried.packages, settings)
