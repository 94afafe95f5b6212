"""Records of steps count only for the files and artifacts that they were made of."""

import pytest

from savedmodel_matrix.engine.resting import Resting
from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.plugin import Converter, Loader, Remedy
from savedmodel_matrix.model.steps import Convert, Given, Load, Made, Save
from savedmodel_matrix.model.verdict import Judged, not_run


@pytest.fixture
def steps(tmp_path):
    """Return a save, a conversion and a load of each, and one of an artifact that was given."""
    (tmp_path / "weights").write_text("old")
    case = Case("case", tmp_path / "case.py", "")
    save = Save(case, Remedy("r", tmp_path / "r.py", "", "SavedModel"), "tf2.15")
    convert = Convert(save, Converter("c", tmp_path / "c.py", "", "SavedModel", "T"), "tf2.15")
    loader = Loader("l", tmp_path / "l.py", "", ("SavedModel",), ("numpy",), False)
    given = Given(tmp_path / "given", "content", "SavedModel")
    artifacts = (Made(save), Made(save, convert), given)
    return save, convert, *(Load(artifact, loader, "tf2.15") for artifact in artifacts)


def made(**contents):
    """Return what answers for the save and the conversion, each by what it has made now."""

    def asked(step):
        kind = "save" if isinstance(step, Save) else "convert"
        return Judged("pass", {"content": contents[kind]}) if kind in contents else None

    return asked


def test_what_was_made_of_another_artifact_does_not_hold(tmp_path, steps):
    resting, before = Resting(tmp_path), made(save="a", convert="b")
    known = [Judged("pass") for _ in steps]
    for step, verdict in zip(steps, known, strict=True):
        resting.note(step, verdict, tmp_path, before)

    def held(now):
        return [resting.holds(s, v, now) for s, v in zip(steps, known, strict=True)]

    assert held(before) == [True] * 5
    assert held(made(save="a", convert="new")) == [True, True, True, False, True]
    assert held(made(save="new", convert="b")) == [True, False, False, False, True]
    assert held(made()) == [True, False, False, False, True]


def test_a_file_that_changed_is_every_steps_that_read_it(tmp_path, steps):
    resting = Resting(tmp_path)
    now = made(save="a", convert="b")
    for step in steps:
        known = Judged("pass")
        (tmp_path / "weights").touch()
        (tmp_path / "files").write_text(_line(tmp_path / "weights") + '["", "end"]\n')
        resting.note(step, known, tmp_path, now)
        assert resting.holds(step, known, now)
        (tmp_path / "weights").write_text("new")
        assert not resting.holds(step, known, now)
        (tmp_path / "weights").write_text("old")
        assert resting.holds(step, known, now)


def _line(path):
    found = path.stat()
    return f'["{path}", "file", {found.st_size}, {found.st_mtime_ns}, {found.st_ino}]\n'


def test_what_was_prevented_is_not_remembered(tmp_path, steps):
    verdict = not_run("save", "said")
    Resting(tmp_path).note(steps[0], verdict, tmp_path, made())
    assert "rests_on" not in verdict.record
