"""An artifact's signatures as the one canonical line that every table holds, and how two differ."""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Spec(NamedTuple):
    """Type and shape of one input or output; -1 is a free dimension, None an unknown rank."""

    dtype: str
    shape: tuple[int, ...] | None


class Signature(NamedTuple):
    """The inputs and outputs of one signature, by key."""

    inputs: dict[str, Spec]
    outputs: dict[str, Spec]


_NAME = r'"(?:[^"\\]|\\.)*"|[^\s"()\[\],;]+'
_SPEC = re.compile(rf"(?P<name>{_NAME}) (?P<dtype>\w+)\[(?P<shape>\.\.\.|[-0-9,]*)\]")
_SPECS = r"\((?:[^\"()]|\"(?:[^\"\\]|\\.)*\")*\)"
_SIGNATURE = re.compile(rf"(?P<name>{_NAME})(?P<ins>{_SPECS}) -> (?P<outs>{_SPECS})(?:; |\Z)")


def parse_signatures(text: str) -> dict[str, Signature]:
    """Parse the table's canonical text, such as `serve(x float32[-1,4]) -> (y float32[])`.

    Signatures are joined with "; ". A name with spaces or with one of the marks used here is
    written as a JSON string; an unknown rank is `[...]`. Raises ValueError for any other text.
    """
    signatures: dict[str, Signature] = {}
    position = 0
    while position < len(text):
        found = _SIGNATURE.match(text, position)
        if not found:
            raise ValueError(f"not a signature: {text[position:]}")
        signatures[_name(found["name"])] = Signature(_specs(found["ins"]), _specs(found["outs"]))
        position = found.end()
    if format_signatures(signatures) != text:
        raise ValueError(f"not in canonical form: {text}")
    return signatures


def format_signatures(signatures: Mapping[str, Signature]) -> str:
    """Return the canonical text of an artifact's signatures: sorted, one line, joined with "; "."""
    return "; ".join(
        f"{_word(name)}({_list(signature.inputs)}) -> ({_list(signature.outputs)})"
        for name, signature in sorted(signatures.items())
    )


@functools.lru_cache(maxsize=1000)  # one artifact's are compared for each of its loaders
def signature_changes(before: str, after: str) -> tuple[str, ...]:
    """Say in words how one canonical text differs from another, as a client would notice it."""
    if before == after:
        return ()
    try:
        old, new = parse_signatures(before), parse_signatures(after)
    except ValueError:
        return ("the signature is another one",)
    changes = [f"signature {_word(name)} is lost" for name in old if name not in new]
    changes += [f"signature {_word(name)} is added" for name in new if name not in old]
    for name in (name for name in old if name in new):
        place = f" of {_word(name)}" if len(old) > 1 or len(new) > 1 else ""
        changes += _tensor_changes("input", place, old[name].inputs, new[name].inputs)
        changes += _tensor_changes("output", place, old[name].outputs, new[name].outputs)
    return tuple(changes)


def _tensor_changes(
    kind: str, place: str, before: Mapping[str, Spec], after: Mapping[str, Spec]
) -> list[str]:
    lost = {name: spec for name, spec in before.items() if name not in after}
    added = {name: spec for name, spec in after.items() if name not in before}
    changes = []
    # A signature has no order: one name stands for another only if nothing else can.
    for name, spec in list(lost.items()):
        twins = [other for other in added if added[other] == spec]
        if len(twins) == 1 and list(lost.values()).count(spec) == 1:
            changes.append(f"{kind} {_word(name)}{place} is now {_word(twins[0])}")
            del lost[name], added[twins[0]]
    if len(lost) == len(added) == 1:
        changes.append(f"{kind} {_list(lost)}{place} is now {_list(added)}")
    elif len(lost) == len(added) > 1:
        old, new = (", ".join(map(_word, names)) for names in (lost, added))
        changes.append(f"the {kind}s {old}{place} now have, in some order, the names {new}")
    else:
        changes += [f"{kind} {_word(name)}{place} is lost" for name in lost]
        changes += [f"{kind} {_word(name)}{place} is added" for name in added]
    for name, spec in before.items():
        other = after.get(name, spec)
        what = f"of {kind} {_word(name)}{place}"
        if spec.dtype != other.dtype:
            changes.append(f"dtype {what}: {spec.dtype} is now {other.dtype}")
        if spec.shape != other.shape:
            changes.append(f"shape {what}: {_shape(spec)} is now {_shape(other)}")
    return changes


def _specs(text: str) -> dict[str, Spec]:
    found = _SPEC.finditer(text)
    return {
        _name(spec["name"]): Spec(
            spec["dtype"],
            None
            if spec["shape"] == "..."
            else tuple(int(size) for size in spec["shape"].split(",") if size),
        )
        for spec in found
    }


def _list(specs: Mapping[str, Spec]) -> str:
    items = sorted(specs.items())
    return ", ".join(f"{_word(name)} {spec.dtype}{_shape(spec)}" for name, spec in items)


def _shape(spec: Spec) -> str:
    return "[...]" if spec.shape is None else f"[{','.join(map(str, spec.shape))}]"


def _word(name: str) -> str:
    return name if re.fullmatch(r'[^\s"()\[\],;]+', name) else json.dumps(name)


def _name(word: str) -> str:
    return str(json.loads(word)) if word.startswith('"') else word
