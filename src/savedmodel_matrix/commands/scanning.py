"""How each scanner is called, and what its output says: flagged, passed, or not read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.scanned import (
    FLAGGED,
    NO_VERDICT,
    NOT_READ,
    PASSED,
    Scan,
    Scanner,
)
from savedmodel_matrix.environments import forked_runs
from savedmodel_matrix.savedmodel.diagnosis import SEVERITIES
from savedmodel_matrix.savedmodel.trust import SAFETY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from savedmodel_matrix.analysis.scanned import Artifact

SECONDS = 300  # that a scan may take
OURS, SHOW, SCAN = "savedmodel-matrix diagnose", "saved_model_cli show", "saved_model_cli scan"
_CLI = "tensorflow.python.tools.saved_model_cli:main"
_DENIED = "contains the following denylisted ops"
_FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
# Nothing is sent anywhere, and nothing is written into an environment under test.
_QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PROMPTFOO_DISABLE_TELEMETRY": "1",
    "NO_ANALYTICS": "1",
    "DO_NOT_TRACK": "1",
}


@dataclass(frozen=True)
class Call:
    """A scanner as a command: `arguments` of a path and a file for its report, and its verdict.

    `verdict` is asked with the exit status, the output, and the report, "" where there is none.
    """

    name: str
    entry: str
    packages: tuple[str, ...]
    imports: tuple[str, ...]
    arguments: Callable[[str, str], list[str]]
    verdict: Callable[[int | None, str, str], str]
    own: bool = False  # this project's, in this Python


def _of_show(status: int | None, output: str, report: str) -> str:
    del output, report
    return NOT_READ if status else NO_VERDICT


def _of_scan(status: int | None, output: str, report: str) -> str:
    del report
    if status is None or status:
        return NOT_READ
    return FLAGGED if _DENIED in output else PASSED


def _of_modelscan(status: int | None, output: str, report: str) -> str:
    del status, output
    found = _parsed(report)
    if not isinstance(found, dict):
        return NOT_READ
    summary = found.get("summary", {})
    if any(n for level, n in summary["total_issues_by_severity"].items() if level != "LOW"):
        return FLAGGED
    read = summary["scanned"]["total_scanned"] and not found.get("errors")
    return PASSED if read else NOT_READ


def _of_modelaudit(status: int | None, output: str, report: str) -> str:
    del status, output
    found = _parsed(report)
    if not isinstance(found, dict):
        return NOT_READ
    issues = found.get("issues", [])
    if any(issue["severity"] in {"warning", "critical", "error"} for issue in issues):
        return FLAGGED
    partly = any((issue.get("details") or {}).get("analysis_incomplete") for issue in issues)
    read = found.get("files_scanned") and not found.get("has_errors") and not partly
    return PASSED if read else NOT_READ


def _of_ours(status: int | None, output: str, report: str) -> str:
    del status, report
    found = _parsed(output)
    if not isinstance(found, list) or any(one["verdict"] == "unreadable" for one in found):
        return NOT_READ
    floor = SEVERITIES.index("medium")
    findings = [finding for one in found for finding in one["findings"]]
    alarms = [
        f for f in findings if f["rule"] in SAFETY and SEVERITIES.index(f["severity"]) >= floor
    ]
    return FLAGGED if alarms else PASSED


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


CALLS = (
    Call(
        *(SHOW, _CLI, ("tensorflow",), ("tensorflow",)),
        lambda path, _: ["show", "--all", "--dir", path],
        _of_show,
    ),
    Call(
        *(SCAN, _CLI, ("tensorflow",), ("tensorflow",)),
        lambda path, _: ["scan", "--dir", path],
        _of_scan,
    ),
    Call(
        *("modelscan", "modelscan.cli:main", ("modelscan",), ("tensorflow", "h5py")),
        lambda path, report: ["scan", "-p", path, "-r", "json", "-o", report],
        _of_modelscan,
    ),
    Call(
        *("modelaudit", "modelaudit.__main__:_run", ("modelaudit",), ("h5py", "modelaudit.cli")),
        lambda path, report: ["scan", "--no-cache", "-f", "json", "-o", report, path],
        _of_modelaudit,
    ),
    Call(
        *(OURS, "savedmodel_matrix.commands.cli:main", ("savedmodel-matrix",)),
        ("savedmodel_matrix.commands.artifacts",),
        lambda path, _: ["diagnose", path, "--format", "json"],
        _of_ours,
        own=True,
    ),
)


def scanned(
    call: Call,
    python: Path,
    artifacts: Sequence[Artifact],
    scratch: Path,
    said: Callable[[int], None],
) -> Scanner:
    """Run a scanner over artifacts, one process each; `said` is told how many are done."""
    place = scratch / call.name.replace(" ", "-")
    place.mkdir()
    runs = [
        {
            "arguments": call.arguments(one.path, str(place / f"{number}.json")),
            "output": str(place / f"{number}.txt"),
        }
        for number, one in enumerate(artifacts)
    ]
    asked = {
        "program": call.name.split()[0],
        "entry": call.entry,
        "imports": call.imports,
        "packages": call.packages,
        "seconds": SECONDS,
        "runs": runs,
    }
    (place / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    command = [str(python), forked_runs.__file__, str(place / "asked.json")]
    with (
        (place / "log.txt").open("wb") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=place,
            env=_environment(place, own=call.own),
        ) as process,
    ):
        lines: Iterable[bytes] = process.stdout or ()
        answers: list[Mapping[str, Any]] = []
        for line in lines:
            if isinstance(answer := _parsed(line.decode()), dict):
                answers.append(answer)
                said(len(answers) - 1)
    if not answers:
        words = (place / "log.txt").read_text("utf-8", "replace").split("\n")
        last = next((line for line in reversed(words) if line.strip()), "it says nothing")
        return Scanner(call.name, missing=f"it does not start: {last.strip()[:200]}")
    first, *found = answers
    scans = [
        Scan(one, _verdict(call, place, number, of["status"]), of["cpu"], of["memory"])
        for number, (one, of) in enumerate(zip(artifacts, found, strict=False))
    ]
    versions = ", ".join(f"{name} {version}" for name, version in first["versions"].items())
    return Scanner(call.name, versions, first["cpu"], tuple(scans))


def _verdict(call: Call, place: Path, number: int, status: int | None) -> str:
    report, output = place / f"{number}.json", place / f"{number}.txt"
    text = report.read_text("utf-8", "replace") if report.is_file() else ""
    return call.verdict(status, output.read_text("utf-8", "replace"), text)


def _environment(home: Path, *, own: bool) -> dict[str, str]:
    """Return the variables for a scanner: a home of its own, and no Python's but for ours."""
    kept = {key: value for key, value in os.environ.items() if own or key not in _FOREIGN}
    return kept | _QUIET | {"HOME": str(home)}


def own_python() -> Path:
    """Return the Python that runs this."""
    return Path(sys.executable)
