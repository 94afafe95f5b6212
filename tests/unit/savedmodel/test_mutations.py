"""Damaged copies of real artifacts of every format: an answer each, and nothing else."""

import subprocess
import sys
from pathlib import Path

from tests.unit.savedmodel import mutations
from tests.unit.savedmodel.mutations import SEEDS, Watch, answered, tried

COUNT = 400
ROOT = Path(__file__).parents[3]


def test_every_damaged_artifact_gets_an_answer_that_keeps_the_rules():
    troubles, verdicts = tried(COUNT, seed=0)
    assert troubles == []
    assert sum(verdicts.values()) == COUNT
    assert min(verdicts[one] for one in mutations.VERDICTS) > COUNT // 50


def test_a_broken_rule_is_said_at_once(monkeypatch):
    monkeypatch.setattr(mutations, "SECONDS", 0)
    monkeypatch.setattr(mutations, "STEP", 2)
    said: list[str] = []
    troubles, _ = tried(2, 0, said.append)
    assert [line.partition(": ")[0] for line in said[:2]] == [
        f"{n.number} {n.seed}" for n in troubles
    ]
    assert said[2:] == ["2 of 2, 2 broke a rule"]


def test_what_breaks_a_rule_is_told(tmp_path, monkeypatch):
    artifact = tmp_path / "model"
    artifact.mkdir()
    (artifact / "saved_model.pb").write_bytes(b"")
    watch = Watch()
    assert answered(artifact, watch) == ("unreadable", "")
    monkeypatch.setattr(mutations, "SECONDS", 0)
    assert "takes" in answered(artifact, watch)[1]
    monkeypatch.undo()

    def leaves(path):
        Path("/etc/hostname").exists()
        with open("/etc/passwd", "rb"):  # noqa: PTH123
            raise KeyError(path)

    monkeypatch.setattr(mutations, "diagnose", leaves)
    assert "KeyError" in answered(artifact, watch)[1]
    assert watch.outside == ["/etc/passwd"]


MAKE = """
import hashlib, sys
from pathlib import Path
from tests.unit.savedmodel.mutations import inputs
for _, name, path in inputs(60, 3, Path(sys.argv[1])):
    content = hashlib.sha256()
    for file in sorted(path.parent.rglob("*")):
        if file.is_file():
            content.update(str(file.relative_to(path.parent)).encode() + file.read_bytes())
    print(name, content.hexdigest())
"""


def test_the_same_seed_makes_the_same_inputs_in_every_process(tmp_path):
    def made(place):
        place.mkdir()
        command = [sys.executable, "-c", MAKE, str(place)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    first = made(tmp_path / "a")
    assert first == made(tmp_path / "b")
    assert len({line.split()[0] for line in first}) > len(SEEDS) // 2
