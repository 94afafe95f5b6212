"""What a record rests on beside its key, and when that still holds."""

import hashlib
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.host import files as notes
from savedmodel_matrix.model.verdict import Judged
from savedmodel_matrix.store import dependencies
from savedmodel_matrix.store.dependencies import RESTS_ON, Dependencies, Files
from savedmodel_matrix.store.witness import Witness, witnessing


@pytest.fixture
def case(tmp_path):
    (tmp_path / "project/cases").mkdir(parents=True)
    (tmp_path / "project/cases/case.py").touch()
    (tmp_path / "project/cases/weights.npy").write_text("old")
    (tmp_path / "mailbox").mkdir()
    return tmp_path / "project/cases/case.py"


def note(path, kind=notes.FILE):
    found = path.stat() if kind == notes.FILE else None
    return [str(path), kind, *([found.st_size, found.st_mtime_ns, found.st_ino] if found else [])]


def noted(case, *lines, end=True, artifacts=()):
    """Return what a step rests on whose notes are these lines."""
    root = case.parents[2]
    text = "".join(json.dumps(x) + "\n" for x in (*lines, *([["", notes.END]] if end else [])))
    (root / "mailbox" / notes.NOTES).write_text(text)
    return Files(root / "project").noted(root / "mailbox", case, artifacts)


def holds(case, rests_on, artifacts=()):
    """Ask as a run does that has just begun."""
    record = json.loads(json.dumps({RESTS_ON: rests_on.as_json()}))
    return Files(case.parents[1]).holds(Judged("pass", record).rests_on, case, artifacts)


@given(
    st.builds(
        Dependencies,
        st.dictionaries(st.text(), st.text()),
        st.lists(st.text()).map(tuple),
        st.text(),
    )
)
def test_what_a_record_keeps_is_what_it_states(rests_on):
    assert Dependencies.from_json(json.loads(json.dumps(rests_on.as_json()))) == rests_on


@given(
    st.recursive(
        st.none() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.sampled_from(["files", "artifacts"]), x),
    )
)
def test_a_record_that_does_not_say_what_it_rests_on_never_holds(kept):
    found = Dependencies.from_json(kept)
    assert found.unsure or {"files", "artifacts"} <= kept.keys()


def test_a_record_of_before_never_holds(case):
    assert not Files(case.parent).holds(Judged("pass").rests_on, case, [])


def test_a_file_that_changed_is_found_out_and_one_that_was_put_back_is_as_it_was(case):
    weights = case.parent / "weights.npy"
    rests_on = noted(case, note(weights))
    assert list(rests_on.files) == ["weights.npy"]
    assert holds(case, rests_on)
    os.utime(weights, (0, 0))
    assert holds(case, rests_on)
    weights.write_text("new")
    assert not holds(case, rests_on)
    weights.unlink()
    assert not holds(case, rests_on)
    weights.write_text("old")
    assert holds(case, rests_on)


def test_within_a_run_a_file_is_read_once_while_it_stays_as_it_is(case, monkeypatch):
    weights = case.parent / "weights.npy"
    kept = noted(case, note(weights)).as_json()
    files, reads = Files(case.parent), []
    real = hashlib.file_digest

    def digest(*words):
        reads.append(words)
        return real(*words)

    monkeypatch.setattr(hashlib, "file_digest", digest)
    assert [files.holds(kept, case, []) for _ in range(3)] == [True] * 3
    assert len(reads) == 1
    weights.write_text("other")
    assert not files.holds(kept, case, [])
    assert len(reads) == 2


def test_a_file_that_was_absent_must_stay_absent(case):
    fast = case.parents[1] / "lib/fast.py"
    rests_on = noted(case, note(fast, notes.ABSENT))
    assert rests_on.files == {"../lib/fast.py": "absent"}
    assert holds(case, rests_on)
    fast.parent.mkdir()
    fast.touch()
    assert not holds(case, rests_on)


