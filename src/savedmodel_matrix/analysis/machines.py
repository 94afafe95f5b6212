"""Whether a run and the accepted one were made on processors of one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WHERE = "docs/environments.md, “Numerics and processors”"


def other_processor(made: Mapping[str, Any], accepted: Mapping[str, Any]) -> str:
    """Say that the accepted run was made on a processor of another kind, or "" if it was not.

    Both are descriptions of runs (``run.json``). Processors are of one kind where architecture
    and vector extensions are the same, whatever the model is called. Where the accepted run does
    not say what it was made on, that is said. "" too where nothing is accepted.
    """
    here, there = made.get("processor"), accepted.get("processor")
    if not accepted or not here:
        return ""
    if not there:
        return (
            "The processor of the accepted run is not recorded: what differs may differ by the "
            f"processor ({WHERE})."
        )
    if differing := _difference(here, there):
        return (
            f"The accepted run was made on another kind of processor: {_named(there)} there, "
            f"{_named(here)} here; {differing}. What differs may differ by that ({WHERE})."
        )
    return ""


def _named(processor: Mapping[str, Any]) -> str:
    model, architecture = processor.get("model", ""), processor.get("architecture", "")
    return f"{model} ({architecture})" if model else str(architecture)


def _difference(here: Mapping[str, Any], there: Mapping[str, Any]) -> str:
    """Say in what two processors are of another kind; "" if they are of one."""
    if here.get("architecture") != there.get("architecture"):
        return "the architecture is another"
    ours, theirs = here.get("extensions"), there.get("extensions")
    if ours == theirs:
        return ""
    if ours is None or theirs is None:
        return f"the vector extensions {'here' if ours is None else 'there'} are not known"
    only = [
        f"only {place}: {', '.join(names)}"
        for place, names in (
            ("there", [name for name in theirs if name not in ours]),
            ("here", [name for name in ours if name not in theirs]),
        )
        if names
    ]
    return "; ".join(only)
