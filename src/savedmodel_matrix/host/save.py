"""The save step: build the case's object, save it under a remedy, write down what is expected."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host import artifact, tensors
from savedmodel_matrix.host.case import Case, as_fed, keras_versions
from savedmodel_matrix.host.composites import components
from savedmodel_matrix.host.live import Live, live_calls
from savedmodel_matrix.host.match import OtherOutputs, live_for, match_inputs, match_outputs
from savedmodel_matrix.host.misuse import calls_of
from savedmodel_matrix.host.modules import load_case, load_plain
from savedmodel_matrix.host.observe import Observed, Observer, Unseen
from savedmodel_matrix.host.outcome import Failed, NotRun, Stages, Wrong
from savedmodel_matrix.host.protocol import ARTIFACT, RECORD, SAVED_MODEL, VALUES
from savedmodel_matrix.host.standin import lost, own_calls, stands_in
from savedmodel_matrix.host.surroundings import seed_everything, versions
from savedmodel_matrix.host.whole import expectation, numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.host.protocol import SaveRequest


def save_step(request: SaveRequest, stages: Stages) -> dict[str, Any]:
    """Save the case under the remedy.

    Leaves there the artifact, the sample inputs and expected outputs, and the record that every
    loader reads; returns the record. Raises Failed, NotApplicable or NotRun.
    """
    directory = Path(request.makes)
    path = Path(request.case)
    remedy = load_plain(Path(request.remedy))
    with stages.calling("build"):
        seed_everything(request.seed)
        case = Case(load_case(path), path)
        obj = case.build()
        live = live_calls(case, obj)
        stages.facts["keras"] = keras_versions(case.keras_objects(obj))
        case.keras = case.keras_of(obj)
    where = directory / ARTIFACT
    calls = calls_of(request.remedy, stages)
    with stages.calling("save"), calls, Observer() as observer:
        remedy.save(case, obj, os.fspath(where))
    if remedy.writes == SAVED_MODEL:
        found, values = _signatures(where, case, obj, observer, live, stages)
    else:
        with stages.calling("build"):
            found, values = _one_call(case, obj, *next(iter(live.items())))
    stages("")
    tensors.dump(values, directory / VALUES)
    record = found | {
        "format": remedy.writes,
        "tolerance": case.tolerance,
        "artifact_bytes": artifact.size(where),
        "artifact_hash": artifact.content_hash(where),
        "versions": versions(),
    }
    (directory / RECORD).write_text(json.dumps(record, sort_keys=True))
    return record


def _signatures(
    where: Path,
    case: Case,
    obj: Any,
    observer: Observer,
    live: dict[str, Live],
    stages: Stages,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the record says of a SavedModel's signatures, and the arrays they are fed."""
    with stages.calling("save"):
        graph = artifact.read_meta_graph(where)
        signatures = artifact.signatures_of(graph)
        if not signatures:
            raise Wrong("the artifact has no signature: there is nothing that a loader could run")
    expected = _Expectation(signatures, observer.saves, live, case.exported)
    with stages.calling("build"):
        stated = set(case.signatures(obj))
        expected.call()
    lost_outputs: list[str] = []
    try:
        stages("save")
        values = expected.match()
    except NotRun as reason:
        if not stands_in(case, obj):
            if isinstance(reason, OtherOutputs):
                raise Failed("save", Wrong(str(reason))) from reason
            raise
        # The case's own model does not return what its object does, so that it is judged by its own
        # call, and what it leaves out is part of its price.
        objects = expected.results
        expected = _Expectation(signatures, observer.saves, own_calls(case, live), case.exported)
        with stages.calling("build"):
            expected.call()
        stages("save")
        values = expected.match()
        lost_outputs = lost(objects, expected.results)
    found = {
        "signatures": expected.signatures,
        "lost": sorted(stated - set(signatures)),
        "lost_outputs": lost_outputs,
        "functions": artifact.functions_of(graph),
    }
    return found, values


