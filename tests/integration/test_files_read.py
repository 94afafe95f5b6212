"""An outcome is computed again once a file changed that its step read, and only then."""

import json
import re
import subprocess

from savedmodel_matrix.commands.maintenance import run_install
from tests.integration.conftest import PROJECT
from tests.integration.test_matrix import matrix

ENVIRONMENT = "tf2.21"
# What each case computes from a number that it finds in a file, and by whom that is read.
READS = {
    "weights": ("numpy", "np.load(HERE / 'weights.npy')"),
    "read_file": ("tensorflow", "tf.strings.to_number(tf.io.read_file(str(HERE / 'n.txt')))"),
    "hdf5": ("h5py", "h5py.File(HERE / 'w.h5')['w'][()]"),
    "sibling": ("sys", "(sys.path.insert(0, str(HERE / '../lib')), __import__('mypkg'))[1].net.n"),
    "declared": ("os", "float(os.stat(HERE / 'size.bin').st_size)"),
    "alone": ("math", "1.0"),
}
CASE = '''
"""A number that comes from elsewhere."""

from pathlib import Path

import numpy as np
import tensorflow as tf
import {module}

HERE = Path(__file__).parent
inputs = {{"x": np.ones((2,), "float32")}}
{more}

class Scaled(tf.Module):
    def __init__(self):
        self.n = tf.Variable(tf.cast({number}, tf.float32))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def serve(self, x):
        return {{"y": self.n * x}}


def build():
    return Scaled()


def signatures(module):
    return module.serve
'''
VOCABULARY = '''
"""A table from a file, which TensorFlow itself reads."""

from pathlib import Path

import numpy as np
import tensorflow as tf

inputs = {"x": np.array(["a", "b"])}
FILE = str(Path(__file__).parent / "vocab.txt")


class Table(tf.Module):
    def __init__(self):
        whole, line = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
        rows = tf.lookup.TextFileInitializer(FILE, tf.string, whole, tf.int64, line)
        self.table = tf.lookup.StaticHashTable(rows, -1)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def serve(self, x):
        return {"y": self.table.lookup(x)}


def build():
    return Table()


def signatures(module):
    return module.serve
'''
WRITE = """
import sys
import h5py, numpy as np
n = float(sys.argv[1])
np.save("cases/weights.npy", n)
with h5py.File("cases/w.h5", "w") as file:
    file["w"] = n
"""


def change(project, number):
    """Have every file say another number."""
    (project / "lib/mypkg/net.py").write_text(f"n = {number}\n")
    (project / "cases/n.txt").write_text(str(number))
    (project / "cases/size.bin").write_bytes(b"x" * number)
    words = [*map(str, range(number)), "a", "b"]
    (project / "cases/vocab.txt").write_text("\n".join(words))
    python = str(PROJECT.environments[ENVIRONMENT].executable)
    subprocess.run([python, "-B", "-c", WRITE, str(number)], cwd=project, check=True)


def run(project, *more):
    """Run all cases, one step at a time; return how many cells were run, and what each computed."""
    chosen = [word for name in [*READS, "vocabulary"] for word in ("--case", name)]
    done = matrix(
        project / "results",
        *("--cases", str(project / "cases"), *chosen, "--environment", ENVIRONMENT, "--jobs", "1"),
        *("--remedy", "as-written", "--loader", "tf.saved_model.load", *more),
    )
    assert done.returncode == 0, done.stderr
    counted = re.search(r"Ran (\d+) of", done.stderr + done.stdout)
    lines = (project / "results/cells.jsonl").read_text().splitlines()
    cells = {(cell["case"], cell["loader"]): cell for cell in map(json.loads, lines)}
    assert {cell["status"] for cell in cells.values()} == {"pass"}
    return int(counted[1]) if counted else 0, cells


def test_what_is_known_counts_while_the_files_that_were_read_are_as_they_were(tmp_path):
    assert run_install(PROJECT, [ENVIRONMENT]) == 0
    (tmp_path / "cases").mkdir()
    (tmp_path / "lib/mypkg").mkdir(parents=True)
    (tmp_path / "lib/mypkg/__init__.py").write_text("from mypkg import net\n")
    for name, (module, number) in READS.items():
        more = 'files = ["size.bin"]' if name == "declared" else ""
        text = CASE.format(module=module, number=number, more=more)
        (tmp_path / f"cases/{name}.py").write_text(text)
    (tmp_path / "cases/vocabulary.py").write_text(VOCABULARY)
    several = len(READS) + 1
    change(tmp_path, 2)
    assert run(tmp_path)[0] == several
    ran, before = run(tmp_path)
    assert ran == 0
    with_both, _ = run(tmp_path, "--loader", "saved_model_cli")
    assert with_both == several

    change(tmp_path, 3)
    ran, after = run(tmp_path)
    assert ran == several - 1
    for key, cell in after.items():
        assert (cell["numbers"] == before[key]["numbers"]) == (key[0] == "alone")

    # The other loader's outcomes are of artifacts that were replaced since.
    ran, both = run(tmp_path, "--loader", "saved_model_cli")
    assert ran == several - 1
    for (case, _), cell in both.items():
        assert cell["artifact"] == after[case, "tf.saved_model.load"]["artifact"]
        assert cell["numbers"] == after[case, "tf.saved_model.load"]["numbers"]

    change(tmp_path, 2)
    _, again = run(tmp_path)
    assert {k: c["numbers"] for k, c in again.items()} == {
        k: c["numbers"] for k, c in before.items()
    }
