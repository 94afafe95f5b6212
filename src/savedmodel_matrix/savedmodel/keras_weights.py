"""The HDF5 of Keras: what it stores, what it states falsely, and whether it fits the config."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel.diagnosis import Finding, Weight
from savedmodel_matrix.savedmodel.hdf5 import Hdf5
from savedmodel_matrix.savedmodel.hdf5_links import EXTERNAL, HARD, SOFT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from savedmodel_matrix.savedmodel.hdf5_values import Attribute, Dataset
    from savedmodel_matrix.savedmodel.windows import Window

_BOMB, _RATIO = 1 << 26, 100  # what takes more memory, from so much less, is no weight
_DISTRUST, _SAVE_AGAIN = "do not load it", "save the model again"
_MOST = 20  # findings of one rule


@dataclass
class Stored:
    """What an HDF5 file of Keras stores; `names` is what a group of variables says its layer is."""

    file: Hdf5
    root: dict[str, Attribute]
    weights: dict[str, Weight] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return the text of an attribute of the root, "" if there is none."""
        return self.file.text(self.root.get(name)) or ""


def stored(window: Window, label: str) -> Stored:
    """Return what an HDF5 file stores. Raises DamagedFile, and OSError."""
    file = Hdf5(window)
    found = Stored(file, file.attributes(file.messages(file.root)))
    counts: dict[str, int] = {}
    listed = list(_listed(file, "", found.root))
    for path, link, messages in file.walk():
        new: Iterator[Finding] = iter(())
        if link.kind != HARD:
            new = _of_link(path, link.kind, link.target, label)
        elif dataset := file.dataset(messages):
            shape = dataset.shape or ()
            found.weights[path] = Weight(path, dataset.dtype, shape, dataset.declared)
            new = _of_dataset(path, dataset, window.size, label)
        elif messages:
            found.groups.add(path)
            attributes = file.attributes(messages)
            listed += _listed(file, path, attributes)
            if path.endswith("vars"):
                found.names[path] = file.text(attributes.get("name")) or ""
        for finding in new:
            counts[finding.rule] = counts.get(finding.rule, 0) + 1
            if counts[finding.rule] <= _MOST:
                found.findings.append(finding)
    present = found.weights.keys() | found.groups
    found.findings += [f for path, names in listed for f in _of_names(path, names, present, label)]
    return found


def _listed(
    file: Hdf5, path: str, attributes: Mapping[str, Attribute]
) -> Iterator[tuple[str, list[str]]]:
    """Yield the lists that a group has of its layers or weights; long ones are in parts."""
    for kind in ("weight_names", "layer_names"):
        parts = [one for name, one in attributes.items() if re.fullmatch(rf"{kind}\d*", name)]
        names = [name for one in parts for name in file.texts(one)]
        if names:
            yield path, names


def _of_names(
    path: str, names: list[str], present: Collection[str], label: str
) -> Iterator[Finding]:
    """Yield names that a group lists and does not have, or has twice."""
    twice = {name for name, count in Counter(names).items() if count > 1}
    gone = [name for name in names if f"{path}/{name}".lstrip("/") not in present]
    where = path or "its root"
    if gone:
        said = f"{label} lists {gone[0]!r} in {where}, and does not have it"
        said += f", nor {len(gone) - 1} more" if len(gone) > 1 else ""
        evidence = {"place": path, "names": gone[:100]}
        yield Finding("weight-missing", "high", "load", said, evidence, _SAVE_AGAIN)
    elif twice:
        name = min(twice)
        said = f"{label} lists {name!r} in {where} twice: two weights, one name"
        evidence = {"place": path, "names": sorted(twice)[:100]}
        yield Finding("weight-missing", "high", "load", said, evidence, _SAVE_AGAIN)


def _of_link(path: str, kind: str, target: str, label: str) -> Iterator[Finding]:
    evidence = {"place": path, "link": kind, "target": target}
    if kind == EXTERNAL:
        said = f"{label} has at {path!r} a link into another file: {target!r}"
        yield Finding("hdf5-link", "high", "load", said, evidence, _DISTRUST)
    elif kind == SOFT:
        said = f"{label} has at {path!r} a link to {target!r}, as Keras writes none"
        yield Finding("hdf5-link", "medium", "load", said, evidence, _DISTRUST)
    else:
        said = f"{label} has at {path!r} a link of a kind that only a plug-in can follow"
        yield Finding("hdf5-link", "high", "load", said, evidence, _DISTRUST)


def _of_dataset(path: str, one: Dataset, size: int, label: str) -> Iterator[Finding]:
    evidence = {"place": path, "declared": one.declared, "stored": one.stored}
    if one.files:
        said = f"{label} takes the bytes of {path!r} from another file"
        yield Finding("hdf5-outside", "high", "load", said, evidence, _DISTRUST)
    elif one.stored is not None and one.declared > one.stored:
        said = f"{label} states {one.declared:,} bytes for {path!r} and stores {one.stored:,}"
        yield Finding("hdf5-size", "high", "load", said, evidence, _DISTRUST)
    elif one.declared > max(_BOMB, _RATIO * size):
        said = f"{label} has {size:,} bytes and states {one.declared:,} for {path!r}"
        yield Finding("hdf5-size", "high", "load", said, evidence, _DISTRUST)
