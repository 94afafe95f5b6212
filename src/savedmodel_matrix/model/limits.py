"""What one step may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one step may use: seconds of wall clock, and bytes beyond what its host has mapped."""

    seconds: float
    memory: int
