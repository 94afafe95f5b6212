"""Reads an artifact and says whether it is sound, for whom not, why, and what to do."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel import (
    checkpoint_findings,
    compatibility,
    diagnosis,
    formats,
    repairable,
    surgery,
)
from savedmodel_matrix.savedmodel.analysis import Graph, tags_of
from savedmodel_matrix.savedmodel.checkpoint import SUMMED, Checkpoint, read_checkpoint
from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Finding, LoaderVerdict, Value
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact, naming
from savedmodel_matrix.savedmodel.keras_metadata import lambdas, read_metadata
from savedmodel_matrix.savedmodel.object_graph import places
from savedmodel_matrix.savedmodel.provenance import about
from savedmodel_matrix.savedmodel.reading import read_saved_model
from savedmodel_matrix.savedmodel.schema import data_type
from savedmodel_matrix.savedmodel.shared_bytes import spare_bytes

if TYPE_CHECKING:
    from savedmodel_matrix.savedmodel.analysis import Analysis, Graphs
    from savedmodel_matrix.savedmodel.keras_metadata import KerasObject
    from savedmodel_matrix.savedmodel.ops import Resource
    from savedmodel_matrix.savedmodel.reading import Directory
    from savedmodel_matrix.savedmodel.soundness import MetaGraph, SignatureState

FORMAT = "SavedModel"
_SUMMED_NOW = min(SUMMED, 1 << 26)  # what is summed without being asked: a twentieth of a second
_NO_PYTHON = "write the function in TensorFlow ops, and save again"
_NO_COMPOSITE = "save a signature with tensors as outputs, for clients that cannot fetch others"
_NAMED = 3  # resources that a message names


def diagnose(path: str | os.PathLike[str]) -> Diagnosis:
    """Diagnose an artifact of any format; one that cannot be read is a diagnosis too."""
    return diagnose_sharing(path, None)


def diagnose_sharing(path: str | os.PathLike[str], graphs: Graphs | None) -> Diagnosis:
    """Diagnose one of many artifacts; their graphs are kept for those that share them."""
    if (other := formats.diagnosed(path)) is not None:
        return other
    try:
        return examine(path, graphs)
    except UnreadableArtifact as error:
        finding = Finding("unreadable", "critical", "load", naming(error, path))
        because = "the artifact cannot be read"
        loaders = {name: LoaderVerdict(diagnosis.FAILS, because) for name in diagnosis.V1_LOADERS}
        return Diagnosis(os.fspath(path), FORMAT, diagnosis.UNREADABLE, loaders, (finding,))


def examine(path: str | os.PathLike[str], graphs: Graphs | None = None) -> Diagnosis:
    """Diagnose a SavedModel directory. Raises UnreadableArtifact."""
    graph = graphs.read(Path(path)) if graphs else Graph(read_saved_model(Path(path)))
    checkpoint = read_checkpoint(graph.directory.path)
    analysis = graph.analysis(restored=checkpoint is not None)
    return _concluded(os.fspath(path), graph.directory, checkpoint, analysis)


def _concluded(
    path: str, directory: Directory, checkpoint: Checkpoint | None, analysis: Analysis
) -> Diagnosis:
    graphs, readers = analysis.graphs, analysis.readers
    findings = _of_files(directory, checkpoint, graphs)
    for number, graph in enumerate(graphs):
        findings += _of_signatures(directory, number, graph, checkpoint, several=len(graphs) > 1)
    findings += compatibility.findings(readers)
    findings.sort(key=lambda f: -diagnosis.SEVERITIES.index(f.severity))
    wrong = any(finding.severity in diagnosis.SEVERITIES[2:] for finding in findings)
    loaders = compatibility.of_loaders(_loaders(graphs, findings), readers)
    saved = read_metadata(directory.path, directory.proto.meta_graphs[0])
    findings = _with_safety(findings, analysis.unsafe, saved)  # of which a verdict does not speak
    sizes = (e.size for e in checkpoint.entries.values()) if checkpoint else ()
    return Diagnosis(
        path,
        FORMAT,
        diagnosis.DEFECT if wrong else diagnosis.SOUND,
        loaders,
        tuple(findings),
        tensorflow=directory.proto.meta_graphs[0].meta_info_def.tensorflow_version,
        signatures=tuple(_client_view(g, s) for g in graphs for s in g.signatures),
        unchecked_bytes=max(0, sum(sizes) - _SUMMED_NOW),
        spare_bytes=spare_bytes(checkpoint) if checkpoint else 0,
        about=about(directory.path, graphs, saved),
    )


def _with_safety(
    findings: list[Finding], unsafe: list[Finding], saved: list[KerasObject]
) -> list[Finding]:
    """Return the findings with what is not safe to load or run, worst first."""
    known = {(finding.rule, finding.where) for finding in findings}
    findings = [*findings, *(f for f in unsafe if (f.rule, f.where) not in known), *lambdas(saved)]
    return sorted(findings, key=lambda f: -diagnosis.SEVERITIES.index(f.severity))


def _of_files(
    directory: Directory, checkpoint: Checkpoint | None, graphs: list[MetaGraph]
) -> list[Finding]:
    findings = [f for g in graphs for f in checkpoint_findings.of_assets(directory.path, g)]
    for op in sorted({op for g in graphs for op in g.restore.python | g.init.python}):
        said = f"loading runs {op}, which calls a Python function of the process that saved it"
        findings.append(Finding("python-function", "high", "load", said, {"op": op}, _NO_PYTHON))
    if checkpoint is None:
        if any(checkpoint_findings.needs_checkpoint(graph.proto) for graph in graphs):
            findings.append(checkpoint_findings.absent(directory.path))
        return findings
    for graph in graphs:
        findings += checkpoint_findings.of_keys(checkpoint, graph)
    findings += checkpoint_findings.of_shards(directory.path, checkpoint, _SUMMED_NOW)
    return findings


def _of_signatures(
    directory: Directory,
    number: int,
    graph: MetaGraph,
    checkpoint: Checkpoint | None,
    *,
    several: bool,
) -> list[Finding]:
    tags = tags_of(graph) if several else ""
    if not graph.signatures:
        said = f"there is no signature{tags}: only Python code can use what was saved"
        return [Finding("no-signature", "low", "python", said)]
    findings = []
    for signature in graph.signatures:
        where = f"signature:{signature.name}"
        for name in signature.missing_tensors:
            said = f"signature {signature.name!r}{tags} names the tensor {name!r}, which is missing"
            findings.append(Finding("missing-tensor", "high", where, said, {"tensor": name}))
        for name in signature.missing_functions:
            said = (
                f"signature {signature.name!r}{tags} calls the function {name!r}, which is missing"
            )
            findings.append(Finding("missing-function", "high", where, said, {"function": name}))
        for op in signature.python:
            said = (
                f"signature {signature.name!r}{tags} runs {op}, which calls a Python function of "
                "the process that saved it"
            )
            findings.append(Finding("python-function", "high", where, said, {"op": op}, _NO_PYTHON))
        if signature.composite_outputs:
            listed = ", ".join(signature.composite_outputs[:_NAMED])
            said = (
                f"signature {signature.name!r}{tags} has outputs of more than one tensor: {listed}"
            )
            evidence = {"outputs": signature.composite_outputs}
            findings.append(
                Finding("composite-output", "low", where, said, evidence, _NO_COMPOSITE)
            )
    broken = [signature for signature in graph.signatures if signature.unwritten]
    if broken and (checkpoint or not checkpoint_findings.needs_checkpoint(graph.proto)):
        made = surgery.links(graph)
        remedy = _remedy(directory, number, graph, made)
        where_in_objects = places(graph.proto.object_graph_def, graph.summaries, graph.object_paths)
        copies = _copies(graph, made)
        for signature in broken:
            resources = [
                _described(graph, r, copies, where_in_objects) for r in signature.unwritten
            ]
            findings.append(
                Finding(
                    "unwritten-resource",
                    "high",
                    f"signature:{signature.name}",
                    _said(signature, tags),
                    {"resources": resources, "tags": graph.tags},
                    remedy,
                )
            )
    return findings


def _said(signature: SignatureState, tags: str) -> str:
    named = [f"{r.kind} {r.name}" for r in signature.unwritten[:_NAMED]]
    more = len(signature.unwritten) - len(named)
    listed = ", ".join(named) + (f" and {more} more" if more else "")
    return (
        f"signature {signature.name!r}{tags} reads {listed}, which neither the restore op nor the "
        "init op gives a value"
    )


def _copies(graph: MetaGraph, made: dict[Resource, Resource]) -> dict[Resource, Resource]:
    """Return the copy of each original that the restore op fills, copies of copies too.

    As `surgery.copies_of`, for all of them at once.
    """
    found: dict[Resource, Resource] = {}
    for copy in sorted(made.keys() & graph.restore.writes, key=lambda r: r.name, reverse=True):
        original, seen = made[copy], {copy}
        while original not in seen:
            seen.add(original)
            found[original] = copy
            original = made.get(original, original)
    return found


def _described(
    graph: MetaGraph,
    resource: Resource,
    copies: dict[Resource, Resource],
    where_in_objects: dict[Resource, str],
) -> dict[str, str]:
    copy = copies.get(resource, resource)
    return {
        "kind": resource.kind,
        "container": resource.container,
        "name": resource.name,
        "checkpoint_key": graph.restore.keys.get(copy, ""),
        "object": where_in_objects.get(resource) or where_in_objects.get(copy, ""),
        "restored_instead": copies[resource].name if resource in copies else "",
    }


def _remedy(
    directory: Directory, number: int, graph: MetaGraph, made: dict[Resource, Resource]
) -> str:
    version = graph.proto.meta_info_def.tensorflow_version
    again = surgery.saved_again(version)
    if directory.is_text:
        return again
    if said := repairable.refusal(number, graph, made):
        return f"{again} ({said})"
    return f"savedmodel-matrix repair {shlex.quote(str(directory.path))} OUT"


def _loaders(graphs: list[MetaGraph], findings: list[Finding]) -> dict[str, LoaderVerdict]:
    stopping = [f for f in findings if f.severity in diagnosis.SEVERITIES[2:]]
    signatures = [signature for graph in graphs for signature in graph.signatures]
    if stopping:
        verdict = LoaderVerdict(diagnosis.FAILS, stopping[0].message)
    elif not signatures:
        verdict = LoaderVerdict(diagnosis.FAILS, "there is no signature to run")
    else:
        said = "everything that its signatures read has a value before they run"
        verdict = LoaderVerdict(diagnosis.RUNS, said)
    python = "it restores through the object graph, which is not analysed"
    return {
        "libtensorflow": verdict,
        "saved_model_cli": _of_cli(verdict, signatures),
        "tf.saved_model.load": LoaderVerdict(diagnosis.UNKNOWN, python),
    }


def _of_cli(verdict: LoaderVerdict, signatures: list[SignatureState]) -> LoaderVerdict:
    """Return what saved_model_cli does: it knows tensors only, by one name each."""
    if verdict.verdict != diagnosis.RUNS:
        return verdict
    if any(signature.composite_outputs for signature in signatures):
        said = "it cannot fetch an output that is more than one tensor"
        return LoaderVerdict(diagnosis.FAILS, said)
    if any(signature.composite_inputs for signature in signatures):
        return LoaderVerdict(diagnosis.UNKNOWN, "an input is more than one tensor")
    return verdict


def _client_view(graph: MetaGraph, state: SignatureState) -> diagnosis.Signature:
    proto = graph.proto.signature_def[state.name]
    inputs = {key: _value(info) for key, info in sorted(proto.inputs.items())}
    outputs = {key: _value(info) for key, info in sorted(proto.outputs.items())}
    return diagnosis.Signature(state.name, inputs, outputs, state.sound, tuple(graph.tags))


def _value(info: Any) -> Value:
    shape = info.tensor_shape
    dims = None if shape.unknown_rank else tuple(dim.size for dim in shape.dim)
    return Value(data_type(info.dtype), dims)
