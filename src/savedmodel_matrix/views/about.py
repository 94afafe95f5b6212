"""What an artifact is, in a line or two, or whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Finding
    from savedmodel_matrix.savedmodel.provenance import About, Variable


def about(diagnosis: Diagnosis, *, verbose: bool) -> Text:
    """Return how it was saved and how much it holds; with `verbose` why, and all of it."""
    text, known = Text(), diagnosis.about
    if known is None:
        return text
    claims = [
        f"{evidence.claim} ({evidence.because})" if verbose else evidence.claim
        for evidence in known.evidence
    ]
    tags = "; ".join(", ".join(tags) or "no tags" for tags in known.meta_graphs)
    held = [*_counts(known, diagnosis.spare_bytes), f"tags {tags}"]
    text.append(f"    {one_line('; '.join([*claims, ', '.join(held)]))}\n")
    if verbose:
        for variable in known.variables:
            text.append(f"      variable {one_line(_variable(variable))}\n")
        for name in known.tables:
            text.append(f"      table {one_line(name)}\n")
        for asset in known.assets:
            size = "missing" if asset.bytes is None else f"{asset.bytes:,} bytes"
            text.append(f"      asset {one_line(asset.name)}  {size}\n")
    return text


def _counts(known: About, spare: int) -> list[str]:
    twice = f", {spare:,} of them twice: repair --slim" if spare > known.variable_bytes / 5 else ""
    sized = f" ({known.variable_bytes:,} bytes{twice})" if known.variables else ""
    counts = (
        (len(known.variables), "variable", sized),
        (len(known.tables), "table", ""),
        (len(known.assets), "asset", ""),
        (known.functions, "function", ""),
    )
    return [f"{n} {word}{'s' if n != 1 else ''}{more}" for n, word, more in counts if n]


def _variable(variable: Variable) -> str:
    dims = "..." if variable.shape is None else ",".join(map(str, variable.shape))
    place = f"  object {variable.object}" if variable.object else ""
    size = "" if variable.bytes is None else f"  {variable.bytes:,} bytes"
    return f"{variable.name} {variable.dtype}[{dims}]{size}{place}".replace("-1", "?")


def reached(finding: Finding) -> Text:
    """Return the ops that a finding of safety is about, with where their names come from."""
    text = Text()
    for op in finding.evidence.get("ops", ()):
        place = f"node {op['node']}" + (f" of function {op['function']}" if op["function"] else "")
        names = ", ".join(f"{name['from']} {name['name']!r}" for name in op["names"])
        given = f"  given: {names}" if names else ""
        line = f"{op['op']}  {place}{given}"
        text.append(f"    {one_line(line)}\n")
    return text
