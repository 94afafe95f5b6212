"""Whether a run and the accepted one were made on processors of one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


def other_machine(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Say in what the runs of two results differ beside their cells: processor and numerics.

    A sentence each, and none where both are known and alike.
    """
    then, now = before.get("processor"), after.get("processor")
    said = ""
    if not then or not now:
        unknown = "first" if now else "second" if then else ""
        of = f"the {unknown} result is not" if unknown else "neither result is"
        said = f"The processor of {of} recorded: what differs may differ by that ({WHERE})."
    elif differing := _difference(now, then, ("in the first", "in the second")):
        said = (
            f"The results were made on two kinds of processor, {_named(then)} and {_named(now)}: "
            f"{differing}. What differs may differ by that ({WHERE})."
        )
    return [sentence for sentence in (said, other_numerics(before, after)) if sentence]


def other_numerics(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Say what libraries were told otherwise of how to compute, "" where that is not known."""
    if before.get("numerics") is None or after.get("numerics") is None:
        return ""
    differing = "; ".join(_numerics(before["numerics"], after["numerics"]))
    return f"What libraries were told of how to compute differs: {differing}." if differing else ""


def _numerics(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield what libraries were told otherwise, as "openvino X f32 → bf16"."""
    for library in sorted({*before, *after}):
        then, now = before.get(library, {}), after.get(library, {})
        for name in sorted({*then, *now}):
            if then.get(name) != now.get(name):
                was, is_ = (side.get(name, "(not set)") for side in (then, now))
                yield f"{library} {name} {was} → {is_}"


def _named(processor: Mapping[str, Any]) -> str:
    model, architecture = processor.get("model", ""), processor.get("architecture", "")
    return f"{model} ({architecture})" if model else str(architecture)


def _difference(
    here: Mapping[str, Any],
    there: Mapping[str, Any],
    places: tuple[str, str] = ("there", "here"),
) -> str:
    """Say in what two processors are of another kind; "" if they are of one."""
    if here.get("architecture") != there.get("architecture"):
        return "the architecture is another"
    ours, theirs = here.get("extensions"), there.get("extensions")
    if ours == theirs:
        return ""
    if ours is None or theirs is None:
        return f"the vector extensions {places[ours is None]} are not known"
    only = [
        f"only {place}: {', '.join(names)}"
        for place, names in (
            (places[0], [name for name in theirs if name not in ours]),
            (places[1], [name for name in ours if name not in theirs]),
        )
        if names
    ]
    return "; ".join(only)
