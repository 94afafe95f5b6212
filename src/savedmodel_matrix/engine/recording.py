"""What a run leaves behind: artifacts, logs and records of steps, and its cells as they finish."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.engine.measured import Measured, StepCost
from savedmodel_matrix.host.protocol import LOG
from savedmodel_matrix.model.cell import load_of
from savedmodel_matrix.model.cell_record import whole_cell
from savedmodel_matrix.model.steps import Given, Load, Save, Step, case_of, kind_of
from savedmodel_matrix.model.verdict import Judged

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.engine.agenda import Outcome
    from savedmodel_matrix.engine.keys import Keys
    from savedmodel_matrix.model.limits import Limits
    from savedmodel_matrix.model.steps import Artifact, Convert
    from savedmodel_matrix.model.verdict import Verdict
    from savedmodel_matrix.store.journal import Journal
    from savedmodel_matrix.store.memory import Store


class Recording:
    """Keeps what steps made and how cells came out; ``cells`` has each finished cell whole."""

    def __init__(self, store: Store, keys: Keys, limits: Limits) -> None:
        self._store, self._keys, self._limits = store, keys, limits
        self.cells: dict[tuple[str, ...], dict[str, Any]] = {}
        self.measured = Measured()
        self.ran_well: list[Load] = []

    def write_to(self, cells: Journal) -> None:
        """Append each cell to this journal from now on."""
        self._finished = cells

    def room_for(self, step: Save | Convert) -> Path:
        """Return an empty directory for the step to write in."""
        place = self._making(step)
        shutil.rmtree(place, ignore_errors=True)
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
            self._store.put(self._keys.of(step), verdict, self._limits)

    def show(self, step: Load, verdict: Verdict, mailbox: Path, directory: Path) -> None:
        """Keep what saved_model_cli show said beside the artifact; its failure fails no cell."""
        self._measure(step, verdict)
        said = mailbox / LOG
        if said.is_file() and directory.is_dir():
            shutil.copyfile(said, directory / "show.txt")
        (directory / "show.json").write_text(json.dumps(verdict.record, sort_keys=True))

    def cell(self, outcome: Outcome, *, identified: bool) -> None:
        """Enter how a cell came out; ``identified`` is whether its environments are known."""
        cell, load = outcome.cell, outcome.load.record if outcome.load else None
        key = self._keys.of(load_of(cell)) if identified else ""
        content = outcome.save.record.get("content", "")
        whole = whole_cell(cell, outcome.save.record, load, key, content)
        self.cells[cell.key] = whole
        self._finished.append(whole)

    def _keep(self, step: Save | Convert, verdict: Verdict) -> None:
        made = self._making(step)
        if verdict.status == "pass":
            verdict.record["content"] = self._store.keep(made)
        else:
            shutil.rmtree(made, ignore_errors=True)

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
