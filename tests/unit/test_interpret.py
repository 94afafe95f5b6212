"""How a process ended decides the status; nothing else may."""

import json
import signal

import pytest

from savedmodel_matrix.hosts import Ended
from savedmodel_matrix.interpret import interpret, not_run


def ended(code=0, sig=None, timed_out=False):
    return Ended(code, sig, timed_out, cpu=0.1, memory=1, sent=0.0, received=1.0)


def leave(mailbox, stage, **result):
    (mailbox / "stage").write_text(f"build\n{stage}\n")
    if result:
        base = {"stage": stage, "reason": "", "first": 0.1, "last": 0.9, "seconds": {}}
        (mailbox / "result.json").write_text(json.dumps(base | result))


def test_a_signal_is_a_crash_with_its_name_and_stage(tmp_path):
    leave(tmp_path, "save")
    record = interpret("save", ended(None, signal.SIGSEGV), tmp_path, 60)
    assert (record["status"], record["stage"]) == ("crash", "save")
    assert "SIGSEGV" in record["reason"]


def test_the_limit_is_a_timeout_even_though_it_ends_by_a_signal(tmp_path):
    leave(tmp_path, "run")
    record = interpret("load", ended(None, signal.SIGKILL, True), tmp_path, 60)
    assert (record["status"], record["stage"], record["limit"]) == ("timeout", "run", 60)


@pytest.mark.parametrize("code", [0, 1])
def test_an_end_without_a_result_is_a_fail_whatever_the_code(tmp_path, code):
    leave(tmp_path, "build")
    record = interpret("save", ended(code), tmp_path, 60)
    assert record["status"] == "fail"
    assert f"exit status {code}" in record["message"]


def test_half_a_result_is_no_result(tmp_path):
    leave(tmp_path, "build")
    (tmp_path / "result.json").write_text('{"status": "pa')
    assert interpret("save", ended(), tmp_path, 60)["status"] == "fail"


def test_a_child_that_could_not_begin_is_not_run(tmp_path):
    assert interpret("save", ended(117), tmp_path, 60)["status"] == "not-run"


def test_the_reason_of_a_failure_is_masked_and_its_message_is_not(tmp_path):
    failure = {
        "type": "FailedPreconditionError",
        "code": "FAILED_PRECONDITION",
        "message": "Could not find variable dense/bias. Debug info: x",
        "traceback": "t",
        "where": "",
    }
    leave(tmp_path, "run", status="fail", failure=failure)
    record = interpret("load", ended(), tmp_path, 60)
    assert record["reason"] == "FAILED_PRECONDITION: Could not find variable <name>."
    assert "dense/bias" in record["message"]


def test_a_pass_has_neither_reason_nor_fingerprint(tmp_path):
    leave(tmp_path, "values", status="pass", record={})
    record = interpret("load", ended(), tmp_path, 60)
    assert (record["status"], record["reason"], record["fingerprint"]) == ("pass", "", "")
    assert record["inside"] == pytest.approx(0.8)


def test_not_applicable_keeps_its_sentence(tmp_path):
    leave(tmp_path, "", status="not-applicable", reason="there are 2 signatures")
    record = interpret("save", ended(), tmp_path, 60)
    assert record["reason"] == "there are 2 signatures"
    assert record["fingerprint"] == ""


def test_not_run_says_why_on_one_line():
    assert not_run("environment", "no\nroom")["reason"] == "no room"
