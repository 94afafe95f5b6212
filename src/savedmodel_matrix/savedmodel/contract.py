"""Two artifacts as a client sees them: what of a signature would break or change for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Signature, Value

BREAKS, CHANGES, HARMLESS = "breaks", "changes", "harmless"
RISKS = (BREAKS, CHANGES, HARMLESS)  # worst first


@dataclass(frozen=True)
class Difference:
    """One thing that is another for a client; a HARMLESS one no client notices."""

    risk: str  # one of RISKS
    signature: str
    message: str


def differences(old: Diagnosis, new: Diagnosis) -> list[Difference]:
    """Return what a client of `old` would notice of `new` in its place, worst first."""
    before, after = _by_name(old), _by_name(new)
    found = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            found.append(Difference(BREAKS, name[1], "the signature is gone"))
        elif name not in before:
            found.append(Difference(HARMLESS, name[1], "the signature is new"))
        else:
            found += _of_signature(name[1], before[name], after[name])
    return sorted(found, key=lambda d: RISKS.index(d.risk))


def _by_name(diagnosis: Diagnosis) -> dict[tuple[tuple[str, ...], str], Signature]:
    return {(signature.tags, signature.name): signature for signature in diagnosis.signatures}


def _of_signature(name: str, before: Signature, after: Signature) -> Iterator[Difference]:
    if before.sound and not after.sound:
        yield Difference(BREAKS, name, "it ran in a V1 session, and does not any more")
    for kind, old, new in (
        ("input", before.inputs, after.inputs),
        ("output", before.outputs, after.outputs),
    ):
        yield from _of_side(name, kind, old, new)
    old_shapes, new_shapes = _swappable(before.inputs), _swappable(after.inputs)
    if list(old_shapes) != list(new_shapes) and new_shapes - old_shapes:
        listed = " and ".join(sorted(new_shapes - old_shapes))
        said = f"inputs of one dtype and shape can be swapped without an error: {listed}"
        yield Difference(HARMLESS, name, said)


def _swappable(inputs: Mapping[str, Value]) -> set[str]:
    """Return the inputs that have the dtype and shape of another one."""
    values = list(inputs.values())
    return {key for key, value in inputs.items() if values.count(value) > 1}


def _of_side(
    name: str, kind: str, old: Mapping[str, Value], new: Mapping[str, Value]
) -> Iterator[Difference]:
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            # A client that feeds an input that there is not gets an error.
            yield Difference(BREAKS, name, f"{kind} {key!r} is gone")
        elif key not in old:
            risk = BREAKS if kind == "input" else HARMLESS
            yield Difference(risk, name, f"{kind} {key!r} is new")
        else:
            if old[key].dtype != new[key].dtype:
                said = f"{kind} {key!r} is {new[key].dtype}, and was {old[key].dtype}"
                yield Difference(BREAKS, name, said)
            if old[key].shape != new[key].shape:
                said = f"{kind} {key!r} is {_shape(new[key])}, and was {_shape(old[key])}"
                yield Difference(_risk(kind, old[key].shape, new[key].shape), name, said)


def _risk(kind: str, old: tuple[int, ...] | None, new: tuple[int, ...] | None) -> str:
    """Return how a client is touched: an input may take more, an output may promise more."""
    wide, narrow = (new, old) if kind == "input" else (old, new)
    if wide is None:
        return HARMLESS
    if narrow is None or len(wide) != len(narrow):
        return CHANGES if narrow is None else BREAKS
    pairs = list(zip(wide, narrow, strict=True))
    if all(a in {-1, b} for a, b in pairs):
        return HARMLESS
    return CHANGES if all(a == b or -1 in {a, b} for a, b in pairs) else BREAKS


def _shape(value: Value) -> str:
    if value.shape is None:
        return "of any shape"
    return f"[{','.join('?' if dim < 0 else str(dim) for dim in value.shape)}]"
