"""The scripts of a case's page: one for each way of saving, with what comes out of it where."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.requirements import fault_of, names_of, overlay_name
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.plain_script import plain_script
from savedmodel_matrix.views.report.views import sentence_of
from savedmodel_matrix.views.wording import span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from savedmodel_matrix.views.plain_script import PlainScript
    from savedmodel_matrix.views.report.facts import Cell, Facts

# What a script loads with: the first of these that has cells.
LOADERS = (
    "tf.saved_model.load",
    "keras.models.load_model",
    "model.load_weights",
    "Checkpoint.restore",
)
PINNED = ("tensorflow-cpu", "tensorflow", "keras", "numpy")
LONGEST_REASON = 200  # characters


@dataclass(frozen=True)
class Ending:
    """What comes out of a script in some environments."""

    environments: str
    status: str
    head: str  # the first lines of the script: the command that runs it, and what comes out


@dataclass(frozen=True)
class CaseScript:
    """A way of saving as a script, with its endings."""

    remedy: str
    script: PlainScript
    endings: tuple[Ending, ...]


def case_scripts(facts: Facts, case: str) -> tuple[CaseScript, ...]:
    """Return the scripts of a case: of each way of saving that has an outcome in Python."""
    source = facts.cases[case]
    cells: dict[tuple[str, str], list[Cell]] = {}
    for cell in facts.cells:
        if cell["case"] == case and cell["status"] not in ("not-applicable", "not-run"):
            cells.setdefault((cell["remedy"], cell["loader"]), []).append(cell)
    found = []
    for remedy in facts.remedy_names:
        settings = facts.remedies[remedy].settings
        script = plain_script(source.text, remedy, tuple(settings.items()))
        ended = next((cells[remedy, name] for name in LOADERS if (remedy, name) in cells), ())
        if script and ended:
            requires = _requires(source.text)
            found.append(CaseScript(remedy, script, _endings(facts, ended, script, requires)))
    return tuple(found)


def _endings(
    facts: Facts, cells: Iterable[Cell], script: PlainScript, requires: tuple[str, ...]
) -> tuple[Ending, ...]:
    """Return each ending once, with the newest of its environments as the one to run it in."""
    ways: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in cells:
        ways.setdefault((cell["status"], cell["stage"], cell["reason"]), []).append(cell)
    told = []
    for ended in ways.values():
        names = {cell["producer"] for cell in ended}
        newest = max(ended, key=lambda cell: facts.columns.index(cell["producer"]))
        where, what = span(names, facts.environments), sentence_of(newest)
        reason = one_line(newest["reason"], LONGEST_REASON)
        lines = [
            f"# {command(newest, facts.whole.run.get('environments', {}), requires)}",
            f"# {where}, {newest['loader']}: {what}{f': {reason}' if reason else ''}",
        ]
        head = "\n".join(lines) + f"\n{script.settings}"
        told.append(Ending(where, newest["status"], head))
    return tuple(told)


def command(cell: Cell, environments: Mapping[str, Any], requires: tuple[str, ...] = ()) -> str:
    """Return the command that runs a script with the packages of a cell.

    They are those of its record, and of its environment, which has what the case ``requires``.
    """
    made = environments.get(overlay_name(cell["producer"], requires), {})
    versions = {**made.get("packages", {}), **cell.get("versions", {}).get("producer", {})}
    legacy = ("tf-keras",) if "tf_keras" in cell.get("keras", {}) else ()
    wanted = dict.fromkeys((*PINNED, *legacy, *names_of(requires)))
    pins = "".join(f" --with {name}=={versions[name]}" for name in wanted if name in versions)
    python = versions.get("python") or made.get("python", "").rpartition(" ")[2]
    minor = ".".join(python.split(".")[:2])
    return f"uv run{f' --python {minor}' if minor else ''}{pins} script.py"


def _requires(text: str) -> tuple[str, ...]:
    """Return the packages that the source of a case states as required."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "requires":
            try:
                stated = ast.literal_eval(node.value)
            except (ValueError, TypeError):
                return ()
            known = isinstance(stated, (list, tuple)) and not any(map(fault_of, stated))
            return tuple(stated) if known else ()
    return ()
