"""A plain script that shows both sides of a change with uv alone, none of this project.

It is the script that a case's page has for the way of saving, and a shell script that runs it in
two environments; in three where only what saves or what loads changes, and the other stays.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.views.plain_script import plain_script, templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIDES = ("before", "after")
SCRIPT, SHELL = "reproduce.py", "reproduce.sh"
LOADS, SAVES = "loads", "saves"  # the environment that stays, by what it does


@dataclass(frozen=True)
class Place:
    """An environment: its Python, the versions of its packages, and what is set in it."""

    python: str
    packages: Mapping[str, str]
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Told:
    """What a script is made of: a case's code, how it is saved and loaded, and where.

    ``heads`` say of each side what it is, a line. ``saving`` and ``loading`` are the environments
    before and after the change; ``loading`` is None where what saved loads too.
    """

    source: str
    remedy: str
    loader: str
    title: str
    heads: tuple[str, str]
    saving: tuple[Place, Place]
    loading: tuple[Place, Place] | None = None

    @property
    def stays(self) -> tuple[str, Place] | None:
        """The environment that is the same on both sides, and what it does; None if there is none.

        Raises ValueError where both of saving and loading change, each in its own environment.
        """
        if self.loading is None:
            return None
        for does, (before, after) in ((LOADS, self.loading), (SAVES, self.saving)):
            if before == after:
                return does, before
        raise ValueError("two environments change at once")


def files(told: Told) -> dict[str, str]:
    """Return the files of a reproduction by name, none where there is no script."""
    whole = plain_script(told.source, told.remedy, (), told.loader, apart=told.loading is not None)
    if whole is None or whole.command:
        return {}
    stays = told.stays
    changing = told.loading if told.loading and stays and stays[0] == SAVES else told.saving
    pins = {
        side: f"# {head}\n{_pinned(place)}"
        for side, head, place in zip(SIDES, told.heads, changing, strict=True)
    }
    makes = [(side, place.python) for side, place in zip(SIDES, changing, strict=True)]
    if stays:
        does, place = stays
        pins[does] = f"# what {does}, on both sides\n{_pinned(place)}"
        makes.append((does, place.python))
    sides = [{"name": side, "command": _command(told, number)} for number, side in enumerate(SIDES)]
    shell = templates().get_template("reproduce.jinja")
    return {
        SCRIPT: whole.text,
        SHELL: shell.render(title=told.title, makes=makes, sides=sides),
        **{f"{name}.txt": text for name, text in pins.items()},
    }


def _pinned(place: Place) -> str:
    return "".join(f"{name}=={version}\n" for name, version in sorted(place.packages.items()))


def _command(told: Told, number: int) -> str:
    """Return the line that runs the script on one side, 0 before and 1 after."""
    side = SIDES[number]
    saves, loads = side, side
    if told.stays:
        does, _ = told.stays
        saves, loads = (SAVES, side) if does == SAVES else (side, LOADS)
    variables = [*_settings(told.saving[number].variables)]
    if told.loading is not None:
        variables.append(f'LOADS_WITH="$PWD/venv-{loads}/bin/python"')
    return " ".join([*variables, f"venv-{saves}/bin/python {SCRIPT}"])


def _settings(variables: Mapping[str, str]) -> Iterator[str]:
    for name, value in sorted(variables.items()):
        yield f"{name}={shlex.quote(value)}"
