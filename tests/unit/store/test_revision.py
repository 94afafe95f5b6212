"""The accepted table of a commit, from a real repository."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import csv_bytes, from_cells
from savedmodel_matrix.store.revision import read_revision
from tests.unit.rows import cell

if TYPE_CHECKING:
    from pathlib import Path


def git(place: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", str(place), *identity, *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def accepted(tmp_path: Path) -> Path:
    """Return the accepted table of a project in a directory of a repository with two commits."""
    project = tmp_path / "inner"
    place = project / "results" / "accepted"
    place.mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "nothing")
    for status in ("fail", "pass"):
        (place / "matrix.csv").write_bytes(csv_bytes(from_cells([cell(status)])))
        (place / "run.json").write_text(f'{{"commit": "{status}"}}')
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", status)
    return place


def test_the_table_of_a_commit_is_read_whatever_is_checked_out(accepted: Path) -> None:
    (accepted / "matrix.csv").write_text("changed since")
    before, after = (read_revision(name, accepted) for name in ("main~1", "HEAD"))
    assert [row["status"] for row in (*before.rows, *after.rows)] == ["fail", "pass"]
    assert (before.run["commit"], after.run["commit"]) == ("fail", "pass")
    commit = git(accepted, "rev-parse", "main~1")
    assert before.what == f"the accepted table of commit {commit[:12]}"
    assert read_revision(commit[:8], accepted).rows == before.rows


def test_a_commit_without_a_table_says_so(accepted: Path) -> None:
    with pytest.raises(
        UserError, match=r"^Commit \w{12} \(main~2\) has no accepted/matrix\.csv\.$"
    ):
        read_revision("main~2", accepted)


@pytest.mark.parametrize("name", ["nope", "main~9", "--all", "-h", "", "a b", "HEAD:inner", "a\0b"])
def test_what_is_no_commit_is_one_sentence(accepted: Path, name: str) -> None:
    with pytest.raises(UserError, match="neither a file or directory here"):
        read_revision(name, accepted)


def test_a_directory_outside_of_a_repository_has_no_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "results").mkdir()
    with pytest.raises(UserError, match="nor a commit that this repository has"):
        read_revision("main", tmp_path / "results" / "accepted")
    with pytest.raises(UserError, match="is not there"):
        read_revision("main", tmp_path / "none" / "accepted")


def test_without_git_that_is_said(accepted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match="git does not run here"):
        read_revision("main", accepted)