def test_a_directory_that_was_listed_must_have_the_same_names(case):
    rests_on = noted(case, note(case.parent, notes.DIRECTORY))
    (case.parent / "weights.npy").write_text("new")
    assert holds(case, rests_on)
    (case.parent / "more.npy").touch()
    assert not holds(case, rests_on)


def test_paths_outside_of_the_project_are_absolute(case):
    other = case.parents[2] / "other.txt"
    other.touch()
    assert list(noted(case, note(other)).files) == [str(other)]


def test_the_same_case_elsewhere_rests_on_the_files_there(case):
    rests_on = noted(case, note(case.parent / "weights.npy"))
    there = case.parents[1] / "copy/case.py"
    there.parent.mkdir()
    (there.parent / "weights.npy").write_text("other")
    assert not Files(case.parents[1]).holds(rests_on.as_json(), there, [])


@pytest.mark.parametrize("before", [[], ["a"], ["a", "b"]])
def test_a_load_of_another_artifact_does_not_hold(case, before):
    rests_on = noted(case, artifacts=before)
    assert holds(case, rests_on, before)
    assert not holds(case, rests_on, [*before[:-1], "other"])


@pytest.mark.parametrize(
    "line",
    [["", notes.TOO_MANY], ["", notes.LOST], ["/x", notes.CHANGED], ["/x", "new kind"], ["/x"], 3],
)
def test_what_is_not_known_for_sure_never_holds(case, line):
    rests_on = noted(case, line)
    assert rests_on.unsure
    assert not holds(case, rests_on)


def test_a_file_that_changed_before_the_step_ended_makes_its_record_unsure(case):
    line = note(case.parent / "weights.npy")
    (case.parent / "weights.npy").write_text("while it ran")
    assert "changed while the step ran" in noted(case, line).unsure
    assert "changed while the step ran" in noted(case, note(case.parent, notes.ABSENT)).unsure


def test_torn_notes_make_a_record_unsure(case):
    mailbox = case.parents[2] / "mailbox"
    (mailbox / notes.NOTES).write_text('["/x", "fi')
    assert "damaged" in Files(case.parent).noted(mailbox, case, []).unsure


def test_a_step_that_died_rests_on_every_data_file_beside_its_case(case, monkeypatch):
    (case.parent / "data/.hidden").mkdir(parents=True)
    (case.parent / "data/vocab.txt").touch()
    (case.parent / "data/.hidden/x").touch()
    rests_on = noted(case, end=False)
    assert list(rests_on.files) == ["data/vocab.txt", "weights.npy"]
    assert holds(case, rests_on)
    (case.parents[2] / "mailbox" / notes.NOTES).unlink()
    without = Files(case.parents[1]).noted(case.parents[2] / "mailbox", case, [])
    assert without == rests_on
    monkeypatch.setattr(dependencies, "MOST_BESIDE", 1)
    assert "too many" in noted(case, end=False).unsure


def test_a_file_that_cannot_be_read_is_as_it_was_while_it_cannot_be_read(case, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(hashlib, "file_digest", refuse)
    rests_on = noted(case, note(case.parent / "weights.npy"))
    assert rests_on.files == {"weights.npy": "unreadable"}
    assert holds(case, rests_on)
    monkeypatch.undo()
    assert not holds(case, rests_on)


@pytest.mark.parametrize("kind", ["file", "missing", "directory", "pipe"])
def test_whoever_watches_the_run_learns_each_file_that_a_record_rests_on(case, kind):
    path = case.parents[2] / "elsewhere" / "data"
    path.parent.mkdir()
    if kind == "file":
        path.write_text("x")
    elif kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    listed = kind == "directory"
    content = dependencies.Files(case.parents[1])._content(path, listed=listed)
    witness = Witness([])
    with witnessing(witness):
        assert holds(case, Dependencies({str(path): content}))
    assert str(path) in witness.contents()
