"""Where remedies, loaders and converters of one's own are, beside those that come with the package.

`pyproject.toml` states them, relative to itself, each directory with files of one kind:

    [tool.savedmodel-matrix]
    cases = ["my/cases"]
    remedies = ["my/remedies"]
    loaders = ["my/loaders"]

A directory handed over with `--plugins` has `remedies/`, `loaders/` and `converters/` inside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

KINDS = ("remedies", "loaders", "converters")
KEYS = ("cases", *KINDS)  # of pyproject.toml


@dataclass(frozen=True)
class Directories:
    """Directories with plugins, by what they hold."""

    remedies: tuple[Path, ...] = ()
    loaders: tuple[Path, ...] = ()
    converters: tuple[Path, ...] = ()

    def beside(self, roots: Iterable[Path]) -> Directories:
        """Return these and those in each of ``roots``, which has one directory for each kind.

        Raises UserError for a root that has none.
        """
        found = {kind: list(getattr(self, kind)) for kind in KINDS}
        for root in roots:
            inside = {kind: root.absolute() / kind for kind in KINDS}
            there = {kind: path for kind, path in inside.items() if path.is_dir()}
            if not there:
                raise UserError(
                    f"{root} holds no plugins: --plugins takes a directory that has remedies/, "
                    "loaders/ or converters/ inside."
                )
            for kind, path in there.items():
                if path not in found[kind]:
                    found[kind].append(path)
        return Directories(**{kind: tuple(paths) for kind, paths in found.items()})


def stated_directories(values: Mapping[str, Any], key: str, root: Path, where: str) -> list[Path]:
    """Return the directories that ``key`` lists, none where it is not stated.

    They are relative to ``root``. Raises UserError for anything but a list of directories that
    are there.
    """
    stated = values.get(key, [])
    if not isinstance(stated, list) or not all(isinstance(one, str) and one for one in stated):
        raise UserError(
            f'{where}: {key} must be a list of directories such as ["my/{key}"], not {stated!r}.'
        )
    for one in stated:
        if not (root / one).is_dir():
            raise UserError(f"{where}: {key} names {one!r}, which is no directory in {root}.")
    return [root / one for one in dict.fromkeys(stated)]
