"""The steps that a run is made of, and the artifacts that pass between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.plugin import SAVE_PRELOAD

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.plugin import Converter, Loader, Remedy


@dataclass(frozen=True, order=True)
class HostKey:
    """One import: an environment, the process-wide settings, and what is imported."""

    environment: str
    kind: str  # the first module of the preload; loaders that share it share a host
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Save:
    """Makes one artifact, shared by all loaders."""

    case: Case
    remedy: Remedy
    producer: str

    @property
    def host(self) -> HostKey:
        """Where it runs: the settings hold for the producer only."""
        return HostKey(self.producer, SAVE_PRELOAD[0], tuple(sorted(self.remedy.settings.items())))


@dataclass(frozen=True)
class Convert:
    """Converts one artifact, for all loaders that read the result."""

    save: Save
    converter: Converter
    environment: str

    @property
    def host(self) -> HostKey:
        """Where it runs: an environment with TensorFlow and no settings."""
        return HostKey(self.environment, SAVE_PRELOAD[0])


@dataclass(frozen=True)
class Made:
    """An artifact that a save of ours wrote and, where there is one, a conversion of it."""

    save: Save
    convert: Convert | None = None

    @property
    def producer(self) -> str:
        """The environment that saved it."""
        return self.save.producer

    @property
    def format(self) -> str:
        """The name of the format that the save wrote, whatever was converted from it."""
        return self.save.remedy.writes

    @property
    def last(self) -> Save | Convert:
        """The step that wrote what a loader reads."""
        return self.convert or self.save


@dataclass(frozen=True)
class Given:
    """An artifact that was there before: nothing of ours made it, and nothing makes it again.

    ``path`` is a directory laid out like that of a save (`host.artifact`): the artifact itself,
    its record, and the inputs and expected outputs. ``content`` is the hash of all of it.
    """

    path: Path
    content: str
    format: str
    producer: str = ""  # unknown


Artifact = Made | Given


@dataclass(frozen=True)
class Load:
    """One loader on one artifact; ``loader`` None is ``saved_model_cli show --all``."""

    artifact: Artifact
    loader: Loader | None
    consumer: str

    @property
    def host(self) -> HostKey:
        """Where it runs: the consumer, with no settings."""
        preload = self.loader.preload if self.loader else SAVE_PRELOAD
        return HostKey(self.consumer, preload[0])

    @property
    def crosses(self) -> bool:
        """Whether another environment loads than saved, which can wait for all saves."""
        return bool(self.artifact.producer) and self.consumer != self.artifact.producer


Step = Save | Convert | Load


def kind_of(step: Step) -> str:
    """Return what a step does: save, convert, load or show."""
    if isinstance(step, Load):
        return "load" if step.loader else "show"
    return "save" if isinstance(step, Save) else "convert"


def case_of(step: Step) -> str:
    """Return the name of the case that a step is about, that of the directory if it has none."""
    if isinstance(step, Save):
        return step.case.name
    if not isinstance(step, Load):
        return step.save.case.name
    artifact = step.artifact
    return artifact.save.case.name if isinstance(artifact, Made) else artifact.path.name
