"""What a run leaves behind: artifacts, logs and records of steps, and its cells as they finish."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.engine.measured import Measured, StepCost
from savedmodel_matrix.host.protocol import LOG
from savedmodel_matrix.model.cell import load_of
from savedmodel_matrix.model.cell_record import whole_cell
from savedmodel_matrix.model.code import code_hash
from savedmodel_matrix.model.steps import (
    Convert,
    Given,
    Load,
    Made,
    Save,
    Step,
    case_of,
    kind_of,
)
from savedmodel_matrix.model.table import sort_key
from savedmodel_matrix.model.verdict import Judged
from savedmodel_matrix.store import journal
from savedmodel_matrix.store.journal import Journal
from savedmodel_matrix.store.leftovers import remove
from savedmodel_matrix.store.records import Remembered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from savedmodel_matrix.engine.agenda import Outcome
    from savedmodel_matrix.engine.keys import Keys
    from savedmodel_matrix.model.limits import Limits
    from savedmodel_matrix.model.steps import Artifact
    from savedmodel_matrix.model.verdict import Verdict
    from savedmodel_matrix.store.memory import Store


class Recording:
    """Keeps what steps made and how cells came out; ``cells`` has each finished cell whole."""

    def __init__(self, store: Store, keys: Keys, limits: Limits) -> None:
        self._store, self._keys, self._limits = store, keys, limits
        self._entered: dict[tuple[str, ...], tuple[Outcome, bool]] = {}
        self._whole: dict[tuple[str, ...], dict[str, Any]] = {}
        self._finished: Journal | None = None
        self.measured = Measured()
        self.ran_well: list[Load] = []

    @property
    def cells(self) -> dict[tuple[str, ...], dict[str, Any]]:
        """Each finished cell's whole record, by its names."""
        self.read()
        return self._whole

    @property
    def number(self) -> int:
        """How many cells have come out."""
        return len(self._entered)

    def read(self) -> None:
        """Read the cells that were known, of which only that has been asked so far."""
        if len(self._whole) < len(self._entered):
            self._whole = {key: self.whole(key) for key in self._entered}

    def whole(self, key: tuple[str, ...]) -> dict[str, Any]:
        """Return the whole record of a cell that has come out."""
        if key not in self._whole:
            self._whole[key] = self._whole_cell(*self._entered[key])
        return self._whole[key]

    def rests_on(self) -> str:
        """Return a hash of what the cells are made of: records by number, and our code.

        Cells that rest on the same are the same, and no record has to be read to say so.
        """
        digest = hashlib.sha256(f"{self._store.name} {code_hash('host', 'model')}".encode())
        for key, (outcome, _) in sorted(self._entered.items(), key=lambda item: item[0]):
            digest.update("\0".join((*key, *self._numbers(key, outcome), "\n")).encode())
        return digest.hexdigest()

    def has(self, key: tuple[str, ...]) -> bool:
        """Say whether the cell of these names has come out."""
        return key in self._entered

    def finish(self) -> None:
        """Make ``cells.jsonl`` whole and sorted, which it is already where nothing new came out.

        Cells come out in another order each time; the same records give the same bytes. Raises
        OSError.
        """
        directory, rests_on = self._store.directory, self.rests_on()
        if self._finished is None and not directory.is_made_from(directory.cells, rests_on):
            self._begin()
        if self._finished is not None:
            self.close()
            journal.replace(
                directory.cells, directory.unfinished, sorted(self.cells.values(), key=sort_key)
            )
            directory.note_made_from(directory.cells, rests_on)

    def close(self) -> None:
        """Close ``cells.jsonl``; once is enough."""
        if self._finished is not None:
            self._finished.close()

    def room_for(self, step: Save | Convert) -> Path:
        """Return an empty directory for the step to write in."""
        place = self._making(step)
        remove(place)
        place.mkdir(parents=True)
        return place

    def place_of(self, artifact: Artifact, verdict: Verdict | None) -> Path:
        """Return where an artifact is; ``verdict`` is that on the step that made it."""
        if isinstance(artifact, Given):
            return artifact.path
        if verdict is None:
            raise KeyError(f"nothing has made {artifact}")
        return self._store.artifact(verdict.record["content"])

    def step(self, step: Step, verdict: Verdict, mailbox: Path) -> None:
        """Keep what a step made, its log where it did not pass, and what was judged."""
        self._measure(step, verdict)
        if not isinstance(step, Load):
            self._keep(step, verdict)
        log = mailbox / LOG
        if verdict.status != "pass" and log.is_file() and log.stat().st_size:
            kept = self._store.logs / f"{self._keys.of(step)[:16]}.log"
            log.replace(kept)
            verdict.record["log"] = str(kept.relative_to(self._store.results))
        if isinstance(verdict, Judged):
            self._store.put(self._keys.of(step), verdict, self._limits, names_of(step))

    def show(self, step: Load, verdict: Verdict, mailbox: Path, directory: Path) -> None:
        """Keep what saved_model_cli show said beside the artifact; its failure fails no cell."""
        self._measure(step, verdict)
        said = mailbox / LOG
        if said.is_file() and directory.is_dir():
            shutil.copyfile(said, directory / "show.txt")
        (directory / "show.json").write_text(json.dumps(verdict.record, sort_keys=True))

    def cell(self, outcome: Outcome, *, identified: bool) -> None:
        """Enter how a cell came out; ``identified`` is whether its environments are known.

        From the first on that was not known before, each is written down at once.
        """
        key = outcome.cell.key
        self._entered[key] = (outcome, identified)
        self._whole.pop(key, None)
        if self._finished is not None:
            self._finished.append(self.whole(key))
        elif not isinstance(outcome.last, Remembered):
            self._begin()

    def _whole_cell(self, outcome: Outcome, identified: bool) -> dict[str, Any]:
        cell, load = outcome.cell, outcome.load.record if outcome.load else None
        key = self._keys.of(load_of(cell)) if identified else ""
        content = outcome.save.record.get("content", "")
        return whole_cell(cell, outcome.save.record, load, key, content)

    def _begin(self) -> None:
        """Put a new ``cells.jsonl`` in place of the one before, with what came out so far."""
        directory = self._store.directory
        self._finished = Journal.new(directory.cells, directory.unfinished)
        self._finished.extend(self.cells.values())

    def _numbers(self, key: tuple[str, ...], outcome: Outcome) -> Iterator[str]:
        """Yield what stands for the records that the cell is made of."""
        for verdict in (outcome.save, outcome.load):
            if isinstance(verdict, Remembered):
                yield str(verdict.found.id)
            elif isinstance(verdict, Judged):
                yield str(self._store.number(verdict))
            elif verdict is not None:
                yield json.dumps(self.whole(key), sort_keys=True)

    def _keep(self, step: Save | Convert, verdict: Verdict) -> None:
        made = self._making(step)
        if verdict.status == "pass":
            verdict.record["content"] = self._store.keep(made)
        else:
            remove(made)

    def _making(self, step: Save | Convert) -> Path:
        return self._store.work / f"making-{self._keys.of(step)}"

    def _measure(self, step: Step, verdict: Verdict) -> None:
        record = verdict.record
        names = (case_of(step), kind_of(step), step.host.kind)
        costs = (record["wall"], record.get("inside", 0.0), record["cpu"])
        loader = step.loader.name if isinstance(step, Load) and step.loader else ""
        self.measured.steps.append(StepCost(*names, *costs, loader))
        if isinstance(step, Load) and loader and verdict.status in ("pass", "fail"):
            self.ran_well.append(step)


def names_of(step: Step) -> tuple[str, ...]:
    """Return the names that tell a step from every other, whatever its key is."""
    if isinstance(step, Save):
        return ("save", step.case.name, step.remedy.name, step.producer)
    if isinstance(step, Convert):
        return ("convert", *names_of(step.save)[1:], step.converter.name, step.environment)
    artifact, loader = step.artifact, step.loader.name if step.loader else "show"
    if isinstance(artifact, Made):
        return ("load", *names_of(artifact.save)[1:], loader, step.consumer)
    return ("load", str(artifact.path), loader, step.consumer)
