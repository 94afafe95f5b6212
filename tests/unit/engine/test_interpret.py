"""How a process ended decides the status; nothing else may."""

import dataclasses
import json
import signal

import pytest

from savedmodel_matrix.engine.hosts import Ended
from savedmodel_matrix.engine.interpret import interpret
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
    assert isinstance(interpret("save", ended(117), tmp_path), Prevented)


def test_a_child_without_room_is_not_run_and_says_so(tmp_path):
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
