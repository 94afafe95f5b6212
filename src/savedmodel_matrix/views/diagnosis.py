"""A diagnosis on one screen: the answer first, then who is affected, why, and what to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from savedmodel_matrix.savedmodel.diagnosis import DEFECT, RUNS, SOUND, UNREADABLE
from savedmodel_matrix.views.about import about, reached
from savedmodel_matrix.views.contents import contents
from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from rich.console import RenderableType

    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Finding, Signature, Value

_WORDS = {
    SOUND: ("✓ sound", "bold green"),
    DEFECT: ("✗ defect", "bold red"),
    UNREADABLE: ("! unreadable", "bold red"),
}
_SEVERE = {"low": "", "medium": "yellow", "high": "red", "critical": "bold red"}
_LISTED = 8  # resources, signatures or changes, before the rest is counted
_LABEL = 10  # characters
UNWRITTEN = "unwritten-resource"
_V1 = (
    "It fails in saved_model_cli, libtensorflow and every binding on it, TensorFlow Serving and "
    "the TFLite converter. They run the restore op, the init op, and then the signature."
)
_PYTHON = "tf.saved_model.load in Python, which restores through the object graph."
_COPIED = (
    "The process that saved registered a copy of each variable (Keras 3 does, when it exports). "
    "The restore op fills the copy, and the signature reads the original."
)


def screen(diagnosis: Diagnosis, *, verbose: bool = False) -> RenderableType:
    """Return a diagnosis for a person, on one screen; with `verbose` all that is known."""
    text, most = about(diagnosis, verbose=verbose), sys.maxsize if verbose else _LISTED
    text.end = ""
    for finding in diagnosis.findings[:most]:
        text.append(f"\n{finding.severity}: ", _SEVERE[finding.severity])
        text.append(f"{one_line(finding.message)}\n")
        _resources(text, finding, most)
        text.append_text(reached(finding) if verbose else Text())
    if (more := len(diagnosis.findings) - most) > 0:
        text.append(f"\n{more} more findings: --verbose has them all.\n")
    if verbose or not diagnosis.findings:
        _signatures(text, diagnosis, most)
    text.append_text(contents(diagnosis))
    parts: list[RenderableType] = [headline(diagnosis), text]
    readers = _readers(diagnosis)
    if diagnosis.findings or readers:
        parts.append("")
        parts += [_advice(diagnosis), *([readers] if readers else []), _remedies(diagnosis)]
    return Group(*parts)


def _readers(diagnosis: Diagnosis) -> Text | None:
    """Return which releases of TensorFlow load it, where some do not; one line for alike ones."""
    said: dict[str, list[str]] = {}
    for name, loader in diagnosis.loaders.items():
        bounds = [f"from {loader.since}"] * bool(loader.since)
        bounds += [f"until {loader.until}"] * bool(loader.until)
        if bounds and loader.verdict == RUNS:
            why = loader.because.rpartition("; ")[2]
            said.setdefault(f"TensorFlow {' '.join(bounds)} ({why})", []).append(name)
    if not said:
        return None
    text = unwrapped()
    for number, (what, names) in enumerate(said.items()):
        label = "" if number else "Who reads it"
        text.append("\n" if number else "")
        text.append(f"{label:{_LABEL + 2}}  " if number else f"{label}  ", "bold")
        text.append(one_line(f"{', '.join(names)}: {what}"))
    return text


def _advice(diagnosis: Diagnosis) -> Table:
    """Return who is affected, why, and what to do."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold", min_width=_LABEL)
    grid.add_column()
    unwritten = [f for f in diagnosis.findings if f.rule == UNWRITTEN]
    if unwritten:
        grid.add_row("For whom", _V1)
        grid.add_row("Not for", _PYTHON)
        if all(r["restored_instead"] for f in unwritten for r in f.evidence["resources"]):
            grid.add_row("Why", _COPIED)
    return grid


def _remedies(diagnosis: Diagnosis) -> Text:
    """Return what to do; commands are not wrapped, so that they can be pasted."""
    text = unwrapped()
    remedies = dict.fromkeys(f.remedy for f in diagnosis.findings if f.remedy)
    for number, remedy in enumerate(remedies):
        text.append("\n" if number else "")
        label = "" if number else "What to do"
        text.append(f"{label:{_LABEL + 2}}", "bold").append(one_line(remedy))
    return text


def unwrapped() -> Text:
    """Return a text whose lines stay whole, so that they can be pasted."""
    return Text(no_wrap=True, overflow="ignore")  # and printed with crop=False


def headline(diagnosis: Diagnosis) -> Text:
    """Return the answer in one line."""
    word, style = _WORDS[diagnosis.verdict]
    text = unwrapped().append(word, style).append(f"  {one_line(diagnosis.path)}")
    writers = (("TensorFlow", diagnosis.tensorflow), ("Keras", diagnosis.keras))
    wrote = " and ".join(f"{name} {one_line(version)}" for name, version in writers if version)
    return text.append(f"  ({diagnosis.format}{', written by ' if wrote else ''}{wrote})")


def _resources(text: Text, finding: Finding, most: int) -> None:
    resources = finding.evidence.get("resources", [])
    for resource in resources[:most]:
        text.append(f"    {one_line(resource['name'])}", "bold")
        for key, word in (
            ("object", "object"),
            ("checkpoint_key", "checkpoint key"),
            ("restored_instead", "restored instead:"),
        ):
            if resource[key]:
                text.append(f"  {word} {one_line(resource[key])}")
        text.append("\n")
    if len(resources) > most:
        text.append(f"    and {len(resources) - most} more\n")


def _signatures(text: Text, diagnosis: Diagnosis, most: int) -> None:
    for signature in diagnosis.signatures[:most]:
        text.append(f"    {one_line(_signature(signature))}\n")
    if (more := len(diagnosis.signatures) - most) > 0:
        text.append(f"    and {more} more signatures\n")


def _signature(signature: Signature) -> str:
    sides = (
        ", ".join(f"{key} {_value(value)}" for key, value in values.items())
        for values in (signature.inputs, signature.outputs)
    )
    return f"{signature.name}({next(sides)}) -> ({next(sides)})"


def _value(value: Value) -> str:
    if value.shape is None:
        return f"{value.dtype}[...]"
    return f"{value.dtype}[{','.join('?' if dim < 0 else str(dim) for dim in value.shape)}]"
