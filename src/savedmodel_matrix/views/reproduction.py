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

    ``heads`` say of each side what it is, a line. ``changing`` are the environments before and
    after the change, and ``stays`` is the other one, by what it does (SAVES or LOADS), where only
    one of saving and loading changes.
    """

    source: str
    remedy: str
    loader: str
    title: str
    heads: tuple[str, str]
    changing: tuple[Place, Place]
    stays: tuple[str, Place] | None = None
    signature: bool = False  # it is about the signatures: the script prints them


def files(told: Told) -> dict[str, str]:
    """Return the files of a reproduction by name, none where there is no script."""
    apart = told.stays is not None
    whole = plain_script(
        told.source, told.remedy, (), told.loader, apart=apart, signature=told.signature
    )
    if whole is None or whole.command:
        return {}
    named = dict(zip(SIDES, told.changing, strict=True))
    heads = dict(zip(SIDES, told.heads, strict=True))
    if told.stays:
        does, place = told.stays
        named[does], heads[does] = place, f"what {does}, on both sides"
    shell = (
        templates()
        .get_template("reproduce.jinja")
        .render(
            title=told.title,
            makes=[(name, place.python) for name, place in named.items()],
            sides=[{"name": side, "command": _command(told, side, named)} for side in SIDES],
        )
    )
    pins = {f"{name}.txt": f"# {heads[name]}\n{_pinned(place)}" for name, place in named.items()}
    return {SCRIPT: whole.text, SHELL: shell, **pins}


def _pinned(place: Place) -> str:
    return "".join(f"{name}=={version}\n" for name, version in sorted(place.packages.items()))


def _command(told: Told, side: str, named: Mapping[str, Place]) -> str:
    """Return the line that runs the script on one side."""
    stays = told.stays[0] if told.stays else ""
    saves, loads = (SAVES if stays == SAVES else side, LOADS if stays == LOADS else side)
    variables = [*_settings(named[saves].variables)]
    if stays:
        variables.append(f'LOADS_WITH="$PWD/venv-{loads}/bin/python"')
    return " ".join([*variables, f"venv-{saves}/bin/python {SCRIPT}"])


def _settings(variables: Mapping[str, str]) -> Iterator[str]:
    for name, value in sorted(variables.items()):
        yield f"{name}={shlex.quote(value)}"
