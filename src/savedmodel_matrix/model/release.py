"""Releases of packages: one that can be installed, and one that no environment has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """A release that can be installed, and the day it was published: "" if that is not said."""

    version: str
    day: str = ""


@dataclass(frozen=True)
class Missing:
    """A release that no environment has, and the environment that would have it.

    ``like`` is the environment whose line is copied for a new one, "" where the line of ``name``
    itself changes; ``had`` is the release in its line, in whose place the new one goes.
    """

    package: str
    version: str
    day: str  # on which it came out, "" if the index does not say
    name: str
    had: str
    like: str = ""
