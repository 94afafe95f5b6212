"""Neither of the two ends of a step can be made to look like the other."""

import pytest

from savedmodel_matrix.model.verdict import Judged, Prevented, dead, not_run


@pytest.mark.parametrize("status", ["not-run", "", "failed", "PASS"])
def test_only_what_was_judged_is_a_judgement(status):
    with pytest.raises(ValueError, match="no judgement"):
        Judged(status)


def test_what_was_prevented_is_not_run_whatever_else_is_claimed():
    assert Prevented({"status": "fail"}).record["status"] == "not-run"


def test_a_record_says_its_verdict():
    assert Judged("fail", {"status": "pass"}).record["status"] == "fail"


def test_two_deaths_at_different_stages_are_two_causes():
    save, load = dead("crash", "save", "died"), dead("crash", "load", "died")
    assert save.record["reason"] == load.record["reason"] == "died"
    assert save.record["fingerprint"] != load.record["fingerprint"]


def test_not_run_says_why_on_one_line():
    verdict = not_run("environment", "no\nroom", "all of it")
    assert verdict.record["reason"] == "no room"
    assert verdict.record["message"] == "all of it"
    assert not_run("environment", "no room").record["message"] == "no room"
