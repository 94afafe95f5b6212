"""What a step's process notes of the files that it reads: tried in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from savedmodel_matrix.host import files as notes

# A step as steps.py runs it, around the body of a test.
STEP = """
import contextlib, ctypes, json, os, sqlite3, subprocess, sys
from pathlib import Path
from savedmodel_matrix.host.files import notes_of
user, mailbox = Path(sys.argv[1]), Path(sys.argv[2])
scratch = mailbox / "scratch"
scratch.mkdir(exist_ok=True)
os.chdir(scratch)
one = notes_of({"case": str(user / "cases/case.py"), "makes": str(mailbox.parent / "makes")}, mailbox)
one.begin()
BODY
one.end()
"""
NATIVE = "ctypes.CDLL(None).open(os.fsencode(user / {!r}), 0)"


@pytest.fixture
def user(tmp_path):
    for name, text in {
        "cases/case.py": "",
        "cases/weights.npy": "w",
        "cases/data/vocab.txt": "v",
        "lib/mypkg/__init__.py": "from mypkg import net",
        "lib/mypkg/net.py": "value = 1",
        "lib/mypkg/data/scale.txt": "3",
        "elsewhere/file.txt": "e",
    }.items():
        (tmp_path / "user" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "user" / name).write_text(text)
    return tmp_path / "user"


def step(user, body, *, fails=False):
    mailbox = user.parent / "mailbox"
    mailbox.mkdir(exist_ok=True)
    (mailbox / notes.NOTES).unlink(missing_ok=True)
    done = subprocess.run(
        [
            *(sys.executable, "-S", "-X", f"pycache_prefix={user.parent}/bytecode", "-c"),
            *(STEP.replace("BODY", body), str(user), str(mailbox)),
        ],
        env={"PYTHONPATH": str(Path(notes.__file__).parents[2]), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert bool(done.returncode) == fails, done.stderr
    return [json.loads(line) for line in (mailbox / notes.NOTES).read_text().splitlines()]


def noted(user, body, **how):
    """Return the kind of each path of the user's that was noted, and the kinds without a path."""
    lines = step(user, body, **how)
    kinds = {line[0].removeprefix(f"{user}/"): line[1] for line in lines if line[0]}
    return kinds, [line[1] for line in lines if not line[0]]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("open(user / 'cases/weights.npy').read()", "cases/weights.npy"),
        ("open(os.fsencode(user / 'cases/weights.npy')).read()", "cases/weights.npy"),
        ("os.open(user / 'cases/weights.npy', os.O_RDONLY)", "cases/weights.npy"),
        ("open(user / 'cases/weights.npy', 'r+b').read()", "cases/weights.npy"),
        ("open(user / 'cases/../cases/weights.npy').read()", "cases/weights.npy"),
        ("os.chdir(user); open('elsewhere/file.txt').read()", "elsewhere/file.txt"),
        ("sqlite3.connect(user / 'elsewhere/file.txt')", "elsewhere/file.txt"),
        ("subprocess.run(['true', str(user / 'elsewhere/file.txt')])", "elsewhere/file.txt"),
        (NATIVE.format("cases/weights.npy"), "cases/weights.npy"),
        (NATIVE.format("cases/data/vocab.txt"), "cases/data/vocab.txt"),
        ("subprocess.run(['cat', 'weights.npy'], cwd=user / 'cases')", "cases/weights.npy"),
    ],
)
def test_a_file_is_noted_whoever_opens_it(user, body, name):
    assert noted(user, body) == ({name: notes.FILE}, [notes.END])


def test_a_package_next_door_is_noted_also_when_its_bytecode_is_there(user):
    body = "sys.path.insert(0, str(user / 'lib')); import mypkg"
    expected = {"lib/mypkg/__init__.py": notes.FILE, "lib/mypkg/net.py": notes.FILE}
    for _ in range(2):
        assert noted(user, body) == (expected, [notes.END])
    assert list((user.parent / "bytecode").rglob("net*.pyc"))


def test_what_native_code_reads_in_a_package_next_door_is_noted(user):
    body = "sys.path.insert(0, str(user / 'lib')); import mypkg; "
    assert (
        "lib/mypkg/data/scale.txt"
        in noted(user, body + NATIVE.format("lib/mypkg/data/scale.txt"))[0]
    )


