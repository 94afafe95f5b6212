"""`init`, as it is typed."""

from click.testing import CliRunner

from savedmodel_matrix.commands.cli import main


def test_it_says_what_it_wrote_and_what_is_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "noxfile.py").write_text("theirs")
    done = CliRunner().invoke(main, ["init"])
    assert done.exit_code == 0
    assert (
        done.stdout
        == """\
environments    tf2.15, tf2.21
written         cases/my_model.py
written         locks/tf2.15.txt
written         locks/tf2.21.txt
written         .gitignore
written         pyproject.toml
kept as it was  noxfile.py
Next: savedmodel-matrix run
"""
    )
    done = CliRunner().invoke(main, ["init"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "already: nothing was written" in done.stderr


def test_many_files_are_a_line(tmp_path):
    done = CliRunner().invoke(main, ["init", str(tmp_path / "a b"), "--all-cases"])
    assert done.exit_code == 0
    assert "written         cases/ 6" in done.stdout
    assert "written         locks/tf2.15.txt" in done.stdout
    assert done.stdout.endswith(f"Next: cd '{tmp_path / 'a b'}' && savedmodel-matrix run\n")


def test_without_a_project_the_sentence_names_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["matrix"])
    assert done.exit_code == 2
    assert done.stderr.endswith("or make a project of your own: savedmodel-matrix init.\n")
