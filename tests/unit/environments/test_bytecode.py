"""Bytecode of one environment in another: a real Python writes and reads it."""

import os
import subprocess
import sys
import time

import pytest

from savedmodel_matrix.environments import bytecode
from savedmodel_matrix.environments.bytecode import BYTECODE, HEADER, SharedBytecode

PACKAGES = "lib/python3.11/site-packages"
SOURCE = "import os\n\ndef where():\n    return where.__code__.co_filename\n"


@pytest.fixture
def shared(tmp_path):
    return SharedBytecode(tmp_path / "shared")


@pytest.fixture
def environment(tmp_path):
    """Return a function that makes an environment with a package of the given source."""

    def make(name, source=SOURCE, age=0):
        place = tmp_path / name / PACKAGES / "package"
        place.mkdir(parents=True)
        for module in ("__init__", "part"):
            (place / f"{module}.py").write_text(source)
            os.utime(place / f"{module}.py", (1e9 + age, 1e9 + age))
        return tmp_path / name

    return make


def imported(environment):
    """Import the package as a host does; return what the module says of its file."""
    command = "import package.part; print(package.part.where())"
    variables = os.environ | {
        "PYTHONPATH": str(environment / PACKAGES),
        "PYTHONPYCACHEPREFIX": str(environment / BYTECODE),
    }
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    ran = subprocess.run(
        [sys.executable, "-c", command], env=variables, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def compiled(environment):
    """Return content and identity of each file of bytecode of the package."""
    return {
        path.name: (path.read_bytes(), path.stat().st_ino, path.stat().st_mtime_ns)
        for path in (environment / BYTECODE).rglob("package/*.pyc")
    }


def warmed(environment, shared):
    assert shared.fill(environment)
    imported(environment)
    shared.keep(environment)
    return environment


def test_what_one_compiled_another_reads_although_its_sources_are_of_another_time(
    shared, environment
):
    first = warmed(environment("first"), shared)
    second = environment("second", age=1000)
    assert shared.fill(second)
    given = compiled(second)
    assert given.keys() == compiled(first).keys()
    assert len(given) == 2
    assert imported(second) == str(second / PACKAGES / "package" / "part.py")
    assert compiled(second) == given


def test_the_bytecode_of_another_source_is_not_given(shared, environment):
    warmed(environment("first"), shared)
    second = environment("second", SOURCE.replace("import os", "import re"))
    assert shared.fill(second)
    assert compiled(second) == {}
    imported(second)
    shared.keep(second)
    third = environment("third")
    shared.fill(third)
    assert len(compiled(third)) == 2  # both sources are kept by now, side by side


def test_one_that_has_bytecode_is_left_alone(shared, environment):
    warmed(environment("first"), shared)
    second = environment("second")
    imported(second)
    before = compiled(second)
    assert not shared.fill(second)
    assert compiled(second) == before


def test_modules_outside_of_the_environment_are_shared_by_their_path(shared, environment, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "elsewhere.py").write_text("value = 1\n")
    command = f"import sys; sys.path.insert(0, {str(outside)!r}); import elsewhere"
    first, second = environment("first"), environment("second")
    variables = os.environ | {"PYTHONPYCACHEPREFIX": str(first / BYTECODE)}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([sys.executable, "-c", command], env=variables, check=True)
    shared.keep(first)
    shared.fill(second)
    assert len(list((second / BYTECODE).rglob("elsewhere*.pyc"))) == 1


def test_bytecode_that_is_not_of_the_source_beside_it_is_not_kept(shared, environment):
    first = environment("first")
    imported(first)
    (first / PACKAGES / "package" / "part.py").write_text("changed = True\n")
    shared.keep(first)
    second = environment("second")
    shared.fill(second)
    assert [name.partition(".")[0] for name in compiled(second)] == ["__init__"]


def test_what_a_crash_of_the_machine_cut_short_is_begun_again(shared, environment, tmp_path):
    warmed(environment("first"), shared)
    for path in (tmp_path / "shared").rglob("*"):
        path.write_bytes(path.read_bytes()[:HEADER])
    second = environment("second")
    assert shared.fill(second)
    assert compiled(second) == {}
    imported(second)
    shared.keep(second)
    third = environment("third")
    assert shared.fill(third)
    assert len(compiled(third)) == 2


def test_what_cannot_be_opened_is_an_oserror_and_leaves_nothing(shared, environment, tmp_path):
    (tmp_path / "shared" / "modules.sqlite3").mkdir(parents=True)
    with pytest.raises(OSError, match=r"modules\.sqlite3"):
        shared.fill(environment("first"))
    assert not (tmp_path / "first" / BYTECODE).exists()


def test_what_was_given_is_read_no_more_when_the_rest_is_kept(shared, environment, monkeypatch):
    warmed(environment("first"), shared)
    second = environment("second")
    (second / PACKAGES / "package" / "part.py").write_text(SOURCE + "more = 1\n")
    shared.fill(second)
    assert len(compiled(second)) == 1
    imported(second)
    read = []
    original = bytecode._source_of

    def noted(path):
        read.append(path)
        return original(path)

    monkeypatch.setattr(bytecode, "_source_of", noted)
    shared.keep(second)
    assert [path.rpartition("/")[2].partition(".")[0] for path in read] == ["part"]


def test_an_environment_gets_all_of_it_at_once_or_nothing(shared, environment, monkeypatch):
    warmed(environment("first"), shared)
    second = environment("second")
    original = bytecode._source_of

    def interrupted(path):
        if "part" in path:
            raise KeyboardInterrupt
        return original(path)

    monkeypatch.setattr(bytecode, "_source_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        shared.fill(second)
    assert not (second / BYTECODE).exists()
    monkeypatch.undo()
    assert shared.fill(second)
    assert len(compiled(second)) == 2


def test_what_a_killed_run_left_goes_after_a_day(shared, environment, tmp_path):
    place = tmp_path / "shared"
    for name, age in (("bytecode-old", 100_000), ("bytecode-new", 100)):
        (place / name / "usr").mkdir(parents=True)
        os.utime(place / name, (time.time() - age, time.time() - age))
    shared.fill(environment("first"))
    assert sorted(path.name for path in place.iterdir()) == ["bytecode-new", "modules.sqlite3"]