def test_a_file_that_was_looked_for_in_vain_is_noted(user):
    body = "with contextlib.suppress(OSError): open(user / 'cases/none.npy')"
    assert noted(user, body) == ({"cases/none.npy": notes.ABSENT}, [notes.END])


def test_a_module_that_was_looked_for_in_vain_is_noted(user):
    body = (
        "sys.path.insert(0, str(user / 'lib'))\nwith contextlib.suppress(ImportError): import fast"
    )
    absent = {"lib/fast.py": notes.ABSENT, "lib/fast/__init__.py": notes.ABSENT}
    assert noted(user, body) == (absent, [notes.END])


def test_a_directory_counts_when_its_names_were_asked_for_and_not_when_imports_look_there(user):
    assert noted(user, "sorted((user / 'cases/data').glob('*'))")[0] == {
        "cases/data": notes.DIRECTORY
    }
    body = (
        "sys.path.insert(0, str(user / 'cases'))\nwith contextlib.suppress(ImportError): import x"
    )
    assert notes.DIRECTORY not in noted(user, body)[0].values()


@pytest.mark.parametrize(
    "body",
    [
        "open(user / 'cases/new.txt', 'w').write('x')",
        "open(user / 'cases/case.py').read()",  # part of the key
        "import email.mime.text, xml.dom.minidom",
        "open('/etc/hostname'); open('/proc/self/maps'); open(os.devnull)",
        "Path('own').write_text('x'); Path('own').read_text()",
    ],
)
def test_what_is_not_the_users_or_not_read_is_not_noted(user, body):
    assert noted(user, body) == ({}, [notes.END])


def test_an_environment_beneath_the_users_directory_is_not_the_users(user):
    directory = user / "cases/venv"
    one = notes.Notes(str(user / "n"), [str(user / "cases")], [str(directory), str(user)])
    assert not one.excluded(str(user / "cases/weights.npy"))
    assert one.excluded(str(directory / "lib/x.py"))
    assert one.excluded(str(user / "lib/mypkg/net.py"))
    assert not one.excluded(f"{directory}.txt")


def test_a_file_that_changes_after_it_was_opened_is_said_to(user):
    body = NATIVE.format("cases/weights.npy") + "; (user / 'cases/weights.npy').write_text('new')"
    assert noted(user, body)[0] == {"cases/weights.npy": notes.CHANGED}


def test_notes_survive_a_crash_and_have_no_end(user):
    body = "open(user / 'cases/weights.npy').read(); os.kill(os.getpid(), 9)"
    assert noted(user, body, fails=True) == ({"cases/weights.npy": notes.FILE}, [])


def test_what_a_forked_process_reads_is_noted(user):
    body = "if not os.fork():\n    open(user / 'cases/weights.npy')\n    os._exit(0)\nos.wait()"
    assert noted(user, body)[0] == {"cases/weights.npy": notes.FILE}


def test_notes_without_their_descriptor_say_that_they_are_not_whole(user):
    assert noted(user, "os.closerange(3, 100)") == ({}, [notes.LOST, notes.END])
    body = "os.closerange(3, 100); file = open(user / 'cases/weights.npy')"  # the number is taken
    assert noted(user, body)[1] == [notes.LOST, notes.END]


def test_notes_that_cannot_be_written_disturb_nothing_and_say_so(user):
    body = (
        "os.mkdir(mailbox / 'files')\nprint(open(user / 'cases/weights.npy').read())\n"
        "os.rmdir(mailbox / 'files')"
    )
    assert noted(user, body)[1] == [notes.LOST, notes.END]


def test_too_many_files_are_said_to_be_too_many(user, monkeypatch):
    monkeypatch.setattr(notes, "MOST_FILES", 3)
    one = notes.Notes(str(user / "n"), [], [])
    for number in range(9):
        one._note(str(user / f"{number}.txt"))
    one._write("", notes.END)
    kinds = [json.loads(line)[1] for line in (user / "n").read_text().splitlines()]
    assert kinds == [*[notes.ABSENT] * 3, notes.TOO_MANY, notes.END]
