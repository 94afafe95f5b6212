"""What a case needs beside TensorFlow: PEP 508 requirements, and the name of what holds them.

`{tensorflow}` in a requirement is the environment's TensorFlow, "2.15.1", and `{tensorflow-minor}`
its minor release, "2.15": packages that follow TensorFlow number their patches by themselves.
"""

from __future__ import annotations

import functools
import hashlib
import re
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Sequence

# Whatever distribution it comes from, TensorFlow is the environment's own.
TENSORFLOWS = frozenset(
    ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "tensorflow-macos")
)
WHOLE, MINOR = "tensorflow", "tensorflow-minor"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NAMES_LENGTH = 40  # of the names of packages in the name of an overlay


def fault_of(requirement: object) -> str:
    """Say what is wrong with a requirement that a case states, "" if nothing is."""
    if not isinstance(requirement, str):
        return f"{requirement!r} is no requirement: write one in quotes"
    for name in _PLACEHOLDER.findall(requirement):
        if name not in (WHOLE, MINOR):
            return f"{requirement!r} has {{{name}}}: known are {{{WHOLE}}} and {{{MINOR}}}"
    try:
        parsed = Requirement(for_tensorflow(requirement, "2.15.1"))
    except InvalidRequirement as error:
        said = str(error).partition("\n")[0].strip()
        return f"{requirement!r} is no PEP 508 requirement: {said}"
    if canonicalize_name(parsed.name) in TENSORFLOWS:
        return f"{requirement!r} asks for TensorFlow, which the environment decides: leave it out"
    return ""


def for_tensorflow(requirement: str, version: str) -> str:
    """Return a requirement with its placeholders replaced by a version of TensorFlow."""
    values = {WHOLE: version, MINOR: ".".join(version.split(".")[:2])}
    return _PLACEHOLDER.sub(lambda match: values[match[1]], requirement)


def names_of(requirements: Sequence[str]) -> list[str]:
    """Return the packages that requirements name, as indexes write them, each once."""
    parsed = (Requirement(for_tensorflow(one, "2.15.1")) for one in requirements)
    return list(dict.fromkeys(canonicalize_name(one.name) for one in parsed))


@functools.cache
def overlay_name(environment: str, requires: tuple[str, ...]) -> str:
    """Return the name of an environment with what a case requires, "tf2.15+toolz-1a2b3c4d".

    It is the same for every case that requires the same, in whatever order. Without requirements
    it is that of the environment itself.
    """
    if not requires:
        return environment
    wanted = sorted({"".join(one.split()) for one in requires})
    digest = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:8]
    names = "+".join(sorted(names_of(requires)))[:_NAMES_LENGTH].rstrip("+-.")
    return f"{environment}+{names}-{digest}"


def extended_by(overlay: str) -> str:
    """Return the name of the environment that an overlay extends; any other is its own."""
    return overlay.partition("+")[0]
