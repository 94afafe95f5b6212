"""The comparison of scanners: a table for a terminal, and `docs/scanners.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from savedmodel_matrix.analysis.scanned import FLAGGED, NO_VERDICT, NOT_READ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from savedmodel_matrix.analysis.scanned import Comparison, Scanner

HEADINGS = ("scanner", "false alarms", "misses", "not read", "CPU, s", "imports, s", "memory, MB")
_MB = 1 << 20


def table(found: Comparison) -> Table:
    """Return the table for a terminal."""
    shown = Table(*HEADINGS, box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for scanner in found.scanners:
        shown.add_row(*_cells(scanner))
    return shown


def _cells(one: Scanner) -> tuple[str, ...]:
    if one.missing:
        return (one.name, one.missing, *[""] * 5)
    judges = one.judges
    total = [one.total(hostile=hostile) for hostile in (False, True)]
    read = sum(one.count(NOT_READ, hostile=hostile) for hostile in (False, True))
    return (
        one.name,
        f"{len(one.false_alarms)} of {total[0]}" if judges else NO_VERDICT,
        f"{len(one.misses)} of {total[1]}" if judges else NO_VERDICT,
        f"{read} of {sum(total)}",
        f"{one.cpu:.3f}",
        f"{one.imports:.2f}",
        f"{one.memory / _MB:.0f}",
    )


def speed(found: Comparison) -> str:
    """Return what the speed amounts to, as a sentence; "" where it was not measured."""
    if found.speed is None:
        return ""
    return (
        f"Per healthy SavedModel `saved_model_cli show --all` takes {found.speed.show:.2f} s of "
        f"CPU, started once for each; `diagnose`, called once for all, takes "
        f"{1000 * found.speed.ours:.1f} ms: {found.speed.ratio:,.0f} times as fast."
    )


def page(found: Comparison) -> str:
    """Return `docs/scanners.md`."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Comparison) -> Iterator[str]:
    hostile = [one for one in found.artifacts if one.hostile]
    healthy = len(found.artifacts) - len(hostile)
    yield "# Scanners side by side"
    yield ""
    yield (
        f"Written by `nox -s scanners` on {found.date}, {found.machine}, from one run over "
        f"{healthy} healthy artifacts and {len(hostile)} hostile ones; the numbers are in "
        "`scanners.json`. The hostile ones are made by `tests/data/hostile/make_hostile.py`."
    )
    yield ""
    yield from _rows(HEADINGS, [_cells(scanner) for scanner in found.scanners])
    yield ""
    if said := speed(found):
        yield said
        yield ""
    yield from _NOTES
    if found.set_aside:
        yield (
            f"- {found.set_aside} artifacts of the run directory hold a Lambda layer, which is "
            "code that a scanner should flag: they are set aside, neither healthy nor hostile."
        )
    yield ""
    versions = [s.version for s in found.scanners if s.version]
    yield f"Versions: {', '.join(dict.fromkeys(versions))}."
    yield ""
    yield from _alarms(found)
    yield "## Hostile artifacts"
    yield ""
    judging = [scanner.name for scanner in found.scanners if scanner.judges]
    rows = []
    for one in hostile:
        verdicts = found.verdicts(one)
        rows.append((f"`{one.name}`", one.what, *(_mark(verdicts[name]) for name in judging)))
    yield from _rows(("artifact", "what it does", *judging), rows)


_NOTES = """\
- A false alarm is a healthy artifact that is flagged; a miss is a hostile one that is not, for
  whatever reason. Not read: the scanner says that it does not know the format, or fails.
- Flagged means: for `saved_model_cli scan` an op of its default list; for modelscan an issue of
  medium or above; for modelaudit a warning or worse; for `diagnose` a finding about safety of
  medium or above.
- `saved_model_cli show` lists what an artifact holds, and has no verdict on safety.
- Each scan is a process of its own that is forked when the imports are done. CPU is the median of
  those that were read; imports come on top for each start. Memory is the largest resident size of
  a scan, imports included.
""".splitlines()


def _alarms(found: Comparison) -> Iterator[str]:
    """Yield the false alarms by scanner, of each the first ones."""
    alarming = [scanner for scanner in found.scanners if scanner.false_alarms]
    if not alarming:
        return
    yield "## False alarms"
    yield ""
    for scanner in alarming:
        names = [f"`{scan.artifact.name}`" for scan in scanner.false_alarms]
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        yield f"- {scanner.name}: {', '.join(names[:10])}{more}"
    yield ""


def _mark(verdict: str) -> str:
    return {FLAGGED: "flagged", NOT_READ: "not read", "": ""}.get(verdict, "**missed**")


def _rows(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(headings) + " |"
    yield "| " + " | ".join("---" for _ in headings) + " |"
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
