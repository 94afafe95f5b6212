"""The accepted full runs over time: what the page of the history shows, and its drawings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.analysis.counting import Counts
from savedmodel_matrix.analysis.history import ALL, AXES
from savedmodel_matrix.model.table import environment_order
from savedmodel_matrix.views.changes import way, word
from savedmodel_matrix.views.places import by_family
from savedmodel_matrix.views.wording import fraction, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.analysis.history import HistoryEntry

WIDTH, HEIGHT, MARGIN = 120, 28, 4  # of a drawing, in pixels


@dataclass(frozen=True)
class PastRun:
    """One accepted full run as a row: when, from what, and what it changed, class by class.

    ``anchor`` is its place on the page.
    """

    anchor: str
    finished: str
    commit: str
    processor: str
    cells: int
    passing: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class ChangedGroup:
    """Cells that went the same way in a run, for one cause: a row of the page.

    ``cases`` have the number of cells of each; ``cause`` is an anchor of the page of root causes,
    "" where that does not have it.
    """

    way: str
    cells: int
    cases: Mapping[str, int]
    remedies: Sequence[str]
    loaders: Sequence[str]
    environments: str
    cause: str
    cause_title: str


@dataclass(frozen=True)
class ChangedClass:
    """The cells of one class that a run changed; ``left_out`` groups are counted only."""

    title: str
    says: str
    cells: int
    groups: Sequence[ChangedGroup]
    left_out: int


@dataclass(frozen=True)
class Trend:
    """How many cells of one name on an axis passed, run by run."""

    name: str
    latest: str
    drawing: Markup


def runs(history: Sequence[HistoryEntry]) -> list[PastRun]:
    """Return the runs as rows, the newest first."""
    return [
        PastRun(
            anchor_of(entry),
            f"{entry.finished[:10]} {entry.finished[11:16]}".strip(),
            entry.commit[:12],
            processor_of(entry),
            sum(entry.numbers.values()),
            share(Counts(entry.numbers)),
            changed_in(entry),
        )
        for entry in reversed(history)
    ]


def comparison(
    entry: HistoryEntry, causes: Mapping[str, tuple[str, str]]
) -> tuple[ChangedClass, ...]:
    """Return what a run changed, class by class.

    ``causes`` are the anchor and the title of each root cause that the report has, by fingerprint.
    """
    environments = sorted(entry.counts.get("environment", ()), key=environment_order)
    return tuple(
        ChangedClass(
            kind.title,
            kind.says,
            stated["cells"],
            tuple(_group(one, environments, causes) for one in stated["groups"]),
            stated["groups_left_out"],
        )
        for kind in ChangeClass
        if (stated := entry.changed.get(kind.value))
    )


def _group(
    stated: Mapping[str, Any],
    environments: Sequence[str],
    causes: Mapping[str, tuple[str, str]],
) -> ChangedGroup:
    anchor, title = causes.get(stated["fingerprint"], ("", ""))
    return ChangedGroup(
        way(stated["before"], stated["after"]),
        stated["cells"],
        stated["cases"],
        stated["remedies"],
        stated["loaders"],
        by_family(stated["environments"], environments),
        anchor,
        title,
    )


def anchor_of(entry: HistoryEntry) -> str:
    """Return the place of a run on the page."""
    return f"run-{entry.finished}"


def changed_in(entry: HistoryEntry) -> tuple[str, ...]:
    """Return what a run changed: "3 regressed", "1 fixed"."""
    return tuple(
        f"{entry.changed[kind.value]['cells']} {word(kind)}"
        for kind in ChangeClass
        if kind.value in entry.changed
    )


def processor_of(entry: HistoryEntry) -> str:
    """Return the processor of a run in words, "" where it is not recorded."""
    processor = entry.processor or {}
    return str(processor.get("model") or processor.get("architecture") or "")


def axes(history: Sequence[HistoryEntry]) -> list[tuple[str, list[Trend]]]:
    """Return the trends of all cells, and then by environment, remedy and loader."""
    found = []
    for axis in (ALL, *AXES):
        names = {name for entry in history for name in entry.counts[axis]}
        trends = [_trend(history, axis, name) for name in sorted(names, key=environment_order)]
        found.append((axis, trends))
    return found


def sparkline(values: Sequence[float | None], label: str) -> Markup:
    """Draw shares from 0 to 1, run by run; None leaves a gap. The last one has a dot.

    The scale goes from the least share to the greatest, so that a small change can be seen; the
    ``label`` says what the numbers are.
    """
    known = [value for value in values if value is not None]
    if not known:
        return Markup("")
    low, high = min(known), max(known)
    step = (WIDTH - 2 * MARGIN) / max(1, len(values) - 1)

    def point(place: int, value: float) -> str:
        level = (value - low) / (high - low) if high > low else 0.5
        return f"{MARGIN + place * step:.1f},{HEIGHT - MARGIN - level * (HEIGHT - 2 * MARGIN):.1f}"

    lines: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            lines.append([])
        else:
            lines[-1].append(point(place, value))
    drawn = Markup("").join(
        Markup('<polyline points="{}"/>').format(" ".join(line)) for line in lines if line
    )
    last = max(place for place, value in enumerate(values) if value is not None)
    x, y = point(last, known[-1]).split(",")
    return Markup(
        '<svg class="sparkline" role="img" aria-label="{}" width="{}" height="{}" '
        'viewBox="0 0 {} {}" fill="none" stroke="currentColor" stroke-width="1.5">{}'
        '<circle cx="{}" cy="{}" r="2.5" fill="currentColor"/></svg>'
    ).format(label, WIDTH, HEIGHT, WIDTH, HEIGHT, drawn, x, y)


def _trend(history: Sequence[HistoryEntry], axis: str, name: str) -> Trend:
    counts = [Counts(entry.counts[axis].get(name, {})) for entry in history]
    values = [one.passed / one.applicable if one.applicable else None for one in counts]
    label = ", ".join(fraction(one) for one in counts)
    return Trend(name, share(counts[-1]), sparkline(values, f"passing: {label}"))
