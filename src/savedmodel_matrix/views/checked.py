"""An artifact that was checked: the answer, a row a loader, and what its files predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from savedmodel_matrix.analysis.predictions import FAILS, RUNS, Checked, disagreements, ends
from savedmodel_matrix.model.table import FAILURES
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.wording import DASH, legend, mark, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

_STYLES = {"pass": "green", "fail": "red", "crash": "bold magenta", "timeout": "yellow"}
_LONGEST = 300  # characters of a message
_SYMBOL = {True: ("✓", "bold green"), False: ("✗", "bold red")}


def screen(checked: Checked) -> Iterator[Text]:
    """Yield the lines for a person: the answer first, then the table, the reasons, what to do."""
    yield from _answer(checked)
    yield Text(_how(checked))
    yield Text()
    yield from _table(checked)
    yield from _reasons(checked)
    wrong = disagreements(checked)
    for cell in wrong:
        predicted = checked.predicted(cell)
        said = (
            f"! {one_line(cell['loader'])} in {one_line(cell['consumer'])}: the files say that it "
            f"{predicted}, and it {_did(cell)}. Please report this."
        )
        yield Text(said, style="bold yellow")
    if any(cell["status"] in FAILURES for cell in checked.cells):
        for number, remedy in enumerate(checked.remedies):
            label = "What to do  " if not number else " " * 12
            # Not wrapped, so that a command can be pasted.
            yield Text.assemble((label, "bold"), one_line(remedy), no_wrap=True, overflow="ignore")


def _answer(checked: Checked) -> Iterator[Text]:
    passes = [loader for loader in checked.loaders if set(_statuses(checked, loader)) <= {"pass"}]
    symbol, style = _SYMBOL[len(passes) == len(checked.loaders)]
    name = one_line(checked.path)
    built = [cell for cell in checked.cells if cell["stage"] in ("build", "save", "environment")]
    if built and len(built) == len(checked.cells):
        where = one_line(checked.reference)
        said = (
            f"{name}: there is nothing to compare with, because tf.saved_model.load in {where} "
            "does not run it. Give inputs that it takes with --inputs, name another environment "
            "with --reference, or say what is right with --expected."
        )
        yield Text.assemble(("✗", "bold red"), f" {said}")
        return
    if len(passes) == len(checked.loaders):
        said = "gives the same numbers with every loader in every environment"
    elif passes:
        said = f"gives the same numbers everywhere with {_listed(passes)} only"
    else:
        said = "gives the same numbers everywhere with none of these loaders"
    yield Text.assemble((symbol, style), f" {name} {said}")


def _how(checked: Checked) -> str:
    wrote = f"Written by TensorFlow {one_line(checked.wrote)}. " if checked.wrote else ""
    if not checked.reference:
        return f"{wrote}Compared with what --expected says."
    where = one_line(checked.reference)
    return f"{wrote}Compared with what tf.saved_model.load computes in {where}."


def _table(checked: Checked) -> Iterator[Text]:
    loaders = checked.loaders
    width = max(cell_len(one_line(loader)) for loader in loaders)
    names = [one_line(name) for name in checked.environments]
    heading = Text(" " * (width + 2) + "  ".join(names) + "  the files say", style="dim")
    yield heading
    shown = []
    for loader in loaders:
        line = Text(one_line(loader).ljust(width + 2))
        for name, end in zip(names, ends(checked, loader), strict=True):
            shown.append(end)
            style = _STYLES.get(end.partition(" ")[0], "")
            line.append(mark(end).center(cell_len(name)), style).append("  ")
        yield line.append(_predicted(checked, loader))
    yield Text(legend(shown), style="dim")


def _predicted(checked: Checked, loader: str) -> str:
    told = checked.told.get(loader)
    if told is None or told.verdict not in (RUNS, FAILS):
        return DASH
    if told.verdict == RUNS and (told.since or told.until):
        since = f" from {told.since}" if told.since else ""
        until = f" until {told.until}" if told.until else ""
        return one_line(f"{told.verdict}{since}{until}")
    return told.verdict


def _reasons(checked: Checked) -> Iterator[Text]:
    """Yield each message once, with the loaders and the environments that it comes from."""
    found: dict[str, dict[str, list[str]]] = {}
    for cell in checked.cells:
        if cell["status"] not in ("pass", ""):
            message = one_line(str(cell.get("message") or cell["reason"]), _LONGEST)
            found.setdefault(message, {}).setdefault(cell["loader"], []).append(cell["consumer"])
    for message, loaders in found.items():
        by_place: dict[str, list[str]] = {}
        for loader, consumers in loaders.items():
            by_place.setdefault(span(consumers, checked.environments), []).append(loader)
        for place, names in by_place.items():
            yield Text()
            yield Text(f"{_listed(names)} in {place}", style="bold")
            yield Text(f"  {message or 'no message'}")
    if found:
        yield Text()


def _statuses(checked: Checked, loader: str) -> list[str]:
    return [cell["status"] for cell in checked.cells if cell["loader"] == loader]


def _did(cell: Mapping[str, Any]) -> str:
    return "passes" if cell["status"] == "pass" else f"ends as {mark(_end(cell))} {_end(cell)}"


def _end(cell: Mapping[str, Any]) -> str:
    return f"{cell['status']} {cell['stage']}".rstrip()


def _listed(names: Sequence[str]) -> str:
    names = [one_line(name) for name in names]
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
