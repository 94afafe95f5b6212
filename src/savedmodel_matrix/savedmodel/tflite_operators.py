"""Which TFLite runtime knows which version of which operator.

`tflite_operators.json` has two sources. What was measured: the highest version that the interpreter
of each environment resolves, written by `tests/data/keras_files/measure_operators.py`. What is
published, for TensorFlow before 2.15 and after 2.21: `FindMinimumRuntimeVersionForOp` of
runtime_version.cc (github.com/google-ai-edge/LiteRT). Where both speak, what was measured counts:
the published table names for eight versions an earlier release than the one that knows them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CUSTOM = 32
_DATA = Path(__file__).with_name("tflite_operators.json")


@dataclass(frozen=True)
class Known:
    """What is known of the operators: names by code, and two sources of versions."""

    names: dict[int, str]
    published: dict[str, list[str | None]]  # the first TensorFlow, from version 1 on
    measured: dict[str, dict[str, int]]  # of each runtime: the highest version by name


@cache
def known() -> Known:
    """Return the shipped data."""
    data = json.loads(_DATA.read_bytes())
    names = {int(code): name for name, code in data["codes"].items()}
    return Known(names, data["published"], data["measured"])


def name_of(code: int) -> str:
    """Return an operator's name, or its number where it has none here."""
    return known().names.get(code, f"operator {code}")


def knows(runtime: str, name: str, version: int) -> bool:
    """Say whether a measured runtime resolves a version of an operator."""
    return 1 <= version <= known().measured[runtime].get(name, 0)


def first_tensorflow(name: str, version: int) -> str | None:
    """Return the first TensorFlow that knows a version of an operator, None if none is known to.

    A release before the first measured one is named as published.
    """
    published = known().published.get(name, [])
    stated = published[version - 1] if 1 <= version <= len(published) else None
    runtimes = [r for r in known().measured if r[:1].isdigit()]
    able = [r for r in runtimes if knows(r, name, version)]
    if not able:
        last = runtimes[-1]
        return stated if stated and as_key(stated) > as_key(last) else None
    if able[0] != runtimes[0]:
        return able[0]
    return stated


def as_key(version: str) -> tuple[int, ...]:
    """Return a version for comparing: "2.15.0" after "2.9"."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
