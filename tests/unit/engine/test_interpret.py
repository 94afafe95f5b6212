"""How a process ended decides the status; nothing else may."""

import dataclasses
import json
import signal

import pytest

from savedmodel_matrix.engine import interpret as interpret_module
from savedmodel_matrix.engine.interpret import interpret
from savedmodel_matrix.engine.processes import Ended
from savedmodel_matrix.model.verdict import Judged, Prevented


def ended(code=0, sig=None, timed_out=False):
    return Ended(code, sig, timed_out, cpu=0.1, memory=1, sent=0.0, received=1.0)


def leave(mailbox, stage, **result):
    (mailbox / "stage").write_text(f"build\n{stage}\n")
    if result:
        base = {"stage": stage, "reason": "", "first": 0.1, "last": 0.9, "seconds": {}}
        (mailbox / "result.json").write_text(json.dumps(base | result))


def test_a_signal_is_a_crash_with_its_name_and_stage(tmp_path):
    leave(tmp_path, "save")
    record = interpret("save", ended(None, signal.SIGSEGV), tmp_path).record
    assert (record["status"], record["stage"]) == ("crash", "save")
    assert "SIGSEGV" in record["reason"]


def test_the_limit_is_a_timeout_even_though_it_ends_by_a_signal(tmp_path):
    leave(tmp_path, "run")
    record = interpret("load", ended(None, signal.SIGKILL, True), tmp_path).record
    assert (record["status"], record["stage"]) == ("timeout", "run")


@pytest.mark.parametrize("code", [0, 1])
def test_an_end_without_a_result_is_a_fail_whatever_the_code(tmp_path, code):
    leave(tmp_path, "build")
    record = interpret("save", ended(code), tmp_path).record
    assert record["status"] == "fail"
    assert f"exit status {code}" in record["message"]


def test_half_a_result_is_no_result(tmp_path):
    leave(tmp_path, "build")
    (tmp_path / "result.json").write_text('{"status": "pa')
    assert interpret("save", ended(), tmp_path).status == "fail"


def test_a_child_in_which_the_harness_failed_is_not_run(tmp_path):
    (tmp_path / "broke").write_text("RuntimeError: of ours")
    verdict = interpret("save", ended(117), tmp_path)
    assert isinstance(verdict, Prevented)
    assert verdict.record["message"] == "RuntimeError: of ours"


@pytest.mark.parametrize("code", [117, 118])
def test_a_case_may_end_its_process_with_the_numbers_of_the_harness(tmp_path, code):
    leave(tmp_path, "build")
    verdict = interpret("save", ended(code), tmp_path)
    assert (verdict.status, verdict.record["stage"]) == ("fail", "build")


@pytest.mark.parametrize("end", [ended(118), ended(117), ended(None, signal.SIGBUS)])
def test_what_ends_on_a_full_disk_is_not_run_without_a_note(tmp_path, monkeypatch, end):
    monkeypatch.setattr(interpret_module, "is_full", lambda _: True)
    verdict = interpret("save", end, tmp_path)
    assert isinstance(verdict, Prevented)
    assert "room" in verdict.record["reason"]


def test_a_bus_error_with_room_enough_is_a_crash(tmp_path):
    assert interpret("save", ended(None, signal.SIGBUS), tmp_path).status == "crash"


def test_a_result_that_cannot_be_read_is_no_fault_of_the_case(tmp_path):
    leave(tmp_path, "run")
    (tmp_path / "result.json").mkdir()
    verdict = interpret("load", ended(), tmp_path)
    assert isinstance(verdict, Prevented)
    assert "cannot be read" in verdict.record["reason"]


@pytest.mark.parametrize("forged", ["[]", "3", '{"status": "pass"}', "[" * 9999])
def test_a_result_that_is_none_of_ours_is_no_result(tmp_path, forged):
    (tmp_path / "result.json").write_text(forged)
    assert interpret("save", ended(), tmp_path).status == "fail"