def _one_call(case: Case, obj: Any, name: str, live: Live) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the same of an artifact without signatures, which is judged by one call."""
    result = live()
    lost_outputs: list[str] = []
    if stands_in(case, obj):
        own = result
        with contextlib.suppress(Exception):  # then whoever loads it finds out, in the same way
            own = own_calls(case, {name: live})[name]()
        if len(numbered(own)) != len(numbered(result)):
            lost_outputs = lost({name: result}, {name: own})
            result = own
    signatures, values = expectation(name, result)
    found = {"signatures": signatures, "lost": [], "lost_outputs": lost_outputs, "functions": []}
    return found, values


class _Expectation:
    """What each signature must compute, from the live object, key by key."""

    def __init__(
        self,
        signatures: dict[str, dict[str, Any]],
        saves: list[dict[str, Observed]],
        live: dict[str, Live],
        exported: Any,
    ) -> None:
        self.signatures = signatures
        self._saves = saves
        self._live = live
        self._exported = exported
        self.results: dict[str, Any] = {}

    @property
    def _last(self) -> Mapping[str, Observed]:
        return self._saves[-1] if self._saves else {}

    def call(self) -> None:
        """Call every live function that a signature stands for, once."""
        for name in self.signatures:
            stands_for, live = live_for(name, self._last, self._live)
            if stands_for not in self.results:
                self.results[stands_for] = live()

    def match(self) -> dict[str, Any]:
        """Enter ``feeds`` and ``expected`` into each signature; return the arrays they name."""
        values: dict[str, Any] = {}
        for name, signature in self.signatures.items():
            inputs, outputs = self._matched(name, len(self._saves) - 1)
            if set(inputs) != set(signature["inputs"]) or set(outputs) != set(signature["outputs"]):
                raise NotRun(
                    "save",
                    f"signature {name!r}: the artifact's keys "
                    f"{sorted(signature['inputs'])} -> {sorted(signature['outputs'])} "
                    f"are not those seen while saving, {sorted(inputs)} -> {sorted(outputs)}",
                )
            stands_for, live = live_for(name, self._last, self._live)
            leaves = live.leaves()
            results = _flat(self.results[stands_for])
            for kind, matched, arrays in (
                ("feeds", inputs, [as_fed(leaf.value) for leaf in leaves]),
                ("expected", outputs, results),
            ):
                signature[kind] = {key: f"{kind}/{stands_for}/{i}" for key, i in matched.items()}
                for key, i in matched.items():
                    parts = components(arrays[i])
                    place = f"{kind}/{stands_for}/{i}"
                    if parts is None:
                        values[place] = tensors.as_array(arrays[i])
                        continue
                    signature[kind][key] = {part: f"{place}/{part}" for part in parts}
                    for part, value in parts.items():
                        values[f"{place}/{part}"] = tensors.as_array(value)
        return values

    def _matched(self, name: str, save: int) -> tuple[dict[str, int], dict[str, int]]:
        """Match one signature of one save; a loaded signature is what it was when it was saved."""
        seen = self._saves[save] if save >= 0 else {}
        observed = seen.get(name) or _unseen(self.signatures[name])
        stands_for, live = live_for(name, seen, self._live)
        before: tuple[dict[str, int] | None, dict[str, int] | None] = (None, None)
        if save > 0 and name in self._saves[save - 1] and _was_loaded(observed):
            before = self._matched(name, save - 1)
        return (
            match_inputs(name, observed, live, self._exported, before[0]),
            match_outputs(name, observed, live, self.results[stands_for], before[1]),
        )


def _unseen(signature: Mapping[str, Any]) -> Unseen:
    return Unseen(tuple(signature["inputs"]), tuple(signature["outputs"]))


def _was_loaded(observed: Observed | Unseen) -> bool:
    """Say whether the function came out of a SavedModel: signatures do, with keywords only."""
    if isinstance(observed, Unseen):
        return False
    structure = observed.concrete.structured_input_signature
    return bool(structure) and not structure[0] and isinstance(observed.outputs, dict)


def _flat(result: Any) -> list[Any]:
    from tensorflow.python.util import nest

    return list(nest.flatten(result))  # a ragged or sparse tensor is one
