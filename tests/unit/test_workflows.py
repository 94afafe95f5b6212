"""The workflows of CI: well formed, with few rights, and every command of ours in them exists."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.engine.sharding import Shard

ROOT = Path(__file__).resolve().parents[2]
DIRECTORY = ROOT / ".github" / "workflows"
FILES = {path.stem: path for path in sorted(DIRECTORY.glob("*.yml"))}
WORKFLOWS: dict[str, dict[Any, Any]] = {
    name: yaml.safe_load(path.read_text(encoding="utf-8")) for name, path in FILES.items()
}
JOBS = {
    f"{name}:{key}": job
    for name, workflow in WORKFLOWS.items()
    for key, job in workflow["jobs"].items()
}
STEPS = [(where, step) for where, job in JOBS.items() for step in job.get("steps", ())]
# What GitHub calls them: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
TOP = {"name", "on", "permissions", "concurrency", "jobs"}
OF_JOB = {
    *("runs-on", "timeout-minutes", "steps", "needs", "strategy", "env", "permissions"),
    *("outputs", "if", "environment", "uses", "with"),
}
OF_STEP = {"name", "id", "if", "uses", "with", "env", "run"}
PINNED = re.compile(r"[\w.-]+/[\w.-]+@(v\d+|release/v\d+)|\./\.github/workflows/[\w-]+\.yml")
MORE_RIGHTS = {
    "matrix:publish": {"pages": "write", "id-token": "write"},
    "outdated:propose": {"contents": "write", "pull-requests": "write"},
    "pull-request:comment": {"pull-requests": "write"},
    "release:publish": {"id-token": "write"},
}
SESSIONS = {
    node.name
    for node in ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef)
    and any("nox.session" in ast.unparse(decorator) for decorator in node.decorator_list)
}
ENDS = re.compile(r"\|\||&&|[;|]|>>?")


def commands() -> list[tuple[str, list[str]]]:
    """Return every command of ours that a workflow runs, word by word, with where it is."""
    found = []
    for where, step in STEPS:
        for line in step.get("run", "").splitlines():
            for part in ENDS.split(line):
                at = re.search(r"(?<![\w./-])(nox|savedmodel-matrix) .*", part)
                if at and "pip install" not in part and not part.lstrip().startswith("test "):
                    found.append((where, shlex.split(at[0])))
    return found


def options_of(command: click.Command) -> set[str]:
    return {name for one in command.params for name in (*one.opts, *one.secondary_opts)}


def takes(name: str, words: list[str]) -> None:
    """Fail unless a command of ours has these options."""
    command = main.get_command(click.Context(main), name)
    assert command, name
    stated = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert stated <= options_of(command)


def expressions(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [found for value in node.values() for found in expressions(value)]
    if isinstance(node, list):
        return [found for value in node for found in expressions(value)]
    return re.findall(r"\$\{\{(.*?)\}\}", node) if isinstance(node, str) else []


def test_there_are_workflows_for_pushes_pull_requests_the_matrix_and_releases():
    assert WORKFLOWS.keys() == {
        "checks",
        "matrix",
        "outdated",
        "pull-request",
        "release",
        "sharded",
    }


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_has_only_what_github_knows_and_only_reads(name):
    workflow = WORKFLOWS[name]
    keys = {"on" if key is True else key for key in workflow}  # YAML 1.1 reads "on" as true
    assert keys <= TOP
    assert {"name", "on", "permissions", "jobs"} <= keys
    assert workflow["permissions"] == {"contents": "read"}
    assert ("concurrency" in keys) == (name != "sharded")  # which is part of those that call it


@pytest.mark.parametrize("where", JOBS)
def test_a_job_ends_some_time_and_has_the_rights_that_it_needs(where):
    job = JOBS[where]
    assert job.keys() <= OF_JOB
    if "uses" in job:
        called = WORKFLOWS[Path(job["uses"]).stem]
        inputs = called[True]["workflow_call"]["inputs"]
        required = {key for key, value in inputs.items() if value.get("required")}
        assert required <= job["with"].keys() <= inputs.keys()
        assert PINNED.fullmatch(job["uses"])
    else:
        assert job["runs-on"] == "ubuntu-latest"
        assert 0 < job["timeout-minutes"] <= 360
        assert job["steps"]
    assert job.get("permissions") == MORE_RIGHTS.get(where)


@pytest.mark.parametrize(("where", "step"), STEPS)
def test_a_step_runs_or_uses_one_thing_and_actions_are_pinned(where, step):
    assert step.keys() <= OF_STEP
    assert ("run" in step) != ("uses" in step)
    if "uses" in step:
        assert PINNED.fullmatch(step["uses"])
    else:  # what somebody named a branch must never become part of a script
        assert "${{" not in step["run"]


@pytest.mark.parametrize(("where", "step"), STEPS)
def test_a_checkout_leaves_no_token_to_what_runs_after_it(where, step):
    if "actions/checkout@" in step.get("uses", ""):
        assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("where", JOBS)
def test_what_a_job_waits_for_and_reads_is_there(where):
    name, job = where.split(":")[0], JOBS[where]
    jobs = WORKFLOWS[name]["jobs"]
    needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
    assert set(needs) <= jobs.keys()
    steps = {step.get("id") for step in job.get("steps", ())}
    for expression in expressions(job):
        for found in re.findall(r"needs\.([\w-]+)\.outputs\.([\w-]+)", expression):
            assert found[0] in needs
            other = jobs[found[0]]
            called = (
                WORKFLOWS[Path(other["uses"]).stem][True]["workflow_call"]
                if "uses" in other
                else other
            )
            assert found[1] in called["outputs"]
        assert set(re.findall(r"steps\.([\w-]+)\.", expression)) <= steps


def test_what_is_brought_to_another_job_was_put_there():
    for name in WORKFLOWS:
        steps = [step for where, step in STEPS if where.startswith(f"{name}:")]
        if name in ("matrix", "pull-request"):
            steps += [step for where, step in STEPS if where.startswith("sharded:")]
        put = [
            step["with"]["name"] for step in steps if "/upload-artifact@" in step.get("uses", "")
        ]
        put = [re.sub(r"\$\{\{.*?\}\}", "1", one) for one in put]
        for step in steps:
            if "/download-artifact@" in step.get("uses", ""):
                wanted = step["with"].get("name") or step["with"]["pattern"]
                assert any(re.fullmatch(wanted.replace("*", ".*"), one) for one in put)


@pytest.mark.parametrize(("where", "words"), commands())
def test_every_command_of_ours_exists_with_its_options(where, words):
    if words[0] == "savedmodel-matrix":
        takes(words[1], words[2:])
        return
    ours, _, ahead = " ".join(words).partition(" -- ")
    options, *sessions = ours.split()[1:]
    assert options == "-s"
    assert set(sessions) <= SESSIONS
    if ahead and sessions[0] in main.commands:
        takes(sessions[0], ahead.split())


def test_an_option_that_is_none_would_be_found():
    with pytest.raises(AssertionError):
        takes("merge", ["part-1", "--in-to", "whole"])


def test_the_commands_that_matter_are_among_those_that_are_checked():
    said = [" ".join(words) for _, words in commands()]
    for begin in (
        "nox -s lint typing",
        "nox -s tests",
        "nox -s matrix -- ",
        "savedmodel-matrix merge ",
        "savedmodel-matrix compare ",
    ):
        assert any(one.startswith(begin) for one in said), begin


def test_the_number_of_parts_is_one_that_shard_takes():
    inputs = WORKFLOWS["matrix"][True]["workflow_dispatch"]["inputs"]
    for shards in (
        inputs["shards"]["default"],
        WORKFLOWS["pull-request"]["jobs"]["run"]["with"]["shards"],
    ):
        assert Shard.parse(f"{shards}/{shards}").of == shards


def test_a_release_is_published_without_a_token_of_ours():
    text = FILES["release"].read_text(encoding="utf-8")
    assert "secrets." not in text
    assert "password" not in text
    assert "pypa/gh-action-pypi-publish@" in text
