"""What `repair` does, for one artifact or a tree of them; the exit status is its result."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from savedmodel_matrix.commands.artifacts import JSON, show
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.savedmodel.contract import HARMLESS
from savedmodel_matrix.savedmodel.errors import RepairRefused, UnreadableArtifact
from savedmodel_matrix.savedmodel.repair import repair
from savedmodel_matrix.views.diagnosis import screen
from savedmodel_matrix.views.diagnosis_table import compared
from savedmodel_matrix.views.proof import proven
from savedmodel_matrix.views.repaired import repaired, resaved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.analysis.proof import Proof
    from savedmodel_matrix.savedmodel.repair import Repair


AGAIN = "and save it again"  # in a refusal, the second way


@dataclass(frozen=True)
class Wanted:
    """What to do to each artifact."""

    dry_run: bool = False
    reader: str | None = None
    slim: bool = False


def attempt(source: Path, out: Path | None, wanted: Wanted) -> Repair:
    """Repair one artifact. Raises UserError where it is refused, or cannot be read or written."""
    try:
        return repair(source, out, dry_run=wanted.dry_run, reader=wanted.reader, slim=wanted.slim)
    except RepairRefused as error:
        way = "; repair --resave does that" if AGAIN in str(error) else ""
        raise UserError(f"{error}{way}.") from error
    except (UnreadableArtifact, FileExistsError) as error:
        raise UserError(f"{error}.") from error
    except OSError as error:
        raise UserError(
            f"{error.filename or out or source} cannot be written: {error.strerror or error}."
        ) from error


def run_repair(
    source: Path,
    out: Path | None,
    wanted: Wanted,
    *,
    form: str,
    proving: Mapping[str, Any] | None = None,
) -> int:
    """Repair an artifact: 0 if the result is sound, 1 if it is not or not proven.

    With `proving`, which has `inputs`, `trust`, `results` and `jobs`, it is run in the environments
    of the project that the working directory is in. Raises UserError where it is refused, or cannot
    be read, written or run.
    """
    proof: Proof | None = None
    if proving is None:
        done = attempt(source, out, wanted)
    else:  # what the harness needs is imported where it is asked for
        from savedmodel_matrix.commands.proving import fit_to_prove, prove  # noqa: PLC0415
        from savedmodel_matrix.workspace.project import find_project  # noqa: PLC0415

        project = find_project(Path.cwd())
        ready = fit_to_prove(project, source, proving)
        done = attempt(source, out, wanted)
        (proof,) = prove(project, [(*ready, out or source)], proving)
    if form == JSON:
        click.echo(json.dumps(as_json(done, proof), indent=2))
    else:
        console = Console()
        show(console, repaired(done))
        if proof:
            show(console, proven(proof))
        if done.after:
            show(console, screen(done.after))
    if proof and not proof.complete:
        return 2
    sound = done.after is None or done.after.sound
    return int(not sound or (proof is not None and not proof.holds))


def run_resave(source: Path, out: Path, *, form: str, told: Mapping[str, Any], prove: bool) -> int:
    """Load an artifact and save it again: 0 if the result is sound, 1 if not or not proven.

    Raises UserError where it cannot be run or written.
    """
    from savedmodel_matrix.commands import proving, resaving  # noqa: PLC0415
    from savedmodel_matrix.workspace.project import find_project  # noqa: PLC0415

    project, proof = find_project(Path.cwd()), None
    done = resaving.resave(project, source, out, trust=told["trust"])
    if prove:
        ready = proving.fit_to_prove(project, source, told)
        (proof,) = proving.prove(project, [(*ready, out)], told)
    if form == JSON:
        data = asdict(done) | {"after": done.after.to_json()}
        proved = asdict(proof) | {"holds": proof.holds} if proof else None
        click.echo(json.dumps(data | {"proof": proved}, indent=2))
    else:
        console = Console()
        show(console, resaved(done.result, done.environment, done.lost))
        if any(one.risk != HARMLESS for one in done.differences):
            show(console, compared(done.differences, done.source, done.result))
        if proof:
            show(console, proven(proof))
        show(console, screen(done.after))
    if proof and not proof.complete:
        return 2
    return int(not done.after.sound or (proof is not None and not proof.holds))


def as_json(done: Repair, proof: Proof | None = None) -> dict[str, Any]:
    """Return what was done as plain data, as `--format json` prints it."""
    slimmed = done.slimmed
    return {
        "source": done.source,
        "result": done.result,
        "changes": [asdict(change) for change in done.changes],
        "removed": list(done.removed),
        "taken_out": {
            "nodes": done.taken_out.nodes if done.taken_out else [],
            "attributes": done.taken_out.attributes if done.taken_out else [],
        },
        "slimmed": {
            "variables": slimmed.variables if slimmed else 0,
            "bytes": slimmed.spare_bytes if slimmed else 0,
            "changes": [asdict(change) for change in slimmed.changes] if slimmed else [],
        },
        "proof": asdict(proof) | {"holds": proof.holds} if proof else None,
        "after": done.after.to_json() if done.after else None,
    }
