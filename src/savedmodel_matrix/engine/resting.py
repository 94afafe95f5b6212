"""What a step rests on beside its key: the files it read and the artifacts it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.model.steps import Convert, Given, Load, Made, Save, Step
from savedmodel_matrix.model.verdict import Judged
from savedmodel_matrix.store.dependencies import RESTS_ON, Files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from savedmodel_matrix.model.verdict import Verdict

    Asked = Callable[[Save | Convert], Verdict | None]


class Resting:
    """Notes what steps rest on, and says whether that still holds; ``root`` is the project's.

    ``made`` returns the verdict on a save or a conversion, as it is known now.
    """

    def __init__(self, root: Path) -> None:
        self._files = Files(root)

    def note(self, step: Step, verdict: Verdict, mailbox: Path, made: Asked) -> None:
        """Enter into the record of a step that has just ended what it rests on."""
        if isinstance(verdict, Judged):
            found = self._files.noted(mailbox, _beside(step), _given(step, made))
            verdict.record[RESTS_ON] = found.as_json()

    def holds(self, step: Step, known: Judged, made: Asked) -> bool:
        """Say whether what is known of a step rests on what is there now."""
        return self._files.holds(known.rests_on, _beside(step), _given(step, made))


def _beside(step: Step) -> Path:
    """Return the file that a record's paths are relative to: the case, or what was given."""
    if isinstance(step, Save):
        return step.case.path
    artifact = step.artifact if isinstance(step, Load) else Made(step.save)
    return artifact.path if isinstance(artifact, Given) else artifact.save.case.path


def _given(step: Step, made: Asked) -> list[str]:
    """Return the artifacts that a step is given, by content; "" for one that nothing has made."""
    if isinstance(step, Save):
        return []
    if isinstance(step, Convert):
        return [_content(made(step.save))]
    if isinstance(step.artifact, Given):
        return [step.artifact.content]
    steps = (step.artifact.save, step.artifact.convert)
    return [_content(made(one)) for one in steps if one is not None]


def _content(verdict: Verdict | None) -> str:
    return verdict.content if isinstance(verdict, Judged) else ""
