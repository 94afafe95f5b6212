"""A directory is ours by its mark, and nothing is touched in any other."""

import threading

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.run_directory import (
    HIDDEN,
    MARK,
    NAMES,
    RunDirectory,
    of_project,
)

# What somebody may have, by names that we use or used too.
THEIRS = (
    *("work/thesis.txt", ".x.old", ".matrix.csv.1.tmp", ".new.new", ".lock", "report/index.html"),
    *("artifacts/a/b", "logs/1.log", "matrix.csv", "run.json", "cells.jsonl", "docs/cases.md"),
    *("first/a", "selfcheck.json", "records.jsonl", "accepted/matrix.csv", ".git/config"),
    *(f"{HIDDEN}/theirs", f"{HIDDEN}/work/a"),
)


def write(directory, *names):
    for name in names:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(f"somebody's {name}")


def content(directory):
    """Return everything in a directory: bytes of files, targets of links, and when it was written."""
    return {
        str(path.relative_to(directory)): (
            path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes(),
            path.lstat().st_mtime_ns,
        )
        for path in directory.rglob("*")
    }


@pytest.mark.parametrize("made", [True, False])
def test_a_new_or_an_empty_directory_becomes_ours(tmp_path, made):
    directory = RunDirectory(tmp_path / "a" / "b")
    if made:
        directory.place.mkdir(parents=True)
    directory.claim()
    assert directory.is_ours
    assert [path.name for path in directory.place.iterdir()] == [HIDDEN]
    assert [path.name for path in directory.hidden.iterdir()] == [MARK]
    RunDirectory(directory.place).claim()


@pytest.mark.parametrize("name", [*THEIRS, "all"])
def test_somebody_elses_is_refused_in_one_sentence_and_left_as_it_is(tmp_path, name):
    write(tmp_path, *(THEIRS if name == "all" else (name,)))
    before = content(tmp_path)
    with pytest.raises(UserError, match="did not put there") as refused:
        RunDirectory(tmp_path).claim()
    assert "\n" not in str(refused.value)
    assert "--results" in str(refused.value)
    assert content(tmp_path) == before
    with pytest.raises(UserError), RunDirectory(tmp_path).locked():
        raise AssertionError
    assert content(tmp_path) == before


def test_the_projects_own_may_hold_what_was_accepted_and_no_more(tmp_path):
    write(tmp_path / "results", "accepted/matrix.csv", ".gitignore")
    of_project(tmp_path / "results").claim()
    assert RunDirectory(tmp_path / "results").is_ours
    write(tmp_path / "other", "accepted/matrix.csv", "notes.txt")
    with pytest.raises(UserError, match=r"holds notes\.txt"):
        of_project(tmp_path / "other").claim()


def test_what_others_put_into_ours_later_does_not_matter(tmp_path):
    RunDirectory(tmp_path).claim()
    write(tmp_path, "notes.txt")
    RunDirectory(tmp_path).claim()
    assert (tmp_path / "notes.txt").exists()


def test_a_mark_that_was_never_finished_does_not_keep_anybody_out(tmp_path):
    write(tmp_path, f"{HIDDEN}/{MARK}.123")
    RunDirectory(tmp_path).claim()
    assert RunDirectory(tmp_path).is_ours


@pytest.mark.parametrize("text", ["", "another mark", "savedmodel-matrix"])
def test_another_mark_is_none(tmp_path, text):
    write(tmp_path, "notes.txt")
    (tmp_path / HIDDEN).mkdir()
    (tmp_path / HIDDEN / MARK).write_text(text)
    with pytest.raises(UserError, match="did not put there"):
        RunDirectory(tmp_path).claim()


def test_a_link_to_a_directory_is_that_directory(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "here").symlink_to("there")
    RunDirectory(tmp_path / "here").claim()
    assert RunDirectory(tmp_path / "there").is_ours
    write(tmp_path / "theirs", "file")
    (tmp_path / "link").symlink_to("theirs")
    before = content(tmp_path / "theirs")
    with pytest.raises(UserError, match="did not put there"):
        RunDirectory(tmp_path / "link").claim()
    assert content(tmp_path / "theirs") == before


@pytest.mark.parametrize("name", [*NAMES, f"{HIDDEN}/work", f"{HIDDEN}/unfinished"])
def test_a_link_within_ours_is_refused_and_not_followed(tmp_path, name):
    RunDirectory(tmp_path / "ours").claim()
    write(tmp_path / "theirs", "index.html")
    (tmp_path / "ours" / name).symlink_to(tmp_path / "theirs")
    before = content(tmp_path)
    with pytest.raises(UserError, match="symbolic link"):
        RunDirectory(tmp_path / "ours").claim()
    assert content(tmp_path) == before


def test_a_hidden_place_that_is_a_link_is_not_ours(tmp_path):
    RunDirectory(tmp_path / "ours").claim()
    write(tmp_path / "theirs", "file")
    (tmp_path / "theirs" / HIDDEN).symlink_to(tmp_path / "ours" / HIDDEN)
    with pytest.raises(UserError, match="did not put there"):
        RunDirectory(tmp_path / "theirs").claim()


def test_two_at_once_in_a_new_directory_both_find_it_theirs(tmp_path):
    complaints = []

    def claim():
        try:
            RunDirectory(tmp_path / "new").claim()
        except UserError as error:
            complaints.append(error)

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not complaints
    assert RunDirectory(tmp_path / "new").is_ours


def test_a_second_run_in_one_directory_is_refused(tmp_path):
    with (
        RunDirectory(tmp_path).locked(),
        pytest.raises(UserError, match="Another run"),
        RunDirectory(tmp_path).locked(),
    ):
        pass


def test_a_file_in_the_way_is_said(tmp_path):
    (tmp_path / "results").write_text("")
    with (
        pytest.raises(UserError, match="cannot be written"),
        RunDirectory(tmp_path / "results").locked(),
    ):
        pass


def test_what_an_earlier_version_wrote_is_left_as_it_is_and_said(tmp_path):
    (tmp_path / ".lock").touch()
    (tmp_path / "records.jsonl").write_text('{"cpu": 0.1, "key": "' + "0a" * 32 + '"}\n')
    with pytest.raises(UserError, match="was written by an earlier version"):
        RunDirectory(tmp_path).claim()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "records.jsonl"]
