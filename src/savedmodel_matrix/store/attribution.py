"""`results/accepted/attribution.json`: which release each difference of the table goes back to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.attribution import Attributed, Changed, Made, Step
from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE = "attribution.json"  # beside the accepted table
FORMAT = 1
_REMEDY = "restore it from version control, or remove it and run `savedmodel-matrix attribute`"


@dataclass(frozen=True)
class Attribution:
    """What is kept: on which accepted table it rests, when it was made, by which version, steps.

    ``table`` is the SHA-256 of the accepted table, ``accepted`` when its run finished.
    """

    table: str
    accepted: str
    made: str
    program: str
    steps: tuple[Step, ...]

    @property
    def members(self) -> dict[tuple[str, str], dict[tuple[str, str, str], Attributed]]:
        """What each cell's difference goes back to: by step, then case, remedy and loader."""
        return {
            (step.before, step.after): {
                (one.changed.case, *way): one
                for one in step.attributed
                for way in one.changed.cells
            }
            for step in self.steps
        }


def table_hash(table: Path) -> str:
    """Return what an attribution calls a table by. Raises OSError."""
    return hashlib.sha256(table.read_bytes()).hexdigest()


def load_attribution(directory: Path) -> Attribution | None:
    """Return what is kept beside an accepted table, None if nothing is.

    Raises UserError, naming the file, if it cannot be read.
    """
    path = directory / FILE
    if not path.exists():
        return None
    try:
        return parse(json.loads(path.read_bytes()))
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); {_REMEDY}.") from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{path} is no attribution ({error!r}); {_REMEDY}.") from error


def parse(kept: Any) -> Attribution:
    """Return an attribution from its JSON. Raises ValueError, LookupError or TypeError."""
    if kept["format"] != FORMAT:
        raise ValueError(f"format {kept['format']!r} is not {FORMAT}")
    table, accepted, made, program = (
        str(kept[name]) for name in ("table", "accepted", "made", "program")
    )
    return Attribution(table, accepted, made, program, tuple(map(_step, kept["steps"])))


def content(kept: Attribution) -> bytes:
    """Return the JSON of an attribution: a line for each group of cells."""
    head = {
        "format": FORMAT,
        **{name: getattr(kept, name) for name in ("table", "accepted", "made", "program")},
    }
    text = json.dumps(head, indent=1).removesuffix("\n}")
    return f'{text},\n "steps": [\n{_joined(map(_step_text, kept.steps))}\n ]\n}}\n'.encode()


def _joined(parts: Any) -> str:
    return ",\n".join(parts)


def _step_text(step: Step) -> str:
    head = {
        "before": step.before,
        "after": step.after,
        "packages": {name: list(both) for name, both in step.packages.items()},
        "kept": list(step.kept),
        "differing": step.differing,
        "crossed": step.crossed,
    }
    lines = _joined(f"   {json.dumps(_as_json(one))}" for one in step.attributed)
    return f'  {json.dumps(head)[:-1]}, "cells": [\n{lines}\n  ]}}'


def _as_json(one: Attributed) -> dict[str, Any]:
    changed = one.changed
    found: dict[str, Any] = {"case": changed.case, "was": changed.was, "now": changed.now}
    found |= {name: getattr(one, name) for name in _TEXTS if getattr(one, name)}
    found |= {name: getattr(one, name) for name in _LISTS if getattr(one, name)}
    return found | ({"made": one.made.value} if one.package else {}) | {"ways": changed.cells}


_TEXTS = ("package", "since", "not_yet", "over", "side", "like", "why")
_LISTS = ("untried", "together")


def _step(kept: Any) -> Step:
    return Step(
        str(kept["before"]),
        str(kept["after"]),
        {str(name): (str(one), str(other)) for name, (one, other) in kept["packages"].items()},
        tuple(map(str, kept["kept"])),
        tuple(map(_attributed, kept["cells"])),
        int(kept["crossed"]),
    )


def _attributed(kept: Any) -> Attributed:
    was, now = (_three(kept[name]) for name in ("was", "now"))
    ways = tuple((str(remedy), str(loader)) for remedy, loader in kept["ways"])
    if not ways:
        raise ValueError("a group has no cells")
    texts = {name: str(kept.get(name, "")) for name in _TEXTS}
    lists = {name: tuple(map(str, kept.get(name, ()))) for name in _LISTS}
    if bool(texts["package"]) == bool(texts["why"]):
        raise ValueError("a group says neither or both of package and why")
    changed = Changed(str(kept["case"]), was, now, ways)
    given: dict[str, Any] = {**texts, **lists, "made": Made(kept.get("made", Made.RUN))}
    return Attributed(changed, **given)


def _three(kept: Sequence[Any]) -> tuple[str, str, str]:
    status, stage, fingerprint = map(str, kept)
    return status, stage, fingerprint
