"""How scanners are run and understood: real processes of a small command, and real outputs."""

import json
import sys
from pathlib import Path

import pytest

from savedmodel_matrix.analysis.scanned import FLAGGED, NO_VERDICT, NOT_READ, PASSED, Artifact
from savedmodel_matrix.commands import scanning
from savedmodel_matrix.commands.scanners import _of_directories
from savedmodel_matrix.commands.scanning import CALLS, Call, scanned
from savedmodel_matrix.model.errors import UserError

DATA = Path(__file__).parents[2] / "data"
VERDICTS = {call.name: call.verdict for call in CALLS}
LEVELS = {"LOW": 0, "MEDIUM": 0, "HIGH": 0, "CRITICAL": 0}


def modelscan(*, read=1, errors=(), **issues):
    summary = {"total_issues_by_severity": LEVELS | issues, "scanned": {"total_scanned": read}}
    return json.dumps({"summary": summary, "errors": list(errors)})


def modelaudit(*issues, **more):
    return json.dumps({"issues": issues, "files_scanned": 1, "has_errors": False} | more)


@pytest.mark.parametrize(
    ("name", "status", "output", "report", "verdict"),
    [
        (scanning.SHOW, 0, "The given SavedModel", "", NO_VERDICT),
        (scanning.SHOW, 1, "OSError", "", NOT_READ),
        (scanning.SCAN, 0, "contains the following denylisted ops: {'WriteFile'}", "", FLAGGED),
        (scanning.SCAN, 0, "does not contain the default denylisted ops", "", PASSED),
        (scanning.SCAN, None, "", "", NOT_READ),
        ("modelscan", 0, "", modelscan(), PASSED),
        ("modelscan", 0, "", modelscan(LOW=1), PASSED),
        ("modelscan", 1, "", modelscan(MEDIUM=1, errors=["x"]), FLAGGED),
        ("modelscan", 2, "", modelscan(errors=["x"]), NOT_READ),
        ("modelscan", 3, "", modelscan(read=0), NOT_READ),
        ("modelscan", 1, "Traceback", "", NOT_READ),
        ("modelaudit", 0, "", modelaudit(), PASSED),
        ("modelaudit", 1, "", modelaudit({"severity": "warning"}), FLAGGED),
        ("modelaudit", 0, "", modelaudit({"severity": "info", "details": None}), PASSED),
        (
            *("modelaudit", 0, ""),
            modelaudit({"severity": "info", "details": {"analysis_incomplete": True}}),
            NOT_READ,
        ),
        ("modelaudit", 2, "", modelaudit(has_errors=True), NOT_READ),
        ("modelaudit", 2, "", "", NOT_READ),
        (scanning.OURS, 1, "Traceback", "", NOT_READ),
    ],
)
def test_what_the_output_of_a_scanner_says(name, status, output, report, verdict):
    assert VERDICTS[name](status, output, report) == verdict


def test_a_defect_is_no_alarm_and_what_is_unreadable_is_not_read():
    def said(verdict, *findings):
        listed = [{"rule": rule, "severity": severity} for rule, severity in findings]
        text = json.dumps([{"verdict": verdict, "findings": listed}])
        return VERDICTS[scanning.OURS](0, text, "")

    assert said("defect", ("unwritten-resource", "high"), ("file-read", "low")) == PASSED
    assert said("sound", ("file-read", "medium")) == FLAGGED
    assert said("unreadable", ("unreadable", "critical")) == NOT_READ


COMMAND = """
import os, sys, time
def main():
    path = sys.argv[1]
    print(path, os.environ["HOME"], os.environ.get("PYTHONPATH"))
    if "kills" in path:
        os.kill(os.getpid(), 9)
    if "exits" in path:
        sys.exit("no")
    if "raises" in path:
        raise ValueError(path)
    return 0
__version__ = "7"
"""


def test_each_scan_is_a_process_whose_end_is_not_that_of_the_others(tmp_path, monkeypatch):
    (tmp_path / "command.py").write_text(COMMAND)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    seen: list[tuple[int | None, str, str]] = []
    done: list[int] = []

    def verdict(status, output, report):
        seen.append((status, output, report))
        return PASSED

    call = Call(
        "command", "command:main", ("command",), ("json",), lambda path, _: [path],
        verdict,
        own=True,
    )  # fmt: skip
    names = ["good", "kills", "exits", "raises", "last"]
    artifacts = [Artifact(name, f"/x/{name}", ".h5") for name in names]
    found = scanned(call, Path(sys.executable), artifacts, tmp_path, done.append)
    assert (found.version, found.missing) == ("command 7", "")
    assert [scan.artifact.name for scan in found.scans] == names
    assert [status for status, *_ in seen] == [0, None, 1, 1, 0]
    assert seen[0][1].split() == ["/x/good", str(tmp_path / "command"), str(tmp_path)]
    assert "ValueError" in seen[3][1]
    assert done == [0, 1, 2, 3, 4, 5]
    assert min(scan.memory for scan in found.scans) > 1 << 20
    other = scanned(
        Call("b", "nowhere:main", (), (), call.arguments, call.verdict),
        *(Path(sys.executable), artifacts, tmp_path, done.append),
    )
    assert other.missing.startswith("it does not start: ModuleNotFoundError")
    assert not other.scans


def test_more_healthy_artifacts_are_spread_evenly_and_lambdas_are_set_aside():
    found, aside = _of_directories([DATA / "keras_files"], None)
    assert aside == 4
    few, _ = _of_directories([DATA / "keras_files"], 3)
    assert [one.name for one in few] == [
        found[number * len(found) // 3].name for number in range(3)
    ]
    assert not any(one.hostile for one in found)
    with pytest.raises(UserError, match="nowhere is not a directory"):
        _of_directories([Path("nowhere")], None)