def test_a_step_tells_what_it_used_and_the_kernel_of_one_that_could_not(tmp_path):
    leave(tmp_path, "values", status="pass", record={}, usage={"cpu": 0.7, "memory": 42})
    record = interpret("load", ended(), tmp_path).record
    assert (record["cpu"], record["memory"]) == (0.7, 42)
    record = interpret("load", ended(None, signal.SIGSEGV), tmp_path).record
    assert (record["cpu"], record["memory"]) == (0.1, 1)


def test_a_missing_package_is_named(tmp_path):
    failure = {
        "type": "ModuleNotFoundError",
        "code": "",
        "traceback": "t",
        "where": "c.py:1",
        "message": "No module named 'tensorflow_text'",
        "missing": "tensorflow_text",
    }
    leave(tmp_path, "build", status="fail", failure=failure)
    record = interpret("save", ended(), tmp_path).record
    assert record["missing"] == "tensorflow_text"
    assert record["message"] == "No module named 'tensorflow_text'"


def test_a_child_without_room_is_not_run_and_says_so(tmp_path):
    (tmp_path / "broke").touch()
    verdict = interpret("save", ended(118), tmp_path)
    assert isinstance(verdict, Prevented)
    assert "room" in verdict.record["reason"]


def test_what_the_kernel_ended_for_want_of_memory_is_not_run(tmp_path):
    leave(tmp_path, "save")
    starved = dataclasses.replace(ended(None, signal.SIGKILL), starved=True)
    verdict = interpret("save", starved, tmp_path)
    assert isinstance(verdict, Prevented)
    assert (verdict.record["stage"], "--jobs" in verdict.record["reason"]) == ("save", True)
    assert isinstance(interpret("save", ended(None, signal.SIGKILL), tmp_path), Judged)


def test_what_the_host_could_not_judge_is_not_run_and_says_why(tmp_path):
    leave(tmp_path, "save", status="not-run", reason="signature 'x' was not seen")
    verdict = interpret("save", ended(), tmp_path)
    assert isinstance(verdict, Prevented)
    assert "was not seen" in verdict.record["message"]


def test_the_reason_of_a_failure_is_masked_and_its_message_is_not(tmp_path):
    failure = {
        "type": "FailedPreconditionError",
        "code": "FAILED_PRECONDITION",
        "message": "Could not find variable dense/bias. Debug info: x",
        "traceback": "t",
        "where": "",
    }
    leave(tmp_path, "run", status="fail", failure=failure)
    record = interpret("load", ended(), tmp_path).record
    assert record["reason"] == "FAILED_PRECONDITION: Could not find variable <name>."
    assert "dense/bias" in record["message"]


def test_a_pass_has_neither_reason_nor_fingerprint(tmp_path):
    leave(tmp_path, "values", status="pass", record={})
    record = interpret("load", ended(), tmp_path).record
    assert (record["status"], record["reason"], record["fingerprint"]) == ("pass", "", "")
    assert record["inside"] == pytest.approx(0.8)


def test_not_applicable_keeps_its_sentence(tmp_path):
    leave(tmp_path, "", status="not-applicable", reason="there are 2 signatures")
    record = interpret("save", ended(), tmp_path).record
    assert record["reason"] == "there are 2 signatures"
    assert record["fingerprint"] == ""


DENIED = "[Errno 13] Permission denied: '{}'"


def denied(mailbox, kind, path):
    failure = {"type": "PermissionError", "message": DENIED.format(path)}
    blank = {"code": "", "traceback": "", "where": "", "missing": ""}
    leave(mailbox, "load", status="fail", failure=blank | failure)
    return interpret(kind, ended(), mailbox)


@pytest.mark.parametrize("kind", ["load", "convert"])
def test_what_is_kept_from_writing_into_the_artifact_did_not_fail(tmp_path, kind):
    verdict = denied(tmp_path, kind, "/results/artifacts/ab/artifact/model.keras")
    assert isinstance(verdict, Prevented)
    assert "let it load a copy" in verdict.record["reason"]
    assert "model.keras" in verdict.record["message"]


@pytest.mark.parametrize(
    ("kind", "path"), [("load", "/etc/shadow"), ("save", "/r/artifact/saved_model.pb")]
)
def test_what_else_is_denied_is_the_cases_doing(tmp_path, kind, path):
    assert isinstance(denied(tmp_path, kind, path), Judged)
