"""Diagnosis of `.keras`, `.h5` and `.weights.h5` files."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from savedmodel_matrix.savedmodel import archive, diagnosis, keras_config
from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Finding, LoaderVerdict
from savedmodel_matrix.savedmodel.keras_layers import of_layers, of_legacy_layers
from savedmodel_matrix.savedmodel.keras_weights import Stored, stored
from savedmodel_matrix.savedmodel.windows import DamagedFile, Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipInfo

    from savedmodel_matrix.savedmodel.archive import Archive

KERAS, H5, WEIGHTS = "Keras file", "HDF5 model", "HDF5 weights"
_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_METADATA_BYTES = 1 << 20
_SUMMED = 1 << 28  # bytes of entries whose sums are computed: half a second
_UNPACKED = 1 << 30  # bytes of compressed weights that are unpacked to a temporary file
_IN_MEMORY = 1 << 22
_MOST, _LONGEST = 20, 1000  # findings of one rule; characters of a message
_KNOWN = re.compile(r"(config|metadata)\.json|model.*\.weights\.(h5|json|npz)|assets/.*")
_PICKLES = re.compile(r".*\.(pkl|pickle|joblib|dill|pt|pth)", re.IGNORECASE)
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_SAVE_AGAIN, _DISTRUST = "save the model again", "do not load it"
_NO_GRID = (
    "which releases of Keras read files of which others was not measured: the accepted results "
    "load each file with the release that wrote it"
)
# What concerns safety, and leaves it open whether the artifact is whole.
SAFETY = {
    *("lambda", "pickle", "module-reference", "custom-object", "outside-file", "hdf5-link"),
    *("zip-path", "zip-bomb", "zip-entry-twice", "zip-entry-lies", "zip-extra", "hdf5-outside"),
    *("hdf5-size", "harmful-op", "tensor-bomb"),
}


def concluded(
    path: str, kind: str, findings: list[Finding], loaders: tuple[str, ...], **more: Any
) -> Diagnosis:
    """Return the diagnosis that findings amount to: a defect where one says so of the contents."""
    findings.sort(key=lambda f: -diagnosis.SEVERITIES.index(f.severity))
    findings = list(_some(findings))
    wrong = [f for f in findings if f.severity in diagnosis.SEVERITIES[2:] and f.rule not in SAFETY]
    verdict = diagnosis.DEFECT if wrong else diagnosis.SOUND
    if wrong:
        loader = LoaderVerdict(diagnosis.FAILS, wrong[0].message)
    else:
        loader = LoaderVerdict(diagnosis.UNKNOWN, _NO_GRID)
    return Diagnosis(path, kind, verdict, dict.fromkeys(loaders, loader), tuple(findings), **more)


def _some(findings: list[Finding]) -> Iterator[Finding]:
    """Yield findings, of each rule the first ones, with messages that have an end."""
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.rule] += 1
        if counts[finding.rule] <= _MOST:
            yield replace(finding, message=sentence(finding.message))


def sentence(message: str) -> str:
    """Return a message on one line, cut where names in it go on and on."""
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def of_h5(file: BinaryIO, size: int, path: str, label: str) -> Diagnosis:
    """Diagnose an HDF5 file of Keras, model or weights. Raises DamagedFile, and OSError."""
    content = stored(Window(file, 0, size), label)
    findings = content.findings
    more = {"keras": content.text("keras_version"), "weights": tuple(content.weights.values())}
    is_model = "model_config" in content.root
    if is_model:
        text = content.text("model_config")
        config = keras_config.parse(text.encode(), f"the attribute model_config of {label}")
        findings += keras_config.of_config(config, label)
        findings += of_legacy_layers(config, content, label)
        if training := content.text("training_config"):
            name = f"the attribute training_config of {label}"
            findings += keras_config.of_config(keras_config.parse(training.encode(), name), label)
    elif not content.weights:
        said = f"{label} has neither a model nor weights"
        findings.append(Finding("no-weights", "low", "load", said, {}, _SAVE_AGAIN))
    loader = "keras.models.load_model" if is_model else "model.load_weights"
    return concluded(path, H5 if is_model else WEIGHTS, findings, (loader,), **more)


def of_keras(file: BinaryIO, size: int, path: str, label: str) -> Diagnosis:
    """Diagnose a `.keras` file. Raises DamagedFile, and OSError."""
    zipped = archive.opened(file, size)
    findings = list(archive.findings_of(zipped))
    sums, unchecked = archive.summed(zipped, _SUMMED)
    damaged = {f.evidence["entry"] for f in findings + sums if f.rule == "zip-damaged"}
    findings += [
        f for f in sums if f.evidence["entry"] not in {g.evidence["entry"] for g in findings}
    ]
    findings += _of_entries(zipped)
    more: dict[str, Any] = {"unchecked_bytes": unchecked}
    config = None
    if _METADATA in zipped.entries and _METADATA not in damaged:
        metadata = _json(zipped, _METADATA, _METADATA_BYTES, findings)
        if isinstance(metadata, dict):
            more["keras"] = str(metadata.get("keras_version") or "")[:100]
            more["saved"] = str(metadata.get("date_saved") or "")[:100]
    if _CONFIG in zipped.entries and _CONFIG not in damaged:
        config = _json(zipped, _CONFIG, keras_config.LARGEST, findings)
        findings += keras_config.of_config(config, _CONFIG)
        if config is not None and not (isinstance(config, dict) and "class_name" in config):
            said = f"{_CONFIG} is not the config of a model: it names no class"
            evidence = {"entry": _CONFIG}
            findings.append(
                Finding("config-damaged", "critical", "load", said, evidence, _SAVE_AGAIN)
            )
    bombs = {f.evidence["entry"] for f in findings if f.rule == "zip-bomb"}
    if _WEIGHTS in zipped.entries and _WEIGHTS not in damaged | bombs:
        try:
            content = _weights(zipped, zipped.entries[_WEIGHTS])
        except DamagedFile as error:
            said = f"{_WEIGHTS}: {error}"
            findings.append(Finding("weights-damaged", "critical", "load", said, {}, _SAVE_AGAIN))
        else:
            findings += content.findings
            findings += of_layers(config, content, _WEIGHTS)
            more["weights"] = tuple(content.weights.values())
    return concluded(path, KERAS, findings, ("keras.models.load_model",), **more)


def _json(zipped: Archive, name: str, limit: int, findings: list[Finding]) -> Any:
    """Return the JSON of an entry; None where it is damaged, which is a finding then."""
    try:
        return keras_config.parse(zipped.read(zipped.entries[name], limit), name)
    except DamagedFile as error:
        evidence = {"entry": name}
        findings.append(
            Finding("config-damaged", "critical", "load", str(error), evidence, _SAVE_AGAIN)
        )
    return None


def _weights(zipped: Archive, entry: ZipInfo) -> Stored:
    """Return what the weights in an archive store, read in place where they are not compressed."""
    if not entry.compress_type:
        start = zipped.data_at(entry)
        return stored(Window(zipped.file, start, entry.compress_size), entry.filename)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as unpacked:
        for chunk in zipped.chunks(entry, _UNPACKED):
            unpacked.write(chunk)
        return stored(Window(unpacked, 0, unpacked.tell()), entry.filename)  # type: ignore[arg-type]


def _of_entries(zipped: Archive) -> list[Finding]:
    """Return what is missing in a `.keras` file, and what has no place in one."""
    findings = []
    for name, severity in ((_CONFIG, "critical"), (_METADATA, "high")):
        if name not in zipped.entries:
            said, evidence = f"{name} is missing", {"entry": name}
            findings.append(Finding("entry-missing", severity, "load", said, evidence, _SAVE_AGAIN))
    if not any(re.fullmatch(r"model.*\.weights\.(h5|json|npz)", n) for n in zipped.entries):
        said, evidence = f"{_WEIGHTS} is missing", {"entry": _WEIGHTS}
        findings.append(Finding("entry-missing", "high", "load", said, evidence, _SAVE_AGAIN))
    extra = []
    for name, entry in zipped.entries.items():
        if _PICKLES.fullmatch(name) or _PICKLE.match(zipped.start(entry, 2)):
            said, evidence = f"{name} is a pickle: loading one can run any code", {"entry": name}
            findings.append(Finding("pickle", "high", "python", said, evidence, _DISTRUST))
        elif not _KNOWN.fullmatch(name) and not name.endswith("/"):
            extra.append(name)
    if extra:
        said = f"it holds what Keras writes none of: {', '.join(extra[:3])}"
        said += f" and {len(extra) - 3} more" if len(extra) > 3 else ""
        findings.append(Finding("zip-extra", "low", "load", said, {"entries": extra[:100]}))
    return findings
